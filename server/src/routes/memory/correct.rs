//! `PATCH /memory/{id}`: corrects a memory. What it said before is gone.

use super::{Forgetting, Named, now};
use crate::edge::User;
use crate::knowledge::{correction, entry};
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::routing::patch;
use axum::{Json, Router};
use protocol::memory::{Memory, MemoryCorrection};

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory/{id}", patch(correct_memory))
}

async fn correct_memory(
    State(state): State<AppState>,
    User(user): User,
    Named(id): Named,
    change: Result<Json<MemoryCorrection>, JsonRejection>,
) -> Result<Json<Memory>, ApiError> {
    let Json(change) = change?;
    let _forgetting = Forgetting { state: &state, user: &user };
    let store = state.knowledge().store().get()?;
    Ok(Json(entry(store.correct(&user, &id, correction(change), now()).await?)))
}
