//! The path between the peers breaks, for a while or for good.

use crate::sim::Sim;
use conversation::{Effect, Link, LinkInput, Ms, PeerState, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_path_that_comes_back_within_the_grace_is_the_same_call() {
    let mut sim = Sim::connected();
    sim.link_down();
    assert_eq!(sim.view().link, Link::Unstable);
    sim.say("are you there?");
    sim.run(Ms(4_000));
    assert_eq!(sim.view().phase, Phase::Thinking);
    sim.link_up();
    assert_eq!(sim.view().link, Link::Connected);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.count(|effect| matches!(effect, Effect::OpenCall { .. })), 1);
}

#[test]
fn past_the_grace_a_new_call_is_made_and_the_old_one_is_hung_up() {
    let mut sim = Sim::connected();
    sim.turn();
    sim.link_down();
    sim.run(Ms(5_001));
    assert!(matches!(sim.view().link, Link::Reconnecting { attempt: 1, retry_at: None }));
    assert_eq!(sim.count(|effect| matches!(effect, Effect::CloseCall(_))), 1);
    assert_eq!(sim.count(|effect| *effect == Effect::HangUp("rtc_1".into())), 1);
    assert_eq!(sim.count(|effect| matches!(effect, Effect::AcquireMicrophone(_))), 1, "the microphone is kept");
    sim.down = false;
    sim.run_until("the talk goes on", |view| view.phase == Phase::Listening);
    sim.run(Ms(100));
    assert_eq!(sim.far.items.len(), 2);
}

#[test]
fn a_path_that_failed_is_replaced_at_once() {
    let mut sim = Sim::connected();
    sim.link(LinkInput::Peer(PeerState::Failed));
    sim.run(Ms(500));
    assert_eq!(sim.view().link, Link::Connected);
}

#[test]
fn an_answer_that_was_cut_by_the_drop_is_told_as_far_as_it_was_heard() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(700));
    sim.sent();
    sim.link(LinkInput::Peer(PeerState::Failed));
    sim.run_until("the talk goes on", |view| view.phase == Phase::Listening);
    sim.run(Ms(100));
    assert_eq!(sim.transcript(), ["user: count", "assistant: one two (Interrupted)"]);
    assert_eq!(sim.far.items.last().map(|(_, text)| text.as_str()), Some("one two"));
    assert_eq!(sim.record().outcome, "failed");
    assert!(!sim.sent().contains(&"response.create".to_owned()), "what was heard in part is not answered again");
}

#[test]
fn a_question_that_the_drop_left_unanswered_is_answered_by_the_next_call() {
    let mut sim = Sim::connected();
    sim.say("count");
    sim.link(LinkInput::Peer(PeerState::Failed));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert_eq!(sim.transcript(), ["user: count", "assistant: one two three four five six"]);
    assert_eq!((sim.records().len(), sim.record().outcome.as_str()), (1, "answered"));
}
