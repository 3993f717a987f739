//! Measures looking things up: one JSON line a figure.
//!
//! `lookup_deadline_ms`: eight sources of which two hang, from the request to the summary.
//! `lookup_cached_ms`: the same question again, the two that hang left out.
//! `index_docs_per_s`: documents of about a page each, from the folder's opening until all can be found.

extern crate colloquy_context as context;

use std::{
    fmt::Write as _,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use context::{
    Finding, Interests, Lookup, Profile, Question, Settings, Source, SourceError, item,
    sources::{Documents, DocumentsConfig},
};
use futures::{FutureExt, future::BoxFuture};
use protocol::context::{ContextEvent, ContextRequest};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let deadline = figures("lookup_deadline_ms", "ms", deadline().await);
    let cached = figures("lookup_cached_ms", "ms", cached().await);
    let index = figures("index_docs_per_s", "1/s", index().await?);
    println!("{deadline}\n{cached}\n{index}");
    Ok(())
}

async fn deadline() -> Vec<f64> {
    let lookup = lookup(8, 2);
    let mut times = Vec::new();
    for round in 0..100 {
        // Another talk and another query each time, so that nothing is kept and nothing cancelled.
        times.push(time_to_summary(&lookup, &format!("talk {round}"), &format!("everything {round}")).await);
    }
    times
}

async fn cached() -> Vec<f64> {
    let lookup = lookup(6, 0);
    let _ = time_to_summary(&lookup, "talk", "everything").await;
    let mut times = Vec::new();
    for _ in 0..1_000 {
        times.push(time_to_summary(&lookup, "talk", "everything").await);
    }
    times
}

async fn index() -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let mut rates = Vec::new();
    for round in 0..5 {
        let folder = std::env::temp_dir().join(format!("colloquy-index-{}-{round}", std::process::id()));
        fs::create_dir_all(&folder)?;
        for file in 0..DOCUMENTS {
            fs::write(folder.join(format!("{file}.md")), document(file))?;
        }
        let started = Instant::now();
        let config = DocumentsConfig { folder: folder.clone(), poll_s: 60, base_url: None };
        let documents = Documents::open(Documents::profile("documents"), config);
        documents.indexed().await;
        rates.push(f64::from(DOCUMENTS) / started.elapsed().as_secs_f64());
        drop(documents);
        fs::remove_dir_all(&folder)?;
    }
    Ok(rates)
}

/// About four hundred words under three headings, of a vocabulary of some thousand.
fn document(number: u32) -> String {
    let mut state = u64::from(number) + 1;
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        SYLLABLES[(state >> 33) as usize % 12].to_owned()
            + SYLLABLES[(state >> 41) as usize % 12]
            + SYLLABLES[(state >> 49) as usize % 12]
    };
    let mut text = format!("# Document {number}\n");
    for section in 0..3 {
        let _ = write!(text, "\n## Section {section}\n\n");
        for _ in 0..10 {
            let sentence: Vec<String> = (0..13).map(|_| word()).collect();
            let _ = write!(text, "{}. ", sentence.join(" "));
        }
        text.push('\n');
    }
    text
}

async fn time_to_summary(lookup: &Lookup, talk: &str, query: &str) -> f64 {
    let request = ContextRequest { talk: talk.into(), turn: 1, query: query.into(), ..ContextRequest::default() };
    let started = Instant::now();
    let mut events = lookup.look_up("", request);
    while let Some(event) = events.next().await {
        if matches!(event, ContextEvent::Summary { .. }) {
            break;
        }
    }
    started.elapsed().as_secs_f64() * 1_000.0
}

fn lookup(sources: u64, hanging: u64) -> Lookup {
    let settings = Settings { sources: 8, ..Settings::default() };
    let add = |builder: context::Builder, number: u64| {
        let name = format!("source {number}");
        let mut profile = Profile::new(name.clone(), name).interested(Interests::in_topics(["everything"]));
        profile.concurrency = 64;
        let takes = (number >= hanging).then(|| Duration::from_millis(10 * number));
        builder.source(Arc::new(Timed { profile, takes }))
    };
    (0..sources).fold(Lookup::builder(settings), add).build()
}

/// Answers after a while, or never.
struct Timed {
    profile: Profile,
    takes: Option<Duration>,
}

impl Source for Timed {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        async move {
            match self.takes {
                Some(takes) => tokio::time::sleep(takes).await,
                None => std::future::pending().await,
            }
            let fact = |number: u32| {
                let text = format!(
                    "{} says fact {number} about {}. {}",
                    self.profile.name,
                    question.query,
                    "More. ".repeat(30)
                );
                item(format!("{}:{number}", self.profile.name), "A fact", text)
            };
            Ok((0..5).map(fact).collect::<Vec<_>>().into())
        }
        .boxed()
    }
}

fn figures(name: &str, unit: &str, mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0.0);
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    serde_json::json!({
        "name": name, "unit": unit, "n": values.len(),
        "min": round(at(0.0)), "p50": round(at(0.5)), "p95": round(at(0.95)), "max": round(at(1.0)),
    })
    .to_string()
}

const DOCUMENTS: u32 = 500;
const SYLLABLES: [&str; 12] = ["ka", "lo", "mi", "ren", "to", "vas", "ber", "din", "sol", "ta", "pru", "nek"];
