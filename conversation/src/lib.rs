//! What a conversation is: a pure state machine.
//!
//! No clock, no browser, no async. The shell around it follows one contract:
//!
//! **One mutation ([`Conversation::handle_input`] or [`Conversation::handle_timeout`]), then
//! [`Conversation::poll_effect`] until `None`, performing each effect in order; then arm one timer from
//! [`Conversation::poll_timeout`]; then read [`Conversation::view`].**

mod config;
mod effect;
mod input;
mod list;
mod time;
mod view;

pub use config::*;
pub use effect::Effect;
pub use input::*;
pub use list::List;
pub use time::{Ms, Time};
pub use view::*;

/// One conversation, from the first click to the last word.
#[derive(Debug)]
pub struct Conversation {}

/// Why the shell was asked to wake the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The attempt to connect took too long.
    Connect,
}

impl Conversation {
    /// A conversation that has not begun. `seed` is any random number: it spreads the backoff of many clients and
    /// makes identifiers unique.
    pub fn new(_config: Config, _seed: u64) -> Self {
        Self {}
    }

    /// Tells the core what happened at `now`.
    pub fn handle_input(&mut self, _now: Time, _input: Input) {}

    /// Tells the core that the time of [`Conversation::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, _now: Time) {}

    /// The next thing to do, until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        None
    }

    /// When to wake the core next, and why.
    pub fn poll_timeout(&self) -> Option<(Time, Timer)> {
        None
    }

    /// What the user can see.
    pub fn view(&self) -> View {
        View {
            phase: Phase::Idle,
            link: Link::Off,
            microphone: Microphone::Off,
            muted: false,
            user_speaking: false,
            ducked: false,
            audio_blocked: false,
            can: Can::default(),
            notice: None,
            transcript: List::default(),
            log: List::default(),
            last_turn: None,
            odd_events: 0,
        }
    }
}
