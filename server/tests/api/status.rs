//! `GET /status` and `GET /healthz`.

use crate::app::App;
use crate::vendor::{LASTING_KEY, Mood};
use crate::waiting::wait_for;
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

#[tokio::test]
async fn the_status_names_the_sources_and_the_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("note.md"), "# Note\n\nThe door code is 4711.\n").expect("written");
    let documents = ("COLLOQUY_DOCUMENTS", folder.path().to_str().expect("text"));
    let app = App::with(Mood::Well, &[documents, ("COLLOQUY_MEMORY", ":memory:")]).await;
    let indexed = async || {
        let status: Status = serde_json::from_value(app.get("/status").await.json()).expect("a status");
        let status = status.knowledge;
        let note = status.sources.iter().find(|source| source.name == "documents").and_then(|it| it.note.clone());
        note.is_some_and(|note| note.starts_with("1 of 1 files indexed, 1 passages")).then_some(status)
    };
    let status = wait_for("the document is indexed", indexed).await;
    let names: Vec<_> = status.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["memory", "time", "documents"]);
    assert!(status.sources.iter().all(|source| !source.resting));
    assert_eq!((status.memory.kind.as_str(), status.memory.note), ("temporary", None));
}

#[tokio::test]
async fn a_server_that_remembers_nothing_says_so() {
    let status = App::with(Mood::Well, &[("COLLOQUY_MEMORY", "off")]).await.get("/status").await.json();
    assert_eq!(status["memory"]["kind"], "off");
    assert_eq!(status["sources"][0]["name"], "time");
    let status = App::start().await.get("/status").await.json();
    assert_eq!(status["memory"]["kind"], "unavailable");
    assert!(status["memory"]["note"].as_str().is_some_and(|note| note.contains("--memory")));
}
