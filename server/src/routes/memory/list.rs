//! `GET /memory?query=&kind=&page=`: one page of what is remembered, newest first; with a query, what has all its words,
//! the last of which may only have begun.

use crate::edge::User;
use crate::knowledge::page;
use crate::{ApiError, AppState};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use memory::{Cursor, ListOptions};
use protocol::memory::{MemoryKind, MemoryPage};
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/memory", get(list_memories))
}

/// What of it is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct Asked {
    /// Words that must all be there; the last may only have begun.
    #[serde(default)]
    query: String,
    kind: Option<MemoryKind>,
    /// The `next` of the page before.
    page: Option<String>,
}

async fn list_memories(
    State(state): State<AppState>,
    User(user): User,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<MemoryPage>, ApiError> {
    let Query(asked) = asked?;
    let options = options(asked)?;
    Ok(Json(page(state.knowledge().store().get()?.list(&user, &options).await?)))
}

fn options(asked: Asked) -> Result<ListOptions, ApiError> {
    let cursor =
        |text: String| Cursor::from_text(&text).ok_or_else(|| ApiError::BadRequest("there is no such `page`".into()));
    Ok(ListOptions {
        text: Some(asked.query).filter(|query| !query.trim().is_empty()),
        kinds: asked.kind.into_iter().collect(),
        after: asked.page.filter(|page| !page.is_empty()).map(cursor).transpose()?,
        ..ListOptions::default()
    })
}
