//! `DELETE /memory/{id}`: forgets one memory, with its search terms, its vector and its links.

use super::{Forgetting, Named};
use crate::edge::User;
use crate::knowledge::forgotten;
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::routing::delete;
use axum::{Json, Router};
use memory::{Forget, MemoryError};
use protocol::memory::Forgotten;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory/{id}", delete(forget_memory))
}

async fn forget_memory(
    State(state): State<AppState>,
    User(user): User,
    Named(id): Named,
) -> Result<Json<Forgotten>, ApiError> {
    let _forgetting = Forgetting { state: &state, user: &user };
    let done = state.knowledge().store().get()?.forget(&user, &Forget::One(id)).await?;
    if done.memories == 0 {
        return Err(MemoryError::NotFound.into());
    }
    Ok(Json(forgotten(done)))
}
