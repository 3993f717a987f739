//! `GET /memory/{id}`: one memory with all that hangs on it.

use super::Named;
use crate::edge::User;
use crate::knowledge::detail;
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use memory::MemoryError;
use protocol::memory::MemoryDetail;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory/{id}", get(show_memory))
}

async fn show_memory(
    State(state): State<AppState>,
    User(user): User,
    Named(id): Named,
) -> Result<Json<MemoryDetail>, ApiError> {
    let found = state.knowledge().store().get()?.get(&user, &id).await?;
    Ok(Json(detail(found.ok_or(MemoryError::NotFound)?)))
}
