//! The whole client against a server and a far end inside the page: connecting, losing, ending, and that nothing is
//! left.

use crate::stand::{count, holds, js, nothing_is_held, number, reset, settle, until};
use colloquy_frontend::service::Service;
use colloquy_frontend::shell::Driver;
use conversation::{Config, Conversation, Fate, Intent, Link, Microphone, Phase, RowState, View};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

struct Talk {
    driver: Option<Driver>,
    view: RwSignal<View>,
    _owner: Owner,
}

impl Talk {
    fn new() -> Self {
        reset();
        let owner = Owner::new();
        let view = owner.with(|| RwSignal::new(Conversation::new(Config::default(), 0).view()));
        let driver = Driver::new(Config::default(), Service::at(""), view);
        Self { driver: Some(driver), view, _owner: owner }
    }

    async fn connected() -> Self {
        let talk = Self::new();
        talk.intend(Intent::Connect);
        talk.until("a connection", |view| view.link == Link::Connected && view.microphone == Microphone::On).await;
        talk
    }

    fn intend(&self, intent: Intent) {
        self.driver.as_ref().unwrap().intend(intent);
    }

    async fn until(&self, what: &str, so: impl Fn(&View) -> bool) {
        until(what, || self.view.with_untracked(&so)).await;
    }
}

#[test]
async fn one_click_leads_to_listening_with_an_open_microphone() {
    let talk = Talk::connected().await;
    assert_eq!(talk.view.with_untracked(|view| view.phase), Phase::Listening);
    assert!(holds("stand.sent[0] === 'session.update'"));
    assert!(number("performance.getEntriesByName('colloquy:channel-open').at(-1).detail.since_click_ms") > 0.0);
}

#[test]
async fn the_microphone_is_asked_for_beside_the_key() {
    let talk = Talk::new();
    js("stand.server = 'silent'");
    talk.intend(Intent::Connect);
    talk.until("the microphone", |view| view.microphone == Microphone::On).await;
    assert_eq!(count("stand.requests.length"), 1);
}

#[test]
async fn the_far_end_is_measured_on_the_received_track() {
    let talk = Talk::connected().await;
    let levels = talk.driver.as_ref().unwrap().levels().clone();
    until("the far end's tone", || levels.playback() > 0.01).await;
}

#[test]
async fn a_typed_turn_reaches_the_far_end_and_the_transcript() {
    let talk = Talk::connected().await;
    talk.intend(Intent::Say("good morning".to_owned()));
    talk.until("the row", |view| view.transcript.iter().any(|row| row.typed && row.text == "good morning")).await;
    until("the message", || holds("stand.sent.includes('conversation.item.create')")).await;
}

#[test]
async fn words_that_arrive_are_shown_and_odd_events_are_counted() {
    let talk = Talk::connected().await;
    js(r#"stand.say('{"type":"input_audio_buffer.speech_started","item_id":"u1","audio_start_ms":0}')"#);
    talk.until("a placeholder", |view| view.transcript.iter().any(|row| row.state == RowState::Waiting)).await;
    js(r#"stand.say('{"type":"from.the.future"}'); stand.say('no event at all')"#);
    talk.until("two odd events", |view| view.odd_events == 2).await;
}

#[test]
async fn muting_closes_the_track_and_keeps_the_device() {
    let talk = Talk::connected().await;
    talk.intend(Intent::Mute(true));
    assert!(holds("stand.streams[0].getTracks().every(track => !track.enabled && track.readyState === 'live')"));
    assert!(talk.view.with_untracked(|view| view.muted));
    talk.intend(Intent::Mute(false));
    assert!(holds("stand.streams[0].getTracks().every(track => track.enabled)"));
}

#[test]
async fn ending_hangs_up_and_releases_everything() {
    let talk = Talk::connected().await;
    talk.intend(Intent::Disconnect);
    assert!(nothing_is_held());
    assert_eq!(talk.view.with_untracked(|view| view.phase), Phase::Idle);
    until("the hang-up", || holds("stand.requests.includes('/v1/realtime/calls/rtc_test/hangup')")).await;
    assert!(holds("stand.keepalive === true"));
}

#[test]
async fn after_an_end_a_new_call_can_be_made() {
    let talk = Talk::connected().await;
    talk.intend(Intent::Disconnect);
    talk.intend(Intent::Connect);
    talk.until("a second connection", |view| view.link == Link::Connected).await;
    assert_eq!(count("stand.peers.filter(peer => peer.connectionState !== 'closed').length"), 1);
}

#[test]
async fn dropping_the_driver_releases_everything_at_once() {
    let mut talk = Talk::connected().await;
    let listeners_with = number("stand.listeners");
    drop(talk.driver.take());
    assert!(nothing_is_held());
    assert!(number("stand.listeners") < listeners_with);
    settle().await;
    // What remains was added by the stand itself, which answers the calls.
    assert_eq!(count("stand.listeners"), 0);
}

#[test]
async fn dropping_the_driver_in_the_middle_of_everything_releases_what_comes_late() {
    let mut talk = Talk::new();
    talk.intend(Intent::Connect);
    drop(talk.driver.take());
    until("the late microphone", || number("stand.streams.length") > 0.0).await;
    until("its release", nothing_is_held).await;
}

#[test]
async fn ending_before_the_microphone_comes_releases_it_when_it_comes() {
    let talk = Talk::new();
    talk.intend(Intent::Connect);
    talk.intend(Intent::Disconnect);
    until("the late microphone", || number("stand.streams.length") > 0.0).await;
    until("its release", nothing_is_held).await;
}

#[test]
async fn a_server_that_is_down_is_tried_again_with_a_countdown() {
    let talk = Talk::new();
    js("stand.server = 'down'");
    talk.intend(Intent::Connect);
    talk.until("a countdown", |view| matches!(view.link, Link::Reconnecting { retry_at: Some(_), .. })).await;
    js("stand.server = 'up'");
    talk.intend(Intent::RetryNow);
    talk.until("a connection", |view| view.link == Link::Connected).await;
}

#[test]
async fn a_refused_microphone_is_told_and_the_talk_goes_on_by_typing() {
    let talk = Talk::new();
    js("stand.microphone = 'NotAllowedError'");
    talk.intend(Intent::Connect);
    talk.until("a notice", |view| view.notice.is_some()).await;
    talk.until("a connection", |view| view.link == Link::Connected && view.can.say).await;
    assert_eq!(talk.view.with_untracked(|view| view.microphone), Microphone::Unavailable);
}

/// A server that looks things up and has found something.
const KNOWING: &str = r#"stand.respond = async (asked, url) => {
  if (url.pathname === "/session") {
    const talk = { preset: "p", presets: [], allow: [], strategy: "hybrid", deadline_ms: 5000, filler: "", filler_after_ms: 0 };
    return new Response(JSON.stringify({ value: "ek_test", expires_at: 4000000000, talk }));
  }
  if (url.pathname !== "/context") return null;
  stand.question = await asked.json();
  const item = { id: "i", source: "tram", lane: "turn", title: "Tram", text: "The tram is number four.",
    as_of: 1, tokens: 6, relevance: 0.9 };
  const lines = [
    { type: "started", source: "tram", reason: "trams" },
    { type: "found", source: "tram", items: [item], cached: false, elapsed_ms: 3 },
    { type: "summary", query: stand.question.query, items: [item], elapsed_ms: 4 },
  ];
  return new Response(lines.map(line => JSON.stringify(line) + "\n").join(""));
}"#;

#[test]
async fn what_is_found_for_a_turn_reaches_the_far_end_before_its_answer_is_asked_for() {
    let talk = Talk::new();
    js(KNOWING);
    talk.intend(Intent::Connect);
    talk.until("a connection", |view| view.link == Link::Connected).await;
    talk.intend(Intent::Say("which tram".to_owned()));
    until("the request for an answer", || holds("stand.sent.includes('response.create')")).await;
    assert!(holds("stand.question.query === 'which tram' && stand.question.zone.length > 0"));
    let given = "stand.messages.findIndex(text => text.includes('The tram is number four.'))";
    let asked = "stand.sent.indexOf('response.create')";
    assert!(holds(&format!("{given} >= 0 && {given} < {asked}")));
    talk.until("the ledger", |view| view.context.iter().any(|row| matches!(row.fate, Fate::Given { .. }))).await;
}

#[test]
async fn leaving_the_page_hangs_up() {
    let talk = Talk::connected().await;
    js("dispatchEvent(new Event('pagehide'))");
    talk.until("the end", |view| view.link == Link::Off).await;
    assert!(nothing_is_held() && holds("stand.requests.includes('/v1/realtime/calls/rtc_test/hangup')"));
}
