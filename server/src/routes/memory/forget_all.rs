//! `DELETE /memory`: forgets everything of the user. Without the header that confirms it, nothing is forgotten.

use super::Forgetting;
use crate::edge::User;
use crate::knowledge::forgotten;
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::delete;
use axum::{Json, Router};
use memory::Forget;
use protocol::memory::{CONFIRM_HEADER, FORGET_EVERYTHING, Forgotten};

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory", delete(forget_everything))
}

async fn forget_everything(
    State(state): State<AppState>,
    User(user): User,
    headers: HeaderMap,
) -> Result<Json<Forgotten>, ApiError> {
    if headers.get(CONFIRM_HEADER).is_none_or(|value| value != FORGET_EVERYTHING) {
        return Err(ApiError::Unconfirmed);
    }
    let store = state.knowledge().store().get()?;
    // On its own, so that neither a deadline nor a client that goes away leaves it undone.
    let forgetting = tokio::spawn(async move {
        let _forgetting = Forgetting { state: &state, user: &user };
        store.forget(&user, &Forget::All).await
    });
    let done = forgetting.await.map_err(|_| ApiError::Internal)??;
    tracing::info!(memories = done.memories, "everything was forgotten");
    Ok(Json(forgotten(done)))
}
