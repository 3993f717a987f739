//! Static tokens: kept as hashes, compared in constant time.

use crate::{Identity, Way};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Static tokens by whom they belong to. The tokens themselves are not kept.
#[derive(Clone, Default)]
pub struct Tokens(Vec<(Identity, [u8; 32])>);

/// Why a text is no token. It never repeats the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is no name before the colon.
    #[error("a token is written as NAME:TOKEN or NAME:sha256:HASH")]
    Form,
    /// It could be guessed.
    #[error("a token has at least 24 characters, all of them visible ones")]
    Weak,
    /// Its hash is none.
    #[error("a token's hash is 64 hexadecimal digits, and not the hash of nothing")]
    Hash,
    /// Two have the same name.
    #[error("two tokens have the same name")]
    Twice,
    /// Nobody could say who has shown it.
    #[error("two names have the same token")]
    Shared,
}

impl Tokens {
    /// Takes tokens as `NAME:TOKEN`, or as `NAME:sha256:HASH` with the token's SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// The first fault found.
    pub fn new<'a>(list: impl IntoIterator<Item = &'a str>) -> Result<Self, TokenError> {
        let mut tokens = Self::default();
        for text in list {
            let (name, token) = text.trim().split_once(':').ok_or(TokenError::Form)?;
            let name = Identity::new(Way::Token, name).ok_or(TokenError::Form)?;
            if tokens.0.iter().any(|(other, _)| *other == name) {
                return Err(TokenError::Twice);
            }
            let hash = match token.strip_prefix("sha256:") {
                Some(hash) => bytes(hash).filter(|hash| *hash != self::hash("")).ok_or(TokenError::Hash)?,
                None if is_strong(token) => hash(token),
                None => return Err(TokenError::Weak),
            };
            if tokens.0.iter().any(|(_, other)| *other == hash) {
                return Err(TokenError::Shared);
            }
            tokens.0.push((name, hash));
        }
        Ok(tokens)
    }

    /// Whose a token is. Every token is compared, each in constant time, so that time tells nothing.
    pub fn find(&self, token: &str) -> Option<&Identity> {
        let hash = hash(token);
        self.0.iter().fold(None, |found, (identity, known)| {
            let same = verify_slices_are_equal(&hash, known).is_ok();
            if same { Some(identity) } else { found }
        })
    }

    /// A word for somebody's token, another one for each token. It is not to be shown: a weak token could be guessed
    /// from it.
    pub fn print_of(&self, owner: &Identity) -> Option<String> {
        let (_, hash) = self.0.iter().find(|(identity, _)| identity == owner)?;
        Some(URL_SAFE_NO_PAD.encode(hash))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(identity, _)| identity)).finish()
    }
}

fn is_strong(token: &str) -> bool {
    token.len() >= 24 && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

fn hash(token: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{TokenError, Tokens};

    const TOKEN: &str = "0123456789abcdef01234567";

    #[test]
    fn a_token_names_its_owner_whether_it_was_given_or_its_hash() {
        let hash = "alice:sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let tokens = Tokens::new([hash, &format!("bob:{TOKEN}")]).expect("tokens");
        assert_eq!(tokens.find("test").map(super::Identity::as_str), Some("token:alice"));
        assert_eq!(tokens.find(TOKEN).map(super::Identity::as_str), Some("token:bob"));
        assert_eq!(tokens.find(&TOKEN[1..]), None);
        assert!(!format!("{tokens:?}").contains(TOKEN));
    }

    #[test]
    fn what_could_be_guessed_or_is_ambiguous_is_refused() {
        let refused = |list: &[&str]| Tokens::new(list.iter().copied()).expect_err("refused");
        assert_eq!(refused(&["alice"]), TokenError::Form);
        assert_eq!(refused(&["alice:secret"]), TokenError::Weak);
        assert_eq!(refused(&["alice:sha256:12"]), TokenError::Hash);
        let of_nothing = "alice:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(refused(&[of_nothing]), TokenError::Hash);
        assert_eq!(refused(&[&format!("a:{TOKEN}"), &format!("a:{TOKEN}x")]), TokenError::Twice);
        assert_eq!(refused(&[&format!("a:{TOKEN}"), &format!("b:{TOKEN}")]), TokenError::Shared);
    }
}
