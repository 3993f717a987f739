//! The longest address and the largest body that are taken, by what is told of them.

use crate::{ApiError, AppState};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses addresses that are longer than any of ours, and bodies that tell of themselves to be larger than any that is
/// taken, before anything reads them. What a body really is, each route sees for itself.
pub(crate) async fn limit_size(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if length > LONGEST_ADDRESS {
        return ApiError::UriTooLong.into_response();
    }
    let told = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if told.is_some_and(|bytes: usize| bytes > state.limits().largest_body()) {
        return ApiError::TooLarge.into_response();
    }
    next.run(request).await
}

/// A provider's answer to a login is the longest.
const LONGEST_ADDRESS: usize = 4 * 1024;
