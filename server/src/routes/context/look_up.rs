//! `POST /context`: looks things up while somebody speaks. The answer is a line of JSON for each event, written when it
//! happens; it ends when the last source has answered or reached its own limit, and with it ends the look-up when the
//! client goes away. The deadline of requests ends with the answer's head and does not cut it.
//!
//! An answer that follows stays open for as long as the talk: then a blank line is written now and then, so that nobody
//! in between takes it for dead.

use super::name;
use crate::edge::User;
use crate::knowledge::to_zone;
use crate::{ApiError, AppState};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::{Stream, StreamExt, stream};
use protocol::context::{ContextEvent, ContextRequest};
use std::time::Duration;
use tokio::time::timeout;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/context", post(look_up_context))
}

async fn look_up_context(
    State(state): State<AppState>,
    user: Option<User>,
    request: Result<Json<ContextRequest>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(request) = request?;
    if request.talk.is_empty() {
        return Err(ApiError::BadRequest("`talk` is empty, and one talk would cancel another".into()));
    }
    to_zone(request.zone.as_deref())?;
    let (context, user) = (state.knowledge().context(), name(user.as_ref()));
    let body = if request.follow {
        Body::from_stream(kept_alive(written(context.follow(user, &request.talk)?)))
    } else {
        Body::from_stream(written(context.look_up(user, request).ok_or(ApiError::Ending)?))
    };
    Ok(([(CONTENT_TYPE, "application/x-ndjson"), UNBUFFERED], body).into_response())
}

/// What is there already goes out as one piece: the page wakes up once, not for every line.
fn written(events: impl Stream<Item = ContextEvent>) -> impl Stream<Item = Result<Bytes, serde_json::Error>> {
    events.ready_chunks(MOST_AT_ONCE).map(|events| lines(&events))
}

/// The pieces, and a blank line wherever none has come for a while.
fn kept_alive<E>(pieces: impl Stream<Item = Result<Bytes, E>>) -> impl Stream<Item = Result<Bytes, E>> {
    stream::unfold(Box::pin(pieces), async |mut pieces| {
        let next = timeout(SILENCE, pieces.next()).await;
        Some((next.unwrap_or(Some(Ok(Bytes::from_static(b"\n"))))?, pieces))
    })
}

fn lines(events: &[ContextEvent]) -> Result<Bytes, serde_json::Error> {
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines.into())
}

/// Proxies end an answer in which nothing comes for a minute or less.
const SILENCE: Duration = Duration::from_secs(20);

/// How many events are written as one piece at most.
const MOST_AT_ONCE: usize = 64;

/// Asks a proxy in front to pass each line on at once.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");
