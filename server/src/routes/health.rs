//! `GET /healthz`: whether the process answers at all; `GET /readyz`: whether it can take talks; `GET /metrics`: numbers
//! to watch. For whoever watches over it.

use crate::edge::never_store;
use crate::{ApiError, AppState};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use tokio::time::timeout;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(say_whether_ready))
        .route("/metrics", get(show_metrics))
        .layer(map_response(never_store))
}

/// What a talk needs, and whether it is there.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own to whoever looks for what is missing")]
pub(super) struct Readiness {
    ready: bool,
    /// Whether something answers at the upstream's address.
    upstream: bool,
    /// Whether limits can be counted.
    limits: bool,
    /// Whether the memory can be asked, if there is one.
    memory: bool,
    /// Whether the server is ending or closed.
    closing: bool,
}

async fn say_whether_ready(State(state): State<AppState>) -> Response {
    let closing = state.is_draining() || state.entrance().gate().is_closed();
    let (upstream, limits, memory) = tokio::join!(
        timeout(PATIENCE, state.reaches_upstream()),
        timeout(PATIENCE, state.entrance().gate().check()),
        timeout(PATIENCE, state.knowledge().store().is_ready()),
    );
    let (upstream, limits, memory) = (upstream.unwrap_or(false), matches!(limits, Ok(Ok(()))), memory.unwrap_or(false));
    let ready = upstream && limits && memory && !closing;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, upstream, limits, memory, closing })).into_response()
}

async fn show_metrics(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (parts, _) = request.into_parts();
    let known = state.entrance().identify(&parts).await?;
    if !state.shows_metrics_to(&known.visitor) {
        return Err(ApiError::NotFound);
    }
    let entrance = state.entrance();
    let text = state.metrics().text(entrance.gate().count(), entrance.audit().is_complete());
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}

/// How long whoever asks waits for each part.
const PATIENCE: Duration = Duration::from_secs(2);
