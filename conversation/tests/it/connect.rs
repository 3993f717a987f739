//! From the click to the talk.

use crate::sim::Sim;
use conversation::{Attempt, Effect, Intent, Link, Microphone, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn key_and_microphone_are_asked_for_at_once_and_the_call_waits_only_for_the_key() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    let one = Attempt(1);
    let asked: Vec<_> = sim.effects.iter().map(|(_, effect)| effect.clone()).collect();
    let trace = asked[1].clone();
    assert!(matches!(&trace, Effect::Trace(parent) if parent.len() == 55), "{trace:?}");
    assert_eq!(asked, [Effect::ResumeAudio, trace, Effect::MintKey(one), Effect::AcquireMicrophone(one)]);
    assert_eq!((sim.view().phase, sim.view().link), (Phase::Connecting, Link::Connecting));
    sim.run_until("the call is opened", |_| true);
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    assert_eq!(sim.view().link, Link::Connected);
    assert_eq!(sim.view().microphone, Microphone::Asking, "the microphone takes longer than the call");
    assert_eq!(sim.sent(), ["session.update"]);
}

#[test]
fn the_rules_say_who_starts_and_who_cuts() {
    let sim = Sim::connected();
    assert!(!sim.far.create_response && sim.far.interrupt_response);
}

#[test]
fn a_service_that_does_not_greet_is_left_and_tried_again() {
    let mut sim = Sim::new();
    sim.greets = false;
    sim.intent(Intent::Connect);
    sim.run_until("another attempt", |view| matches!(view.link, Link::Reconnecting { .. }));
    assert!(sim.noted("lost", "no session"));
    sim.greets = true;
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    assert_eq!(sim.count(|effect| matches!(effect, Effect::HangUp(_))), 1);
}

#[test]
fn a_channel_that_never_opens_is_left_and_tried_again() {
    let mut sim = Sim::new();
    sim.down = true;
    sim.intent(Intent::Connect);
    sim.run_until("another attempt", |view| matches!(view.link, Link::Reconnecting { .. }));
    assert!(sim.noted("lost", "connect timeout"));
    sim.down = false;
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
}
