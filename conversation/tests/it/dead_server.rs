//! The server is gone, and comes back.

use crate::sim::Sim;
use conversation::{Actor, Effect, HttpFailure, Input, Intent, Link, LinkInput, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_dead_server_is_tried_with_growing_pauses_until_it_is_back() {
    let mut sim = Sim::new();
    sim.keys.extend(vec![HttpFailure::Unreachable; 4]);
    sim.intent(Intent::Connect);
    sim.run_until("a countdown", |view| matches!(view.link, Link::Reconnecting { retry_at: Some(_), .. }));
    assert_eq!(sim.view().notice.map(|notice| notice.actor), Some(Actor::Network));
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    assert_eq!(sim.view().notice, None);
    let tries: Vec<_> =
        sim.effects.iter().filter(|(_, effect)| matches!(effect, Effect::MintKey(_))).map(|(at, _)| *at).collect();
    let pauses: Vec<_> = tries.windows(2).map(|pair| (pair[1] - pair[0]).0).collect();
    assert_eq!(pauses.len(), 4);
    assert!(pauses[0] < 100 && pauses[1..].windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
}

#[test]
fn a_server_that_stays_dead_is_given_up_and_can_be_tried_by_hand() {
    let mut sim = Sim::new();
    sim.keys.extend(vec![HttpFailure::Unreachable; 10]);
    sim.intent(Intent::Connect);
    sim.run_until("given up", |view| view.link == Link::Failed);
    assert!(sim.view().can.connect);
    sim.intent(Intent::Connect);
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
}

#[test]
fn a_dismissed_notice_stays_away_while_tries_fail_in_the_same_way() {
    let mut sim = Sim::new();
    sim.keys.extend(vec![HttpFailure::Unreachable; 10]);
    sim.intent(Intent::Connect);
    sim.run_until("a countdown", |view| matches!(view.link, Link::Reconnecting { attempt: 2, retry_at: Some(_) }));
    assert_eq!(sim.notice(), "The server cannot be reached");
    sim.intent(Intent::Dismiss);
    sim.run_until("the next", |view| matches!(view.link, Link::Reconnecting { attempt: 3, retry_at: Some(_) }));
    assert_eq!(sim.notice(), "");
    sim.run_until("given up", |view| view.link == Link::Failed);
    assert_eq!(sim.notice(), "The server cannot be reached", "that no try is coming any more is new");
}

#[test]
fn a_server_that_dies_during_the_talk_is_told_what_was_heard_when_it_is_back() {
    let mut sim = Sim::connected();
    sim.turn();
    sim.link(LinkInput::ChannelClosed);
    assert_eq!(sim.view().phase, Phase::Connecting);
    sim.sent();
    sim.run_until("the talk goes on", |view| view.phase == Phase::Listening);
    assert_eq!(sim.sent(), ["session.update", "conversation.item.create", "conversation.item.create"]);
    sim.run(Ms(100));
    let texts: Vec<_> = sim.far.items.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["hello there", "one two three four five six"]);
    assert_eq!(sim.transcript(), ["user: hello there", "assistant: one two three four five six"]);
    sim.turn();
    assert_eq!(sim.view().transcript.len(), 4);
}

#[test]
fn news_of_a_network_or_a_look_at_the_page_ends_the_countdown() {
    for hint in [Input::Online, Input::Visible] {
        let mut sim = Sim::new();
        let later = HttpFailure::Status { status: 503, code: None, message: None, retry_after: Some(Ms(90_000)) };
        sim.keys.push_back(later);
        sim.intent(Intent::Connect);
        sim.run(Ms(1_000));
        sim.tell(hint(false));
        sim.tell(hint(true));
        sim.run(Ms(1_000));
        assert_eq!(sim.view().link, Link::Connected);
    }
}
