//! Counts every answer.

use crate::AppState;
use crate::error::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// Counts an answer by its route, and a failure by its word.
pub(crate) async fn measure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let method = if KNOWN.contains(&method.as_str()) { method.as_str() } else { "other" };
    let route = route.as_ref().map_or("page", MatchedPath::as_str);
    state.metrics().answered(method, route, response.status().as_u16(), started.elapsed());
    if let Some(problem) = response.extensions().get::<Problem>() {
        state.metrics().refused(problem.code());
    }
    response
}

/// Anybody can make up another one.
const KNOWN: [&str; 6] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"];
