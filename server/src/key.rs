//! The lasting key of the upstream: it cannot be printed, and only the upstream's client may read it.

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

    /// The `Authorization` header, marked as sensitive so that no library prints it.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        bearer(&self.0)
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
    fn a_key_does_not_print_itself_nor_does_its_header() {
        let key = ServerKey::new(" sk-very-secret\n").expect("a key");
        let header = key.authorization().expect("a header");
        assert!(!format!("{key:?} {header:?}").contains("secret"));
        assert_eq!(header.as_bytes(), b"Bearer sk-very-secret");
    }

    #[test]
    fn a_text_that_cannot_stand_in_a_header_is_no_key() {
        assert_eq!(ServerKey::new("sk-a\r\nx: y"), None);
        assert_eq!(ServerKey::new("  "), None);
    }
}
