//! `/memory`: what is remembered of the user, to be seen, corrected, forgotten and taken along.
//!
//! Every route is about the one [`User`](crate::edge::User) who asks and answers nobody else. These routes are the
//! user's own look at the memory: personal data is in them. What a talk is given comes through `POST /context`.

mod correct;
mod export;
mod forget;
mod forget_all;
mod forget_talk;
mod list;
mod remember;
mod show;

pub(super) use list::Asked;

use crate::knowledge::to_id;
use crate::{ApiError, AppState};
use ::memory::{MemoryId, Timestamp, UserId};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::http::request::Parts;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn router(largest_body: usize) -> Router<AppState> {
    Router::new()
        .merge(list::router())
        .merge(remember::router())
        .merge(show::router())
        .merge(correct::router())
        .merge(forget::router())
        .merge(forget_talk::router())
        .merge(forget_all::router())
        .merge(export::router())
        .layer(DefaultBodyLimit::max(largest_body))
}

/// The memory that the path names.
struct Named(MemoryId);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        let Path(id) = path?;
        to_id("id", id).map(Self)
    }
}

/// Of what is forgotten or changed, no talk of the user offers anything when this has gone: also where whoever asked for
/// it does not wait for the end.
struct Forgetting<'a> {
    state: &'a AppState,
    user: &'a UserId,
}

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        self.state.knowledge().context().forget_memory(self.user.as_str());
    }
}

/// The present; a clock set before 1970 counts as 1970.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
