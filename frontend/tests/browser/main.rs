//! The client in a real browser, with its fake microphone: one binary, one page.

mod broken;
mod call;
mod driver;
mod knowledge;
mod look_up;
mod memory;
mod microphone;
mod owners;
mod page;
mod rows;
mod sound;
mod stand;
mod views;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
