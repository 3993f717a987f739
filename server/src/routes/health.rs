//! `GET /healthz`: whether the process answers at all; `GET /readyz`: whether it can take talks; `GET /metrics`: numbers
//! to watch. For whoever watches over it.

use crate::edge::never_store;
use crate::vitals::Fault;
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
use std::time::Instant;

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
    /// Whether the memory can be written, if there is one.
    memory: bool,
    /// Whether the audit log can be written, if there is one.
    audit: bool,
    /// Whether the server is ending or closed.
    closing: bool,
    /// Why it is not ready, a sentence each; in detail for those who may see `/metrics`.
    reasons: Vec<String>,
    /// What of the upstream went wrong within the last minute, ready or not: a sentence each, for those alone who may see
    /// `/metrics`.
    warnings: Vec<String>,
}

async fn say_whether_ready(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let vitals = state.vitals().await;
    let known = state.entrance().identify(&parts).await;
    let in_detail = known.is_ok_and(|known| state.shows_metrics_to(&known));
    let said =
        |fault: &Fault| if in_detail { format!("{}: {}", fault.plain, fault.detail) } else { fault.plain.to_owned() };
    let ending = state.is_draining().then_some("the server is ending");
    let closed = state.entrance().gate().is_closed().then_some("the operator has closed the server");
    let reasons: Vec<String> =
        vitals.faults().map(said).chain([ending, closed].into_iter().flatten().map(str::to_owned)).collect();
    let readiness = Readiness {
        ready: reasons.is_empty(),
        upstream: vitals.upstream.is_none(),
        limits: vitals.limits.is_none(),
        memory: vitals.memory.is_none(),
        audit: vitals.audit.is_none(),
        closing: ending.or(closed).is_some(),
        reasons,
        warnings: if in_detail { state.troubles().lately(Instant::now()) } else { Vec::new() },
    };
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

async fn show_metrics(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (parts, _) = request.into_parts();
    let known = state.entrance().identify(&parts).await?;
    if !state.shows_metrics_to(&known) {
        return Err(ApiError::NotFound);
    }
    let entrance = state.entrance();
    let text = state.metrics().text(entrance.gate(), entrance.audit());
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}
