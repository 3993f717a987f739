//! `GET /status`: what runs here, and who answers.

use crate::AppState;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use protocol::api::Status;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/status", get(show_status))
}

async fn show_status(State(state): State<AppState>) -> Json<Status> {
    Json(state.status())
}
