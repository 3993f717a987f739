//! What the vendor's troubles become: each has its own word and its own cure, and what may be repeated is.

use crate::app::{Answer, App};
use crate::secrets::{Captured, capture};
use crate::vendor::{CALL, Mood};
use serde_json::json;
use std::collections::VecDeque;
use std::time::Duration;

async fn mint(mood: Mood) -> (App, Answer) {
    let app = App::with(mood, &[]).await;
    let answer = app.get("/session").await;
    (app, answer)
}

fn first(moods: impl IntoIterator<Item = Mood>) -> Mood {
    Mood::First(VecDeque::from_iter(moods))
}

fn retry_after(seconds: &str) -> Vec<(&'static str, String)> {
    vec![("retry-after", seconds.to_owned())]
}

#[tokio::test]
async fn each_trouble_of_the_vendor_has_its_own_status_word_and_cure() {
    for (given, code, status, word, cure) in [
        (401, "invalid_api_key", 502, "upstream_key_refused", "check it"),
        (429, "insufficient_quota", 429, "insufficient_quota", "add some"),
        (429, "rate_limit_exceeded", 429, "upstream_busy", "in a moment"),
        (404, "model_not_found", 424, "upstream_model_gone", "session.model"),
        (403, "model_not_found", 424, "upstream_model_gone", "session.model"),
        (400, "beta_api_shape_disabled", 424, "upstream_beta_shape", "/v1"),
        (403, "unsupported_country", 424, "upstream_refused", "why"),
        (500, "server_error", 502, "upstream_failed", "Try again"),
    ] {
        let (_, answer) = mint(Mood::fails(given, code)).await;
        answer.assert_error(status, word);
        assert!(answer.error().message.contains(cure), "{code}: {}", answer.text());
    }
    let (_, answer) = mint(Mood::Answers(503, Vec::new(), "not even JSON".to_owned())).await;
    answer.assert_error(502, "upstream_failed");
    let (_, answer) = mint(Mood::Answers(404, Vec::new(), "<html>".to_owned())).await;
    answer.assert_error(424, "upstream_refused");
    assert!(answer.error().message.contains("address"), "{}", answer.text());
    let (_, answer) = mint(Mood::Answers(302, Vec::new(), String::new())).await;
    answer.assert_error(502, "upstream_malformed");
}

/// The warnings in the log about the upstream.
fn warnings(log: &Captured) -> Vec<String> {
    let text = log.text();
    let lines = text.lines().filter(|line| line.contains(" WARN ") && line.contains("code=\""));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn what_only_those_who_run_the_server_can_mend_is_told_them_with_its_cure_and_once_for_all_who_run_into_it() {
    let (log, _guard) = capture();
    for (number, (given, code, word, cure)) in [
        (401, "invalid_api_key", "upstream_key_refused", "check it"),
        (429, "insufficient_quota", "insufficient_quota", "add some"),
        (429, "rate_limit_exceeded", "upstream_busy", "too much to do"),
        (404, "model_not_found", "upstream_model_gone", "session.model"),
        (400, "beta_api_shape_disabled", "upstream_beta_shape", "/v1"),
        (403, "unsupported_country", "upstream_refused", "why"),
    ]
    .into_iter()
    .enumerate()
    {
        let app = App::with(Mood::fails_with(given, code, retry_after("7")), &[]).await;
        for _ in 0..5 {
            assert!(!app.get("/session").await.status.is_success());
        }
        let told = warnings(&log);
        assert_eq!(told.len(), number + 1, "{code}: {told:#?}");
        assert!(told[number].contains(word) && told[number].contains(cure), "{told:#?}");
    }
}

#[tokio::test]
async fn what_a_browser_got_wrong_is_no_warning_and_a_call_that_is_not_hung_up_is() {
    let (log, _guard) = capture();
    for (status, code) in [(401, "invalid_api_key"), (401, "session_expired"), (400, "invalid_offer")] {
        let app = App::with(Mood::fails(status, code), &[]).await;
        assert_eq!(app.offer("/v1/realtime/calls").await.status, status);
    }
    assert!(warnings(&log).is_empty(), "{:#?}", warnings(&log));
    let app = App::with(first([Mood::Well, Mood::fails(403, "not_yours")]), &[]).await;
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    let end = app.send_json("POST", &format!("/v1/realtime/calls/{CALL}/hangup"), &json!({})).await;
    end.assert_error(403, "upstream_refused");
    assert_eq!(warnings(&log).len(), 1, "{:#?}", warnings(&log));
}

#[tokio::test]
async fn what_came_of_asking_the_upstream_is_counted() {
    let app = App::with(first([Mood::fails(429, "insufficient_quota"), Mood::fails(500, "server_error")]), &[]).await;
    app.get("/session").await.assert_error(429, "insufficient_quota");
    assert_eq!(app.get("/session").await.status, 200, "at the second attempt");
    let text = app.metrics().await;
    for line in [
        "colloquy_upstream_requests_total{purpose=\"key\",outcome=\"insufficient_quota\"} 1",
        "colloquy_upstream_requests_total{purpose=\"key\",outcome=\"ok\"} 1",
        "colloquy_upstream_request_seconds_count{purpose=\"key\"} 2",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[tokio::test]
async fn a_call_whose_session_or_key_has_expired_is_told_to_fetch_another_key() {
    for (code, word) in [("session_expired", "upstream_session_expired"), ("invalid_api_key", "upstream_key_refused")] {
        let app = App::with(Mood::fails(401, code), &[]).await;
        app.offer("/v1/realtime/calls").await.assert_error(401, word);
    }
}

#[tokio::test]
async fn a_long_wait_is_left_to_the_client_with_its_length() {
    let (app, answer) = mint(Mood::fails_with(429, "rate_limit_exceeded", retry_after("7"))).await;
    answer.assert_error(429, "upstream_busy");
    assert_eq!(answer.header("retry-after"), "7");
    assert_eq!(app.vendor.seen().len(), 1);
    let full = App::with(Mood::fails_with(503, "overloaded", retry_after("20")), &[]).await;
    let answer = full.offer("/v1/realtime/calls").await;
    answer.assert_error(429, "upstream_busy");
    assert_eq!(answer.header("retry-after"), "20");
    let (_, answer) = mint(Mood::fails(429, "insufficient_quota")).await;
    assert_eq!(answer.header("retry-after"), "", "waiting does not bring credit");
}

#[tokio::test]
async fn a_mint_that_fails_in_passing_succeeds_unnoticed() {
    for mood in [
        Mood::fails(500, "server_error"),
        Mood::fails(429, "rate_limit_exceeded"),
        Mood::fails_with(429, "rate_limit_exceeded", vec![("retry-after-ms", "20".to_owned())]),
        Mood::Answers(502, Vec::new(), "<html>bad gateway</html>".to_owned()),
    ] {
        let (app, answer) = mint(first([mood.clone(), mood])).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let seen = app.vendor.seen();
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|one| one.body == seen[0].body), "the same is asked again");
    }
    let (app, answer) = mint(Mood::fails(500, "server_error")).await;
    answer.assert_error(502, "upstream_failed");
    assert_eq!(app.vendor.seen().len(), 3, "and not for ever");
}

#[tokio::test]
async fn what_another_attempt_does_not_mend_is_asked_once() {
    for code in ["insufficient_quota", "model_not_found", "beta_api_shape_disabled", "unknown_parameter"] {
        let (app, _) = mint(Mood::fails(400, code)).await;
        assert_eq!(app.vendor.seen().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn an_offer_is_never_sent_twice() {
    for mood in [Mood::fails(500, "server_error"), Mood::fails(429, "rate_limit_exceeded")] {
        let app = App::with(first([mood]), &[]).await;
        assert!(!app.offer("/v1/realtime/calls").await.status.is_success());
        assert_eq!(app.vendor.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_dead_upstream_is_told_soon() {
    let app = App::with_dead_upstream().await;
    let asked = async {
        app.get("/session").await.assert_error(502, "upstream_unreachable");
        app.offer("/v1/realtime/calls").await.assert_error(502, "upstream_unreachable");
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("before it is tried for as long as an answer may take");
}

#[tokio::test]
async fn a_silent_or_dripping_upstream_is_given_up_on_after_its_time() {
    for mood in [Mood::Silent, Mood::Dripping] {
        let app = App::with(mood, &[("COLLOQUY_UPSTREAM_TIMEOUT_MS", "100")]).await;
        let asked = async {
            app.get("/session").await.assert_error(504, "upstream_timeout");
            app.offer("/v1/realtime/calls").await.assert_error(504, "upstream_timeout");
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("before the usual time is over");
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let app = App::with(Mood::Verbose, &[]).await;
    app.get("/session").await.assert_error(502, "upstream_malformed");
    app.offer("/v1/realtime/calls").await.assert_error(502, "upstream_malformed");
}

#[tokio::test]
async fn a_vendor_that_repeats_the_key_is_not_repeated() {
    let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let body = json!({ "error": { "message": format!("no such project for key '{key}'."), "type": "x", "code": "y" } });
    let app = App::with(Mood::Answers(403, Vec::new(), body.to_string()), &[("OPENAI_API_KEY", key)]).await;
    let answer = app.get("/session").await;
    answer.assert_error(424, "upstream_refused");
    assert!(answer.text().contains("no such project") && !answer.text().contains(key), "{}", answer.text());
}

/// For how long an answer is waited for where no setting says otherwise.
const PATIENCE: Duration = Duration::from_secs(15);
