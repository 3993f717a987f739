//! Hanging up.

use crate::app::{Answer, App, ask};
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
    assert_eq!(app.state.calls().count(), 1);
    assert_eq!(hang_up(&app, CALL).await.status, 200);
    assert_eq!(app.vendor.last().header("authorization"), format!("Bearer {LASTING_KEY}"));
    assert_eq!(app.state.calls().count(), 0);
}

#[tokio::test]
async fn a_call_that_has_ended_already_is_as_it_should_be() {
    let app = App::start().await;
    app.offer("/v1/realtime/calls").await;
    for _ in 0..2 {
        assert_eq!(hang_up(&app, CALL).await.status, 200);
    }
    assert_eq!(hang_up(&app, "rtc_other").await.status, 200);
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
    hang_up(&app, CALL).await.assert_error(502, "upstream_key_refused");
}
