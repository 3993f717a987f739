//! A stand-in for the vendor on a port of its own: keys, calls, hang-ups and the sideband as documented, and faults by a
//! seeded schedule. A call that nobody hangs up ends after a while, as one does whose browser is gone.

use crate::dice::Dice;
use crate::fault::Fault;
use crate::fragile::Fragile;
use anyhow::Result;
use axum::body::{Body, Bytes};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Router, response::IntoResponse};
use futures::stream;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The lasting key that the vendor knows.
pub(crate) const LASTING_KEY: &str = "sk-soak-0123456789-not-a-real-key";

/// A running stand-in.
pub(crate) struct Vendor {
    pub(crate) base_url: String,
    shared: Arc<Shared>,
}

/// What its requests share.
pub(crate) struct Shared {
    dice: Mutex<Dice>,
    number: AtomicU64,
    calls: Mutex<BTreeMap<String, Call>>,
    faults: Mutex<BTreeMap<&'static str, u64>>,
}

/// A call that goes on.
struct Call {
    /// Gone when the call has ended.
    on: watch::Sender<()>,
    /// How often watching it is still refused.
    refusals: u64,
    /// Whether the first watch breaks off.
    breaks: bool,
}

impl Vendor {
    /// Begins.
    pub(crate) async fn start(seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}/v1", listener.local_addr()?);
        let shared = Arc::new(Shared {
            dice: Mutex::new(Dice::new(seed)),
            number: AtomicU64::new(0),
            calls: Mutex::default(),
            faults: Mutex::default(),
        });
        let router = Router::new()
            .route("/v1/realtime/client_secrets", post(mint))
            .route("/v1/realtime/calls", post(open))
            .route("/v1/realtime/calls/{call}/hangup", post(hang_up))
            .route("/v1/realtime", get(watch_call))
            .with_state(Arc::clone(&shared));
        let fragile = Fragile { listener, shared: Arc::clone(&shared) };
        tokio::spawn(async move { axum::serve(fragile, router).await });
        Ok(Self { base_url, shared })
    }

    /// Whether a call goes on.
    pub(crate) fn is_on(&self, call: &str) -> bool {
        lock(&self.shared.calls).contains_key(call)
    }

    /// What went wrong how often.
    pub(crate) fn faults(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.shared.faults).clone()
    }
}

impl Shared {
    pub(crate) fn dice(&self) -> MutexGuard<'_, Dice> {
        lock(&self.dice)
    }

    pub(crate) fn count(&self, fault: &'static str) {
        *lock(&self.faults).entry(fault).or_default() += 1;
    }

    fn draw(&self) -> Option<Fault> {
        let fault = Fault::draw(&mut self.dice());
        if let Some(fault) = fault {
            self.count(fault.word());
        }
        fault
    }

    fn end(&self, call: &str) -> bool {
        lock(&self.calls).remove(call).is_some()
    }
}

/// What the vendor says when all is well.
struct Reply {
    status: StatusCode,
    kind: &'static str,
    location: Option<String>,
    body: String,
}

impl Reply {
    /// The answer with what goes wrong on its way.
    fn with(self, fault: Option<Fault>) -> Response<Body> {
        let half = self.body.len() / 2;
        let body = match fault {
            Some(Fault::Slow) => trickle(&self.body),
            Some(Fault::Malformed) => Body::from(format!("<html>{}", self.body)),
            Some(Fault::Closes) => {
                let first = Bytes::copy_from_slice(self.body.as_bytes().get(..half).unwrap_or_default());
                Body::from_stream(stream::iter([Ok(first), Err(std::io::Error::other("broken off"))]))
            }
            _ => Body::from(self.body),
        };
        let mut response = (self.status, [(CONTENT_TYPE, self.kind)], body).into_response();
        if let Some(location) = self.location.and_then(|location| location.parse().ok()) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

fn trickle(whole: &str) -> Body {
    let drops: Vec<Bytes> = whole.as_bytes().chunks(whole.len() / 8 + 1).map(Bytes::copy_from_slice).collect();
    Body::from_stream(stream::unfold(drops.into_iter(), async |mut drops| {
        let drop = drops.next()?;
        tokio::time::sleep(Duration::from_millis(60)).await;
        Some((Ok::<_, std::io::Error>(drop), drops))
    }))
}

/// What goes wrong before anything is done.
async fn refusal(fault: Option<Fault>) -> Option<Response<Body>> {
    let (status, code) = match fault? {
        Fault::Busy(_) => (429, "rate_limit_exceeded"),
        Fault::NoCredit => (429, "insufficient_quota"),
        Fault::Fails(status) => (status, "server_error"),
        Fault::Hangs => std::future::pending().await,
        Fault::Slow | Fault::Malformed | Fault::Closes => return None,
    };
    let mut response = refuse(status, code);
    if let Some(Fault::Busy(seconds)) = fault {
        response.headers_mut().insert(RETRY_AFTER, axum::http::HeaderValue::from_static(seconds));
    }
    Some(response)
}

fn refuse(status: u16, code: &str) -> Response<Body> {
    let body = json!({ "error": { "message": "why", "type": "invalid_request_error", "code": code, "param": null } });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(body)).into_response()
}

async fn mint(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let fault = shared.draw();
    if let Some(refusal) = refusal(fault).await {
        return refusal;
    }
    if bearer(&headers) != LASTING_KEY {
        return refuse(401, "invalid_api_key");
    }
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else { return refuse(400, "invalid_json") };
    let number = shared.number.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut session = asked.get("session").cloned().unwrap_or_else(|| json!({ "type": "realtime" }));
    if let Some(session) = session.as_object_mut() {
        session.insert("id".to_owned(), json!(format!("sess_{number}")));
        session.insert("object".to_owned(), json!("realtime.session"));
    }
    let body = json!({ "value": format!("ek_soak_{number}"), "expires_at": now + 600, "session": session });
    Reply { status: StatusCode::OK, kind: "application/json", location: None, body: body.to_string() }.with(fault)
}

async fn open(State(shared): State<Arc<Shared>>, headers: HeaderMap, offer: Bytes) -> Response<Body> {
    let fault = shared.draw();
    if let Some(refusal) = refusal(fault).await {
        return refusal;
    }
    if !bearer(&headers).starts_with("ek_soak_") {
        return refuse(401, "invalid_api_key");
    }
    if !offer.starts_with(b"v=0") {
        return refuse(400, "invalid_offer");
    }
    let call = format!("rtc_soak_{}", shared.number.fetch_add(1, Ordering::Relaxed));
    let (refusals, breaks) = {
        let mut dice = shared.dice();
        (dice.roll(2), dice.chance(20))
    };
    let (on, _) = watch::channel(());
    lock(&shared.calls).insert(call.clone(), Call { on, refusals, breaks });
    let (ending, name) = (Arc::clone(&shared), call.clone());
    tokio::spawn(async move {
        tokio::time::sleep(LONGEST_CALL).await;
        ending.end(&name);
    });
    let kind = if matches!(fault, Some(Fault::Malformed)) { "text/html" } else { "application/sdp" };
    let location = Some(format!("/v1/realtime/calls/{call}"));
    Reply { status: StatusCode::CREATED, kind, location, body: ANSWER.to_owned() }.with(fault)
}

async fn hang_up(State(shared): State<Arc<Shared>>, Path(call): Path<String>, headers: HeaderMap) -> Response<Body> {
    let fault = shared.draw();
    if let Some(refusal) = refusal(fault).await {
        return refusal;
    }
    if bearer(&headers) != LASTING_KEY {
        return refuse(401, "invalid_api_key");
    }
    if shared.end(&call) { StatusCode::OK.into_response() } else { refuse(404, "call_id_not_found") }
}

/// The sideband: for the lasting key alone, and for a call that is on.
async fn watch_call(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    if bearer(&headers) != LASTING_KEY {
        return refuse(401, "invalid_api_key");
    }
    let (Some(name), Ok(upgrade)) = (query.get("call_id"), upgrade) else { return refuse(400, "invalid_request") };
    let (on, breaks) = {
        let mut calls = lock(&shared.calls);
        let Some(call) = calls.get_mut(name) else { return refuse(404, "call_id_not_found") };
        if call.refusals > 0 {
            call.refusals -= 1;
            shared.count("sideband refused");
            return refuse(503, "server_error");
        }
        (call.on.subscribe(), std::mem::take(&mut call.breaks))
    };
    if breaks {
        shared.count("sideband broken off");
    }
    upgrade.on_upgrade(async move |socket| {
        let limit = if breaks { Duration::from_millis(200) } else { LONGEST_CALL };
        // The end of the connection is all that the other side hears of either outcome.
        let _ = tokio::time::timeout(limit, talk(socket, on)).await;
    })
}

/// One answer that costs a little, and one to each wish until the call ends.
async fn talk(mut socket: WebSocket, mut on: watch::Receiver<()>) -> Option<()> {
    let session = json!({ "type": "realtime", "object": "realtime.session" });
    say(&mut socket, &json!({ "type": "session.created", "event_id": "event_1", "session": session })).await?;
    respond(&mut socket).await?;
    loop {
        tokio::select! {
            _ = on.changed() => return None,
            message = socket.recv() => if let Message::Text(text) = message?.ok()? {
                let event: Value = serde_json::from_str(&text).ok()?;
                if event.get("type").is_some_and(|kind| kind == "response.create") {
                    respond(&mut socket).await?;
                }
            },
        }
    }
}

async fn respond(socket: &mut WebSocket) -> Option<()> {
    let usage = json!({ "total_tokens": 30, "input_tokens": 20, "output_tokens": 10 });
    let response = |status: &str, usage: Value| json!({ "object": "realtime.response", "id": "resp_1", "status": status, "output": [], "usage": usage });
    for event in [
        json!({ "type": "response.created", "event_id": "event_2", "response": response("in_progress", Value::Null) }),
        json!({ "type": "output_audio_buffer.started", "event_id": "event_3", "response_id": "resp_1" }),
        json!({ "type": "output_audio_buffer.stopped", "event_id": "event_4", "response_id": "resp_1" }),
        json!({ "type": "response.done", "event_id": "event_5", "response": response("completed", usage) }),
    ] {
        say(socket, &event).await?;
    }
    Some(())
}

async fn say(socket: &mut WebSocket, event: &Value) -> Option<()> {
    socket.send(Message::text(event.to_string())).await.ok()
}

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.strip_prefix("Bearer ").unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// How long a call lasts that nobody hangs up.
const LONGEST_CALL: Duration = Duration::from_secs(6);
