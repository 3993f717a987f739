//! `POST /session` and `GET /session`.

use crate::app::{App, ask};
use crate::vendor::{LASTING_KEY, Mood, SHORT_KEY};
use axum::body::Body;
use protocol::api::SessionReply;
use serde_json::json;

#[tokio::test]
async fn a_key_is_minted_with_the_configured_session() {
    let app = App::with(Mood::Well, &[("COLLOQUY_VOICE", "cedar"), ("COLLOQUY_INSTRUCTIONS", "Be brief.")]).await;
    let answer = app.get("/session").await;
    assert_eq!(answer.status, 200);
    let reply = SessionReply::parse(&answer.text()).expect("a reply");
    assert_eq!((reply.value.expose(), reply.expires_at), (SHORT_KEY, 1_900_000_000));
    let seen = app.vendor.last();
    assert_eq!(seen.header("authorization"), format!("Bearer {LASTING_KEY}"));
    let mut body = seen.json();
    let tools = body["session"].as_object_mut().expect("a session").remove("tools").expect("tools");
    assert_eq!((&tools[0]["name"], &tools[1]["name"]), (&json!("search"), &json!("note")), "there is the time alone");
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
async fn an_answer_without_an_ephemeral_key_is_not_passed_on() {
    for body in ["", "<html>", "{}", r#"{"value":"sk-oops","expires_at":1}"#, r#"{"value":"ek_1"}"#] {
        let app = App::with(Mood::Answers(200, Vec::new(), body.to_owned()), &[]).await;
        let answer = app.get("/session").await;
        answer.assert_error(502, "upstream_malformed");
        assert!(!answer.text().contains("sk-oops"));
    }
}
