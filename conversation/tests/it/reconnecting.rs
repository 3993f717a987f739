//! Typing while there is no call: nothing is lost.

use crate::sim::Sim;
use conversation::{HttpFailure, Intent, LinkInput, Ms, PeerState, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn what_is_typed_before_the_first_call_is_sent_when_it_is_there() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    sim.say("hello");
    assert_eq!(sim.transcript(), ["user: hello"]);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.sent(), ["session.update", "conversation.item.create", "response.create"]);
}

#[test]
fn what_is_typed_while_reconnecting_comes_after_what_was_heard() {
    let mut sim = Sim::connected();
    sim.turn();
    sim.keys.push_back(HttpFailure::Unreachable);
    sim.link(LinkInput::Peer(PeerState::Failed));
    sim.say("still there?");
    sim.say("hello?");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    let texts: Vec<_> = sim.far.items.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts[..4], ["hello there", "one two three four five six", "still there?", "hello?"]);
    assert_eq!(sim.far.received.iter().filter(|kind| *kind == "response.create").count(), 2);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert_eq!(sim.transcript().len(), 5);
}

#[test]
fn what_is_typed_between_greeting_and_rules_is_sent_after_them() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    while sim.sent().is_empty() {
        sim.run(Ms(1));
    }
    sim.say("hello");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.sent(), ["conversation.item.create", "response.create"]);
    assert_eq!(sim.far.items[0].1, "hello");
}

#[test]
fn what_was_never_sent_is_marked_at_the_end() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    sim.say("hello");
    sim.intent(Intent::Disconnect);
    assert_eq!(sim.transcript(), ["user: hello (Failed)"]);
}
