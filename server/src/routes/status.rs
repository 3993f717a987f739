//! `GET /status`: what runs here, who answers, how the sources of context and the memory are, and what is watched for
//! whoever asks.

use super::context::name;
use crate::AppState;
use crate::edge::User;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use protocol::api::Status;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/status", get(show_status))
}

async fn show_status(State(state): State<AppState>, user: Option<User>) -> Json<Status> {
    Json(state.status(name(user.as_ref())))
}
