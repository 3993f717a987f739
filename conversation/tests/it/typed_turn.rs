//! A turn that is typed.

use crate::far::Manner;
use crate::sim::{Sim, message};
use conversation::{Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn it_is_shown_at_once_and_answered() {
    let mut sim = Sim::connected();
    sim.say("  count to six ");
    assert_eq!((sim.transcript(), sim.view().phase), (vec!["user: count to six".to_owned()], Phase::Thinking));
    assert_eq!(sim.sent(), ["conversation.item.create", "response.create"]);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let record = sim.record();
    assert_eq!((record.kind.as_str(), record.outcome.as_str()), ("typed", "answered"));
    assert!(sim.view().last_turn.and_then(|last| last.gap_ms).is_some_and(|gap| gap > 0.0));
}

#[test]
fn nothing_is_sent_for_nothing() {
    let mut sim = Sim::connected();
    sim.say("   ");
    assert!(sim.sent().is_empty() && sim.transcript().is_empty());
}

#[test]
fn during_an_answer_it_interrupts_first() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.sent();
    sim.say("stop, something else");
    let sent = sim.sent();
    assert_eq!(sent, ["response.cancel", "output_audio_buffer.clear", "conversation.item.create"]);
    assert_eq!((sim.gain, sim.view().phase), (0.0, Phase::Thinking));
    sim.run_until("the next answer", |view| view.phase == Phase::Speaking);
    assert_eq!((sim.sent(), sim.gain), (vec!["response.create".to_owned()], 1.0));
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let outcomes: Vec<_> = sim.records().into_iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, ["interrupted", "answered"]);
}

#[test]
fn while_an_answer_is_awaited_only_the_last_one_is_answered() {
    let mut sim = Sim::connected();
    sim.far.answers.extend(["first", "second"]);
    sim.say("one thing");
    sim.say("no, another");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert_eq!(sim.transcript(), ["user: one thing", "user: no, another", "assistant: second"]);
}

#[test]
fn one_that_the_service_refuses_is_marked() {
    let mut sim = Sim::connected();
    sim.say("count");
    let cause = sim.effects.iter().find_map(|(_, effect)| match effect {
        conversation::Effect::Send(_, text) if message(text).event.kind() == "conversation.item.create" => {
            message(text).event_id
        }
        _ => None,
    });
    sim.far.error("invalid_value", cause.map(|id| id.as_str().to_owned()));
    sim.run(Ms(100));
    assert_eq!(sim.transcript()[0], "user: count (Failed)");
    assert_eq!(sim.notice(), "The service could not answer");
}

#[test]
fn a_written_answer_works_as_well() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Written;
    sim.say("count");
    sim.run_until("the answer", |view| view.transcript.len() == 2 && view.phase == Phase::Listening);
    assert_eq!(sim.transcript(), ["user: count", "assistant: one two three four five six"]);
    let record = sim.record();
    assert_eq!((record.outcome.as_str(), record.stamps.contains_key("audio_started")), ("answered", false));
}
