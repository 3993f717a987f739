//! `POST /turns`: what one turn was like, as the client measured it. No word that was said is in it.

use crate::{ApiError, AppState};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use protocol::api::TurnRecord;

pub(super) fn router(largest_record: usize) -> Router<AppState> {
    Router::new().route("/turns", post(note_turn)).layer(DefaultBodyLimit::max(largest_record))
}

async fn note_turn(
    State(state): State<AppState>,
    record: Result<Json<TurnRecord>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Json(record) = record?;
    state.count_turn();
    tracing::debug!(?record, "a turn");
    Ok(StatusCode::NO_CONTENT)
}
