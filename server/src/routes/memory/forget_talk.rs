//! `DELETE /memory/talks/{talk}`: forgets everything that came from one talk, and what is still offered to it.

use super::Forgetting;
use crate::edge::User;
use crate::knowledge::{forgotten, to_talk};
use crate::{ApiError, AppState};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::delete;
use axum::{Json, Router};
use memory::Forget;
use protocol::memory::Forgotten;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory/talks/{talk}", delete(forget_talk))
}

async fn forget_talk(
    State(state): State<AppState>,
    User(user): User,
    talk: Result<Path<String>, PathRejection>,
) -> Result<Json<Forgotten>, ApiError> {
    let Path(talk) = talk?;
    let talk = to_talk(talk)?;
    let knowledge = state.knowledge();
    let _forgetting = Forgetting { state: &state, user: &user };
    let done = knowledge.store().get()?.forget(&user, &Forget::Talk(talk.clone())).await?;
    knowledge.context().end_talk(user.as_str(), talk.as_str());
    Ok(Json(forgotten(done)))
}
