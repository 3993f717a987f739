//! A stand-in for the vendor on a port of its own: as strict as the real one about what it is sent, and able to be
//! slow, busy, broken or silly.

use crate::app::serve;
use crate::waiting::{wait_for, wait_until};
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use protocol::{ClientSecretRequest, FieldError, SessionConfig};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast;

/// The lasting key that the vendor knows at first.
pub(crate) const LASTING_KEY: &str = "sk-lasting-0123456789";
/// The short-lived key that it gives.
pub(crate) const SHORT_KEY: &str = "ek_short_9876543210";
/// The call that it opens.
pub(crate) const CALL: &str = "rtc_u1_0a1b2c";
/// Its answer to every offer.
pub(crate) const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

const HANG_UP: &str = "hang up";

/// How the vendor behaves.
#[derive(Clone, Debug, Default)]
pub(crate) enum Mood {
    /// As documented.
    #[default]
    Well,
    /// Every request gets this status, these headers and this body.
    Answers(u16, Vec<(&'static str, String)>, String),
    /// The first requests find it in these moods, one each; later ones find it well.
    First(VecDeque<Mood>),
    /// The same after a while.
    Slowly(Duration),
    /// No request is ever answered.
    Silent,
    /// The answer begins and never ends.
    Dripping,
    /// The answer is far too large.
    Verbose,
}

impl Mood {
    /// Fails in the vendor's own words.
    pub(crate) fn fails(status: u16, code: &str) -> Self {
        Self::fails_with(status, code, Vec::new())
    }

    /// The same with headers.
    pub(crate) fn fails_with(status: u16, code: &str, headers: Vec<(&'static str, String)>) -> Self {
        Self::Answers(status, headers, error(code, "why", None).to_string())
    }
}

/// One request as the vendor saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A running stand-in.
#[derive(Clone, Debug)]
pub(crate) struct Vendor {
    pub(crate) base_url: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mood: Mutex<Mood>,
    key: Mutex<String>,
    seen: Mutex<Vec<Seen>>,
    calls: Mutex<usize>,
    /// The name of the call that it opens next.
    name: Mutex<String>,
    /// Whether it lets anybody watch a call.
    watchable: AtomicBool,
    failing_watches: AtomicUsize,
    /// What is said to those who watch a call.
    events: broadcast::Sender<String>,
    /// What they said.
    said: Mutex<Vec<Value>>,
}

impl Vendor {
    pub(crate) async fn start(mood: Mood) -> Self {
        let shared = Arc::new(Shared {
            mood: Mutex::new(mood),
            key: Mutex::new(LASTING_KEY.to_owned()),
            seen: Mutex::default(),
            calls: Mutex::default(),
            name: Mutex::new(CALL.to_owned()),
            watchable: AtomicBool::new(true),
            failing_watches: AtomicUsize::new(0),
            events: broadcast::channel(64).0,
            said: Mutex::default(),
        });
        let router = Router::new()
            .route("/v1/realtime", get(watch).fallback(answer))
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        Self { base_url: format!("{}/v1", serve(router).await), shared }
    }

    /// From now on only this lasting key is known.
    pub(crate) fn replace_key(&self, key: &str) {
        key.clone_into(&mut self.shared.key.lock().expect("no panic"));
    }

    /// Names the calls that it opens from now on.
    pub(crate) fn name_calls(&self, name: &str) {
        name.clone_into(&mut self.shared.name.lock().expect("no panic"));
    }

    /// The next who want to watch a call are told that it does not go now.
    pub(crate) fn fail_watches(&self, times: usize) {
        self.shared.failing_watches.store(times, Ordering::SeqCst);
    }

    /// From now on it lets somebody watch calls, or knows nothing of any.
    pub(crate) fn let_watch(&self, watchable: bool) {
        self.shared.watchable.store(watchable, Ordering::SeqCst);
    }

    /// Says something in the call, to whoever watches it.
    pub(crate) fn tell(&self, event: &Value) {
        self.shared.events.send(event.to_string()).expect("a watcher");
    }

    /// Leaves those who watch the call, which goes on.
    pub(crate) fn leave_watchers(&self) {
        self.shared.events.send(HANG_UP.to_owned()).expect("a watcher");
    }

    /// Waits until so many watch the call.
    pub(crate) async fn watched_by(&self, watchers: usize) {
        let is_so = async || self.shared.events.receiver_count() == watchers;
        wait_until(&format!("the call is watched by {watchers}"), is_so).await;
    }

    /// Waits until a watcher has said something of a kind, and gives it.
    pub(crate) async fn said(&self, kind: &str) -> Value {
        let said =
            async || self.shared.said.lock().expect("no panic").iter().find(|event| event["type"] == kind).cloned();
        wait_for(&format!("a watcher says {kind}"), said).await
    }

    /// Whether it was told to hang up the call of the usual name.
    pub(crate) fn has_hung_up(&self) -> bool {
        let path = format!("/v1/realtime/calls/{CALL}/hangup");
        self.seen().iter().any(|seen| seen.path == path)
    }

    /// Waits until it is told to hang up the call of the usual name.
    pub(crate) async fn hung_up(&self) {
        wait_until("the call is hung up", async || self.has_hung_up()).await;
    }

    /// Everything asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("no panic").clone()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("a request")
    }
}

impl Shared {
    fn name(&self) -> String {
        self.name.lock().expect("no panic").clone()
    }

    fn mood(&self) -> Mood {
        let mut mood = self.mood.lock().expect("no panic");
        match &mut *mood {
            Mood::First(moods) => moods.pop_front().unwrap_or_default(),
            other => other.clone(),
        }
    }

    /// Whether a request carries the lasting key, in one of the two ways.
    fn knows(&self, seen: &Seen) -> bool {
        let key = self.key.lock().expect("no panic");
        seen.header(AUTHORIZATION.as_str()) == format!("Bearer {key}") || seen.header("api-key") == *key
    }
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body in JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let seen = Seen { path: uri.path().to_owned(), query: uri.query().map(str::to_owned), headers, body };
    shared.seen.lock().expect("no panic").push(seen.clone());
    match shared.mood() {
        Mood::Well | Mood::First(_) => well(&shared, &method, &seen).await,
        Mood::Slowly(after) => {
            tokio::time::sleep(after).await;
            well(&shared, &method, &seen).await
        }
        Mood::Answers(status, headers, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut response = (status, body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().expect("a value"));
            }
            response
        }
        Mood::Silent => std::future::pending().await,
        Mood::Dripping => {
            let drops = futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"v=0")) });
            let body = futures::StreamExt::chain(drops, futures::stream::pending());
            (StatusCode::CREATED, [(CONTENT_TYPE, "application/sdp")], axum::body::Body::from_stream(body))
                .into_response()
        }
        Mood::Verbose => {
            let body = format!("v=0{}", " ".repeat(4 * 1024 * 1024));
            (StatusCode::CREATED, [(CONTENT_TYPE, "application/sdp")], body).into_response()
        }
    }
}

/// The sideband: for the lasting key alone, and for a call that is on.
async fn watch(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let seen = Seen { path: String::new(), query: None, headers, body: Bytes::new() };
    if seen.header("authorization").is_empty() && seen.header("api-key").is_empty() {
        return refuse(401, "invalid_api_key", "A bearer key is required", None);
    }
    let Some(call) = query.get("call_id") else {
        return refuse(400, "invalid_request", "Only ?call_id=", Some("call_id"));
    };
    let Ok(upgrade) = upgrade else { return refuse(400, "invalid_request", "Only a WebSocket", Some("call_id")) };
    let fails = shared.failing_watches.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if fails.is_ok() {
        return refuse(503, "server_error", "Not now", None);
    }
    let is_on = *call == shared.name() && shared.watchable.load(Ordering::SeqCst);
    let is_lasting = !seen.header("authorization").starts_with("Bearer ek_");
    if is_lasting && !shared.knows(&seen) {
        return refuse(401, "invalid_api_key", "Incorrect API key provided", None);
    }
    if !is_lasting || !is_on || *shared.calls.lock().expect("no panic") == 0 {
        return refuse(404, "call_id_not_found", "No such call", Some("call_id"));
    }
    let mut events = shared.events.subscribe();
    upgrade.on_upgrade(async move |mut socket| {
        let session = json!({ "type": "realtime", "object": "realtime.session" });
        let greeting = json!({ "type": "session.created", "event_id": "event_1", "session": session });
        if socket.send(Message::text(greeting.to_string())).await.is_err() {
            return;
        }
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(event) if event == HANG_UP => return,
                    Ok(event) => drop(socket.send(Message::text(event)).await),
                    Err(_) => return,
                },
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let event = serde_json::from_str(&text).expect("JSON");
                        shared.said.lock().expect("no panic").push(event);
                    }
                    Some(Ok(_)) => {}
                    _ => return,
                },
            }
        }
    })
}

async fn well(shared: &Shared, method: &Method, seen: &Seen) -> Response {
    if seen.header("openai-beta").contains("realtime") {
        return refuse(400, "beta_api_shape_disabled", "The beta shape is off", None);
    }
    let path = seen.path.strip_prefix("/openai").unwrap_or(&seen.path);
    let path = path.strip_prefix("/v1/realtime").unwrap_or("?");
    if method != Method::POST {
        return refuse(405, "method_not_allowed", "Only POST", None);
    }
    match path {
        "" | "/sessions" | "/transcription_sessions" => {
            refuse(400, "beta_api_shape_disabled", "The beta shape is off", None)
        }
        "/client_secrets" => mint(shared, seen),
        "/calls" => open(shared, seen).await,
        path if path.ends_with("/hangup") => hang_up(shared, seen, path),
        _ => refuse(404, "not_found", "Nothing here", None),
    }
}

fn mint(shared: &Shared, seen: &Seen) -> Response {
    if !shared.knows(seen) {
        let message = format!("Incorrect API key provided: {}", seen.header("authorization"));
        return refuse(401, "invalid_api_key", &message, None);
    }
    if !seen.body.is_empty() && seen.header("content-type") != "application/json" {
        return refuse(415, "unsupported_content_type", "Only JSON", None);
    }
    let body = if seen.body.is_empty() { Ok(json!({})) } else { serde_json::from_slice::<Value>(&seen.body) };
    let Ok(body) = body else { return refuse(400, "invalid_json", "Not JSON", None) };
    match ClientSecretRequest::from_value(&body) {
        Ok(request) => {
            let mut session = serde_json::to_value(request.session).expect("JSON");
            if session.is_null() {
                session = json!({ "type": "realtime", "model": "gpt-realtime-2.1" });
            }
            session["object"] = json!("realtime.session");
            session["id"] = json!("sess_1");
            session["client_secret"] = json!({ "value": SHORT_KEY, "expires_at": 1_900_000_000_u64 });
            Json(json!({ "value": SHORT_KEY, "expires_at": 1_900_000_000_u64, "session": session })).into_response()
        }
        Err(error) => refuse_field(&error),
    }
}

async fn open(shared: &Shared, seen: &Seen) -> Response {
    if seen.query.as_deref().is_some_and(|query| query.contains("model=")) {
        return refuse(400, "beta_api_shape_disabled", "The beta shape is off", None);
    }
    if seen.header("authorization") != format!("Bearer {SHORT_KEY}") && !shared.knows(seen) {
        return refuse(401, "invalid_api_key", "Incorrect API key provided", None);
    }
    let kind = seen.header("content-type");
    let offer = if kind == "application/sdp" {
        String::from_utf8_lossy(&seen.body).into_owned()
    } else if kind.starts_with("multipart/form-data") {
        match form(seen).await {
            Ok(offer) => offer,
            Err(refusal) => return refusal,
        }
    } else {
        return refuse(415, "unsupported_content_type", "Only SDP", None);
    };
    if !offer.starts_with("v=0") {
        return refuse(400, "invalid_offer", "Invalid SDP offer", Some("sdp"));
    }
    *shared.calls.lock().expect("no panic") += 1;
    let headers =
        [(CONTENT_TYPE, "application/sdp".to_owned()), (LOCATION, format!("/v1/realtime/calls/{}", shared.name()))];
    (StatusCode::CREATED, headers, ANSWER).into_response()
}

async fn form(seen: &Seen) -> Result<String, Response> {
    let request = Request::builder().header(CONTENT_TYPE, seen.header("content-type"));
    let request = request.body(axum::body::Body::from(seen.body.clone())).expect("a request");
    let unreadable = || refuse(400, "invalid_body", "Not a form", None);
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut offer = None;
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| unreadable())?;
        match name.as_str() {
            "sdp" => offer = Some(String::from_utf8_lossy(&bytes).into_owned()),
            "session" => {
                let session = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
                SessionConfig::from_value(&session, "session").map_err(|error| refuse_field(&error))?;
            }
            other => return Err(refuse(400, "unknown_parameter", "Unknown part", Some(other))),
        }
    }
    offer.ok_or_else(|| refuse(400, "missing_required_parameter", "Missing required parameter: 'sdp'", Some("sdp")))
}

fn hang_up(shared: &Shared, seen: &Seen, path: &str) -> Response {
    if !shared.knows(seen) {
        return refuse(401, "invalid_api_key", "Incorrect API key provided", None);
    }
    let mut calls = shared.calls.lock().expect("no panic");
    if path != format!("/calls/{}/hangup", shared.name()) || *calls == 0 {
        return refuse(404, "call_id_not_found", "No such call", Some("call_id"));
    }
    *calls = 0;
    // Nobody may be watching.
    let _ = shared.events.send(HANG_UP.to_owned());
    StatusCode::OK.into_response()
}

fn refuse_field(error: &FieldError) -> Response {
    refuse(400, error.code, &error.to_string(), Some(&error.param))
}

fn refuse(status: u16, code: &str, message: &str, param: Option<&str>) -> Response {
    (StatusCode::from_u16(status).expect("a status"), Json(error(code, message, param))).into_response()
}

fn error(code: &str, message: &str, param: Option<&str>) -> Value {
    json!({ "error": { "message": message, "type": "invalid_request_error", "code": code, "param": param } })
}
