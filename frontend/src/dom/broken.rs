//! What the user sees when we panic: a plain message that stands in `index.html` and needs no Rust to be shown.
//!
//! After a panic nothing of ours can be trusted any more, so the hook only touches two elements.

use std::panic;

/// Shows the message of `index.html` when a panic happens, and prints the panic to the console.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show();
    }));
}

/// Tells the page's own script that the application runs, so that it stops waiting for it, and takes away the message
/// if something harmless has made the script show it.
pub fn started() {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Losing this attribute only means that the message may be shown.
        drop(root.set_attribute("data-started", ""));
    }
    if let Some(message) = message() {
        drop(message.set_attribute("hidden", ""));
    }
}

fn show() {
    if let Some(message) = message() {
        drop(message.remove_attribute("hidden"));
    }
}

fn message() -> Option<web_sys::Element> {
    document()?.get_element_by_id("broken")
}

fn document() -> Option<web_sys::Document> {
    web_sys::window().and_then(|window| window.document())
}
