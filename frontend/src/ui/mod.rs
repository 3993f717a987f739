//! The page: parts that show the view and send intents.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

mod age;
mod announcer;
mod app;
mod attach;
mod attachment;
mod citations;
mod composer;
mod context_panel;
mod controls;
mod countdown;
mod dispatch;
mod event_log;
mod figures;
mod icon;
mod ledger;
mod link_status;
mod log_text;
mod markup;
pub mod memory;
mod memory_door;
mod memory_tools;
mod notes;
mod notice_card;
mod orb;
mod page;
mod part;
mod phase_words;
mod search_banner;
mod shortcuts;
mod talk;
mod transcript;
mod transcript_row;

pub use app::App;
pub use dispatch::Dispatch;
pub use page::Page;
