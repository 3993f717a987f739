//! The run loop around the conversation: inputs in, effects out, one timer, one view.
//!
//! Nothing here decides anything about the conversation.

mod driver;
mod inbox;
mod levels;
mod page_events;
mod performer;
mod policy;
mod probe;
mod run_loop;

pub use driver::Driver;
pub use inbox::{Inbox, News};
pub use levels::Levels;
pub use performer::Performer;
