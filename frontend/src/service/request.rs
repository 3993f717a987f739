//! One HTTP request, aborted when nobody waits for it any more or when it takes too long, and its failures in the
//! core's words.

use crate::dom::{Timer, ignore};
use conversation::{HttpFailure, Ms};
use js_sys::{Promise, Reflect};
use protocol::api::ErrorBody;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response};

/// The longest that a whole answer is waited for.
const PATIENCE: Ms = Ms(10_000);

/// Where something is asked, and for which call.
pub(super) struct Address {
    pub(super) url: String,
    /// A W3C `traceparent`; empty where there is none.
    pub(super) trace: String,
}

/// What is asked.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) address: Address,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a str>,
    /// Whether it survives the page.
    pub(super) keepalive: bool,
}

/// A good answer.
pub(super) struct Reply {
    /// Its `Location`, where it has one.
    pub(super) location: Option<String>,
    /// Its body.
    pub(super) body: String,
}

impl<'a> Request<'a> {
    /// A body of JSON, sent by `POST`.
    pub(super) fn post_json(address: Address, json: &'a str) -> Self {
        Self { method: "POST", address, headers: JSON, body: Some(json), keepalive: false }
    }

    /// Sends it and awaits the whole answer.
    pub(super) async fn exchange(&self) -> Result<Reply, HttpFailure> {
        let deadline = Deadline::within(Some(PATIENCE));
        let response = self.send(&deadline).await?;
        let body = text(&response, &deadline).await?;
        Ok(Reply { location: header(&response, "Location"), body })
    }

    /// Sends it and awaits the head of the answer. Every status that is not a success is an error.
    pub(super) async fn send(&self, deadline: &Deadline) -> Result<Response, HttpFailure> {
        let asked = self.fetch(deadline.signal().as_ref()).map_err(|_| HttpFailure::Unreachable)?;
        let response = JsFuture::from(asked).await.map_err(|_| deadline.failure())?;
        let response: Response = response.unchecked_into();
        if response.ok() {
            return Ok(response);
        }
        let body = text(&response, deadline).await?;
        Err(refusal(&response, &body))
    }

    fn fetch(&self, signal: Option<&web_sys::AbortSignal>) -> Result<Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method(self.method);
        init.set_signal(signal);
        let headers = Headers::new()?;
        if let Some(session) = left("colloquySession") {
            headers.set("Authorization", &["Bearer ", &session].concat())?;
        }
        for (name, value) in self.headers {
            headers.set(name, value)?;
        }
        if !self.address.trace.is_empty() {
            headers.set("traceparent", &self.address.trace)?;
        }
        init.set_headers(&headers);
        if let Some(body) = self.body {
            init.set_body(&body.into());
        }
        // The binding does not know this member yet.
        Reflect::set(&init, &"keepalive".into(), &self.keepalive.into())?;
        let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
        Ok(window.fetch_with_str_and_init(&self.address.url, &init))
    }
}

/// What the page's first script has left for us, where the server is on another origin.
pub(super) fn left(name: &str) -> Option<String> {
    Reflect::get(&web_sys::window()?.into(), &name.into()).ok()?.as_string()
}

/// The headers of a body of JSON.
pub(super) const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// The whole body.
async fn text(response: &Response, deadline: &Deadline) -> Result<String, HttpFailure> {
    let body = response.text().map_err(|_| deadline.failure())?;
    let body = JsFuture::from(body).await.map_err(|_| deadline.failure())?;
    Ok(body.as_string().unwrap_or_default())
}

/// A header of the answer.
fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

fn refusal(response: &Response, body: &str) -> HttpFailure {
    let seconds = header(response, "Retry-After").and_then(|value| value.trim().parse::<u64>().ok());
    let (code, message) = ErrorBody::parse(body).ok().map(|body| (body.code, body.message)).unzip();
    HttpFailure::Status {
        status: response.status(),
        code,
        message,
        retry_after: seconds.map(|seconds| Ms(seconds.saturating_mul(1000))),
    }
}

/// Aborts a request when it takes too long, or when nobody waits for it any more. Aborting what has ended does nothing.
pub(super) struct Deadline {
    _timer: Option<Timer>,
    passed: Rc<Cell<bool>>,
    controller: Option<AbortController>,
}

impl Deadline {
    /// In this time; `None` is never.
    pub(super) fn within(patience: Option<Ms>) -> Self {
        let controller = AbortController::new().ok();
        let passed = Rc::new(Cell::new(false));
        let timer = patience.map(|patience| {
            let (told, aborted) = (passed.clone(), controller.clone());
            Timer::after(patience, move || {
                told.set(true);
                if let Some(controller) = aborted {
                    controller.abort();
                }
            })
        });
        Self { _timer: timer, passed, controller }
    }

    /// Why an answer broke off.
    pub(super) fn failure(&self) -> HttpFailure {
        if self.passed.get() { HttpFailure::TimedOut } else { HttpFailure::Unreachable }
    }

    fn signal(&self) -> Option<web_sys::AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
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
pub(super) fn part(address: Address, json: Option<&str>) {
    let headers = if json.is_some() { JSON } else { &[] };
    // A browser that cannot even make the request is about to forget the call anyway.
    if let Ok(answer) = (Request { method: "POST", address, headers, body: json, keepalive: true }).fetch(None) {
        ignore(answer);
    }
}
