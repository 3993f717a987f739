//! Limits: each is answered with 429, its word and when to come back; and the kill switch.

use crate::app::{Answer, App, ask, offer};
use crate::vendor::{CALL, Mood, SHORT_KEY};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::json;
use std::net::SocketAddr;

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = format!("{address}:4711").parse().expect("an address");
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

async fn mint(app: &App, address: &str) -> Answer {
    app.send(from(address, ask("POST", "/session").body(Body::empty()).expect("a request"))).await
}

#[track_caller]
fn assert_limited(answer: &Answer, code: &str) {
    answer.assert_error(429, code);
    let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=32 * 86_400).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn keys_are_limited_by_address() {
    let app = App::with(Mood::Well, &[("COLLOQUY_QUOTA_MINTS", "address=2")]).await;
    assert_eq!(mint(&app, "192.0.2.1").await.status, 200);
    assert_eq!(mint(&app, "192.0.2.1").await.status, 200);
    assert_limited(&mint(&app, "192.0.2.1").await, "too_many_keys");
    assert_eq!(mint(&app, "192.0.2.2").await.status, 200);
    assert_eq!(app.vendor.seen().len(), 3, "what is refused costs nothing");
}

#[tokio::test]
async fn a_forged_address_does_not_get_around_a_limit() {
    let settings =
        [("COLLOQUY_QUOTA_MINTS", "address=1"), ("COLLOQUY_PROXY_TRUSTED", "10.0.0.1"), ("COLLOQUY_AUTH_OPEN", "true")];
    let app = App::with(Mood::Well, &settings).await;
    let forged = |peer: &str, name: &str, value: &str| {
        from(peer, ask("POST", "/session").header(name, value).body(Body::empty()).expect("a request"))
    };
    assert_eq!(mint(&app, "192.0.2.1").await.status, 200);
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"] {
        let answer = app.send(forged("192.0.2.1", name, "198.51.100.7")).await;
        assert_limited(&answer, "too_many_keys");
    }
    let behind = app.send(forged("10.0.0.1", "x-forwarded-for", "203.0.113.9, 198.51.100.7")).await;
    assert_eq!(behind.status, 200);
    let again = app.send(forged("10.0.0.1", "x-forwarded-for", "203.0.113.10, 198.51.100.7")).await;
    assert_limited(&again, "too_many_keys");
}

#[tokio::test]
async fn calls_at_one_time_are_limited_until_one_is_hung_up() {
    let app = App::with(Mood::Well, &[("COLLOQUY_QUOTA_CALLS", "all=1")]).await;
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    assert_limited(&app.offer("/v1/realtime/calls").await, "too_many_calls");
    let end = ask("POST", &format!("/v1/realtime/calls/{CALL}/hangup")).body(Body::empty()).expect("a request");
    assert_eq!(app.send(end).await.status, 200);
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
}

#[tokio::test]
async fn a_call_that_the_upstream_refuses_takes_no_seat() {
    let app = App::with(Mood::Well, &[("COLLOQUY_QUOTA_CALLS", "all=1")]).await;
    let wrong = offer("/v1/realtime/calls", &app.bearer("ek_old"), "application/sdp", "v=0\r\n");
    assert_eq!(app.send(wrong).await.status, 401);
    let right = offer("/v1/realtime/calls", &app.bearer(SHORT_KEY), "application/sdp", "v=0\r\n");
    assert_eq!(app.send(right).await.status, 201);
}

#[tokio::test]
async fn look_ups_are_limited() {
    let app = App::with(Mood::Well, &[("COLLOQUY_QUOTA_LOOKUPS", "1")]).await;
    let question = json!({ "talk": "t", "turn": 1, "query": "hello", "complete": true });
    assert_eq!(app.send_json("POST", "/context", &question).await.status, 200);
    assert_limited(&app.send_json("POST", "/context", &question).await, "too_many_lookups");
}

#[tokio::test]
async fn money_that_a_client_reports_counts_against_itself() {
    let settings = [
        ("COLLOQUY_QUOTA_MONEY_DAY", "address=0.01, all=0.02"),
        ("COLLOQUY_QUOTA_PRICES", "audio_in=10"),
        ("COLLOQUY_AUTH_OPEN", "true"),
    ];
    let app = App::with(Mood::Well, &settings).await;
    let used = json!({
        "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": {},
        "usage": { "total_tokens": 1000, "input_tokens": 1_000_000, "output_tokens": 0 },
    });
    let report = || from("192.0.2.1", crate::app::json("POST", "/turns", &used));
    assert_eq!(app.send(report()).await.status, 204);
    assert_eq!(mint(&app, "192.0.2.1").await.status, 200, "a stranger without a call is not believed");
    let call = offer("/v1/realtime/calls", &app.bearer(SHORT_KEY), "application/sdp", "v=0\r\n");
    assert_eq!(app.send(from("192.0.2.1", call)).await.status, 201);
    assert_eq!(app.send(report()).await.status, 204);
    assert_limited(&mint(&app, "192.0.2.1").await, "money_used_up");
    assert_eq!(mint(&app, "192.0.2.7").await.status, 200, "what one reports is not taken from all");
}

#[tokio::test]
async fn a_closed_server_says_so_and_opens_again() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("text").to_owned();
    let app = App::with(Mood::Well, &[("COLLOQUY_QUOTA_CLOSED_FILE", &path)]).await;
    let answer = mint(&app, "192.0.2.1").await;
    answer.assert_error(503, "closed");
    assert_eq!(answer.header("retry-after"), "30");
    file.close().expect("deleted");
    assert_eq!(mint(&app, "192.0.2.1").await.status, 200);
}
