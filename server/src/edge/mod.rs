//! What every request passes before it reaches a route, and every answer after it: request ids, the rendering of
//! errors, origins, deadlines, headers, and who asks.

mod boundary;
mod deadline;
mod headers;
mod measure;
mod origin;
mod request_id;
mod size;
mod user;
mod visit;

pub(crate) use boundary::boundary;
pub(crate) use deadline::deadline;
pub(crate) use headers::{never_store, secure};
pub(crate) use measure::measure;
pub use origin::Origins;
pub(crate) use origin::{comes_from_this_machine, cors, guard};
pub(crate) use request_id::RequestId;
pub(crate) use size::limit_size;
pub(crate) use user::User;
pub(crate) use visit::{ask_who, count_call, count_end, count_key, count_look_up, recognise, write_down};

use axum::response::{IntoResponse, Response};
use std::any::Any;

/// Turns a panic of a handler into a typed answer; its text goes to the log alone.
pub(crate) fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|panic| panic.downcast::<&str>().map(|text| (*text).to_owned()));
    tracing::error!(panic = text.as_deref().unwrap_or("no text"), "a handler panicked");
    crate::ApiError::Internal.into_response()
}
