//! Answers that end badly.

use crate::far::Manner;
use crate::sim::Sim;
use conversation::{Action, Actor, Intent, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_failure_in_the_middle_is_said_and_can_be_asked_again() {
    for (manner, actor) in [(Manner::Failing, Actor::Service), (Manner::Filtered, Actor::Refused)] {
        let mut sim = Sim::connected();
        sim.far.manner = manner;
        sim.say("count");
        sim.run_until("the failure", |view| view.notice.is_some());
        let notice = sim.view().notice.map(|notice| (notice.actor, notice.action));
        assert_eq!(notice, Some((actor, Some(Action::AskAgain))));
        assert_eq!(sim.transcript()[1], "assistant: one (Failed)");
        sim.run_until("silence", |view| view.phase == Phase::Listening);
        sim.run(Ms(4_000));
        assert_eq!(sim.record().outcome, "failed");
        sim.far.manner = Manner::Spoken;
        assert!(sim.view().can.ask_again);
        sim.intent(Intent::AskAgain);
        sim.run_until("the answer", |view| view.phase == Phase::Speaking);
        assert_eq!(sim.view().notice, None);
    }
}

#[test]
fn one_that_never_begins_is_asked_for_again_and_then_called_failed() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Never;
    sim.say("count");
    sim.run(Ms(8_100));
    assert_eq!(sim.view().phase, Phase::Thinking);
    sim.run(Ms(8_000));
    assert_eq!(sim.sent(), ["conversation.item.create", "response.create", "response.create"]);
    assert_eq!((sim.notice().as_str(), sim.view().phase), ("No answer came", Phase::Listening));
    assert_eq!(sim.record().outcome, "failed");
}

#[test]
fn one_that_was_lost_is_answered_when_asked_again() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Never;
    sim.say("count");
    sim.run(Ms(5_000));
    sim.far.manner = Manner::Spoken;
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.view().notice, None);
}

#[test]
fn one_that_claims_to_speak_and_is_silent_is_cancelled_and_said() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Silent;
    sim.far.answers.push_back("a b c d e f g h i j k l m n o p q r s t u v w x y z");
    sim.say("the alphabet");
    sim.run(Ms(4_500));
    assert_eq!((sim.notice().as_str(), sim.view().phase), ("The answer could not be heard", Phase::Listening));
    assert!(sim.sent().contains(&"output_audio_buffer.clear".to_owned()));
    sim.run(Ms(500));
    assert_eq!(sim.record().outcome, "failed");
    sim.far.manner = Manner::Spoken;
    sim.intent(Intent::AskAgain);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.gain, 1.0);
}

#[test]
fn silence_means_nothing_where_nothing_is_measured() {
    let mut sim = Sim::connected();
    sim.measures = false;
    sim.far.answers.push_back("a b c d e f g h i j k l m n o p q r s t u v w x y z");
    sim.say("the alphabet");
    sim.run(Ms(7_000));
    assert_eq!((sim.view().notice, sim.view().phase), (None, Phase::Speaking));
}

#[test]
fn one_that_gets_stuck_is_stopped() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Stuck;
    sim.say("count");
    sim.run(Ms(31_000));
    assert_eq!((sim.notice().as_str(), sim.view().phase), ("The answer got stuck", Phase::Listening));
    assert_eq!(sim.sent().last().map(String::as_str), Some("response.cancel"));
}

#[test]
fn a_function_that_is_not_there_is_answered_so_that_the_talk_goes_on() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Calling;
    sim.say("look it up");
    sim.sent();
    sim.run_until("the search", |view| view.phase == Phase::Searching);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.sent(), ["conversation.item.create", "response.create"]);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert_eq!(sim.transcript(), ["user: look it up", "assistant: one two three four five six"]);
    assert_eq!((sim.records().len(), sim.record().outcome.as_str()), (1, "answered"));
}
