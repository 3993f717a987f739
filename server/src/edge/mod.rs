//! What every request passes before it reaches a route, and every answer after it: request ids, the rendering of
//! errors, origins, deadlines, headers, and who asks.

mod boundary;
mod deadline;
mod headers;
mod measure;
mod origin;
mod panics;
mod request_id;
mod size;
mod user;
mod visit;

pub(crate) use boundary::boundary;
pub(crate) use deadline::deadline;
pub(crate) use headers::never_store;
pub use origin::Origins;
pub(crate) use origin::{comes_from_this_machine, cors, is_passed_on};
pub(crate) use panics::caught;
pub(crate) use request_id::RequestId;
pub(crate) use user::User;
pub(crate) use visit::{Caller, ask_who, count_call, count_key, count_look_up, keep_personal, visit, visit_api};
