//! `POST /session` and `GET /session`.

use crate::app::{App, ask};
use crate::vendor::{LASTING_KEY, Mood};
use axum::body::Body;
use colloquy_server::Config;
use protocol::api::SessionReply;
use serde_json::json;

#[tokio::test]
async fn a_key_is_minted_with_the_configured_session() {
    let app = App::with(Mood::Well, &[("COLLOQUY_VOICE", "cedar"), ("COLLOQUY_INSTRUCTIONS", "Be brief.")]).await;
    let answer = app.get("/session").await;
    assert_eq!(answer.status, 200);
    let reply = SessionReply::parse(&answer.text()).expect("a reply");
    assert!(reply.value.expose().starts_with("ek_"));
    assert_eq!(reply.expires_at, 1_900_000_000);
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

const NAMES: &str = "alice:0123456789abcdef01234567,bob:89abcdef0123456701234567";
const ALICE: &str = "Bearer 0123456789abcdef01234567";
const BOB: &str = "Bearer 89abcdef0123456701234567";

/// What the vendor is told of who asks for a key.
async fn told(app: &App, token: &str) -> String {
    let request = ask("POST", "/session").header("authorization", token).body(Body::empty());
    assert_eq!(app.send(request.expect("a request")).await.status, 200);
    app.vendor.last().header("openai-safety-identifier").to_owned()
}

#[tokio::test]
async fn the_vendor_knows_people_apart_without_knowing_who_they_are() {
    let secret = "a secret of more than thirty-two characters";
    let settings =
        [("COLLOQUY_TOKENS", NAMES), ("COLLOQUY_SESSION_SECRET", secret), ("COLLOQUY_SAFETY_IDENTIFIER", "true")];
    let app = App::with(Mood::Well, &settings).await;
    let (alice, bob) = (told(&app, ALICE).await, told(&app, BOB).await);
    assert!((20..=64).contains(&alice.len()) && !alice.contains("alice"), "{alice}");
    assert_ne!(alice, bob);
    assert_eq!(told(&app, ALICE).await, alice);
    let offer = ask("POST", "/v1/realtime/calls").header("content-type", "application/sdp");
    let minted =
        app.send(ask("POST", "/session").header("authorization", ALICE).body(Body::empty()).expect("a request"));
    let key = minted.await.json()["value"].as_str().expect("a key").to_owned();
    let offer = offer.header("authorization", format!("Bearer {key}")).body(Body::from("v=0\r\n"));
    assert_eq!(app.send(offer.expect("a request")).await.status, 201);
    let called = app.vendor.seen().into_iter().find(|seen| seen.path.ends_with("/calls")).expect("a call");
    assert_eq!(called.header("openai-safety-identifier"), alice, "a key tells whose call it is");
    let restarted = App::with(Mood::Well, &settings).await;
    assert_eq!(told(&restarted, ALICE).await, alice);
    let elsewhere = [("COLLOQUY_TOKENS", NAMES), ("COLLOQUY_SAFETY_IDENTIFIER", "true")];
    assert_ne!(told(&App::with(Mood::Well, &elsewhere).await, ALICE).await, alice);
}

#[tokio::test]
async fn a_service_that_is_not_openai_is_told_of_nobody_unless_asked_for() {
    let app = App::with(Mood::Well, &[("COLLOQUY_TOKENS", NAMES)]).await;
    assert_eq!(told(&app, ALICE).await, "");
    let openai = |told| {
        let variables = [("OPENAI_API_KEY", "sk-1"), ("COLLOQUY_SAFETY_IDENTIFIER", told)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Config::from_variables(variables.into()).expect("sound").upstream.safety_identifier
    };
    assert!(openai("auto") && !openai("false"));
}
