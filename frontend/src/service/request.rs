//! One HTTP request, aborted when it is dropped or takes too long, and its failures in the core's words.

use crate::dom::{Timer, ignore};
use conversation::{HttpFailure, Ms};
use gloo_net::http::{Request, Response};
use js_sys::Reflect;
use protocol::EphemeralKey;
use protocol::api::ErrorBody;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Headers, RequestInit};

/// The longest that a whole answer is waited for.
const PATIENCE: Ms = Ms(10_000);

/// A good answer.
pub(super) struct Reply {
    /// Its `Location`, where it has one.
    pub(super) location: Option<String>,
    /// Its body.
    pub(super) body: String,
}

/// Sends a `POST` and awaits the whole answer. Every status that is not a success is an error.
pub(super) async fn post(address: &str, offer: Option<(&EphemeralKey, &str)>) -> Result<Reply, HttpFailure> {
    let deadline = Deadline::start();
    let builder = Request::post(address).abort_signal(deadline.signal().as_ref());
    let request = match offer {
        Some((key, sdp)) => builder
            .header("Authorization", &format!("Bearer {}", key.expose()))
            .header("Content-Type", "application/sdp")
            .body(sdp),
        None => builder.build(),
    };
    let request = request.map_err(|error| HttpFailure::Malformed(error.to_string()))?;
    let response = request.send().await.map_err(|_| deadline.failure())?;
    let body = response.text().await.map_err(|_| deadline.failure())?;
    if response.ok() {
        Ok(Reply { location: response.headers().get("Location"), body })
    } else {
        Err(refusal(&response, &body))
    }
}

fn refusal(response: &Response, body: &str) -> HttpFailure {
    let seconds = response.headers().get("Retry-After").and_then(|value| value.trim().parse::<u64>().ok());
    let (code, message) = serde_json::from_str::<ErrorBody>(body).ok().map(|body| (body.code, body.message)).unzip();
    HttpFailure::Status {
        status: response.status(),
        code,
        message,
        retry_after: seconds.map(|seconds| Ms(seconds.saturating_mul(1000))),
    }
}

/// Aborts a request when it takes too long, or when nobody waits for it any more. Aborting what has ended does nothing.
struct Deadline {
    _timer: Timer,
    passed: Rc<Cell<bool>>,
    controller: Option<AbortController>,
}

impl Deadline {
    fn start() -> Self {
        let controller = AbortController::new().ok();
        let passed = Rc::new(Cell::new(false));
        let (told, aborted) = (passed.clone(), controller.clone());
        let timer = Timer::after(PATIENCE, move || {
            told.set(true);
            if let Some(controller) = aborted {
                controller.abort();
            }
        });
        Self { _timer: timer, passed, controller }
    }

    fn signal(&self) -> Option<web_sys::AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }

    fn failure(&self) -> HttpFailure {
        if self.passed.get() { HttpFailure::TimedOut } else { HttpFailure::Unreachable }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

/// Sends a `POST` that survives the page and whose answer nobody waits for.
pub(super) fn part(address: &str, json: Option<&str>) {
    // A browser that cannot even make the request is about to forget the call anyway.
    if let Ok(answer) = fetch_kept_alive(address, json) {
        ignore(answer);
    }
}

fn fetch_kept_alive(address: &str, json: Option<&str>) -> Result<js_sys::Promise, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    if let Some(json) = json {
        let headers = Headers::new()?;
        headers.set("Content-Type", "application/json")?;
        init.set_headers(&headers);
        init.set_body(&json.into());
    }
    // The binding does not know this member yet.
    Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    Ok(window.fetch_with_str_and_init(address, &init))
}
