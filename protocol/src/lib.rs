//! What travels on a wire, and nothing else.
//!
//! Two wires are described here: the realtime protocol (client and server events, items, responses and session
//! configuration as the generally available service speaks them) and the small HTTP API between our own page and our
//! own server. The crate depends on serde alone, reads no clock and knows no browser, so the client, the server and
//! the local engine share it.
//!
//! * Reading events is lenient: unknown fields are ignored, an unknown `type` becomes `Unknown`.
//! * Reading a session configuration, the body of a `response.create` or a request for a key is strict, as the
//!   service is: one unknown key or value out of range is an error that names the field.
//! * Keys and credentials do not print: see [`EphemeralKey`].

pub mod api;
mod client;
mod client_secret;
pub mod context;
mod error;
mod event;
mod fields;
mod gist;
mod id;
mod item;
mod json;
pub mod memory;
mod patch;
mod reader;
mod response;
#[cfg(feature = "schema")]
mod schema;
mod secret;
mod server;
pub mod session;
pub mod tools;
mod usage;
mod writer;

pub use client::*;
pub use client_secret::{ClientSecretReply, ClientSecretRequest};
pub use error::{FieldError, ParseError, ServiceError, code};
pub use gist::{Gist, ItemGist, ResponseGist};
pub use id::{CallId, ConversationId, EventId, ItemId, MAX_CLIENT_ID_CHARS, MAX_EVENT_ID_CHARS, ResponseId, SessionId};
pub use item::*;
pub use patch::Patch;
pub use response::*;
pub use secret::EphemeralKey;
pub use server::*;
pub use session::{Session, SessionConfig};
pub use usage::*;
pub use writer::to_json;
