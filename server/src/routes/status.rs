//! `GET /status`: what runs here, who answers, and how the sources of context and the memory are.

use crate::AppState;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use protocol::api::Status;
use protocol::memory::KnowledgeStatus;
use serde::Serialize;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/status", get(show_status))
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    status: Status,
    #[serde(flatten)]
    knowledge: KnowledgeStatus,
}

async fn show_status(State(state): State<AppState>) -> Json<Whole> {
    Json(Whole { status: state.status(), knowledge: state.knowledge().status() })
}
