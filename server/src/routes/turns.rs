//! `POST /turns`: what one turn was like, as the client measured it. No word that was said is in it.

use crate::entrance::{Known, now};
use crate::{ApiError, AppState};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use protocol::api::TurnRecord;

pub(super) fn router(largest_record: usize) -> Router<AppState> {
    Router::new().route("/turns", post(note_turn)).layer(DefaultBodyLimit::max(largest_record))
}

async fn note_turn(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    record: Result<Json<TurnRecord>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Json(record) = record?;
    state.count_turn();
    state.metrics().turn(&record.outcome, record.usage.as_ref());
    if let Some(usage) = &record.usage {
        state.entrance().gate().reported(&known.visitor, usage, now()).await;
    }
    tracing::debug!(?record, "a turn");
    Ok(StatusCode::NO_CONTENT)
}
