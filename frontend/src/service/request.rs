//! One HTTP request, aborted when its future is dropped, and its failures in the core's words.

use crate::dom::ignore;
use conversation::{HttpFailure, Ms};
use futures::future::{Either, select};
use gloo_net::http::{RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use protocol::EphemeralKey;
use protocol::api::ErrorBody;
use serde::de::DeserializeOwned;
use std::pin::pin;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Headers, RequestInit};

/// The longest that an answer is waited for, headers and body each.
const PATIENCE: Ms = Ms(10_000);

/// A `POST` whose answer is awaited.
pub(super) struct Post {
    builder: RequestBuilder,
    body: Option<String>,
}

impl Post {
    pub(super) fn to(address: String) -> Self {
        Self { builder: gloo_net::http::Request::post(&address), body: None }
    }

    pub(super) fn bearer(self, key: &EphemeralKey) -> Self {
        Self { builder: self.builder.header("Authorization", &format!("Bearer {}", key.expose())), ..self }
    }

    pub(super) fn body(self, kind: &str, body: &str) -> Self {
        Self { builder: self.builder.header("Content-Type", kind), body: Some(body.to_owned()) }
    }

    /// Sends it, and makes an error of every status that is not a success.
    pub(super) async fn send(self) -> Result<Reply, HttpFailure> {
        let abort = AbortOnDrop::new();
        let builder = self.builder.abort_signal(abort.0.as_ref().map(AbortController::signal).as_ref());
        let request = match self.body {
            Some(body) => builder.body(body),
            None => builder.build(),
        };
        let request = request.map_err(|error| HttpFailure::Malformed(error.to_string()))?;
        let response = in_time(request.send()).await?.map_err(|_| HttpFailure::Unreachable)?;
        if response.ok() { Ok(Reply { response, _abort: abort }) } else { Err(refusal(&response).await) }
    }
}

/// A successful answer whose body has not been read.
pub(super) struct Reply {
    response: Response,
    _abort: AbortOnDrop,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name)
    }

    pub(super) async fn text(&self) -> Result<String, HttpFailure> {
        in_time(self.response.text()).await?.map_err(|_| HttpFailure::Unreachable)
    }

    pub(super) async fn json<T: DeserializeOwned>(&self) -> Result<T, HttpFailure> {
        // The body may hold a key: an error names what is wrong, never the text.
        let text = self.text().await?;
        serde_json::from_str(&text).map_err(|error| HttpFailure::Malformed(format!("{:?}", error.classify())))
    }
}

/// Aborting a request that has ended does nothing.
struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    fn new() -> Self {
        Self(AbortController::new().ok())
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

async fn in_time<T>(future: impl Future<Output = T>) -> Result<T, HttpFailure> {
    let timeout = TimeoutFuture::new(PATIENCE.0 as u32);
    match select(pin!(future), timeout).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(_) => Err(HttpFailure::TimedOut),
    }
}

async fn refusal(response: &Response) -> HttpFailure {
    let body = match in_time(response.text()).await {
        Ok(Ok(text)) => serde_json::from_str::<ErrorBody>(&text).ok(),
        Ok(Err(_)) | Err(_) => None,
    };
    let seconds = response.headers().get("Retry-After").and_then(|value| value.trim().parse::<u64>().ok());
    let (code, message) = body.map(|body| (body.code, body.message)).unzip();
    HttpFailure::Status {
        status: response.status(),
        code,
        message,
        retry_after: seconds.map(|seconds| Ms(seconds.saturating_mul(1000))),
    }
}

/// A `POST` that survives the page and whose answer nobody waits for.
pub(super) struct Parting {
    address: String,
    content: Option<(&'static str, String)>,
}

impl Parting {
    pub(super) fn to(address: String) -> Self {
        Self { address, content: None }
    }

    pub(super) fn body(self, kind: &'static str, body: String) -> Self {
        Self { content: Some((kind, body)), ..self }
    }

    /// Sends it now.
    pub(super) fn send(&self) {
        // A browser that cannot even make the request is about to forget the call anyway.
        if let Ok(answer) = self.fetch() {
            ignore(answer);
        }
    }

    fn fetch(&self) -> Result<js_sys::Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        if let Some((kind, body)) = &self.content {
            let headers = Headers::new()?;
            headers.set("Content-Type", kind)?;
            init.set_headers(&headers);
            init.set_body(&body.into());
        }
        // The binding does not know this member yet.
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
        let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
        Ok(window.fetch_with_str_and_init(&self.address, &init))
    }
}
