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

fn explained(status: u16, code: &str, message: &str, retry_after: Ms) -> HttpFailure {
    let (code, message) = (Some(code.to_owned()), Some(message.to_owned()));
    HttpFailure::Status { status, code, message, retry_after: Some(retry_after) }
}

#[test]
fn what_our_own_server_refuses_is_told_in_its_words_while_another_try_is_coming() {
    for (status, code, message) in [
        (503, "closed", "The operator has closed this server for now."),
        (429, "too_many_keys", "Too many talks were begun within a minute. It can be tried again in 30 seconds."),
    ] {
        let mut sim = Sim::new();
        sim.keys.push_back(explained(status, code, message, Ms(30_000)));
        sim.intent(Intent::Connect);
        sim.run(Ms(1_000));
        let notice = sim.view().notice.map(|notice| (notice.actor, notice.cure, notice.action));
        assert_eq!(notice, Some((Actor::Refused, message.to_owned(), Some(Action::RetryNow))));
        sim.run_until("the talk begins", |view| view.phase == Phase::Listening);
    }
}

#[test]
fn a_server_that_is_not_to_be_asked_again_for_hours_is_left_alone_and_says_why() {
    let mut sim = Sim::new();
    let message = "The minutes of talk for today are used up. It can be tried again in 7 hours.";
    sim.keys.push_back(explained(429, "minutes_used_up", message, Ms(7 * 3_600_000)));
    sim.intent(Intent::Connect);
    sim.run(Ms(1_000));
    let notice = sim.view().notice.map(|notice| (notice.cure, notice.action));
    assert_eq!(notice, Some((message.to_owned(), Some(Action::Connect))));
    assert_eq!((sim.view().phase, sim.microphone_held), (Phase::Failed, false));
}

#[test]
fn what_the_service_behind_the_server_refuses_is_told_in_our_words() {
    let mut sim = Sim::new();
    sim.keys.push_back(explained(429, "upstream_busy", "status 429: slow down", Ms(30_000)));
    sim.intent(Intent::Connect);
    sim.run(Ms(1_000));
    assert_eq!(sim.notice(), "The service has too much to do");
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
