//! Measures what a person would feel, in a real browser against the real server, and prints and saves the figures.
//!
//! Sound is measured by the probe's meters in the browser: at the microphone's stream, at the received track and at
//! the output after our own gain, in bins of [`timeline::BIN_MS`]. Everything runs on one machine, so no figure
//! contains a network's delay.

mod context;
mod figure;
mod load;
mod machine;
mod native_figures;
mod sound;
mod timeline;

use anyhow::{Context, Result};
use e2e_support::{Options, Page, Server, Speech, dist, target};
use figure::Figure;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, only): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|given| given.starts_with("--"));
    let quick = flags.iter().any(|flag| *flag == "--quick");
    let wanted = |name: &str| only.is_empty() || only.iter().any(|given| *given == name);
    let repetitions = if quick { 5 } else { 24 };
    let before = machine::Load::now();
    let mut figures = Vec::new();

    if wanted("connect") {
        say(&format!("connecting {repetitions} times"));
        figures.push(connect(repetitions).await?);
    }
    if wanted("turns") {
        say(&format!("{repetitions} spoken turns"));
        figures.extend(sound::turns(repetitions).await?);
    }
    if wanted("interruptions") {
        say(&format!("{repetitions} interruptions"));
        figures.extend(sound::interruptions(repetitions).await?);
    }
    if wanted("context") {
        say(&format!("{repetitions} questions with eight sources, two of which hang, then with known answers"));
        figures.extend(context::gate(repetitions).await?);
    }
    if wanted("strategies") {
        // As often each of the six sources, whose answers differ more than their repetitions.
        let questions = repetitions.div_ceil(12) * 6;
        say(&format!("{questions} spoken questions with each strategy"));
        figures.extend(context::strategies(questions).await?);
    }
    if wanted("load") {
        say("the server under load, beside nginx and Node");
        figures.extend(load::server(if quick { 2 } else { 8 }).await?);
    }
    if wanted("bundle") {
        figures.extend(bundle().await?);
    }
    figures.extend(native_figures::read()?);

    figure::print(&figures);
    let load = machine::Load::now().since(&before);
    println!("\nmachine while measuring: {load}");
    let file = target().join("bench.json");
    let report = serde_json::json!({ "figures": figures, "machine": load.to_string() });
    std::fs::write(&file, serde_json::to_string_pretty(&report)?).with_context(|| file.display().to_string())?;
    println!("written to {}", file.display());
    Ok(())
}

/// From the click to the open data channel, the permission already granted, on one page again and again.
async fn connect(repetitions: usize) -> Result<Figure> {
    let quiet = Speech::new().silence(5.0).write("bench-connect")?;
    let server = Server::start("bench-connect", &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let options = Options { microphone: Some(quiet), ..Options::default() };
    let page = Page::open("bench-connect", &server.url(), &options).await?;
    let mut samples = Vec::new();
    for _ in 0..repetitions {
        page.connect().await?;
        samples.push(page.evaluate("window.__probe.opened.at(-1) - window.__probe.clicked.at(-1)").await?);
        page.click("disconnect").await?;
        page.wait_for_phase("idle").await?;
    }
    Figure::of("connect_ms", "ms", samples)
}

/// What a browser fetches of the built page when it opens it, and what more when it shows the memory.
async fn bundle() -> Result<[Figure; 2]> {
    let server = Server::start("bench-bundle", &[]).await?;
    let page = Page::open("bench-bundle", &server.url(), &Options::default()).await?;
    let fetched = "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)";
    let mut files: Vec<String> = page.evaluate(fetched).await?;
    files.push("/index.html".to_owned());
    page.wait("the way to the memory", 10, "document.querySelector('[data-on=true]') !== null").await?;
    page.click("memory").await?;
    page.wait("the memory", 10, "document.querySelector('[data-testid=memory-page]')?.open").await?;
    let mut further: Vec<String> = page.evaluate(fetched).await?;
    further.retain(|file| !files.contains(file));
    Ok([
        Figure::of("bundle_gzip_bytes", "bytes", vec![compressed(files)? as f64])?,
        Figure::of("bundle_memory_gzip_bytes", "bytes", vec![compressed(further)? as f64])?,
    ])
}

/// How many bytes these are, compressed as a server would, each once; what is no file of the page counts nothing.
fn compressed(mut paths: Vec<String>) -> Result<usize> {
    paths.sort();
    paths.dedup();
    let mut total = 0;
    for file in paths.iter().map(|path| dist().join(path.trim_start_matches('/'))).filter(|file| file.is_file()) {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &std::fs::read(file)?)?;
        total += encoder.finish()?.len();
    }
    Ok(total)
}

fn say(what: &str) {
    println!("… {what}");
}
