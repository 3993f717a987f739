//! The message that stands in the page for when nothing of ours can be trusted any more.

use crate::stand::{holds, js};
use colloquy_frontend::dom::broken;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn it_is_taken_away_when_the_application_starts() {
    js(
        "document.getElementById('broken')?.remove(); document.body.insertAdjacentHTML('beforeend', '<p id=broken></p>')",
    );
    broken::started();
    assert!(holds("document.getElementById('broken').hidden && 'started' in document.documentElement.dataset"));
    js("document.getElementById('broken').remove()");
}
