//! `POST /context/watch`: "keep me updated on …". What changes is told in the answers of `POST /context`, in the lane
//! of hints; and at once to the talks that follow. The answer says what is watched, where, and how often.

use crate::edge::User;
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use protocol::context::{WatchReply, WatchRequest};

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/context/watch", post(watch))
}

async fn watch(
    State(state): State<AppState>,
    User(user): User,
    request: Result<Json<WatchRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<WatchReply>), ApiError> {
    let Json(request) = request?;
    let reply = state.knowledge().context().watch(user.as_str(), request)?;
    Ok((StatusCode::CREATED, Json(reply)))
}
