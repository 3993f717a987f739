//! `POST /context`.

use crate::app::{App, ask, config_with_file, json};
use crate::vendor::Vendor;
use axum::body::Body;
use colloquy_server::knowledge::{Context, Store};
use colloquy_server::{Knowledge, Server, router};
use context::{Finding, Interests, Lookup, Profile, Question, Settings, Source, SourceError, item};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use protocol::context::{ContextEvent, ContextItem};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

/// A source that answers when it is told to, and tells when nobody waits any more.
struct Patient {
    profile: Profile,
    answer: Arc<Notify>,
    dropped: mpsc::UnboundedSender<()>,
}

impl Patient {
    fn knowledge() -> (Knowledge, Arc<Notify>, mpsc::UnboundedReceiver<()>) {
        let mut profile = Profile::new("patient", "patient").interested(Interests::in_topics(["patience"]));
        profile.limit = Duration::from_secs(600);
        let (dropped, told) = mpsc::unbounded_channel();
        let answer = Arc::new(Notify::new());
        let source = Self { profile, answer: Arc::clone(&answer), dropped };
        let lookup = Lookup::builder(Settings::default()).source(Arc::new(source)).build();
        (Knowledge::new(Context::new(lookup), Store::off()), answer, told)
    }
}

impl Source for Patient {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn look_up<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        let leaving = Leaving(self.dropped.clone());
        async move {
            let _leaving = leaving;
            self.answer.notified().await;
            Ok(vec![item("1", "Patience", "pays")].into())
        }
        .boxed()
    }
}

/// Tells when a question is over, answered or not.
struct Leaving(mpsc::UnboundedSender<()>);

impl Drop for Leaving {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

fn question(query: &str) -> Value {
    json!({ "talk": "t1", "turn": 1, "query": query, "complete": true })
}

fn events(body: &str) -> Vec<ContextEvent> {
    body.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

fn summary(events: &[ContextEvent]) -> &[ContextItem] {
    let summary = events.iter().find_map(|event| match event {
        ContextEvent::Summary { items, .. } => Some(items.as_slice()),
        _ => None,
    });
    summary.expect("a summary")
}

#[tokio::test]
async fn the_time_is_known_without_any_setting() {
    let app = App::start().await;
    let mut request = json("POST", "/context", &question("what time is it in Tokyo"));
    request.headers_mut().insert("accept-encoding", "gzip, br".parse().expect("a value"));
    let answer = app.send(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/x-ndjson"));
    assert_eq!((answer.header("cache-control"), answer.header("content-encoding")), ("no-store", ""));
    let events = events(&answer.text());
    assert!(matches!(&events[0], ContextEvent::Started { source, .. } if source == "time"), "{events:?}");
    let items = summary(&events);
    assert!(items.iter().any(|item| item.source == "time" && item.text.contains("Tokyo")), "{items:?}");
}

#[tokio::test]
async fn a_folder_of_documents_needs_one_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("house.md"), "# House\n\nThe zebra key hangs behind the door.\n")
        .expect("written");
    let path = folder.path().to_str().expect("text");
    let app = App::with_file("", &[("COLLOQUY_DOCUMENTS", path)]).await;
    let found = async {
        loop {
            let answer = app.send_json("POST", "/context", &question("where hangs the zebra key")).await;
            let items = summary(&events(&answer.text())).to_vec();
            if !items.is_empty() {
                return items;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let items = tokio::time::timeout(Duration::from_secs(10), found).await.expect("indexed in time");
    assert_eq!((items[0].source.as_str(), items[0].attribution.as_str()), ("documents", "house.md"));
    assert!(items[0].text.contains("behind the door"));
}

#[tokio::test]
async fn every_line_is_sent_when_it_happens() {
    let (knowledge, answer, _told) = Patient::knowledge();
    let app = App::knowing(knowledge).await;
    let response = app.begin(json("POST", "/context", &question("patience"))).await;
    let mut lines = response.into_body().into_data_stream();
    let mut next = async || {
        let line = lines.next().await?.expect("a line");
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1), "one line at a time");
        Some(serde_json::from_slice::<ContextEvent>(&line).expect("an event"))
    };
    assert!(matches!(next().await, Some(ContextEvent::Started { .. })));
    assert!(matches!(next().await, Some(ContextEvent::Late { .. })));
    assert!(matches!(next().await, Some(ContextEvent::Summary { items, .. }) if items.is_empty()));
    answer.notify_one();
    assert!(matches!(next().await, Some(ContextEvent::Found { items, .. }) if items[0].text == "pays"));
    assert_eq!(next().await, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_late_comes_however_long_a_request_may_take_otherwise() {
    let (knowledge, answer, _told) = Patient::knowledge();
    let app = App::knowing(knowledge).await;
    let longer = app.state.limits().request() * 3;
    tokio::spawn(async move {
        tokio::time::sleep(longer).await;
        answer.notify_one();
    });
    let events = events(&app.send_json("POST", "/context", &question("patience")).await.text());
    assert!(matches!(events.last(), Some(ContextEvent::Found { .. })), "{events:?}");
}

#[tokio::test]
async fn a_client_that_goes_away_stops_the_look_up() {
    let (knowledge, _answer, mut told) = Patient::knowledge();
    let app = App::knowing(knowledge).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(axum::serve(listener, router(app.state.clone())).into_future());
    let asked = reqwest::Client::new().post(format!("http://{address}/context"));
    let asked = asked.header("content-type", "application/json").body(question("patience").to_string());
    let mut response = asked.send().await.expect("an answer");
    assert!(response.chunk().await.expect("a chunk").is_some());
    assert!(told.try_recv().is_err(), "it is still asked");
    drop(response);
    tokio::time::timeout(Duration::from_secs(5), told.recv()).await.expect("stopped in time").expect("told");
}

#[tokio::test]
async fn a_server_that_ends_waits_for_no_source() {
    let (deaf, _kept) = deaf_address();
    let vendor = Vendor::start(crate::vendor::Mood::Well).await;
    let text = format!(
        "[[sources]]\nkind = \"http\"\nname = \"deaf\"\nurl = \"{deaf}/?q={{query}}\"\nallow_private = true\n\
         topics = [\"patience\"]\nlimit_ms = 60000\n"
    );
    let config = config_with_file(&vendor.base_url, &text, &[("COLLOQUY_LISTEN", "127.0.0.1:0")]);
    let server = Server::start(config).await.expect("a server");
    let url = format!("http://{}/context", server.address());
    let (asked, is_asked) = tokio::sync::oneshot::channel();
    let client = tokio::spawn(async move {
        let request = reqwest::Client::new().post(url).header("content-type", "application/json");
        let mut response = request.body(question("patience").to_string()).send().await.expect("an answer");
        let first = response.chunk().await.expect("a chunk");
        asked.send(Instant::now()).expect("somebody waits");
        while response.chunk().await.expect("an orderly end").is_some() {}
        first
    });
    let (since, stop) = tokio::sync::oneshot::channel();
    let stopped = async move {
        since.send(is_asked.await.expect("asked")).expect("somebody waits");
    };
    server.run(stopped).await.expect("an orderly end");
    assert!(stop.await.expect("a time").elapsed() < Duration::from_secs(2));
    assert!(client.await.expect("no panic").is_some());
}

#[tokio::test]
async fn what_is_no_question_is_refused_with_the_reason() {
    let app = App::start().await;
    app.send_json("POST", "/context", &json!({ "talk": "t" })).await.assert_error(400, "bad_request");
    app.send_json("POST", "/context", &json!([1, 2])).await.assert_error(400, "bad_request");
    app.send_json("POST", "/context", &json!({ "talk": "", "turn": 1, "query": "x" }))
        .await
        .assert_error(400, "bad_request");
    let large = json!({ "talk": "t", "turn": 1, "query": "x".repeat(17_000) });
    app.send_json("POST", "/context", &large).await.assert_error(413, "too_large");
    let text = ask("POST", "/context").header("content-type", "text/plain").body(Body::from("{}"));
    app.send(text.expect("a request")).await.assert_error(415, "bad_request");
    app.get("/context").await.assert_error(405, "method_not_allowed");
}

#[tokio::test]
async fn a_strangers_page_may_not_ask() {
    let app = App::start().await;
    let mut request = json("POST", "/context", &question("what time is it"));
    request.headers_mut().insert("origin", "https://evil.example".parse().expect("a value"));
    app.send(request).await.assert_error(403, "origin_refused");
}

/// An address that takes connections and never answers, as long as the listener is kept.
fn deaf_address() -> (String, std::net::TcpListener) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    (format!("http://{}", listener.local_addr().expect("an address")), listener)
}
