//! The button that stops the answer.

use crate::far::Manner;
use crate::sim::Sim;
use conversation::{Intent, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn while_the_answer_is_being_made_it_is_cancelled_and_cleared() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert!(sim.view().can.interrupt);
    sim.sent();
    sim.intent(Intent::Interrupt);
    assert_eq!((sim.gain, sim.view().phase), (0.0, Phase::Listening));
    assert_eq!(sim.sent(), ["response.cancel", "output_audio_buffer.clear"]);
    sim.run(Ms(500));
    assert_eq!(sim.record().outcome, "interrupted");
    assert!(!sim.view().can.interrupt);
    assert_eq!(sim.view().notice, None);
}

#[test]
fn when_it_is_made_and_still_playing_it_is_only_cleared() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(900));
    assert_eq!(sim.far.active, None);
    sim.sent();
    sim.intent(Intent::Interrupt);
    assert_eq!(sim.sent(), ["output_audio_buffer.clear"]);
    sim.run(Ms(200));
    assert_eq!(sim.transcript(), ["user: count", "assistant: one two three (Interrupted)"]);
}

#[test]
fn before_it_begins_it_is_cancelled_as_soon_as_it_does() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.sent();
    sim.intent(Intent::Interrupt);
    assert_eq!((sim.view().phase, sim.sent()), (Phase::Listening, vec![]));
    sim.run(Ms(500));
    assert_eq!(sim.sent()[0], "response.cancel");
    assert_eq!(sim.transcript(), ["user: count"], "nothing of it was heard");
}

#[test]
fn the_next_answer_is_heard_in_full() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.intent(Intent::Interrupt);
    sim.run(Ms(300));
    sim.turn();
    assert_eq!((sim.gain, sim.record().outcome.as_str()), (1.0, "answered"));
}

#[test]
fn it_works_with_a_service_that_does_not_tell_when_it_plays() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::SpokenUntold;
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(700));
    sim.intent(Intent::Interrupt);
    assert_eq!((sim.gain, sim.view().phase), (0.0, Phase::Listening));
    sim.run(Ms(1_000));
    sim.say("again");
    sim.run_until("the next answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.gain, 1.0);
}

#[test]
fn one_that_begins_to_sound_before_its_cancel_arrives_is_cleared_as_well() {
    let mut sim = Sim::connected();
    sim.latency = Ms(100);
    sim.say("count");
    sim.sent();
    sim.intent(Intent::Interrupt);
    sim.run(Ms(1_000));
    assert_eq!(sim.sent(), ["response.cancel", "output_audio_buffer.clear"]);
    assert_eq!((sim.gain, sim.far.playing, sim.transcript()), (0.0, None, vec!["user: count".to_owned()]));
}
