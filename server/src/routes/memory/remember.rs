//! `POST /memory`: remembers something, all of it or nothing. Of a private talk nothing is remembered.

use super::now;
use crate::edge::User;
use crate::knowledge::to_batch;
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use protocol::memory::{RememberReply, RememberRequest};

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory", post(remember))
}

async fn remember(
    State(state): State<AppState>,
    User(user): User,
    request: Result<Json<RememberRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<RememberReply>), ApiError> {
    let Json(RememberRequest { memories, links, private }) = request?;
    if private {
        return Err(ApiError::PrivateTalk);
    }
    let batch = to_batch(memories, links, now())?;
    let ids = batch.memories.iter().map(|memory| memory.id.as_str().to_owned()).collect();
    let remembered = state.knowledge().store().get()?.remember(&user, batch).await?;
    let reply = RememberReply { ids, added: remembered.added, links: remembered.links };
    Ok((StatusCode::CREATED, Json(reply)))
}
