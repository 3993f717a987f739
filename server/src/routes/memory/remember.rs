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
    let asked = memories.len();
    let batch = to_batch(memories, links, now())?;
    let named: Vec<_> = batch.memories.iter().take(asked).map(|memory| memory.id.clone()).collect();
    let remembered = state.knowledge().store().get()?.remember(&user, batch).await?;
    let kept = |id| remembered.same.iter().find(|(same, _)| *same == id).map_or(id, |(_, kept)| kept.clone());
    let ids = named.into_iter().map(|id| kept(id).to_string()).collect();
    let reply = RememberReply { ids, added: remembered.added, links: remembered.links };
    Ok((StatusCode::CREATED, Json(reply)))
}
