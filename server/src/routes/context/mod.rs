//! `/context`: what is looked up while somebody speaks, what is watched, and the end of a talk.

mod end_talk;
mod look_up;
mod unwatch;
mod watch;

use crate::AppState;
use crate::edge::User;
use axum::Router;
use axum::extract::DefaultBodyLimit;

pub(super) fn router(largest_question: usize) -> Router<AppState> {
    Router::new()
        .merge(look_up::router())
        .merge(watch::router())
        .merge(unwatch::router())
        .merge(end_talk::router())
        .layer(DefaultBodyLimit::max(largest_question))
}

/// Whose talk it is; nobody's for somebody who may be anybody.
pub(super) fn name(user: Option<&User>) -> &str {
    user.map_or("", |User(user)| user.as_str())
}
