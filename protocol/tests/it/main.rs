//! The wire as a whole: every event both ways, a second opinion, hostile input, and what must never be printed.
//!
//! Everything but the second opinion runs natively and in WebAssembly.

// The workspace knows this crate by its short name.
extern crate colloquy_protocol as protocol;

mod events;
mod hostile;
#[cfg(not(target_arch = "wasm32"))]
mod oracle;
mod refusals;
mod requests;
mod secrets;
mod session_values;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// One realistic event a line; of each type the first line is the most common form.
const CLIENT_FIXTURES: &str = include_str!("../../fixtures/client.jsonl");

/// The same from the service.
const SERVER_FIXTURES: &str = include_str!("../../fixtures/server.jsonl");

/// How many generated cases a property gets: a browser's single thread is slow.
const CASES: u32 = if cfg!(target_arch = "wasm32") { 32 } else { 512 };

/// A property's settings. Failures are printed, not written to files, because a browser has none.
fn cases() -> proptest::test_runner::Config {
    proptest::test_runner::Config { cases: CASES, failure_persistence: None, ..Default::default() }
}
