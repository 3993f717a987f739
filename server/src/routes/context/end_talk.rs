//! `DELETE /context/talks/{talk}`: the talk is over. What it still looks up is stopped, and what came too late for it is
//! forgotten.

use crate::edge::User;
use crate::{ApiError, AppState};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::delete;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/context/talks/{talk}", delete(end_talk))
}

async fn end_talk(
    State(state): State<AppState>,
    user: Option<User>,
    talk: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(talk) = talk?;
    state.knowledge().context().end_talk(super::name(user.as_ref()), &talk);
    Ok(StatusCode::NO_CONTENT)
}
