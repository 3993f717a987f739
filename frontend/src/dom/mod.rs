//! Owners for what a browser hands out, so that dropping the owner gives it back.

pub mod broken;
mod calendar;
mod clock;
mod frame_loop;
mod js_error;
mod listener;
mod marks;
mod page;
mod picture;
mod seed;
mod task;
mod timer;

pub use calendar::{unix_at_zero, zone};
pub use clock::now;
pub use frame_loop::FrameLoop;
pub use js_error::JsError;
pub use listener::Listener;
pub use marks::Marks;
pub use page::{copy_text, is_hidden, meta_content, prefers_reduced_motion, save_text};
pub use picture::shrink;
pub use seed::random_seed;
pub use task::{Task, ignore, run_to_end};
pub use timer::Timer;
