//! The browser client of Colloquy.
//!
//! * [`dom`] owns what a browser hands out: listeners, timers, futures, marks.
//! * [`rtc`] owns the call: peer connection, data channel, microphone, sound.
//! * [`service`] asks our own server over HTTP.
//! * [`shell`] is one run loop around the pure core of `conversation`: it performs effects and decides nothing.
//! * [`ui`] shows the core's view and sends intents.
//!
//! Dropping the [`shell::Driver`] releases everything that a conversation holds.

#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod dom;
pub mod rtc;
pub mod service;
pub mod shell;
pub mod ui;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
