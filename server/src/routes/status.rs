//! `GET /status`: what runs here, who answers, and how the sources of context and the memory are.

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
