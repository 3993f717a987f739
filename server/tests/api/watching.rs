//! Subscriptions and the end of a talk, over the routes below `/context`.

use crate::app::{App, ask};
use axum::body::{Body, BodyDataStream};
use axum::response::Response;
use colloquy_server::Knowledge;
use colloquy_server::knowledge::{Context, Store};
use context::{Finding, Interests, Lookup, Profile, Question, Settings, Source, SourceError, item};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use protocol::api::SessionReply;
use protocol::context::{ContextEvent, ContextItem, Lane, WatchReply};
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
    App::knowing(Knowledge::new(Context::new(lookup()), Store::off())).await
}

fn lookup() -> Lookup {
    let profile = Profile::new("oven", "oven").interested(Interests::in_topics(["oven"]));
    let source = Rising { profile, degrees: AtomicU64::new(20) };
    // Its clock is the test's: what is told is told apart by its time.
    let begun = tokio::time::Instant::now();
    let clock = move || jiff::Timestamp::UNIX_EPOCH + begun.elapsed();
    Lookup::builder(Settings::default()).source(Arc::new(source)).clock(clock).build()
}

/// An answer that stays open, or none.
async fn asked_to_follow(app: &App, talk: &str) -> Response {
    app.begin(crate::app::json("POST", "/context", &json!({ "talk": talk, "turn": 0, "query": "", "follow": true })))
        .await
}

/// An answer that stays open.
async fn follow(app: &App, talk: &str) -> BodyDataStream {
    let answer = asked_to_follow(app, talk).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    answer.into_body().into_data_stream()
}

/// The next piece of it; none when it is over.
async fn piece(answer: &mut BodyDataStream) -> Option<String> {
    let piece = answer.next().await?.expect("an orderly end");
    Some(String::from_utf8(piece.to_vec()).expect("text"))
}

/// What it tells next, blank lines left out.
async fn told(answer: &mut BodyDataStream) -> Option<Vec<ContextItem>> {
    loop {
        let piece = piece(answer).await?;
        if let Some(line) = piece.lines().find(|line| !line.is_empty()) {
            let ContextEvent::Found { items, .. } = serde_json::from_str(line).expect("an event") else {
                panic!("{line}")
            };
            return Some(items);
        }
    }
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
async fn a_talk_that_follows_is_told_at_once_and_hears_nothing_twice() {
    let app = app().await;
    let mut answer = follow(&app, "t").await;
    app.send_json("POST", "/context/watch", &watch(&json!({ "change": 0.5 }))).await;
    let first = told(&mut answer).await.expect("news");
    let second = told(&mut answer).await.expect("more news");
    let texts =
        [&first, &second].map(|items| (items.len(), items[0].source.as_str(), items[0].lane, items[0].text.as_str()));
    let hint = |text| (1, "warm", Lane::Hint, text);
    assert_eq!(texts, [hint("It has 21 degrees."), hint("It has 22 degrees.")]);
    assert!(hints(&app, "t").await.is_empty(), "the talk has had them");
    assert_eq!(hints(&app, "other").await.len(), 1, "another has not");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stays_open_is_kept_alive_and_ends_with_its_talk_or_the_server() {
    let knowledge = Knowledge::new(Context::new(lookup()), Store::off());
    let app = App::knowing(knowledge).await;
    let mut answer = follow(&app, "t").await;
    let begun = tokio::time::Instant::now();
    assert_eq!(piece(&mut answer).await.as_deref(), Some("\n"));
    assert_eq!(begun.elapsed().as_secs(), 20);
    let mut again = follow(&app, "t").await;
    assert_eq!(piece(&mut answer).await, None, "a newer one takes its place");
    assert_eq!(delete(&app, "/context/talks/t").await, 204);
    assert_eq!(piece(&mut again).await, None, "the talk is over");
    let mut last = follow(&app, "u").await;
    app.state.knowledge().context().close();
    assert_eq!(piece(&mut last).await, None, "the server is ending");
    assert_eq!(asked_to_follow(&app, "v").await.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn one_user_follows_a_bounded_number_of_talks() {
    let app = app().await;
    let mut open = Vec::new();
    for talk in 0..16 {
        open.push(follow(&app, &format!("t{talk}")).await);
    }
    let refused = asked_to_follow(&app, "more").await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"60".parse().expect("a value")));
    open.pop();
    tokio::task::yield_now().await;
    assert_eq!(asked_to_follow(&app, "more").await.status(), 200);
}

#[tokio::test]
async fn what_fits_a_query_is_watched_under_its_words_and_ended_by_others() {
    let app = app().await;
    let answer = app.send_json("POST", "/context/watch", &json!({ "query": "the heat of the oven" })).await;
    let reply: WatchReply = serde_json::from_str(&answer.text()).expect("a reply");
    let told = "Watching “the heat of the oven” in oven every minute. What changes is told by itself.".to_owned();
    let expected = WatchReply { name: "the heat of the oven".into(), source: "oven".into(), every_s: 60, told };
    assert_eq!((answer.status.as_u16(), reply), (201, expected));
    let unfit = app.send_json("POST", "/context/watch", &json!({ "query": "the price of tea" })).await;
    unfit.assert_error(400, "bad_request");
    assert_eq!(unfit.error().message, "None of the sources here fits that, so it cannot be watched.");
    assert_eq!(delete(&app, "/context/watch/the%20weather").await, 404);
    assert_eq!(delete(&app, "/context/watch/my%20oven").await, 204);
    assert_eq!(delete(&app, "/context/watch/my%20oven").await, 404);
}

#[tokio::test]
async fn a_talk_is_told_whether_anything_is_watched() {
    let app = app().await;
    let watches = async || SessionReply::parse(&app.get("/session").await.text()).ok()?.talk.map(|talk| talk.watches);
    assert_eq!(watches().await, Some(false));
    app.send_json("POST", "/context/watch", &watch(&json!({}))).await;
    assert_eq!(watches().await, Some(true));
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
