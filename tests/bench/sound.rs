//! Figures of sound: how long an answer takes to be heard, and how fast it falls silent.

use crate::figure::Figure;
use crate::timeline::{Stretch, Timeline};
use anyhow::{Result, ensure};
use e2e_support::{Options, Page, Row, Server, Speech};
use serde::Deserialize;
use std::time::Duration;

/// Above this the microphone or the track is audible: the recordings between the sentences are digital silence.
const AUDIBLE: f64 = 0.004;
/// Below this the output is silent: 60 dB below full scale.
const SILENT: f64 = 0.001;
/// Silence that ends a turn, as the page asks for by default.
const SILENCE_MS: f64 = 500.0;

#[derive(Deserialize)]
struct Meters {
    mic: Vec<f64>,
    track: Vec<f64>,
    output: Vec<f64>,
}

/// A talk as it was heard and shown.
pub(crate) struct Heard {
    microphone: Timeline,
    track: Timeline,
    output: Timeline,
    /// The transcript.
    pub(crate) rows: Vec<Row>,
}

impl Heard {
    /// From the end of each sentence to its answer on the received track, where one followed within three seconds.
    pub(crate) fn gaps(&self) -> Vec<f64> {
        let sentences = self.microphone.stretches(AUDIBLE, 350);
        let gap = |sentence: &Stretch| {
            let answer = self.track.first(sentence.end, sentence.end + 3_000, |_, level| level > AUDIBLE)?;
            Some((answer - sentence.end) as f64)
        };
        sentences.iter().filter_map(gap).collect()
    }
}

/// `turn_gap_ms`: last audible sample of the user to first audible sample of the answer on the received track;
/// `turn_overhead_ms`: the same less the configured silence, the engine's think time being zero.
pub(crate) async fn turns(repetitions: usize) -> Result<Vec<Figure>> {
    let period = 6.0;
    let recording = Speech::new().silence(1.0).say("hello there, how are you today")?.silence_until(period);
    let heard = listen("bench-turns", &recording, period, repetitions, "hello").await?;
    let gaps = heard.gaps();
    ensure!(gaps.len() * 10 >= repetitions * 8, "only {} of {repetitions} turns were answered", gaps.len());
    let overhead = gaps.iter().map(|gap| gap - SILENCE_MS).collect();
    Ok(vec![Figure::of("turn_gap_ms", "ms", gaps)?, Figure::of("turn_overhead_ms", "ms", overhead)?])
}

/// `duck_ms` and `cut_ms`: onset of the user's speech during an answer to the output 20 dB down, and to silence.
pub(crate) async fn interruptions(repetitions: usize) -> Result<Vec<Figure>> {
    let period = 14.0;
    let recording = Speech::new()
        .silence(1.0)
        .say("please count to twenty")?
        .silence_until(6.5)
        .say("stop, that is enough for today")?
        .silence_until(period);
    let script = vec!["count to twenty|thank you"; repetitions + 2].join("|");
    let heard = listen("bench-interruptions", &recording, period, repetitions, &script).await?;
    let (mut ducks, mut cuts) = (Vec::new(), Vec::new());
    for speech in heard.microphone.stretches(AUDIBLE, 350) {
        if interrupts(&heard, speech) {
            ducks.extend(duck(&heard, speech));
            cuts.extend(cut(&heard, speech));
        }
    }
    ensure!(cuts.len() * 10 >= repetitions * 8, "only {} of {repetitions} answers were interrupted", cuts.len());
    Ok(vec![Figure::of("duck_ms", "ms", ducks)?, Figure::of("cut_ms", "ms", cuts)?])
}

/// Whether an answer was heard just before this speech began.
fn interrupts(heard: &Heard, speech: Stretch) -> bool {
    heard.output.last_above(AUDIBLE, speech.start.saturating_sub(400), speech.start).is_some()
}

/// Until the output is 20 dB below the received track, or the track itself has ended.
fn duck(heard: &Heard, speech: Stretch) -> Option<f64> {
    let silent = cut(heard, speech)?;
    let down = heard.output.first(speech.start, speech.end + 1_000, |at, level| {
        let track = heard.track.at(at);
        track > AUDIBLE && level < 0.1 * track
    });
    Some(down.map_or(silent, |at| ((at - speech.start) as f64).min(silent)))
}

/// Until the output falls silent for the rest of the user's sentence.
fn cut(heard: &Heard, speech: Stretch) -> Option<f64> {
    let last = heard.output.last_above(SILENT, speech.start, speech.end + 300)?;
    Some((last - speech.start) as f64)
}

/// Plays a recording again and again into a connected page, with a script for what is understood.
async fn listen(name: &str, recording: &Speech, period: f64, repetitions: usize, script: &str) -> Result<Heard> {
    let recogniser = format!("scripted:{script}");
    listen_with(name, recording, period, repetitions, &[("COLLOQUY_ENGINE_RECOGNISER", &recogniser)]).await
}

/// Plays a recording again and again into a connected page of a server with these settings.
pub(crate) async fn listen_with(
    name: &str,
    recording: &Speech,
    period: f64,
    repetitions: usize,
    settings: &[(&str, &str)],
) -> Result<Heard> {
    let server = Server::start(name, settings).await?;
    let options =
        Options { microphone: Some(recording.write(name)?), repeat: true, metering: true, ..Options::default() };
    let page = Page::open(name, &server.url(), &options).await?;
    page.connect().await?;
    tokio::time::sleep(Duration::from_secs_f64(period * (repetitions as f64 + 0.5))).await;
    let meters: Meters = page.evaluate("window.__probe.meters").await?;
    Ok(Heard {
        microphone: Timeline::new(&meters.mic),
        track: Timeline::new(&meters.track),
        output: Timeline::new(&meters.output),
        rows: page.rows().await?,
    })
}
