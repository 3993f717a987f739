//! Subscriptions and the end of a talk, over the routes below `/context`.

use crate::app::{App, ask};
use axum::body::Body;
use colloquy_server::Knowledge;
use colloquy_server::knowledge::{Context, Store};
use context::{Finding, Interests, Lookup, Profile, Question, Settings, Source, SourceError, item};
use futures::FutureExt;
use futures::future::BoxFuture;
use protocol::context::{ContextEvent, ContextItem, Lane};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A temperature that rises by one degree each time it is asked for.
struct Rising {
    profile: Profile,
    degrees: AtomicU64,
}

impl Source for Rising {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn look_up<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        let degrees = self.degrees.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok(vec![item("now", "Oven", format!("It has {degrees} degrees."))].into())).boxed()
    }
}

async fn app() -> App {
    let profile = Profile::new("oven", "oven").interested(Interests::in_topics(["oven"]));
    let source = Rising { profile, degrees: AtomicU64::new(20) };
    let lookup = Lookup::builder(Settings::default()).source(Arc::new(source)).build();
    App::knowing(Knowledge::new(Context::new(lookup), Store::off())).await
}

async fn hints(app: &App, talk: &str) -> Vec<ContextItem> {
    let question = json!({ "talk": talk, "turn": 1, "query": "hello", "complete": true });
    let answer = app.send_json("POST", "/context", &question).await.text();
    let summary = answer.lines().find_map(|line| match serde_json::from_str(line).expect("an event") {
        ContextEvent::Summary { items, .. } => Some(items),
        _ => None,
    });
    summary.expect("a summary")
}

fn watch(changes: &Value) -> Value {
    let mut watch = json!({ "name": "warm", "source": "oven", "query": "oven", "every_s": 10, "change": 1.5 });
    watch.as_object_mut().expect("an object").extend(changes.as_object().cloned().expect("an object"));
    watch
}

async fn delete(app: &App, path: &str) -> u16 {
    app.send(ask("DELETE", path).body(Body::empty()).expect("a request")).await.status.as_u16()
}

#[tokio::test(start_paused = true)]
async fn what_is_watched_is_told_when_it_has_changed_enough_until_it_is_watched_no_more() {
    let app = app().await;
    assert_eq!(app.send_json("POST", "/context/watch", &watch(&json!({}))).await.status, 201);
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert!(hints(&app, "t").await.is_empty(), "by one degree only");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let told = hints(&app, "t").await;
    assert_eq!(
        (told[0].source.as_str(), told[0].lane, told[0].text.as_str()),
        ("warm", Lane::Hint, "It has 22 degrees.")
    );
    assert!(hints(&app, "t").await.is_empty(), "once for a talk");
    assert_eq!(delete(&app, "/context/watch/warm").await, 204);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(hints(&app, "t").await.is_empty());
    assert_eq!(delete(&app, "/context/watch/warm").await, 404);
}

#[tokio::test(start_paused = true)]
async fn a_talk_that_ended_begins_anew() {
    let app = app().await;
    app.send_json("POST", "/context/watch", &watch(&json!({}))).await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!((hints(&app, "t").await.len(), hints(&app, "t").await.len()), (1, 0));
    assert_eq!(delete(&app, "/context/talks/t").await, 204);
    assert_eq!(hints(&app, "t").await.len(), 1);
    assert_eq!(delete(&app, "/context/talks/unknown").await, 204);
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_by_the_name_of_the_field() {
    let app = app().await;
    for (changes, field) in [
        (json!({ "name": " " }), "`name`"),
        (json!({ "query": "" }), "`query`"),
        (json!({ "every_s": 1 }), "`every_s`"),
        (json!({ "source": "weather" }), "`source`"),
        (json!({ "change_percent": 1.0 }), "`change`"),
        (json!({ "evry": 1 }), "evry"),
    ] {
        let answer = app.send_json("POST", "/context/watch", &watch(&changes)).await;
        answer.assert_error(400, "bad_request");
        assert!(answer.error().message.contains(field), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_stranger_may_not_have_this_server_ask_for_ever() {
    let app = app().await;
    let mut request = crate::app::json("POST", "/context/watch", &watch(&json!({})));
    request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().expect("a value"));
    assert_eq!(app.send(request).await.status, 403);
}
