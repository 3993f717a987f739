//! The memory's view as a program of its own, which the page fetches when somebody looks at what is remembered.

#![deny(clippy::unwrap_used, clippy::expect_used)]

use colloquy_frontend::dom::broken;
use colloquy_frontend::service::Service;
use colloquy_frontend::ui::memory;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

fn main() {
    broken::install_panic_hook();
}

/// Shows the view in this element until it is closed.
#[wasm_bindgen]
pub async fn open(place: Element) {
    memory::show(place, Service::from_page()).await;
}
