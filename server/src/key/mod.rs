//! The lasting key of the upstream: where it comes from, and how it is held. It cannot be printed, it is kept in memory
//! alone, and only the upstream's client may read it.

mod doppler;
mod ring;
mod source;

pub use doppler::{Asking, Doppler};
pub(crate) use ring::{Held, KeyRing};
pub use source::{KeyError, KeySource};

use axum::http::HeaderValue;

/// A lasting key. It has no `Display` and no `Serialize`, and `Debug` shows a fixed word.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerKey(String);

impl ServerKey {
    /// Wraps a key; surrounding white space, as a file's last line has it, is dropped.
    ///
    /// Returns nothing for a text that is empty or cannot stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// A text without this key in it.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        text.replace(&self.0, "(hidden)")
    }

    /// The `Authorization` header, marked as sensitive so that no library prints it.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        bearer(&self.0)
    }

    /// The key alone as a header, as `api-key` takes it; marked as sensitive.
    pub(crate) fn bare(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(&self.0).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKey(hidden)")
    }
}

/// An `Authorization` header for a key, marked as sensitive.
pub(crate) fn bearer(key: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::ServerKey;

    #[test]
    fn a_key_does_not_print_itself_nor_do_its_headers() {
        let key = ServerKey::new(" sk-very-secret\n").expect("a key");
        let (header, bare) = (key.authorization().expect("a header"), key.bare().expect("a header"));
        assert!(!format!("{key:?} {header:?} {bare:?}").contains("secret"));
        assert_eq!((header.as_bytes(), bare.as_bytes()), (&b"Bearer sk-very-secret"[..], &b"sk-very-secret"[..]));
    }

    #[test]
    fn a_text_that_cannot_stand_in_a_header_is_no_key() {
        assert_eq!(ServerKey::new("sk-a\r\nx: y"), None);
        assert_eq!(ServerKey::new("  "), None);
    }
}
