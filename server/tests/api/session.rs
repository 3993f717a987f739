//! `POST /session` and `GET /session`.

use crate::app::{App, ask};
use crate::vendor::{LASTING_KEY, Mood, SHORT_KEY};
use axum::body::Body;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_key_is_minted_with_the_configured_session() {
    let app = App::with(Mood::Well, &[("COLLOQUY_VOICE", "cedar"), ("COLLOQUY_INSTRUCTIONS", "Be brief.")]).await;
    let answer = app.get("/session").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "value": SHORT_KEY, "expires_at": 1_800_000_000_u64 }));
    let seen = app.vendor.last();
    assert_eq!(seen.header("authorization"), format!("Bearer {LASTING_KEY}"));
    let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
    assert_eq!(
        body,
        json!({
            "expires_after": { "anchor": "created_at", "seconds": 600 },
            "session": {
                "type": "realtime",
                "model": "gpt-realtime-2.1",
                "instructions": "Be brief.",
                "output_modalities": ["audio"],
                "audio": {
                    "input": {
                        "transcription": { "model": "gpt-live-transcribe" },
                        "turn_detection": {
                            "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                            "silence_duration_ms": 500, "create_response": false, "interrupt_response": true,
                        },
                    },
                    "output": { "voice": "cedar", "speed": 1.0 },
                },
            },
        })
    );
}

#[tokio::test]
async fn a_key_may_be_asked_for_with_post_and_is_never_stored() {
    let app = App::start().await;
    let answer = app.send(ask("POST", "/session").body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn another_method_is_refused_with_a_typed_error() {
    let app = App::start().await;
    let answer = app.send(ask("DELETE", "/session").body(Body::empty()).expect("a request")).await;
    answer.assert_error(405, "method_not_allowed");
}

#[tokio::test]
async fn a_refused_lasting_key_is_the_servers_trouble_and_is_not_repeated() {
    let app = App::with(Mood::Well, &[("OPENAI_API_KEY", "sk-wrong-key")]).await;
    let answer = app.get("/session").await;
    answer.assert_error(502, "upstream_key_refused");
    assert!(!answer.text().contains("sk-wrong"), "{}", answer.text());
}

#[tokio::test]
async fn each_refusal_of_the_vendor_has_its_own_status_and_word() {
    let error =
        |code: &str| json!({ "error": { "message": "why", "type": "x", "code": code, "param": null } }).to_string();
    for (given, body, status, code) in [
        (403, error("forbidden"), 502, "upstream_refused"),
        (404, error("model_not_found"), 502, "upstream_refused"),
        (429, error("rate_limit_exceeded"), 429, "upstream_busy"),
        (500, error("server_error"), 502, "upstream_failed"),
        (503, "not even JSON".to_owned(), 502, "upstream_failed"),
        (302, String::new(), 502, "upstream_malformed"),
    ] {
        let app = App::with(Mood::Answers(given, Vec::new(), body), &[]).await;
        app.get("/session").await.assert_error(status, code);
    }
}

#[tokio::test]
async fn a_busy_vendor_says_when_to_come_back() {
    let busy = |body: &str| Mood::Answers(429, vec![("retry-after", "7".to_owned())], body.to_owned());
    let answer = App::with(busy("{}"), &[]).await.get("/session").await;
    assert_eq!(answer.header("retry-after"), "7");
    let no_credit = r#"{"error":{"message":"","type":"","code":"insufficient_quota"}}"#;
    let answer = App::with(busy(no_credit), &[]).await.get("/session").await;
    answer.assert_error(429, "upstream_busy");
    assert_eq!(answer.header("retry-after"), "", "waiting does not bring credit");
    assert!(answer.error().message.contains("credit"));
}

#[tokio::test]
async fn an_answer_without_an_ephemeral_key_is_not_passed_on() {
    for body in ["", "<html>", "{}", r#"{"value":"sk-oops","expires_at":1}"#, r#"{"value":"ek_1"}"#] {
        let app = App::with(Mood::Answers(200, Vec::new(), body.to_owned()), &[]).await;
        let answer = app.get("/session").await;
        answer.assert_error(502, "upstream_malformed");
        assert!(!answer.text().contains("sk-oops"));
    }
}

#[tokio::test]
async fn a_dead_upstream_is_told_at_once() {
    let app = App::with_dead_upstream().await;
    let started = Instant::now();
    app.get("/session").await.assert_error(502, "upstream_unreachable");
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_silent_upstream_is_given_up_on_right_after_its_time() {
    let app = App::with(Mood::Silent, &[("COLLOQUY_UPSTREAM_TIMEOUT_MS", "100")]).await;
    let started = Instant::now();
    app.get("/session").await.assert_error(504, "upstream_timeout");
    assert!(started.elapsed() < Duration::from_millis(1100), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let app = App::with(Mood::Verbose, &[]).await;
    app.get("/session").await.assert_error(502, "upstream_malformed");
}
