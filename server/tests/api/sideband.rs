//! The sideband: what a call costs is heard from the upstream itself, and a last word is spoken before a call ends.

use crate::app::App;
use crate::contract::OFFER;
use crate::engine;
use crate::vendor::{CALL, Mood};
use crate::waiting::wait_until;
use colloquy_server::{AppState, Server, Upstream};
use protocol::{CallId, ServerEvent};
use serde_json::{Value, json};
use std::time::Duration;

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("soon")
}

async fn watched(app: &App) {
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    app.vendor.watched_by(1).await;
}

async fn until_unwatched(state: &AppState) {
    wait_until("no call is watched any more", async || state.sidebands().count() == 0).await;
}

async fn until_one_call_counts(app: &App) {
    wait_until("only one call counts", async || app.state.entrance().gate().count() == 1).await;
}

fn response(kind: &str, usage: &Value) -> Value {
    let response = json!({ "object": "realtime.response", "id": "resp_1", "status": "completed", "usage": usage });
    json!({ "type": kind, "event_id": "event_2", "response": response })
}

fn buffer(kind: &str) -> Value {
    json!({ "type": kind, "event_id": "event_3", "response_id": "resp_1" })
}

#[tokio::test]
async fn a_call_is_watched_from_its_beginning_to_its_end() {
    let app = App::start().await;
    watched(&app).await;
    assert_eq!((app.state.sidebands().count(), app.state.entrance().gate().count()), (1, 1));
    app.vendor.tell(&json!({ "type": "some.new.event", "more": [1, 2] }));
    app.vendor.tell(&response("response.done", &json!({ "total_tokens": 5, "input_tokens": 2, "output_tokens": 3 })));
    let path = format!("/v1/realtime/calls/{CALL}/hangup");
    assert_eq!(app.send_json("POST", &path, &json!({})).await.status, 200);
    until_unwatched(&app.state).await;
    assert_eq!(app.state.entrance().gate().count(), 0);
}

#[tokio::test]
async fn the_numbers_tell_what_the_upstream_says_and_keep_it_apart_from_what_clients_say() {
    let app = App::with(Mood::Well, &[("COLLOQUY_QUOTA_PRICES", "text_in=4, audio_out=64")]).await;
    watched(&app).await;
    let usage = json!({
        "total_tokens": 1_500_000, "input_tokens": 1_000_000, "output_tokens": 500_000,
        "input_token_details": { "text_tokens": 1_000_000 }, "output_token_details": { "audio_tokens": 500_000 },
    });
    app.vendor.tell(&response("response.done", &usage));
    let turn = json!({
        "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": {},
        "usage": { "total_tokens": 7, "input_tokens": 7, "output_tokens": 0 },
    });
    assert_eq!(app.send_json("POST", "/turns", &turn).await.status, 204);
    wait_until("the money is counted", async || app.metrics().await.contains("colloquy_spent_dollars_total 36.0\n"))
        .await;
    let text = app.metrics().await;
    for line in [
        "colloquy_upstream_tokens_total{direction=\"in\",kind=\"text\"} 1000000\n",
        "colloquy_upstream_tokens_total{direction=\"out\",kind=\"audio\"} 500000\n",
        "colloquy_upstream_tokens_total{direction=\"in\",kind=\"audio\"} 0\n",
        "colloquy_tokens_total{direction=\"in\"} 7\n",
        "colloquy_call_seconds_total ",
        "colloquy_upstream_requests_total{purpose=\"watch\",outcome=\"ok\"} 1\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[tokio::test]
async fn a_last_word_waits_for_the_answer_to_be_cut_and_to_be_heard() {
    let app = App::start().await;
    watched(&app).await;
    app.vendor.tell(&response("response.created", &Value::Null));
    let call = CallId::new(CALL);
    let vendor = app.vendor.clone();
    let service = async move {
        // The order to cut may come before the event that there is something to cut.
        vendor.said("output_audio_buffer.clear").await;
        vendor.tell(&response("response.done", &Value::Null));
        let asked = vendor.said("response.create").await;
        vendor.tell(&response("response.created", &Value::Null));
        vendor.tell(&buffer("output_audio_buffer.started"));
        vendor.tell(&buffer("output_audio_buffer.stopped"));
        asked
    };
    let (heard, asked) =
        soon(async { tokio::join!(app.state.sidebands().say_farewell(&call, "Time is \"up\"."), service) }).await;
    assert!(heard);
    assert_eq!(asked["response"]["instructions"], "Say only: \"Time is 'up'.\"");
}

#[tokio::test]
async fn a_last_word_of_which_nothing_is_heard_keeps_nobody_from_being_hung_up() {
    let app = App::start().await;
    watched(&app).await;
    let call = CallId::new(CALL);
    let heard =
        async { tokio::join!(app.state.sidebands().say_farewell(&call, "Bye."), app.vendor.said("response.create")).0 };
    let heard = tokio::time::timeout(Duration::from_secs(6), heard).await;
    assert_eq!(heard, Ok(false), "a word may take longer, but not to begin");
}

#[tokio::test]
async fn nobody_waits_for_a_word_in_a_call_that_is_not_watched() {
    let app = App::with(Mood::Well, &[("COLLOQUY_SIDEBAND", "false")]).await;
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    assert!(!app.state.sidebands().say_farewell(&CALL.into(), "Bye.").await);
    assert_eq!(app.state.sidebands().count(), 0);
}

#[tokio::test]
async fn an_upstream_that_lets_nobody_watch_serves_calls_all_the_same() {
    let app = App::start().await;
    let upstream = Upstream::new(&crate::app::config(&app.vendor.base_url, &[]), None).expect("a client");
    let error = upstream.watch(&"rtc_unknown".into()).await.expect_err("no such call").to_string();
    assert!(error.contains("404"), "{error}");
}

#[tokio::test]
async fn a_call_that_ended_before_it_was_watched_is_not_counted_any_more() {
    let app = App::start().await;
    watched(&app).await;
    app.vendor.let_watch(false);
    app.vendor.name_calls("rtc_ended");
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    assert_eq!(app.state.entrance().gate().count(), 2);
    until_one_call_counts(&app).await;
    assert_eq!(app.state.sidebands().count(), 1, "the other call goes on");
}

#[tokio::test]
async fn a_call_that_could_not_be_watched_at_first_and_ended_meanwhile_is_not_counted_any_more() {
    let app = App::start().await;
    watched(&app).await;
    app.vendor.let_watch(false);
    app.vendor.fail_watches(2);
    app.vendor.name_calls("rtc_ended");
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    assert_eq!(app.state.entrance().gate().count(), 2);
    until_one_call_counts(&app).await;
}

#[tokio::test]
async fn a_call_counts_until_it_is_known_that_calls_can_be_watched_here() {
    let app = App::start().await;
    app.vendor.let_watch(false);
    app.vendor.name_calls("rtc_doubtful");
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    until_unwatched(&app.state).await;
    assert_eq!(app.state.entrance().gate().count(), 1, "it may well go on");
    app.vendor.let_watch(true);
    app.vendor.name_calls(CALL);
    watched(&app).await;
    until_one_call_counts(&app).await;
    assert_eq!(app.state.sidebands().count(), 1);
}

#[tokio::test]
async fn what_a_call_costs_is_taken_from_the_page_once_the_upstream_says_no_more() {
    let settings = [("COLLOQUY_QUOTA_MONEY_DAY", "user=50"), ("COLLOQUY_QUOTA_PRICES", "audio_in=1")];
    let app = App::with(Mood::Well, &settings).await;
    watched(&app).await;
    let tokens = |millions: u64| json!({ "total_tokens": millions * 1_000_000, "input_tokens": millions * 1_000_000 });
    app.vendor.tell(&response("response.done", &tokens(40)));
    app.vendor.replace_key("sk-other");
    app.vendor.leave_watchers();
    app.vendor.watched_by(0).await;
    let turn = json!({ "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": {}, "usage": tokens(2) });
    // All that the page reports would not reach the limit, and neither does what the upstream has said.
    for _ in 0..20 {
        assert_eq!(app.send_json("POST", "/turns", &turn).await.status, 204);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.get("/session").await.assert_error(429, "money_used_up");
}

#[tokio::test]
async fn a_key_that_was_replaced_is_fetched_anew_to_watch_a_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    std::fs::write(&path, "sk-old").expect("written");
    let app = crate::key::app(&[("COLLOQUY_KEY_FILE", path.to_str().expect("text"))]).await;
    app.vendor.replace_key("sk-old");
    assert_eq!(app.get("/session").await.status, 200);
    std::fs::write(&path, "sk-new").expect("written");
    app.vendor.replace_key("sk-new");
    watched(&app).await;
}

#[tokio::test]
async fn the_local_engine_tells_what_is_said_and_speaks_when_told() {
    let server = Server::start(engine::config()).await.expect("a server");
    let url = format!("http://{}", server.address());
    let state = server.state().clone();
    let asking = async move {
        let client = reqwest::Client::new();
        let key: Value =
            client.get(format!("{url}/session")).send().await.expect("an answer").json().await.expect("JSON");
        let request =
            client.post(format!("{url}/v1/realtime/calls")).bearer_auth(key["value"].as_str().expect("a key"));
        let answer = request.header("content-type", "application/sdp").body(OFFER).send().await.expect("an answer");
        let location = answer.headers()["location"].to_str().expect("text").to_owned();
        let call = CallId::new(location.rsplit('/').next().expect("a name"));
        let mut sideband = state.upstream().watch(&call).await.expect("a sideband");
        let first = soon(sideband.next()).await.expect("an event").event;
        let ServerEvent::SessionCreated(created) = first else { panic!("{first:?}") };
        assert_eq!(created.session.model(), Some(state.upstream().model()).as_deref());
        assert_eq!(client.post(format!("{url}{location}/hangup")).send().await.expect("an answer").status(), 200);
        soon(async { while sideband.next().await.is_some() {} }).await;
        until_unwatched(&state).await;
    };
    Box::pin(server.run(asking)).await.expect("an orderly end");
}
