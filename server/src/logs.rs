//! The log: one subscriber, to the standard error stream.

use crate::config::{LogFormat, Logs};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// Starts the log. A second start in one process changes nothing.
pub fn start(logs: &Logs) {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&logs.filter))
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    // Fails only when there is a subscriber already, as in tests, which then is the one to keep.
    let _ = match logs.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
