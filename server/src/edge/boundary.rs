//! The outermost layer: names the request, opens its span, renders an error with that name, logs the answer once.

use super::RequestId;
use crate::error::Problem;
use crate::traces::continue_trace;
use axum::extract::Request;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

/// Wraps everything else. No header and no body is ever logged.
pub(crate) async fn boundary(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let span =
        tracing::info_span!("request", id = id.as_str(), method = %request.method(), path = request.uri().path());
    continue_trace(&span, request.headers());
    request.extensions_mut().insert(id.clone());
    answer(request, next, id).instrument(span).await
}

async fn answer(request: Request, next: Next, id: RequestId) -> Response {
    let started = Instant::now();
    let version = request.version();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.render(response, &id);
    }
    if let Some(value) = id.header() {
        response.headers_mut().insert(RequestId::HEADER, value);
    }
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && version < Version::HTTP_2 {
        // Nobody reads the rest, so the connection ends; a client that is not told would lose its next request there.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    tracing::debug!(status = response.status().as_u16(), ms = started.elapsed().as_millis() as u64, "answered");
    response
}
