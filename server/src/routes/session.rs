//! `POST /session` and `GET /session`: a short-lived key for one browser. The lasting key stays here.

use crate::{ApiError, AppState, Purpose};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/session", get(mint_key).post(mint_key))
}

/// The one place where a key is written out: the answer to the browser that it is for.
#[derive(Serialize)]
struct Minted<'a> {
    value: &'a str,
    expires_at: u64,
}

async fn mint_key(State(state): State<AppState>) -> Result<Response, ApiError> {
    let reply =
        state.upstream().mint_key().await.map_err(|error| ApiError::Upstream { purpose: Purpose::Key, error })?;
    tracing::info!(expires_at = reply.expires_at, "minted a key");
    Ok(Json(Minted { value: reply.value.expose(), expires_at: reply.expires_at }).into_response())
}
