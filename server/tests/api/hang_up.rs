//! Hanging up.

use crate::app::{Answer, App, ask, offer};
use crate::vendor::{CALL, LASTING_KEY, Mood};
use axum::body::Body;

async fn hang_up(app: &App, call: &str) -> Answer {
    let request = ask("POST", &format!("/v1/realtime/calls/{call}/hangup")).body(Body::empty());
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_call_is_hung_up_with_the_servers_own_key() {
    let app = App::start().await;
    app.offer("/v1/realtime/calls").await;
    assert_eq!(app.state.entrance().gate().count(), 1);
    assert_eq!(hang_up(&app, CALL).await.status, 200);
    assert_eq!(app.vendor.last().header("authorization"), format!("Bearer {LASTING_KEY}"));
    assert_eq!(app.state.entrance().gate().count(), 0);
}

#[tokio::test]
async fn a_call_that_has_ended_already_is_as_it_should_be() {
    let app = App::start().await;
    app.offer("/v1/realtime/calls").await;
    for _ in 0..2 {
        assert_eq!(hang_up(&app, CALL).await.status, 200);
    }
}

#[tokio::test]
async fn what_was_never_made_here_does_not_reach_the_vendor() {
    let app = App::start().await;
    hang_up(&app, "rtc_guessed").await.assert_error(404, "call_unknown");
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_call_is_hung_up_by_whoever_made_it_and_by_nobody_else() {
    let (alice, bob) = ("0123456789abcdef01234567", "abcdefabcdefabcdefabcdefabcdef");
    let app = App::with(Mood::Well, &[("COLLOQUY_TOKENS", &format!("alice:{alice},bob:{bob}"))]).await;
    let bearer = |token: &str| format!("Bearer {token}");
    let request = |method: &str, path: &str, authorization: &str| {
        ask(method, path).header("authorization", authorization).body(Body::empty()).expect("a request")
    };
    let minted = app.send(request("POST", "/session", &bearer(alice))).await.json();
    let key = bearer(minted["value"].as_str().expect("a key"));
    assert_eq!(app.send(offer("/v1/realtime/calls", &key, "application/sdp", "v=0\r\n")).await.status, 201);
    let asked = app.vendor.seen().len();

    let path = format!("/v1/realtime/calls/{CALL}/hangup");
    hang_up(&app, CALL).await.assert_error(401, "login_required");
    app.send(request("POST", &path, &bearer(bob))).await.assert_error(404, "call_unknown");
    app.send(request("POST", "/v1/realtime/calls/rtc_guessed/hangup", &bearer(alice)))
        .await
        .assert_error(404, "call_unknown");
    assert_eq!(app.vendor.seen().len(), asked, "the lasting key is not used for strangers");
    assert_eq!(app.send(request("POST", &path, &bearer(alice))).await.status, 200);
}

#[tokio::test]
async fn a_call_is_known_to_the_server_that_comes_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("limits.sqlite");
    let settings = [("COLLOQUY_QUOTA_STORE", store.to_str().expect("text"))];
    let before = App::with(Mood::Well, &settings).await;
    assert_eq!(before.offer("/v1/realtime/calls").await.status, 201);
    drop(before);
    let after = App::with(Mood::Well, &settings).await;
    assert_eq!(hang_up(&after, CALL).await.status, 200);
}

#[tokio::test]
async fn what_is_no_call_name_never_reaches_the_vendor() {
    let app = App::start().await;
    for name in ["call_1", "rtc_", "rtc_%2e%2e%2fmodels", "rtc_a%3fb", "rtc_a%20b", "rtc_%ff"] {
        let answer = hang_up(&app, name).await;
        assert!(answer.status.is_client_error(), "{name}: {}", answer.status);
        answer.error();
    }
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_refused_lasting_key_is_not_blamed_on_the_browser() {
    let app = App::with(Mood::Well, &[("OPENAI_API_KEY", "sk-wrong")]).await;
    app.offer("/v1/realtime/calls").await;
    hang_up(&app, CALL).await.assert_error(502, "upstream_key_refused");
}
