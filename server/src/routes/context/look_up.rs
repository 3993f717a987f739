//! `POST /context`: looks things up while somebody speaks. The answer is a line of JSON for each event, written when it
//! happens; it ends when the last source has answered or reached its own limit, and with it ends the look-up when the
//! client goes away. The deadline of requests ends with the answer's head and does not cut it.

use super::name;
use crate::edge::User;
use crate::{ApiError, AppState};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::StreamExt;
use protocol::context::{ContextEvent, ContextRequest};

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
    let events = state.knowledge().context().look_up(name(user.as_ref()), request).ok_or(ApiError::Ending)?;
    // What is there already goes out as one piece: the page wakes up once, not for every line.
    let lines = events.ready_chunks(MOST_AT_ONCE).map(|events| lines(&events));
    Ok(([(CONTENT_TYPE, "application/x-ndjson"), UNBUFFERED], Body::from_stream(lines)).into_response())
}

fn lines(events: &[ContextEvent]) -> Result<Bytes, serde_json::Error> {
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines.into())
}

/// How many events are written as one piece at most.
const MOST_AT_ONCE: usize = 64;

/// Asks a proxy in front to pass each line on at once.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");
