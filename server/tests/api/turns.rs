//! `POST /turns`.

use crate::app::{Answer, App, ask};
use axum::body::Body;
use serde_json::json;

async fn report(app: &App, content_type: &str, body: String) -> Answer {
    let request = ask("POST", "/turns").header("content-type", content_type).body(Body::from(body));
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_reported_turn_is_counted() {
    let app = App::start().await;
    let record = json!({ "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": { "onset": 12.5 } });
    let answer = report(&app, "application/json", record.to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(app.get("/status").await.json()["turns"], 1);
}

#[tokio::test]
async fn what_is_no_turn_is_refused_with_the_reason_and_not_counted() {
    let app = App::start().await;
    let answer = report(&app, "application/json", "{\"turn\":-1}".to_owned()).await;
    assert!(answer.status.is_client_error());
    assert_eq!(answer.error().code, "bad_request");
    report(&app, "application/json", "{".to_owned()).await.assert_error(400, "bad_request");
    report(&app, "text/plain", "{}".to_owned()).await.assert_error(415, "bad_request");
    let large = format!("{{\"kind\":\"{}\"}}", "x".repeat(20_000));
    report(&app, "application/json", large).await.assert_error(413, "too_large");
    assert_eq!(app.get("/status").await.json()["turns"], 0);
}
