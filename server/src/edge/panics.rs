//! No panic reaches a client.

use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;

/// The answer, or a typed one in place of a panic, whose text goes to the log alone.
pub(crate) async fn caught(answer: impl Future<Output = Response>) -> Response {
    // What an answer leaves behind is locks, and those are taken over where they are poisoned.
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast::<String>().map(|text| *text);
        let text = text.or_else(|panic| panic.downcast::<&str>().map(|text| (*text).to_owned()));
        tracing::error!(panic = text.as_deref().unwrap_or("no text"), "a handler panicked");
        crate::ApiError::Internal.into_response()
    })
}
