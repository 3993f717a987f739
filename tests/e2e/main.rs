//! End to end: one behaviour a file, on the real server, the real engine and a real browser.
//!
//! One at a time: two browsers on two cores disturb each other's audio.

mod accessibility;
mod attachments;
mod barge_in;
mod context;
mod deployment;
mod firefox;
mod layout;
mod link;
mod microphone;
mod official_client;
mod official_sdks;
mod search;
mod signed_out;
mod soak;
mod spoken_turn;
mod strange_events;
mod traces;
mod typed_turn;

use std::sync::LazyLock;
use tokio::sync::Mutex;

/// Held by each test while it has a browser.
static BROWSER: LazyLock<Mutex<()>> = LazyLock::new(|| Mutex::new(()));

type Outcome = anyhow::Result<()>;
