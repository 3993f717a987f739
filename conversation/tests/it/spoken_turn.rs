//! One spoken turn, with every stamp.

use crate::far::Manner;
use crate::sim::Sim;
use conversation::{Config, Ms, Phase, Starter};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const STAMPS: [&str; 12] = [
    "onset",
    "speech_started",
    "last_audible",
    "speech_stopped",
    "committed",
    "gate",
    "response_created",
    "audio_started",
    "first_audible",
    "transcript",
    "response_done",
    "audio_stopped",
];

fn upstream_starts() -> Config {
    let mut config = Config::default();
    config.turns.starter = Starter::Upstream;
    config
}

#[test]
fn the_client_starts_the_answer_and_every_moment_is_stamped() {
    let mut sim = Sim::connected();
    let before = sim.now;
    sim.turn();
    assert_eq!(sim.sent(), ["response.create"]);
    let record = sim.record();
    assert_eq!((record.kind.as_str(), record.outcome.as_str(), record.turn), ("spoken", "answered", 1));
    assert_eq!(record.usage.map(|usage| usage.total_tokens), Some(7));
    let stamps = &record.stamps;
    assert_eq!(stamps.keys().count(), STAMPS.len(), "{stamps:?}");
    let mut last = before.as_millis();
    // The words come when they come, and the track may be heard before the service's word that it plays.
    for name in STAMPS.iter().filter(|name| !matches!(**name, "transcript" | "first_audible")) {
        let at = stamps.get(*name).copied().unwrap_or(f64::NAN);
        assert!(at >= last, "{name} at {at} after {last}: {stamps:?}");
        last = at;
    }
    assert!(stamps["transcript"] > stamps["committed"]);
    assert!(stamps["first_audible"] > stamps["response_created"]);
    assert!((stamps["last_audible"] - stamps["onset"] - 990.0).abs() < 30.0, "{stamps:?}");
    assert!((stamps["first_audible"] - stamps["audio_started"]).abs() < 50.0, "{stamps:?}");
}

#[test]
fn the_phases_follow_the_turn() {
    let mut sim = Sim::connected();
    let mut phases = Vec::new();
    sim.speak(Ms(1_000));
    for _ in 0..5_000 {
        sim.run(Ms(1));
        let phase = sim.view().phase;
        if phases.last() != Some(&phase) {
            phases.push(phase);
        }
    }
    assert_eq!(phases, [Phase::Listening, Phase::Thinking, Phase::Speaking, Phase::Listening]);
}

#[test]
fn the_user_is_seen_to_speak_at_once_and_no_longer_than_they_do() {
    let mut sim = Sim::connected();
    sim.speak(Ms(1_000));
    sim.run(Ms(50));
    assert!(sim.view().user_speaking);
    sim.run(Ms(1_600));
    assert!(!sim.view().user_speaking);
}

#[test]
fn the_service_starts_the_answer_where_it_is_to() {
    let mut sim = Sim::connected_with(upstream_starts());
    assert!(sim.far.create_response);
    sim.turn();
    assert!(sim.sent().is_empty());
    let record = sim.record();
    assert_eq!(record.outcome, "answered");
    assert!(STAMPS.iter().all(|name| *name == "gate" || record.stamps.contains_key(*name)), "{:?}", record.stamps);
}

#[test]
fn a_service_that_forgets_to_start_is_asked() {
    let mut sim = Sim::connected_with(upstream_starts());
    sim.far.create_response = false;
    sim.speak(Ms(1_000));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.sent(), ["response.create"]);
}

#[test]
fn the_last_turn_is_summed_up() {
    let mut sim = Sim::connected();
    sim.turn();
    let last = sim.view().last_turn.unwrap_or_default();
    let stamps = sim.record().stamps;
    assert_eq!((last.turn, last.duck_ms), (1, None));
    assert_eq!(last.gap_ms, Some(stamps["first_audible"] - stamps["last_audible"]));
    assert_eq!(last.response_ms, Some(stamps["first_audible"] - stamps["response_created"]));
}

#[test]
fn a_service_that_does_not_tell_when_it_plays_is_heard_all_the_same() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::SpokenUntold;
    sim.speak(Ms(1_000));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let record = sim.record();
    assert_eq!(record.outcome, "answered");
    assert!(record.stamps.contains_key("first_audible") && record.stamps.contains_key("audio_stopped"));
}

#[test]
fn a_cough_that_the_service_takes_for_a_turn_leaves_no_row_without_words() {
    let mut sim = Sim::connected();
    sim.far.says.push_back(" ");
    sim.turn();
    assert_eq!(sim.transcript(), ["assistant: one two three four five six"]);
}

#[test]
fn two_sentences_in_a_row_are_answered_together() {
    let mut sim = Sim::connected();
    sim.far.says.extend(["where is", "the station"]);
    sim.speak(Ms(600));
    sim.run(Ms(1_000));
    sim.speak(Ms(600));
    sim.run(Ms(1_500));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let transcript = sim.transcript();
    assert_eq!(transcript, ["user: where is", "user: the station", "assistant: one two three four five six"]);
}

#[test]
fn an_answer_that_was_asked_for_as_the_user_went_on_is_held_back_until_they_have_ended() {
    let mut sim = Sim::connected();
    sim.far.says.push_back("and back");
    sim.speak(Ms(1_000));
    sim.run(Ms(205));
    sim.say("to the coast");
    sim.run(Ms(1_000));
    let sent = sim.sent();
    assert_eq!(sent[..3], ["conversation.item.create", "response.create", "response.cancel"]);
    assert_eq!((sim.view().phase, sim.view().transcript.len()), (Phase::Listening, 2));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert_eq!(sim.sent(), ["response.create"]);
    assert!(sim.transcript().contains(&"user: and back".to_owned()));
    assert_eq!(sim.view().transcript.iter().filter(|row| !row.text.is_empty()).count(), 3);
}

#[test]
fn an_answer_held_back_for_a_noise_comes_when_the_noise_was_nothing() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.receive(r#"{"type":"input_audio_buffer.speech_started","item_id":"noise","audio_start_ms":0}"#);
    sim.run(Ms(500));
    sim.receive(r#"{"type":"input_audio_buffer.cleared"}"#);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.transcript()[0], "user: count");
}
