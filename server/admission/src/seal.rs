//! Texts that somebody else keeps for us and cannot change: signed with HMAC-SHA256.

use crate::Secret;
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Signs texts for one purpose. A text that was signed for another purpose does not open.
pub struct Seal(Key);

impl Seal {
    /// A seal made from a secret.
    pub fn new(secret: &Secret, purpose: &str) -> Self {
        Self(Key::new(HMAC_SHA256, derived(secret, purpose).as_ref()))
    }

    /// The text with its signature, fit for a cookie.
    pub fn close(&self, text: &str) -> String {
        let text = URL_SAFE_NO_PAD.encode(text);
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, text.as_bytes()));
        format!("{text}.{signature}")
    }

    /// A word that stands for the text: always the same one, from which nobody without the secret finds the text.
    pub fn mark(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, text.as_bytes()))
    }

    /// The text, if the signature is ours; compared in constant time.
    pub fn open(&self, closed: &str) -> Option<String> {
        let (text, signature) = closed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.0, text.as_bytes(), &signature).ok()?;
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

/// A key of 256 bits for one purpose, made from a secret.
pub(crate) fn derived(secret: &Secret, purpose: &str) -> hmac::Tag {
    hmac::sign(&Key::new(HMAC_SHA256, secret.expose().as_bytes()), purpose.as_bytes())
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;
    use crate::Secret;

    #[test]
    fn only_the_same_secret_for_the_same_purpose_opens_it() {
        let secret = |text| Secret::new(text).expect("a secret");
        let closed = Seal::new(&secret("one"), "session").close("hello");
        assert_eq!(Seal::new(&secret("one"), "session").open(&closed).as_deref(), Some("hello"));
        assert_eq!(Seal::new(&secret("one"), "login").open(&closed), None);
        assert_eq!(Seal::new(&secret("two"), "session").open(&closed), None);
    }

    #[test]
    fn a_mark_is_the_same_for_the_same_text_and_secret_alone_and_does_not_show_the_text() {
        let mark = |secret, text| Seal::new(&Secret::new(secret).expect("a secret"), "name").mark(text);
        assert_eq!(mark("one", "alice"), mark("one", "alice"));
        assert_ne!(mark("one", "alice"), mark("one", "bob"));
        assert_ne!(mark("one", "alice"), mark("two", "alice"));
        assert!(!mark("one", "alice").contains("alice"));
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let seal = Seal::new(&Secret::new("one").expect("a secret"), "session");
        let other = seal.close("other");
        let (text, signature) = (seal.close("hello"), other.split_once('.').expect("two parts").1.to_owned());
        let text = text.split_once('.').expect("two parts").0;
        assert_eq!(seal.open(&format!("{text}.{signature}")), None);
        for wrong in ["", ".", "a", "a.b", "....", "é.é"] {
            assert_eq!(seal.open(wrong), None, "{wrong}");
        }
    }
}
