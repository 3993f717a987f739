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
use e2e_support::{Options, Page, Server, Speech, dist, repository};
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
        say(&format!("{repetitions} spoken questions with each strategy"));
        figures.extend(context::strategies(repetitions).await?);
    }
    if wanted("load") {
        say("the server under load, beside nginx and Node");
        figures.extend(load::server(if quick { 2 } else { 8 }).await?);
    }
    if wanted("bundle") {
        figures.push(bundle()?);
    }
    figures.extend(native_figures::read()?);

    figure::print(&figures);
    let load = machine::Load::now().since(&before);
    println!("\nmachine while measuring: {load}");
    let file = repository().join("target/bench.json");
    let report = serde_json::json!({ "figures": figures, "machine": load.to_string() });
    std::fs::write(&file, serde_json::to_string_pretty(&report)?).with_context(|| file.display().to_string())?;
    println!("written to target/bench.json");
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

/// All that the page loads, compressed as a server would.
fn bundle() -> Result<Figure> {
    let mut total = 0;
    for entry in std::fs::read_dir(dist()).context("the built page is not there")? {
        let bytes = std::fs::read(entry?.path())?;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &bytes)?;
        total += encoder.finish()?.len();
    }
    Figure::of("bundle_gzip_bytes", "bytes", vec![total as f64])
}

fn say(what: &str) {
    println!("… {what}");
}
