//! What a conversation is: a pure state machine.
//!
//! No clock, no browser, no async. The shell around it follows one contract:
//!
//! **One mutation ([`Conversation::handle_input`] or [`Conversation::handle_timeout`]), then
//! [`Conversation::poll_effect`] until `None`, performing each effect in order; then arm one timer from
//! [`Conversation::poll_timeout`]; then read [`Conversation::view`].**
//!
//! A second mutation before the drain is a fault of the shell and caught in debug builds. An answer to an effect is an
//! input that carries the effect's [`Attempt`]; one that comes too late is dropped here, so the shell may simply
//! deliver it. Nothing received from outside can make the core panic.

mod barge_in;
mod citation;
mod config;
mod context;
mod conversation;
mod digits;
mod effect;
mod input;
mod letters;
mod link;
mod list;
mod log;
mod loss;
mod memory;
mod microphone;
mod notice;
mod outbox;
mod playback;
mod random;
mod response;
mod time;
mod timer;
mod tools;
mod trace;
mod transcript;
mod turn;
mod turns;
mod view;
mod wire;

pub use config::*;
pub use conversation::Conversation;
pub use digits::padded;
pub use effect::{Effect, Errand};
pub use input::*;
pub use list::List;
pub use time::{Ms, Time};
pub use timer::Timer;
pub use view::*;
