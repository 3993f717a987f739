//! What every request passes: ids, deadlines, panics.

use crate::app::{App, ask};
use crate::vendor::Mood;
use axum::body::Body;

#[tokio::test]
async fn every_answer_names_its_request() {
    let app = App::start().await;
    let ids: Vec<_> = [app.get("/").await, app.get("/status").await, app.get("/nothing").await]
        .iter()
        .map(|answer| answer.header("x-request-id").to_owned())
        .collect();
    assert!(ids.iter().all(|id| id.starts_with("req_")), "{ids:?}");
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
}

#[tokio::test]
async fn the_name_that_a_proxy_gave_is_kept_if_it_is_a_plain_word() {
    let app = App::start().await;
    let named = |id: &str| ask("GET", "/nothing").header("x-request-id", id).body(Body::empty()).expect("a request");
    let answer = app.send(named("edge-17")).await;
    assert_eq!(answer.error().request_id.as_deref(), Some("edge-17"));
    assert_ne!(app.send(named("a b{}")).await.header("x-request-id"), "a b{}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_ends_its_body_is_given_up_on() {
    let app = App::with(Mood::Well, &[("COLLOQUY_UPSTREAM_TIMEOUT_MS", "100")]).await;
    let (_sender, reader) = tokio::io::duplex(8);
    let body = Body::from_stream(tokio_util::io::ReaderStream::new(reader));
    let request = ask("POST", "/turns").header("content-type", "application/json").body(body);
    app.send(request.expect("a request")).await.assert_error(408, "request_timeout");
}
