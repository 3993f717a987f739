//! Words that come late, or never, stand where they were said.

use crate::far::Manner;
use crate::sim::Sim;
use conversation::{Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn words_that_come_after_the_answer_stand_before_it() {
    let mut sim = Sim::connected();
    sim.far.understands_after = Ms(4_000);
    sim.speak(Ms(1_000));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.transcript()[0], "user:  (Waiting)");
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    sim.run(Ms(4_000));
    assert_eq!(sim.transcript(), ["user: hello there", "assistant: one two three four five six"]);
}

#[test]
fn the_row_is_there_as_soon_as_the_service_hears_the_user() {
    let mut sim = Sim::connected();
    sim.speak(Ms(1_000));
    sim.run(Ms(300));
    assert_eq!(sim.transcript(), ["user:  (Waiting)"]);
}

#[test]
fn words_that_could_not_be_had_are_said_to_be_missing() {
    let mut sim = Sim::connected();
    sim.far.understands = false;
    sim.turn();
    assert_eq!(sim.transcript()[0], "user:  (Failed)");
}

#[test]
fn words_that_never_come_are_no_longer_waited_for_after_the_answer() {
    let mut sim = Sim::connected();
    sim.far.understands_after = Ms(60_000);
    sim.turn();
    assert_eq!(sim.transcript()[0], "user:  (Failed)");
    sim.run(Ms(60_000));
    assert_eq!(sim.transcript()[0], "user: hello there");
}

#[test]
fn the_answer_streams() {
    let mut sim = Sim::connected();
    sim.say("count");
    let mut seen = Vec::new();
    sim.run_until("the whole answer", |view| {
        if let Some(row) = view.transcript.get(1)
            && seen.last() != Some(&row.text)
        {
            seen.push(row.text.clone());
        }
        seen.last().is_some_and(|text| text.ends_with("six"))
    });
    assert!(seen.len() >= 6, "{seen:?}");
    sim.run_until("its end", |view| view.phase == Phase::Listening);
}

#[test]
fn a_written_answer_ends_the_wait_for_the_words_as_well() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Written;
    sim.far.understands_after = Ms(60_000);
    sim.speak(Ms(1_000));
    sim.run(Ms(3_000));
    assert_eq!(sim.transcript(), ["user:  (Failed)", "assistant: one two three four five six"]);
}
