//! Figures of looking things up: how long the answer waits for facts, and which strategy has them in time.

use crate::figure::Figure;
use crate::sound;
use anyhow::{Context, Result, ensure};
use e2e_support::{Behaviour, Options, Page, Server, Speech, StandIn, StandIns, repository};
use serde::Deserialize;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// The strategies, as the server's setting names them.
const STRATEGIES: [&str; 3] = ["parallel", "sequential", "hybrid"];

/// How long the sources of the scripted talk take to answer: from a cache nearby to a slow service far away.
const DELAYS_MS: [u64; 6] = [10, 60, 120, 180, 300, 600];

#[derive(Deserialize)]
struct Sent {
    at: f64,
    #[serde(rename = "type")]
    kind: String,
    item: Option<String>,
}

/// `context_deadline_ms`: the gate's opening to `response.create`, with eight sources of which two hang;
/// `gate_cached_ms`: the same for a question whose answer is known, with none that hangs; `context_cached_ms`: what the
/// server has of that, from `POST /context` to the whole answer.
///
/// The turns are typed, for then the gate opens when the user's item is sent; both ends are seen on the data channel.
pub(crate) async fn gate(repetitions: usize) -> Result<Vec<Figure>> {
    let (deadline, _) = waits("bench-deadline", repetitions, 2, |turn| format!("harbour question {turn}")).await?;
    let (gate, server) = waits("bench-cached", repetitions, 0, |_| QUESTION.to_owned()).await?;
    // The first question of the second talk fills the cache.
    let gate = gate.get(1..).unwrap_or_default().to_vec();
    let cached = answers(&server, repetitions).await?;
    Ok(vec![
        Figure::of("context_deadline_ms", "ms", deadline)?,
        Figure::of("gate_cached_ms", "ms", gate)?,
        Figure::of("context_cached_ms", "ms", cached)?,
    ])
}

const QUESTION: &str = "harbour";

/// How long the server takes for a question whose answer it knows, as a client on this machine sees it.
async fn answers(server: &Server, repetitions: usize) -> Result<Vec<f64>> {
    let client = reqwest::Client::new();
    let mut times = Vec::new();
    for turn in 0..repetitions * 10 {
        let body = serde_json::json!({ "talk": "bench", "turn": turn, "query": QUESTION, "complete": true });
        let began = Instant::now();
        let answer = client.post(format!("{}/context", server.url())).json(&body).send().await?.text().await?;
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
        ensure!(answer.contains("Fact 1 about the harbour"), "the answer is another: {answer}");
    }
    Ok(times)
}

async fn waits(
    name: &str,
    repetitions: usize,
    hanging: usize,
    question: impl Fn(usize) -> String,
) -> Result<(Vec<f64>, Server)> {
    const NAMES: [&str; 8] = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    let behaviour = |place: usize| match place {
        place if place < hanging => Behaviour::Hangs,
        place => Behaviour::Says(format!("Fact {place} about the harbour."), Duration::from_millis(place as u64 * 10)),
    };
    let sources = NAMES.iter().enumerate();
    let sources = sources.map(|(place, name)| StandIn { name, topic: "harbour", behaviour: behaviour(place) });
    let stand_ins = StandIns::start(sources.collect()).await?;
    // A source that hangs would be rested after a few turns, and the figure be about six sources.
    let context = "[context]\nmax_sources = 8\nrest = { failures = 1000, first_s = 1, longest_s = 1 }\n";
    let config = stand_ins.configure(name, context)?.display().to_string();
    let (server, page) = open(name, &[("COLLOQUY_CONFIG", &config), ("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    page.connect().await?;
    for turn in 0..repetitions {
        let before = page.rows().await?.len();
        page.say(&question(turn)).await?;
        page.wait_for_answer(before).await?;
        page.wait_for_phase("listening").await?;
    }
    let sent: Vec<Sent> = page.evaluate("window.__probe.sent").await?;
    let waits = between(&sent);
    ensure!(waits.len() == repetitions, "{} of {repetitions} turns were seen", waits.len());
    Ok((waits, server))
}

/// From each of the user's items to the `response.create` that follows it.
fn between(sent: &[Sent]) -> Vec<f64> {
    let mut opened = None;
    let mut waits = Vec::new();
    for event in sent {
        if event.kind == "conversation.item.create" && event.item.as_deref() == Some("user") {
            opened = Some(event.at);
        } else if event.kind == "response.create"
            && let Some(opened) = opened.take()
        {
            waits.push(event.at - opened);
        }
    }
    waits
}

/// The same spoken talk under each strategy: how long the answer takes, and how often it has the fact. The table is
/// printed and written into the documentation.
pub(crate) async fn strategies(repetitions: usize) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut table = String::from(
        "| strategy | turns | answer heard after, p50 | p95 | with the fact in time |\n|---|---|---|---|---|\n",
    );
    for strategy in STRATEGIES {
        let (gaps, share) = talk(strategy, repetitions).await?;
        let turns = gaps.len();
        let gap = Figure::of(&format!("strategy_{strategy}_gap_ms"), "ms", gaps)?;
        let (p50, p95) = gap.middle_and_tail();
        writeln!(table, "| `{strategy}` | {turns} | {p50:.0} ms | {p95:.0} ms | {:.0} % |", share * 100.0)?;
        figures.push(gap);
        figures.push(Figure::of(&format!("strategy_{strategy}_facts_percent"), "%", vec![share * 100.0])?);
    }
    println!("\n{table}");
    document(&table)?;
    Ok(figures)
}

/// One talk: a question every six seconds, each about another source, whose fact is a word nobody else says.
async fn talk(strategy: &str, repetitions: usize) -> Result<(Vec<f64>, f64)> {
    const TOPICS: [(&str, &str); 6] = [
        ("harbour", "anchovy"),
        ("museum", "bergamot"),
        ("library", "cinnabar"),
        ("station", "damask"),
        ("theatre", "ebony"),
        ("airport", "flamingo"),
    ];
    let name = format!("bench-{strategy}");
    let sources = TOPICS.iter().zip(DELAYS_MS).map(|((topic, word), delay)| StandIn {
        name: topic,
        topic,
        behaviour: Behaviour::Says(format!("The {topic} is called {word} today."), Duration::from_millis(delay)),
    });
    let stand_ins = StandIns::start(sources.collect()).await?;
    // Nothing is kept, so that every question meets its source's own delay.
    let context = "[context]\ncache_s = 0\ncache_negative_s = 0\nkeep_late_s = 0\n";
    let config = stand_ins.configure(&name, context)?.display().to_string();
    let asked = |turn: usize| TOPICS.get(turn % TOPICS.len()).copied().unwrap_or_default();
    let script: Vec<String> =
        (0..=repetitions).map(|turn| format!("what is the {} called today", asked(turn).0)).collect();
    let recogniser = format!("scripted:{}", script.join("|"));
    let settings = [
        ("COLLOQUY_CONFIG", config.as_str()),
        ("COLLOQUY_STRATEGY", strategy),
        ("COLLOQUY_ENGINE_RECOGNISER", recogniser.as_str()),
    ];
    let period = 6.0;
    let recording = Speech::new().silence(1.0).say("what is it called today")?.silence_until(period);
    let heard = sound::listen_with(&name, &recording, period, repetitions, &settings).await?;
    let gaps = heard.gaps();
    ensure!(gaps.len() * 10 >= repetitions * 8, "{strategy}: only {} of {repetitions} turns were answered", gaps.len());
    let answers = heard.rows.iter().filter(|row| row.speaker == "assistant").take(repetitions);
    let facts = answers.enumerate().filter(|(turn, row)| row.text.contains(asked(*turn).1)).count();
    Ok((gaps, facts as f64 / repetitions as f64))
}

/// A page that is open and not connected, and its server.
async fn open(name: &str, settings: &[(&str, &str)]) -> Result<(Server, Page)> {
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, settings).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    Ok((server, page))
}

/// Replaces the table between the marks of `docs/strategies.md`.
fn document(table: &str) -> Result<()> {
    const MARKS: [&str; 2] = ["<!-- made by cargo xtask bench -->\n", "<!-- end -->\n"];
    let file = repository().join("docs/strategies.md");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let parts = text.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
    let (before, after) = parts.context("docs/strategies.md has lost its marks")?;
    std::fs::write(&file, format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]))?;
    Ok(())
}
