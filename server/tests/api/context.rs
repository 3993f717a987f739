//! `POST /context`.

use crate::app::{App, ask, config_with_file, json, serve};
use crate::vendor::Vendor;
use crate::waiting::wait_for;
use axum::body::Body;
use colloquy_server::knowledge::{Context, Store};
use colloquy_server::{Knowledge, Server, router};
use context::{Finding, Interests, Lookup, Profile, Question, Settings, Source, SourceError, item};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use protocol::context::{ContextEvent, ContextItem};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use toml::Table;

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
async fn a_zone_or_a_source_that_does_not_exist_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::with_file("", &[("COLLOQUY_DOCUMENTS", folder.path().to_str().expect("text"))]).await;
    let ask = |zone: &str, source: &str| {
        let mut question = question("what time is it");
        (question["zone"], question["sources"]) = (zone.into(), json!([source]));
        question
    };
    let watch = json!({ "query": "the rules", "source": "documents", "zone": "Mars/Olympus" });
    for (route, body) in [("/context", ask("Mars/Olympus", "time")), ("/context/watch", watch)] {
        let answer = app.send_json("POST", route, &body).await;
        assert_eq!(answer.status.as_u16(), 400, "{route}");
        assert!(answer.text().contains("`zone`: there is no such time zone"), "{}", answer.text());
    }
    for zone in ["", "+05:30", "Asia/Calcutta"] {
        let answer = app.send_json("POST", "/context", &ask(zone, "time")).await;
        assert_eq!((answer.status.as_u16(), summary(&events(&answer.text())).len()), (200, 1), "{zone}");
    }
    let events = events(&app.send_json("POST", "/context", &ask("UTC", "tiem")).await.text());
    let said = |event: &ContextEvent| {
        matches!(event, ContextEvent::Failed { source, reason, .. }
            if source == "tiem" && reason.starts_with("there is no source of this name; there are "))
    };
    assert!(events.iter().any(said) && summary(&events).is_empty(), "{events:?}");
}

#[tokio::test]
async fn a_folder_of_documents_needs_one_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("house.md"), "# House\n\nThe zebra key hangs behind the door.\n")
        .expect("written");
    let path = folder.path().to_str().expect("text");
    let app = App::with_file("", &[("COLLOQUY_DOCUMENTS", path)]).await;
    let found = async || {
        let answer = app.send_json("POST", "/context", &question("where hangs the zebra key")).await;
        let items = summary(&events(&answer.text())).to_vec();
        (!items.is_empty()).then_some(items)
    };
    let items = wait_for("the document is indexed", found).await;
    assert_eq!((items[0].source.as_str(), items[0].attribution.as_str()), ("documents", "house.md"));
    assert!(items[0].text.contains("behind the door"));
}

#[tokio::test]
async fn a_question_about_a_meeting_brings_the_weather_there_and_the_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.ics");
    std::fs::write(&file, MEETING.replace('\n', "\r\n")).expect("written");
    let app = App::with_file(&example(&surroundings().await, &file), &[("ANY_KEY", "x")]).await;
    let events = events(&app.send_json("POST", "/context", &question("what about my meeting today")).await.text());
    let reason = |name: &str| {
        events.iter().find_map(|event| match event {
            ContextEvent::Started { source, reason } if source == name => Some(reason.as_str()),
            _ => None,
        })
    };
    assert_eq!((reason("weather"), reason("route")), (Some("named by calendar"), Some("named by calendar")));
    let items = summary(&events);
    let text = |name: &str| items.iter().find(|item| item.source == name).map(|item| item.text.as_str());
    assert!(text("calendar").is_some_and(|text| text.starts_with("Team review: today")), "{items:?}");
    assert!(text("weather").is_some_and(|text| text.contains("Lisbon") && text.contains("°C")), "{items:?}");
    assert_eq!(text("route"), Some("12 minutes on foot to Lisbon"));
    assert_eq!(items[0].source, "calendar", "what was asked comes before what it led to");
}

/// The example of a configuration, with addresses of this test and without what would reach the internet by itself.
fn example(base: &str, calendar: &Path) -> String {
    let mut example: Table = include_str!("../../context/sources.example.toml").parse().expect("TOML");
    let Some(toml::Value::Array(mut blocks)) = example.remove("sources") else { panic!("no blocks") };
    blocks.retain(|block| block["kind"].as_str() != Some("mcp"));
    for block in blocks.iter_mut().filter_map(toml::Value::as_table_mut) {
        let of = |key: &str| block.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let changes: &[(&str, toml::Value)] = match (of("kind").as_str(), of("name").as_str()) {
            ("weather", _) => {
                &[("forecast_url", base.into()), ("geocoding_url", base.into()), ("allow_private", true.into())]
            }
            ("calendar", _) => &[("file", calendar.display().to_string().into())],
            ("http", "route") => &[("url", of("url").replace("http://localhost:8090", base).into())],
            ("search" | "http", _) => &[("key_env", "ANY_KEY".into())],
            _ => &[],
        };
        block.remove("url_env");
        block.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    }
    let patient = [("deadline_ms".to_owned(), 20_000.into())].into_iter().collect();
    let whole = [
        ("session", toml::Value::Table(patient)),
        ("context", toml::Value::Table(example)),
        ("sources", toml::Value::Array(blocks)),
    ];
    toml::to_string(&whole.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<Table>()).expect("TOML")
}

/// Weather, places and routes as their services tell them.
async fn surroundings() -> String {
    let place = json!({ "results": [{ "name": "Lisbon", "latitude": 38.7, "longitude": -9.1, "timezone": "Europe/Lisbon",
        "feature_code": "PPLC", "country": "Portugal" }] });
    let today = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date().to_string();
    let forecast = json!({ "timezone": "Europe/Lisbon",
        "current": { "time": format!("{today}T09:00"), "temperature_2m": 14.6, "weather_code": 61 },
        "daily": { "time": [today], "weather_code": [61], "temperature_2m_max": [15.0], "temperature_2m_min": [9.0] } });
    let route = |axum::extract::Query(to): axum::extract::Query<std::collections::BTreeMap<String, String>>| async move {
        axum::Json(json!({ "summary": format!("12 minutes on foot to {}", to["to"]) }))
    };
    let routes = axum::Router::new()
        .route("/v1/search", axum::routing::get(async move || axum::Json(place.clone())))
        .route("/v1/forecast", axum::routing::get(async move || axum::Json(forecast.clone())))
        .route("/route", axum::routing::get(route));
    serve(routes).await
}

/// Every day at noon.
const MEETING: &str = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:review
DTSTAMP:20260101T000000Z
DTSTART:20260101T120000Z
DTEND:20260101T130000Z
RRULE:FREQ=DAILY
SUMMARY:Team review
LOCATION:Lisbon
END:VEVENT
END:VCALENDAR
";

#[tokio::test]
async fn at_the_onset_of_speech_there_is_an_answer_at_once() {
    let text = "[session]\ndeadline_ms = 60000\n";
    let app = App::with_file(text, &[("COLLOQUY_MEMORY", ":memory:")]).await;
    let question = question("");
    let answer = app.send_json("POST", "/context", &question);
    let answer = tokio::time::timeout(Duration::from_secs(10), answer).await.expect("long before the deadline");
    let events = events(&answer.text());
    assert!(
        matches!(&events[..], [ContextEvent::Summary { query, items, .. }] if query.is_empty() && items.is_empty())
    );
}

#[tokio::test]
async fn every_line_is_sent_when_it_happens() {
    let (knowledge, answer, _told) = Patient::knowledge();
    let app = App::knowing(knowledge).await;
    let response = app.begin(json("POST", "/context", &question("patience"))).await;
    let mut pieces = response.into_body().into_data_stream();
    let mut arrived = VecDeque::new();
    let mut next = async || {
        if arrived.is_empty() {
            let piece = pieces.next().await?.expect("a piece");
            assert_eq!(piece.last(), Some(&b'\n'), "whole lines");
            let lines = piece.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            arrived.extend(lines.map(|line| serde_json::from_slice::<ContextEvent>(line).expect("an event")));
        }
        arrived.pop_front()
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
    let address = serve(router(app.state.clone())).await;
    let asked = reqwest::Client::new().post(format!("{address}/context"));
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
    let config = config_with_file(&vendor.base_url, &text, &[]);
    let server = Server::start(config).await.expect("a server");
    let url = format!("http://{}/context", server.address());
    let (asked, is_asked) = tokio::sync::oneshot::channel();
    let client = tokio::spawn(async move {
        let request = reqwest::Client::new().post(url).header("content-type", "application/json");
        let mut response = request.body(question("patience").to_string()).send().await.expect("an answer");
        let first = response.chunk().await.expect("a chunk");
        asked.send(()).expect("somebody waits");
        while response.chunk().await.expect("an orderly end").is_some() {}
        first
    });
    server.run(async { is_asked.await.expect("asked") }).await.expect("an orderly end");
    // Whoever still asks after the time that an end may take is cut off, and this is no end.
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
