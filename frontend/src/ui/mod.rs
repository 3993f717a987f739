//! The page: parts that show the view and send intents.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

mod announcer;
mod app;
mod composer;
mod controls;
mod countdown;
mod dispatch;
mod event_log;
mod figures;
mod icon;
mod link_status;
mod log_text;
mod notice_card;
mod orb;
mod page;
mod part;
mod phase_words;
mod shortcuts;
mod talk;
mod transcript;
mod transcript_row;

pub use app::App;
pub use dispatch::Dispatch;
pub use page::Page;
