//! The outermost layer, for the page as well as for the API: names the request, opens its span, refuses what is too
//! large, survives a panic, counts the answer, renders an error with the request's name and secures the answer.
//!
//! One function instead of a layer for each of these: every layer costs each request several allocations.

use super::headers::{hide_secrets, secure};
use super::measure::Measured;
use super::size::check_size;
use super::visit::turn_away;
use super::{RequestId, caught};
use crate::AppState;
use crate::error::Problem;
use crate::traces::{continue_trace, note_failure, note_status};
use crate::troubles::Troubles;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// Wraps everything else. No header and no body is ever logged.
pub(crate) async fn boundary(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let measured = Measured::begin(&request);
    let span = span(&state, &request, &id, &measured);
    continue_trace(&span, request.headers());
    request.extensions_mut().insert(id.clone());
    hide_secrets(request.headers_mut());
    answer(state, request, next, id, measured).instrument(span).await
}

/// The span of a request: for the log its name and what it asks for, and more where traces are sent.
fn span(state: &AppState, request: &Request, id: &RequestId, measured: &Measured) -> Span {
    let traced = state.is_traced();
    let (method, route, path) = (measured.method(), measured.route(), request.uri().path());
    let name = || match (method.unwrap_or("HTTP"), route) {
        (method, Some(route)) => format!("{method} {route}"),
        (method, None) => method.to_owned(),
    };
    tracing::info_span!(
        "request",
        id = id.as_str(),
        method = %request.method(),
        path,
        otel.name = traced.then(name),
        otel.kind = traced.then_some("server"),
        http.request.method = traced.then_some(method.unwrap_or("_OTHER")),
        http.route = route.filter(|_| traced),
        url.path = traced.then_some(path),
        http.response.status_code = Empty,
        otel.status_code = Empty,
        "error.type" = Empty,
    )
}

async fn answer(state: AppState, request: Request, next: Next, id: RequestId, measured: Measured) -> Response {
    let version = request.version();
    let response = match check_size(&request, state.limits().largest_body()) {
        Ok(()) => caught(next.run(request)).await,
        Err(error) => turn_away(&state, request, error).await,
    };
    let after = measured.end(state.metrics(), &response);
    if state.is_traced() {
        note(&response);
    }
    let mut response = named(response, &id, state.troubles());
    secure(response.headers_mut(), state.is_https_for_good());
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && version < Version::HTTP_2 {
        // Nobody reads the rest, so the connection ends; a client that is not told would lose its next request there.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    tracing::debug!(status = response.status().as_u16(), ms = after.as_millis() as u64, "answered");
    response
}

/// Notes the answer on the request's span.
fn note(response: &Response) {
    let (span, status) = (Span::current(), response.status());
    note_status(&span, status);
    if status.is_server_error() {
        let code = response.extensions().get::<Problem>().map(Problem::code);
        note_failure(&span, code.unwrap_or(status.as_str()));
    }
}

/// The answer with the request's name: in a header, and in the body of an error, which is written here.
fn named(mut response: Response, id: &RequestId, troubles: &Troubles) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        problem.log(response.status(), troubles, Instant::now());
        response = problem.render(response, id);
    }
    if let Some(value) = id.header() {
        response.headers_mut().insert(RequestId::HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::edge::{RequestId, caught};
    use crate::troubles::Troubles;
    use axum::body::to_bytes;
    use axum::http::HeaderMap;
    use protocol::api::{ErrorBody, error_code};

    #[tokio::test]
    async fn a_panic_becomes_a_typed_answer_that_tells_nothing_of_it() {
        let response = caught(async { panic!("a secret") }).await;
        let response = named(response, &RequestId::of(&HeaderMap::new()), &Troubles::default());
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 10_000).await.expect("a body");
        let error: ErrorBody = serde_json::from_slice(&body).expect("an error body");
        assert_eq!(error.code, error_code::INTERNAL);
        assert!(!error.message.contains("secret"));
    }
}
