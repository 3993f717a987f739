//! What every request passes before it reaches a route, and every answer after it: request ids, the rendering of
//! errors, origins, deadlines, headers, and who asks.

mod boundary;
mod deadline;
mod headers;
mod origin;
mod request_id;
mod user;

pub(crate) use boundary::boundary;
pub(crate) use deadline::deadline;
pub(crate) use headers::{never_store, secure};
pub use origin::Origins;
pub(crate) use origin::{cors, guard};
pub(crate) use request_id::RequestId;
pub(crate) use user::User;

use axum::response::{IntoResponse, Response};
use std::any::Any;

/// Turns a panic of a handler into a typed answer; its text goes to the log alone.
pub(crate) fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|panic| panic.downcast::<&str>().map(|text| (*text).to_owned()));
    tracing::error!(panic = text.as_deref().unwrap_or("no text"), "a handler panicked");
    crate::ApiError::Internal.into_response()
}
