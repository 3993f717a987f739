//! How fast and how frugal the core is, on the host: `cargo run --release --example core_bench`.
//!
//! * `core_events_per_s`: server events of a long talk, each parsed, handled, drained and looked at, while the view
//!   before is still held as a page would hold it. The texts are made before the clock starts.
//! * `heap_growth_kib_per_1000_turns`: how the resident size of the process grows between turn 2000 and turn 12000 of
//!   one talk, from `/proc/self/statm`; absent where there is no such file.
//! * `injection_tokens`: what the model is given for one turn when far more is found than fits: at most the budgets of
//!   the lanes together, 1024 + 512 + 256.
//!
//! Figures are one JSON object a line.

use conversation::{Attempt, Config, Conversation, Effect, Input, Intent, LinkInput, LookUpId, Ms, Time};
use protocol::context::{ContextEvent, ContextItem, Lane};
use protocol::{ClientEvent, ClientMessage, Content, EphemeralKey, Item, Message, Role};
use std::io::Write;
use std::time::Instant;

const TURNS: usize = 1_000;
const REPETITIONS: usize = 24;

fn main() -> std::io::Result<()> {
    let script: Vec<_> = (0..TURNS).map(turn).collect();
    let events: usize = script.iter().map(Vec::len).sum();
    let mut rates: Vec<f64> = (0..=REPETITIONS).map(|_| rate(&script, events)).skip(1).collect();
    let mut lines = vec![figure("core_events_per_s", "1/s", &mut rates)];
    let mut growth: Vec<f64> = (0..3).filter_map(|_| growth()).collect();
    if !growth.is_empty() {
        lines.push(figure("heap_growth_kib_per_1000_turns", "KiB", &mut growth));
    }
    let mut tokens: Vec<f64> = (0..200).map(injection_tokens).collect();
    lines.push(figure("injection_tokens", "tokens", &mut tokens));
    std::io::stdout().write_all(lines.concat().as_bytes())
}

/// Events handled in a second, over the whole talk.
fn rate(script: &[Vec<String>], events: usize) -> f64 {
    let mut talk = Talk::begin();
    let texts: Vec<Vec<String>> = script.to_vec();
    let start = ticking();
    for turn in texts {
        for text in turn {
            talk.receive(text);
        }
    }
    let rate = events as f64 / start.elapsed().as_secs_f64();
    // A core that understands nothing would be fast.
    assert_eq!((talk.view.odd_events, talk.view.transcript.len(), talk.reported), (0, 500, TURNS));
    rate
}

/// Tokens given for the first turn of a talk in which hundreds of facts of all sizes are found, different ones for each
/// `seed`.
fn injection_tokens(seed: usize) -> f64 {
    let mut config = Config::default();
    config.context.enabled = true;
    let mut talk = Talk::begin_with(config);
    talk.handle(Input::Intent(Intent::Say("what is there to know".to_owned())));
    let lanes = [Lane::Turn, Lane::Memory, Lane::Hint, Lane::Policy];
    let items = (0..60).map(|at| ContextItem {
        id: at.to_string(),
        source: format!("source {}", at % 5),
        lane: lanes[at % lanes.len()],
        title: "A title of ordinary length".to_owned(),
        text: "A fact of the world, such as it is. ".repeat(1 + (at * 7 + seed * 13) % 40) + &at.to_string(),
        url: None,
        attribution: String::new(),
        as_of: 0,
        expires_at: None,
        tokens: 1,
        relevance: (at % 10) as f32 / 10.0,
    });
    let items = items.collect();
    talk.handle(Input::Context(LookUpId(1), ContextEvent::Summary { query: String::new(), items, elapsed_ms: 1 }));
    assert_eq!(talk.given.len(), 3, "each of the lanes is given something");
    talk.given.iter().sum::<usize>() as f64
}

#[expect(clippy::disallowed_methods, reason = "the measurement needs a clock; the core has none")]
fn ticking() -> Instant {
    Instant::now()
}

/// Kibibytes the process grew by for each 1000 turns, after it has settled.
fn growth() -> Option<f64> {
    let mut talk = Talk::begin();
    let mut settled = None;
    for number in 0..12_000 {
        for text in turn(number) {
            talk.receive(text);
        }
        if number == 2_000 {
            settled = Some(resident_kib()?);
        }
    }
    Some((resident_kib()? - settled?) / 10.0)
}

fn resident_kib() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4.0)
}

/// The core with a page that holds its last view.
struct Talk {
    core: Conversation,
    now: Time,
    view: conversation::View,
    reported: usize,
    /// Tokens of each item that the model was given.
    given: Vec<usize>,
}

impl Talk {
    fn begin() -> Self {
        Self::begin_with(Config::default())
    }

    fn begin_with(config: Config) -> Self {
        let mut core = Conversation::new(config, 7);
        core.handle_input(Time::ZERO, Input::Intent(Intent::Connect));
        let view = core.view();
        let mut talk = Self { core, now: Time::ZERO, view, reported: 0, given: Vec::new() };
        talk.drain();
        let key = EphemeralKey::new("ek_bench");
        for input in [LinkInput::KeyMinted { key }, LinkInput::ChannelOpened] {
            talk.handle(Input::Link(Attempt(1), input));
        }
        talk.receive(r#"{"type":"session.created","event_id":"e","session":{"id":"s"}}"#.to_owned());
        talk.receive(r#"{"type":"session.updated","event_id":"e","session":{"id":"s"}}"#.to_owned());
        talk
    }

    fn receive(&mut self, text: String) {
        self.handle(Input::Received(Attempt(1), text));
    }

    fn handle(&mut self, input: Input) {
        self.now = self.now + Ms(20);
        if let Some((at, _)) = self.core.poll_timeout()
            && at <= self.now
        {
            self.core.handle_timeout(self.now);
            self.drain();
        }
        self.core.handle_input(self.now, input);
        self.drain();
        self.view = self.core.view();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.core.poll_effect() {
            self.reported += usize::from(matches!(effect, Effect::ReportTurn(_)));
            if let Effect::Send(_, text) = &effect
                && text.contains("\"role\":\"system\"")
                && let Ok(message) = ClientMessage::parse(text)
                && let ClientEvent::ConversationItemCreate(create) = &message.event
                && let Item::Message(Message { role: Role::System, content, .. }) = &create.item
            {
                let chars = content.iter().filter_map(Content::words).map(|words| words.chars().count());
                self.given.push(chars.sum::<usize>().div_ceil(4));
            }
        }
    }
}

/// The texts of one spoken turn, as the service sends them: about fifty events.
fn turn(number: usize) -> Vec<String> {
    let words = "The next train to the coast leaves at twenty past nine from platform four and it is on time today so \
        there is no need to hurry";
    let (user, answer, response) =
        (format!("item_u{number:08}"), format!("item_a{number:08}"), format!("resp_{number:08}"));
    let before = if number == 0 { "null".to_owned() } else { format!("\"item_a{:08}\"", number - 1) };
    let place = format!(r#""response_id":"{response}","item_id":"{answer}","output_index":0,"content_index":0"#);
    let mut events = vec![
        format!(r#""type":"input_audio_buffer.speech_started","audio_start_ms":{number},"item_id":"{user}""#),
        format!(r#""type":"input_audio_buffer.speech_stopped","audio_end_ms":{number},"item_id":"{user}""#),
        format!(r#""type":"input_audio_buffer.committed","item_id":"{user}","previous_item_id":{before}"#),
        item("added", &user, "user", "completed", &before),
        item("done", &user, "user", "completed", &before),
        format!(
            r#""type":"response.created","response":{{"object":"realtime.response","id":"{response}","status":"in_progress","status_details":null,"output":[],"conversation_id":"conv_1","output_modalities":["audio"],"max_output_tokens":"inf","usage":null,"metadata":null}}"#
        ),
        r#""type":"rate_limits.updated","rate_limits":[{"name":"tokens","limit":40000,"remaining":39000,"reset_seconds":1.5}]"#.to_owned(),
        format!(
            r#""type":"response.output_item.added","response_id":"{response}","output_index":0,"item":{{"id":"{answer}","object":"realtime.item","type":"message","status":"in_progress","role":"assistant","content":[]}}"#
        ),
        item("added", &answer, "assistant", "in_progress", &format!("\"{user}\"")),
        format!(r#""type":"response.content_part.added",{place},"part":{{"type":"audio","transcript":""}}"#),
        format!(r#""type":"output_audio_buffer.started","response_id":"{response}""#),
        format!(
            r#""type":"conversation.item.input_audio_transcription.completed","item_id":"{user}","content_index":0,"transcript":"When does the next train leave?","usage":{{"type":"duration","seconds":2}}"#
        ),
    ];
    for word in words.split(' ') {
        events.push(format!(r#""type":"response.output_audio_transcript.delta",{place},"delta":"{word} ""#));
    }
    events.extend([
        format!(r#""type":"response.output_audio.done",{place}"#),
        format!(r#""type":"response.output_audio_transcript.done",{place},"transcript":"{words}""#),
        format!(r#""type":"response.content_part.done",{place},"part":{{"type":"audio","transcript":"{words}"}}"#),
        item("done", &answer, "assistant", "completed", &format!("\"{user}\"")),
        format!(
            r#""type":"response.done","response":{{"object":"realtime.response","id":"{response}","status":"completed","status_details":null,"output":[{{"id":"{answer}","object":"realtime.item","type":"message","status":"completed","role":"assistant","content":[{{"type":"output_audio","transcript":"{words}"}}]}}],"conversation_id":"conv_1","usage":{{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{{"text_tokens":119,"audio_tokens":13,"cached_tokens":64}},"output_token_details":{{"text_tokens":30,"audio_tokens":91}}}}}}"#
        ),
        format!(r#""type":"output_audio_buffer.stopped","response_id":"{response}""#),
    ]);
    let event_id = |(at, body)| format!(r#"{{"event_id":"event_{number:08}{at:04}",{body}}}"#);
    events.into_iter().enumerate().map(event_id).collect()
}

fn item(what: &str, id: &str, role: &str, status: &str, previous: &str) -> String {
    let content = if role == "user" { r#"{"type":"input_audio","transcript":null}"# } else { "" };
    format!(
        r#""type":"conversation.item.{what}","previous_item_id":{previous},"item":{{"id":"{id}","object":"realtime.item","type":"message","status":"{status}","role":"{role}","content":[{content}]}}"#
    )
}

/// One line of JSON.
fn figure(name: &str, unit: &str, values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() - 1) as f64 * share).round() as usize).copied().unwrap_or_default();
    format!(
        "{{\"name\":\"{name}\",\"unit\":\"{unit}\",\"n\":{},\"min\":{:.1},\"p50\":{:.1},\"p95\":{:.1},\"max\":{:.1}}}\n",
        values.len(),
        at(0.0),
        at(0.5),
        at(0.95),
        at(1.0)
    )
}
