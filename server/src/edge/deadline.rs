//! An end to every request of the API, however slowly its client sends.

use super::caught;
use crate::{ApiError, AppState};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Gives a request the time that its upstream may take and a little more. A panic is answered here already, so that a
/// page of another origin, too, may read that answer.
pub(crate) async fn deadline(State(state): State<AppState>, request: Request, next: Next) -> Response {
    tokio::time::timeout(state.limits().request(), caught(next.run(request)))
        .await
        .unwrap_or_else(|_| ApiError::TooSlow.into_response())
}
