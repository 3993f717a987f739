//! `DELETE /context/watch/{name}`: ends a subscription of the user's own, by its name or by words that speak of it.

use crate::edge::User;
use crate::{ApiError, AppState};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::delete;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/context/watch/{name}", delete(unwatch))
}

async fn unwatch(
    State(state): State<AppState>,
    User(user): User,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(name) = name?;
    let ended = state.knowledge().context().unwatch(user.as_str(), &name);
    ended.then_some(StatusCode::NO_CONTENT).ok_or(ApiError::NotFound)
}
