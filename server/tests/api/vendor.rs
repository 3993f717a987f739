//! A stand-in for the vendor on a port of its own: as strict as the real one about what it is sent, and able to be
//! slow, busy, broken or silly.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use protocol::SessionConfig;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The lasting key that the vendor knows.
pub(crate) const LASTING_KEY: &str = "sk-lasting-0123456789";
/// The short-lived key that it gives.
pub(crate) const SHORT_KEY: &str = "ek_short_9876543210";
/// The call that it opens.
pub(crate) const CALL: &str = "rtc_u1_0a1b2c";
/// Its answer to every offer.
pub(crate) const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// How the vendor behaves.
#[derive(Clone, Debug, Default)]
pub(crate) enum Mood {
    /// As documented.
    #[default]
    Well,
    /// Every request gets this status, these headers and this body.
    Answers(u16, Vec<(&'static str, String)>, String),
    /// No request is ever answered.
    Silent,
    /// The answer is far too large.
    Verbose,
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

#[derive(Debug, Default)]
struct Shared {
    mood: Mutex<Mood>,
    seen: Mutex<Vec<Seen>>,
}

impl Vendor {
    pub(crate) async fn start(mood: Mood) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared { mood: Mutex::new(mood), ..Shared::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { base_url, shared }
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

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
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
    let mood = shared.mood.lock().expect("no panic").clone();
    match mood {
        Mood::Well if method == Method::POST => well(&seen),
        Mood::Well => refuse(405, "method_not_allowed", "Only POST"),
        Mood::Answers(status, headers, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut response = (status, body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().expect("a value"));
            }
            response
        }
        Mood::Silent => std::future::pending().await,
        Mood::Verbose => {
            let body = format!("v=0{}", " ".repeat(4 * 1024 * 1024));
            (StatusCode::CREATED, [(CONTENT_TYPE, "application/sdp")], body).into_response()
        }
    }
}

fn well(seen: &Seen) -> Response {
    match seen.path.strip_prefix("/v1/realtime/").unwrap_or_default() {
        "client_secrets" => mint(seen),
        "calls" => open(seen),
        path if path == format!("calls/{CALL}/hangup") => {
            if seen.header("authorization") == format!("Bearer {LASTING_KEY}") {
                StatusCode::OK.into_response()
            } else {
                refuse(401, "invalid_api_key", "Incorrect API key provided")
            }
        }
        _ => refuse(404, "call_id_not_found", "No such call"),
    }
}

fn mint(seen: &Seen) -> Response {
    if seen.header(AUTHORIZATION.as_str()) != format!("Bearer {LASTING_KEY}") {
        return refuse(
            401,
            "invalid_api_key",
            &format!("Incorrect API key provided: {}", seen.header("authorization")),
        );
    }
    if seen.header("content-type") != "application/json" {
        return refuse(415, "unsupported_content_type", "Only JSON");
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&seen.body) else {
        return refuse(400, "invalid_json", "Not a JSON object");
    };
    if let Some(key) = body.keys().find(|key| !["expires_after", "session"].contains(&key.as_str())) {
        return refuse(400, "unknown_parameter", &format!("Unknown parameter: '{key}'"));
    }
    let expires = &body["expires_after"];
    let seconds = expires["seconds"].as_u64().unwrap_or_default();
    if expires["anchor"] != "created_at" || !(10..=7200).contains(&seconds) {
        return refuse(400, "invalid_value", "expires_after");
    }
    match SessionConfig::from_value(&body["session"], "session") {
        Ok(_) => {
            let session = &body["session"];
            Json(json!({ "value": SHORT_KEY, "expires_at": 1_800_000_000_u64, "session": session })).into_response()
        }
        Err(error) => refuse(400, error.code, &error.to_string()),
    }
}

fn open(seen: &Seen) -> Response {
    if seen.query.is_some() {
        return refuse(400, "beta_api_shape_disabled", "The beta shape is off");
    }
    if seen.header("authorization") != format!("Bearer {SHORT_KEY}") {
        return refuse(401, "invalid_api_key", "Incorrect API key provided");
    }
    let kind = seen.header("content-type");
    if kind != "application/sdp" && !kind.starts_with("multipart/form-data; boundary=") {
        return refuse(415, "unsupported_content_type", "Only SDP");
    }
    if !seen.body.windows(3).any(|window| window == b"v=0") {
        return refuse(400, "invalid_offer", "Invalid SDP offer");
    }
    let headers = [(CONTENT_TYPE, "application/sdp".to_owned()), (LOCATION, format!("/v1/realtime/calls/{CALL}"))];
    (StatusCode::CREATED, headers, ANSWER).into_response()
}

fn refuse(status: u16, code: &str, message: &str) -> Response {
    let error = json!({ "error": { "message": message, "type": "invalid_request_error", "code": code, "param": "" } });
    (StatusCode::from_u16(status).expect("a status"), Json(error)).into_response()
}
