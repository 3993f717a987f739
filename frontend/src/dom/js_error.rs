//! What JavaScript throws, converted once.

use wasm_bindgen::{JsCast, JsValue};

/// An exception or a rejection, as plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsError {
    /// The stable name, such as `NotAllowedError`.
    pub name: String,
    /// The browser's own sentence.
    pub message: String,
}

impl From<JsValue> for JsError {
    fn from(value: JsValue) -> Self {
        match value.dyn_ref::<js_sys::Error>() {
            Some(error) => Self { name: error.name().into(), message: error.message().into() },
            None => Self { name: String::new(), message: value.as_string().unwrap_or_default() },
        }
    }
}

impl std::fmt::Display for JsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.name.as_str(), self.message.as_str()) {
            ("", "") => f.write_str("unknown browser error"),
            ("", text) | (text, "") => f.write_str(text),
            (name, message) => [name, ": ", message].into_iter().try_for_each(|part| f.write_str(part)),
        }
    }
}

impl std::error::Error for JsError {}
