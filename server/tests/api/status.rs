//! `GET /status` and `GET /healthz`.

use crate::app::App;
use crate::vendor::LASTING_KEY;
use protocol::api::Status;

#[tokio::test]
async fn the_status_says_who_answers_and_nothing_secret() {
    let app = App::start().await;
    let answer = app.get("/status").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.text().contains(LASTING_KEY));
    let status: Status = serde_json::from_slice(&answer.body).expect("a status");
    assert_eq!(status.upstream.kind, "compatible");
    assert!(status.upstream.host.starts_with("127.0.0.1:"));
    assert_eq!(status.upstream.model, "gpt-realtime-2.1");
    assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn the_health_check_needs_no_upstream() {
    let answer = App::with_dead_upstream().await.get("/healthz").await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "ok\n"));
}
