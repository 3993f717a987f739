//! Small questions to the page, and text on its way out of it.

use super::task::ignore;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Document, HtmlAnchorElement, Url};

/// The `content` of a `<meta>` of this name; `None` where it is absent or empty.
pub fn meta_content(name: &str) -> Option<String> {
    let element = document()?.query_selector(&["meta[name=\"", name, "\"]"].concat()).ok()??;
    element.get_attribute("content").filter(|content| !content.trim().is_empty())
}

/// Whether the page is in a hidden tab.
pub fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

/// Whether the user asked for less motion.
pub fn prefers_reduced_motion() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|query| query.matches())
}

/// Puts text on the clipboard, where the browser allows it.
pub fn copy_text(text: &str) {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return };
    // Only secure contexts have a clipboard; elsewhere the property is absent and the call would throw.
    let clipboard: JsValue = navigator.clipboard().into();
    if !clipboard.is_undefined() {
        ignore(navigator.clipboard().write_text(text));
    }
}

/// Offers text to the user as a file.
pub fn save_text(file_name: &str, text: &str) {
    // Nothing can be done about a browser that refuses; the user sees that no file came.
    drop(try_save(file_name, text));
}

fn try_save(file_name: &str, text: &str) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    if let Some(document) = document() {
        let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(file_name);
        link.click();
    }
    Url::revoke_object_url(&address)
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}
