//! Which ICE servers a call may use: none unless the page names some.

use crate::dom::meta_content;
use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast, JsValue};

/// A list of `RTCIceServer` as the browser wants it.
#[derive(Clone, Debug)]
pub struct IceServers(Array);

impl IceServers {
    /// The list of `<meta name="colloquy-ice-servers" content='[{"urls":"turn:…"}]'>`; empty where there is none or
    /// where it is not a JSON list.
    pub fn from_page() -> Self {
        let list = meta_content("colloquy-ice-servers").and_then(|text| JSON::parse(&text).ok());
        Self(list.and_then(|list| list.dyn_into().ok()).unwrap_or_default())
    }

    /// The list itself.
    pub fn as_js(&self) -> &JsValue {
        &self.0
    }
}
