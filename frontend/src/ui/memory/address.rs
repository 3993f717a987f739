//! The address of the memory's view within the page.

use web_sys::Location;

const HASH: &str = "#memory";

/// Whether the page is at it.
pub(in crate::ui) fn is_wanted() -> bool {
    here().is_some()
}

/// Leaves it, if the page is at it.
pub(in crate::ui) fn leave() {
    if let Some(location) = here() {
        // Going back must not lead to it again. A part of an address that is empty is never refused.
        drop(location.replace("#"));
    }
}

/// The page's address, if it is that of the view.
fn here() -> Option<Location> {
    let location = web_sys::window().map(|window| window.location());
    location.filter(|location| location.hash().is_ok_and(|hash| hash == HASH))
}
