//! Errors that are races, and errors that are not.

use crate::sim::Sim;
use conversation::{Action, Actor, Ms, Phase};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn benign_errors_are_swallowed() {
    let mut sim = Sim::connected();
    for code in [
        "response_cancel_not_active",
        "conversation_already_has_active_response",
        "item_truncate_invalid_item_id",
        "input_audio_buffer_commit_empty",
    ] {
        sim.far.error(code, None);
        sim.far.error(code, Some("nobody".to_owned()));
    }
    sim.emit(json!({"type": "rate_limits.updated", "rate_limits": []}));
    sim.run(Ms(100));
    assert_eq!((sim.view().notice, sim.view().phase), (None, Phase::Listening));
}

#[test]
fn other_errors_are_said_and_the_talk_goes_on() {
    let mut sim = Sim::connected();
    sim.far.error("rate_limit_exceeded", None);
    sim.emit(json!({"type": "rate_limits.updated", "rate_limits": []}));
    sim.run(Ms(100));
    let notice = sim.view().notice.map(|notice| (notice.actor, notice.action));
    assert_eq!(notice, Some((Actor::Service, Some(Action::AskAgain))));
    sim.turn();
    assert_eq!(sim.view().notice, None, "the next turn takes it away");
}

#[test]
fn a_response_that_the_service_began_by_itself_is_followed_by_ours() {
    let mut sim = Sim::connected();
    sim.latency = Ms(100);
    sim.say("count");
    // The far end begins a response before our question arrives.
    sim.far.receive(protocol::ClientMessage::from(protocol::ClientEvent::from(protocol::ResponseCreate {
        response: None,
    })));
    sim.emit(json!({"type": "rate_limits.updated", "rate_limits": []}));
    sim.run_until("both answers", |view| view.transcript.len() == 3 && view.phase == Phase::Listening);
    assert_eq!(sim.sent(), ["conversation.item.create", "response.create", "response.create"]);
    assert_eq!((sim.view().notice, sim.transcript()[1].as_str()), (None, "user: count"));
}
