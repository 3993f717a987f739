//! `GET /memory/export`: all that is remembered of the user, with its links, as one file of JSON.

use super::now;
use crate::edge::User;
use crate::{ApiError, AppState};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory/export", get(export_memories))
}

async fn export_memories(State(state): State<AppState>, User(user): User) -> Result<Response, ApiError> {
    let pieces = state.knowledge().store().get()?.export(&user, now());
    let headers =
        [(CONTENT_TYPE, "application/json"), (CONTENT_DISPOSITION, "attachment; filename=\"colloquy-memory.json\"")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
