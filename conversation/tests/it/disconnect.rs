//! The end of the talk, in every phase.

use crate::sim::Sim;
use conversation::{Attempt, Effect, HttpFailure, Input, Intent, Link, LinkInput, Microphone, Ms, Phase};
use protocol::EphemeralKey;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn ended(mut sim: Sim, moment: &str) -> Sim {
    let open = sim.open;
    let before = sim.effects.len();
    sim.intent(Intent::Disconnect);
    let new: Vec<_> = sim.effects[before..].iter().map(|(_, effect)| effect.clone()).collect();
    assert!(new.contains(&Effect::ReleaseMicrophone), "{moment}: {new:?}");
    assert_eq!(new.iter().any(|effect| matches!(effect, Effect::CloseCall(_))), open.is_some(), "{moment}");
    assert!(!new.iter().any(|effect| matches!(effect, Effect::Send(..))), "{moment}: {new:?}");
    let view = sim.view();
    assert_eq!((view.phase, view.link, view.microphone), (Phase::Idle, Link::Off, Microphone::Off), "{moment}");
    assert_eq!((view.notice, sim.gain), (None, 1.0), "{moment}");
    assert_eq!(sim.core.poll_timeout(), None, "{moment}: no timer is left");
    let count = sim.effects.len();
    sim.run(Ms(60_000));
    sim.intent(Intent::Disconnect);
    assert!(
        sim.effects[count..].iter().all(|(_, effect)| matches!(effect, Effect::ReleaseMicrophone | Effect::HangUp(_)))
    );
    sim
}

#[test]
fn it_leaves_nothing_behind() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    ended(sim, "key");
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    sim.run(Ms(60));
    ended(sim, "calling");
    let mut sim = Sim::new();
    sim.keys.extend(vec![HttpFailure::Unreachable; 3]);
    sim.intent(Intent::Connect);
    sim.run(Ms(200));
    ended(sim, "waiting");
    ended(Sim::connected(), "listening");
    let mut sim = Sim::connected();
    sim.speak(Ms(1_000));
    sim.run(Ms(500));
    ended(sim, "user speaking");
    let mut sim = Sim::connected();
    sim.say("count");
    ended(sim, "thinking");
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(700));
    let sim = ended(sim, "speaking");
    assert_eq!(sim.transcript(), ["user: count", "assistant: one two (Interrupted)"]);
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.speak(Ms(1_000));
    sim.run(Ms(40));
    assert!(sim.view().ducked);
    ended(sim, "ducked");
    let mut sim = Sim::connected();
    sim.link_down();
    ended(sim, "unstable");
}

#[test]
fn the_call_is_hung_up_at_the_service() {
    let sim = ended(Sim::connected(), "listening");
    assert_eq!(sim.count(|effect| *effect == Effect::HangUp("rtc_1".into())), 1);
}

#[test]
fn a_call_that_was_answered_too_late_is_hung_up_too() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    sim.run(Ms(60));
    let sim = ended(sim, "calling");
    assert_eq!(sim.count(|effect| *effect == Effect::HangUp("rtc_1".into())), 1);
}

#[test]
fn late_news_of_an_attempt_that_is_over_is_dropped() {
    let mut sim = Sim::connected();
    let old = Attempt(1);
    sim.intent(Intent::Disconnect);
    sim.intent(Intent::Connect);
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    let before = (sim.view(), sim.effects.len());
    for input in [
        Input::Link(old, LinkInput::KeyMinted { key: EphemeralKey::new("ek_old") }),
        Input::Link(old, LinkInput::KeyRefused(HttpFailure::Unreachable)),
        Input::Link(old, LinkInput::CallRefused(HttpFailure::Unreachable)),
        Input::Link(old, LinkInput::ChannelOpened),
        Input::Link(old, LinkInput::ChannelClosed),
        Input::Link(old, LinkInput::Browser("gone".into())),
        Input::Received(old, r#"{"type":"session.created","session":{}}"#.into()),
        Input::Microphone(old, conversation::MicrophoneInput::Ended),
    ] {
        sim.tell(input);
    }
    assert_eq!((sim.view(), sim.effects.len()), before);
}

#[test]
fn the_next_talk_begins_anew_and_keeps_the_wish_for_silence() {
    let mut sim = Sim::connected();
    sim.turn();
    sim.intent(Intent::Mute(true));
    sim.intent(Intent::Disconnect);
    assert_eq!(sim.transcript().len(), 2, "what was said can be read until the next talk");
    sim.connect();
    assert!(sim.view().muted && sim.transcript().is_empty());
    assert!(sim.far.items.is_empty());
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.view().last_turn.map(|last| last.turn), Some(1));
}
