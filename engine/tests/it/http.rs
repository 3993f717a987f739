//! Keys, calls and hang-ups over HTTP.

use crate::far_end::{FarEnd, config, engine_with, post_offer};
use colloquy_engine::{Config, Engine};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_key_brings_its_session_to_the_call() {
    let engine = engine_with(config()).await;
    let (status, secret) = secret(
        &engine,
        &json!({
        "expires_after": { "anchor": "created_at", "seconds": 60 },
        "session": { "type": "realtime", "model": "any-model", "instructions": "be brief" } }),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(secret["session"]["model"], "any-model");
    let key = secret["value"].as_str().expect("a key");
    assert!(key.starts_with("ek_"));
    let left = secret["expires_at"].as_u64().expect("a time") - unix_time();
    assert!((50..=61).contains(&left), "{left}");
    let (status, location, body) = post_offer(&engine, &offer(), &format!("Bearer {key}")).await;
    assert_eq!(status, 201, "{body}");
    assert!(location.starts_with("/v1/realtime/calls/rtc_"), "{location}");
    assert!(body.contains("a=candidate:") && body.contains("127.0.0.1"), "{body}");
}

#[tokio::test]
async fn keys_are_refused_with_the_services_own_words() {
    let engine = engine_with(config()).await;
    for (authorization, status) in [("", 401), ("Bearer ek_unknown", 401), ("Basic abc", 401), ("Bearer sk-any", 201)] {
        let (got, _, body) = post_offer(&engine, &offer(), authorization).await;
        assert_eq!(got, status, "{authorization}: {body}");
    }
    let (status, error) = secret(&engine, &json!({ "expires_after": { "seconds": 5 } })).await;
    assert_eq!((status, error["error"]["param"].as_str()), (400, Some("expires_after.seconds")));
    let (status, error) = secret(&engine, &json!({ "session": { "type": "realtime", "voice": "marin" } })).await;
    assert_eq!((status, error["error"]["code"].as_str()), (400, Some("unknown_parameter")));
    assert_eq!(error["error"]["param"], "session.voice");
}

#[tokio::test]
async fn a_form_with_offer_and_session_opens_a_call() {
    let engine = engine_with(config()).await;
    let part = |text: String, kind| reqwest::multipart::Part::text(text).mime_str(kind).expect("a part");
    let session = json!({ "type": "realtime", "model": "any" }).to_string();
    let form = reqwest::multipart::Form::new()
        .part("sdp", part(offer(), "application/sdp"))
        .part("session", part(session, "application/json"));
    let request = Client::new().post(calls(&engine)).bearer_auth("sk-any").multipart(form);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-type"], "application/sdp");

    let form = reqwest::multipart::Form::new().part("session", part("{}".into(), "application/json"));
    let request = Client::new().post(calls(&engine)).bearer_auth("sk-any").multipart(form);
    let (status, error) = refusal(request.send().await.expect("an answer")).await;
    assert_eq!((status, error["param"].as_str()), (400, Some("session.type")));
}

#[tokio::test]
async fn the_retired_shape_is_refused() {
    let engine = engine_with(config()).await;
    let base = engine.base_url();
    let plain = Client::new().post(format!("{base}/realtime?model=any")).body("v=0");
    let marked = Client::new().post(calls(&engine)).header("openai-beta", "realtime=v1").bearer_auth("x");
    for request in [plain, marked] {
        let (status, error) = refusal(request.send().await.expect("an answer")).await;
        assert_eq!((status, error["code"].as_str()), (400, Some("beta_api_shape_disabled")));
    }
}

#[tokio::test]
async fn what_is_not_an_offer_is_refused_and_takes_no_place() {
    let engine = engine_with(config()).await;
    for body in ["", "v=0", "nonsense", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"] {
        let (status, _, body) = post_offer(&engine, body, "Bearer any").await;
        assert_eq!(status, 400, "{body}");
        let error: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(error["error"]["param"], "sdp");
    }
    let (status, _, _) = post_offer(&engine, &"x".repeat(300_000), "Bearer any").await;
    assert_eq!(status, 413);
    assert_eq!(engine.calls(), 0);
}

#[tokio::test]
async fn a_hang_up_ends_the_call_and_an_unknown_call_is_not_found() {
    let engine = engine_with(config()).await;
    let mut far_end = FarEnd::call(&engine).await;
    assert_eq!(engine.calls(), 1);
    let url = format!("http://{}{}/hangup", engine.address(), far_end.location);
    assert_eq!(Client::new().post(&url).send().await.expect("an answer").status(), 200);
    far_end.wait_until_closed().await;
    assert_eq!(engine.calls(), 0);
    let (status, error) = refusal(Client::new().post(&url).send().await.expect("an answer")).await;
    assert_eq!((status, error["code"].as_str()), (404, Some("call_id_not_found")));
}

#[tokio::test]
async fn a_call_beyond_the_capacity_is_refused_until_there_is_room() {
    let engine = engine_with(Config { capacity: 1, ..config() }).await;
    let mut first = FarEnd::call(&engine).await;
    let request = Client::new().post(calls(&engine)).bearer_auth("x").header("content-type", "application/sdp");
    let response = request.body(offer()).send().await.expect("an answer");
    assert!(response.headers().contains_key("retry-after"));
    let (status, error) = refusal(response).await;
    assert_eq!((status, error["code"].as_str()), (429, Some("rate_limit_exceeded")));
    let url = format!("http://{}{}/hangup", engine.address(), first.location);
    Client::new().post(&url).send().await.expect("an answer");
    first.wait_until_closed().await;
    FarEnd::call(&engine).await;
}

#[tokio::test]
async fn a_shutdown_hangs_up_every_call() {
    let engine = engine_with(config()).await;
    let mut far_end = FarEnd::call(&engine).await;
    let listening = tokio::spawn(async move { far_end.wait_until_closed().await });
    tokio::time::timeout(Duration::from_secs(5), engine.shutdown()).await.expect("it ends in time");
    listening.await.expect("the far end was told");
}

#[tokio::test]
async fn pages_of_this_machine_may_call_and_read_where_the_call_is() {
    let engine = engine_with(config()).await;
    let preflight = |origin: &'static str| {
        Client::new()
            .request(reqwest::Method::OPTIONS, calls(&engine))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,x-openai-agents-sdk")
            .send()
    };
    let response = preflight("http://localhost:3003").await.expect("an answer");
    let allowed = response.headers()["access-control-allow-headers"].to_str().expect("text");
    assert!(allowed.contains("x-openai-agents-sdk"), "{allowed}");
    let stranger = preflight("https://example.com").await.expect("an answer");
    assert!(!stranger.headers().contains_key("access-control-allow-origin"));
}

fn calls(engine: &Engine) -> String {
    format!("{}/realtime/calls", engine.base_url())
}

async fn secret(engine: &Engine, body: &Value) -> (u16, Value) {
    let url = format!("{}/realtime/client_secrets", engine.base_url());
    let response = Client::new().post(url).json(body).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn refusal(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json::<Value>().await.expect("JSON")["error"].clone())
}

fn offer() -> String {
    use str0m::media::{Direction, MediaKind};
    let mut rtc = str0m::Rtc::builder().clear_codecs().enable_opus(true, false).build(std::time::Instant::now());
    let mut change = rtc.sdp_api();
    change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    change.add_channel("oai-events".to_owned());
    change.apply().expect("an offer").0.to_sdp_string()
}

fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
