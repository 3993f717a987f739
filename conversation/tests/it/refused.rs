//! What the server refuses: keys and calls.

use crate::far::at;
use crate::sim::{Sim, message};
use conversation::{Action, Actor, Effect, HttpFailure, Intent, Link, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn status(status: u16) -> HttpFailure {
    HttpFailure::Status { status, code: None, message: None, retry_after: None }
}

#[test]
fn an_expired_key_is_replaced_unnoticed() {
    let mut sim = Sim::new();
    sim.calls.push_back(status(401));
    sim.intent(Intent::Connect);
    sim.run_until("the talk begins", |view| {
        assert_eq!((view.notice.as_ref(), view.link == Link::Failed), (None, false));
        assert!(!matches!(view.link, Link::Reconnecting { .. }));
        view.phase == Phase::Listening
    });
    assert_eq!(sim.count(|effect| matches!(effect, Effect::MintKey(_))), 2);
}

#[test]
fn a_server_whose_keys_are_always_refused_is_given_up_soon() {
    let mut sim = Sim::new();
    sim.keys.extend([status(401), status(401), status(401), status(401)]);
    sim.intent(Intent::Connect);
    sim.run_until("given up", |view| view.phase == Phase::Failed);
    assert_eq!(sim.count(|effect| matches!(effect, Effect::MintKey(_))), 3);
    let notice = sim.view().notice.map(|notice| (notice.actor, notice.action));
    assert_eq!(notice, Some((Actor::Refused, Some(Action::Connect))));
    assert!(!sim.microphone_held, "a talk that cannot be had holds no microphone");
    assert!(sim.view().can.connect && !sim.view().can.say);
}

#[test]
fn a_busy_server_is_asked_again_when_it_said_so() {
    let mut sim = Sim::new();
    let busy = HttpFailure::Status { status: 429, code: None, message: None, retry_after: Some(Ms(8_000)) };
    sim.keys.push_back(busy);
    sim.intent(Intent::Connect);
    sim.run(Ms(1_000));
    assert_eq!(sim.view().link, Link::Reconnecting { attempt: 1, retry_at: Some(at(8_040)) });
    assert_eq!(sim.view().notice.map(|notice| notice.action), Some(Some(Action::RetryNow)));
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    assert!(sim.now >= at(8_040));
    assert_eq!(sim.view().notice, None);
}

#[test]
fn the_user_may_cut_the_countdown_short() {
    let mut sim = Sim::new();
    sim.keys.push_back(HttpFailure::Status { status: 503, code: None, message: None, retry_after: Some(Ms(60_000)) });
    sim.intent(Intent::Connect);
    sim.run(Ms(1_000));
    assert!(sim.view().can.retry);
    sim.intent(Intent::RetryNow);
    assert!(!sim.view().can.retry);
    sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    assert!(sim.now < at(2_000));
}

#[test]
fn an_account_without_credit_is_not_tried_again() {
    let mut sim = Sim::new();
    let code = Some("insufficient_quota".to_owned());
    sim.keys.push_back(HttpFailure::Status { status: 429, code, message: None, retry_after: None });
    sim.intent(Intent::Connect);
    sim.run(Ms(100));
    assert_eq!((sim.view().phase, sim.view().notice.map(|notice| notice.actor)), (Phase::Failed, Some(Actor::Refused)));
}

#[test]
fn a_refusal_says_what_the_server_said() {
    let mut sim = Sim::new();
    let message = Some("This address is not on the list.".to_owned());
    sim.keys.push_back(HttpFailure::Status {
        status: 403,
        code: Some("origin_refused".into()),
        message,
        retry_after: None,
    });
    sim.intent(Intent::Connect);
    sim.run(Ms(100));
    assert_eq!(sim.view().notice.map(|notice| notice.cure), Some("This address is not on the list.".to_owned()));
    sim.intent(Intent::Dismiss);
    assert_eq!((sim.view().phase, sim.view().notice), (Phase::Idle, None));
}

#[test]
fn refused_rules_end_the_attempt_and_say_who_must_act() {
    let mut sim = Sim::new();
    sim.intent(Intent::Connect);
    let mut rules = None;
    while rules.is_none() {
        sim.run(Ms(1));
        rules = sim.effects.iter().find_map(|(_, effect)| match effect {
            Effect::Send(_, text) => message(text).event_id,
            _ => None,
        });
    }
    sim.far.error("unknown_parameter", rules.map(|id| id.as_str().to_owned()));
    sim.emit(serde_json::json!({"type": "rate_limits.updated", "rate_limits": []}));
    sim.run(Ms(25));
    assert_eq!(sim.view().notice.map(|notice| notice.actor), Some(Actor::Refused));
    assert_eq!(sim.view().phase, Phase::Failed);
}
