//! The memory in a real PostgreSQL, and with vectors of a service, behind the routes.

use crate::app::{App, serve};
use crate::cluster;
use crate::vendor::Mood;
use crate::waiting::wait_until;
use axum::routing::post;
use axum::{Json, Router};
use protocol::context::{ContextEvent, ContextItem};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn two_servers_share_a_memory_in_postgresql() {
    let Some(address) = cluster::new_database().await else { return };
    let (one, other) = (server(&[("COLLOQUY_MEMORY", &address)]).await, server(&[("COLLOQUY_MEMORY", &address)]).await);
    assert_eq!(one.get("/status").await.json()["memory"]["kind"], "postgres");
    remember(&one, json!([{ "id": "d", "kind": "decision", "text": "The deadline is the third of December" }])).await;
    assert_eq!(recalled(&other, "what did we decide about the deadline").await, ["d"]);
    assert_eq!(other.send_json("DELETE", "/memory/d", &json!(null)).await.status, 200);
    assert!(recalled(&one, "what did we decide about the deadline").await.is_empty());
    let export = one.get("/memory/export").await.text();
    assert!(!export.contains("December"), "{export}");
}

#[tokio::test]
async fn a_postgresql_is_spoken_to_by_tls_with_its_certificate_checked() {
    let Some(address) = cluster::new_database().await else { return };
    let mut admin = PgConnection::connect(&address).await.expect("a database");
    let ask = async |admin: &mut PgConnection, question: &'static str| -> String {
        sqlx::query_scalar(question).fetch_one(admin).await.expect("an answer")
    };
    let (port, folder) = (ask(&mut admin, "SHOW port").await, ask(&mut admin, "SHOW data_directory").await);
    let database = ask(&mut admin, "SELECT current_database()::text").await;
    let by_tls =
        |root: &str| format!("postgres://colloquy@localhost:{port}/{database}?sslmode=verify-full&sslrootcert={root}");
    let app = server(&[("COLLOQUY_MEMORY", &by_tls(&format!("{folder}/server.pem")))]).await;
    remember(&app, json!([{ "id": "d", "kind": "decision", "text": "The deadline is the third of December" }])).await;
    assert_eq!(recalled(&app, "what did we decide about the deadline").await, ["d"]);
    let all_by_tls = "SELECT bool_and(ssl)::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'colloquy-memory' AND datname = current_database()";
    assert_eq!(ask(&mut admin, all_by_tls).await, "true");
    let strangers = crate::tls::Paper::new();
    let config = crate::app::config(&app.vendor.base_url, &[("COLLOQUY_MEMORY", &by_tls(&strangers.text("root.pem")))]);
    let error = colloquy_server::Knowledge::open(&config).await.expect_err("not its root").to_string();
    assert!(error.contains("certificate"), "{error}");
}

#[tokio::test]
async fn the_indexes_of_those_who_were_here_lately_are_loaded_at_the_start() {
    let Some(address) = cluster::new_database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("memory.sqlite");
    for place in [file.to_str().expect("text"), &address] {
        let store = open(place).await;
        for name in ["token:alice", "token:bob"] {
            let new = memory::NewMemory {
                id: memory::MemoryId::new("m").expect("an id"),
                kind: memory::Kind::Fact,
                text: "the ship lies in Kiel".to_owned(),
                subject: None,
                restricted: false,
                origin: None,
                at: memory::Timestamp(1),
            };
            store.store().get().expect("a memory").remember(&user(name), new.into()).await.expect("remembered");
        }
        store.store().close().await;
        let knowledge = open(place).await;
        let store = knowledge.store().get().expect("a memory");
        let loaded = async |name| store.stats(&user(name)).await.expect("an answer").index_bytes.is_some();
        let both = async || loaded("token:alice").await && loaded("token:bob").await;
        wait_until("both indexes are loaded, though nobody has recalled anything", both).await;
    }
}

async fn open(place: &str) -> colloquy_server::Knowledge {
    let config = crate::app::config(crate::app::NOBODY, &[("COLLOQUY_MEMORY", place)]);
    colloquy_server::Knowledge::open(&config).await.expect("a memory")
}

fn user(name: &str) -> memory::UserId {
    memory::UserId::new(name).expect("a name")
}

#[tokio::test]
async fn a_postgresql_that_was_asked_for_and_does_not_answer_is_told_before_anything_starts() {
    let vendor = crate::vendor::Vendor::start(Mood::Well).await;
    let place = ("COLLOQUY_MEMORY", "postgres://nobody:sk-password@127.0.0.1:9/none");
    let config = crate::app::config(&vendor.base_url, &[place]);
    let error = colloquy_server::Knowledge::open(&config).await.expect_err("nobody answers").to_string();
    assert!(error.contains("--memory") && error.contains("refused") && !error.contains("sk-password"), "{error}");
}

#[tokio::test]
async fn memories_are_found_by_the_vectors_of_a_service() {
    let asked = Arc::new(AtomicUsize::new(0));
    let embeddings = embedding_service(Arc::clone(&asked)).await;
    let app = server(&[
        ("COLLOQUY_MEMORY", ":memory:"),
        ("COLLOQUY_EMBEDDINGS", &embeddings),
        ("COLLOQUY_EMBEDDINGS_KEY", "sk-embedding"),
        ("COLLOQUY_EMBEDDINGS_DIMENSIONS", "2"),
    ])
    .await;
    let memories = json!([{ "id": "drink", "kind": "fact", "text": "Anna prefers tea" },
                          { "id": "place", "kind": "fact", "text": "The office is in Kiel" }]);
    remember(&app, memories).await;
    assert!(asked.load(Ordering::SeqCst) > 0, "the service was not asked");
    // No word in common: only the service's vectors know that both are drinks.
    assert_eq!(recalled(&app, "any beverage wishes").await.first().map(String::as_str), Some("drink"));
}

async fn server(settings: &[(&str, &str)]) -> App {
    App::with(Mood::Well, settings).await
}

async fn remember(app: &App, memories: Value) {
    let answer = app.send_json("POST", "/memory", &json!({ "memories": memories })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// The ids of what is recalled, best first.
async fn recalled(app: &App, query: &str) -> Vec<String> {
    let question = json!({ "talk": "t", "turn": 1, "query": query, "complete": true, "sources": ["memory"] });
    let answer = app.send_json("POST", "/context", &question).await.text();
    let items: Vec<ContextItem> = answer
        .lines()
        .find_map(|line| match serde_json::from_str(line).expect("an event") {
            ContextEvent::Found { items, .. } => Some(items),
            _ => None,
        })
        .unwrap_or_default();
    items.into_iter().map(|item| item.id).collect()
}

/// Texts about drinks point one way, all others the other way.
async fn embedding_service(asked: Arc<AtomicUsize>) -> String {
    let embed = async move |headers: axum::http::HeaderMap, Json(body): Json<Value>| {
        assert_eq!(headers["authorization"], "Bearer sk-embedding");
        asked.fetch_add(1, Ordering::SeqCst);
        let texts = body["input"].as_array().cloned().unwrap_or_default();
        let vector = |text: &Value| {
            let text = text.as_str().unwrap_or_default().to_lowercase();
            if text.contains("tea") || text.contains("beverage") { [1.0, 0.0] } else { [0.0, 1.0] }
        };
        let data = texts.iter().enumerate().map(|(index, text)| json!({ "index": index, "embedding": vector(text) }));
        Json(json!({ "data": data.collect::<Vec<_>>() }))
    };
    format!("{}/v1", serve(Router::new().route("/v1/embeddings", post(embed))).await)
}
