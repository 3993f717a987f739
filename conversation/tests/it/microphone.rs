//! The microphone: muted, denied, missing, taken away.

use crate::sim::Sim;
use conversation::{
    Action, Actor, Attempt, Effect, Input, Intent, Microphone, MicrophoneError, MicrophoneInput, Ms, Phase,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn mute_closes_the_track_and_what_is_measured_means_nothing() {
    let mut sim = Sim::connected();
    sim.intent(Intent::Mute(true));
    assert!(sim.view().muted);
    sim.speak(Ms(150));
    sim.run(Ms(100));
    assert!(!sim.view().user_speaking);
    sim.intent(Intent::Mute(false));
    assert_eq!(sim.count(|effect| matches!(effect, Effect::EnableMicrophone(_))), 2);
}

#[test]
fn mute_during_an_answer_leaves_the_answer_alone() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.intent(Intent::Mute(true));
    sim.speak(Ms(150));
    sim.run(Ms(200));
    assert_eq!((sim.gain, sim.view().phase), (1.0, Phase::Speaking));
}

#[test]
fn without_a_microphone_typing_works_and_it_can_be_asked_for_again() {
    for error in [MicrophoneError::Denied, MicrophoneError::Missing, MicrophoneError::InUse, MicrophoneError::Insecure]
    {
        let mut sim = Sim::new();
        sim.microphone = Err(error);
        sim.connect();
        let view = sim.view();
        let notice = view.notice.map(|notice| (notice.actor, notice.action));
        assert_eq!(notice, Some((Actor::Microphone, Some(Action::RetryMicrophone))));
        assert_eq!(view.microphone, Microphone::Unavailable);
        sim.say("count");
        sim.run_until("the answer", |view| view.phase == Phase::Speaking);
        sim.microphone = Ok(());
        sim.intent(Intent::RetryMicrophone);
        assert_eq!(sim.view().microphone, Microphone::Asking);
        sim.run(Ms(400));
        assert_eq!((sim.view().microphone, sim.view().notice), (Microphone::On, None));
    }
}

#[test]
fn one_that_is_taken_away_in_the_call_can_come_back() {
    let mut sim = Sim::connected();
    sim.microphone_held = false;
    sim.tell(Input::Microphone(Attempt(1), MicrophoneInput::Ended));
    assert_eq!((sim.view().microphone, sim.view().phase), (Microphone::Unavailable, Phase::Listening));
    assert_eq!(sim.notice(), "The microphone was taken away");
    sim.intent(Intent::RetryMicrophone);
    sim.run(Ms(400));
    assert_eq!(sim.view().microphone, Microphone::On);
    sim.turn();
    assert_eq!(sim.record().outcome, "answered");
}

#[test]
fn blocked_sound_waits_for_a_click() {
    let mut sim = Sim::connected();
    sim.tell(Input::AudioBlocked(true));
    assert!(sim.view().audio_blocked);
    assert_eq!(sim.view().notice.map(|notice| notice.action), Some(Some(Action::StartAudio)));
    sim.intent(Intent::StartAudio);
    sim.tell(Input::AudioBlocked(false));
    assert_eq!((sim.view().audio_blocked, sim.view().notice), (false, None));
    assert_eq!(sim.count(|effect| *effect == Effect::ResumeAudio), 2);
}
