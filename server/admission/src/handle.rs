//! Handles: what a browser gets in place of the upstream's key.
//!
//! A handle is the upstream's key with its end and its owner, sealed with AES-256-GCM-SIV. The servers that share the
//! secret open it, and nobody else: whoever had the upstream's key itself could call there past every limit. No server
//! has to remember what it gave.

use crate::seal::derived;
use crate::{Identity, Secret, Visitor};
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::EphemeralKey;

/// Makes and opens handles.
pub struct Handles(RandomizedNonceKey);

/// What a handle stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The upstream's key.
    pub key: EphemeralKey,
    /// Whom it was given to, if that is known.
    pub owner: Option<Identity>,
    /// The owner's mail address, where an OpenID provider has verified it.
    pub mail: Option<String>,
}

impl Handles {
    /// Handles that are sealed with a secret. None if the system cannot seal.
    pub fn new(secret: &Secret) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM_SIV, derived(secret, "handle").as_ref()).ok().map(Self)
    }

    /// A handle for a visitor that opens until a time, in seconds of Unix time. It looks like a key of the upstream's.
    /// None if the system gives no randomness.
    pub fn give(&self, key: &EphemeralKey, visitor: &Visitor, until: u64) -> Option<EphemeralKey> {
        let owner = visitor.identity.as_ref().map_or("", Identity::as_str);
        let mail = visitor.mail.as_deref().unwrap_or("");
        let mut bytes = Vec::with_capacity(owner.len() + mail.len() + key.expose().len() + MORE);
        bytes.extend_from_slice(&until.to_be_bytes());
        for text in [owner, mail] {
            bytes.extend_from_slice(&u16::try_from(text.len()).ok()?.to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(key.expose().as_bytes());
        let nonce = self.0.seal_in_place_append_tag(Aad::empty(), &mut bytes).ok()?;
        bytes.extend_from_slice(nonce.as_ref());
        let mut text = String::with_capacity(PREFIX.len() + bytes.len().div_ceil(3) * 4);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&bytes, &mut text);
        Some(EphemeralKey::new(text))
    }

    /// What a handle stands for, if it is ours and has not expired.
    pub fn open(&self, handle: &str, now: u64) -> Option<Granted> {
        let mut bytes = URL_SAFE_NO_PAD.decode(handle.strip_prefix(PREFIX)?).ok()?;
        let length = bytes.len().checked_sub(NONCE_LEN)?;
        let (sealed, nonce) = bytes.split_at_mut_checked(length)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.0.open_in_place(nonce, Aad::empty(), sealed).ok()?;
        let (until, rest) = plain.split_first_chunk()?;
        let (owner, rest) = text_of(rest)?;
        let (mail, key) = text_of(rest)?;
        let granted = Granted {
            key: EphemeralKey::new(std::str::from_utf8(key).ok()?),
            owner: owner.map(Identity::written),
            mail,
        };
        (now < u64::from_be_bytes(*until)).then_some(granted)
    }
}

/// The text that bytes begin with, if it is not empty, and what follows it.
fn text_of(bytes: &[u8]) -> Option<(Option<String>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let text = std::str::from_utf8(text).ok()?;
    Some(((!text.is_empty()).then(|| text.to_owned()), rest))
}

impl std::fmt::Debug for Handles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handles(hidden)")
    }
}

/// Official clients take nothing else.
const PREFIX: &str = "ek_";

/// How many bytes a handle has besides its texts: the end, the lengths of two of them, the tag and the nonce.
const MORE: usize = 8 + 2 * 2 + 16 + NONCE_LEN;

#[cfg(test)]
mod tests {
    use super::{Granted, Handles};
    use crate::{Identity, Secret, Visitor, Way};
    use protocol::EphemeralKey;

    const KEY: &str = "ek_68af296e8e408191a1120ab6383263c2";

    fn handles(secret: &str) -> Handles {
        Handles::new(&Secret::new(secret).expect("a secret")).expect("handles")
    }

    fn alice() -> Visitor {
        Visitor { identity: Identity::new(Way::OpenId, "alice"), mail: Some("alice@example.com".into()), ..nobody() }
    }

    fn nobody() -> Visitor {
        Visitor::stranger("192.0.2.1".parse().expect("an address"))
    }

    #[test]
    fn a_handle_opens_until_its_end_on_every_server_with_the_same_secret() {
        let handle = handles("one").give(&EphemeralKey::new(KEY), &alice(), 1_060).expect("a handle");
        let granted = Granted { key: EphemeralKey::new(KEY), owner: alice().identity, mail: alice().mail };
        assert_eq!(handles("one").open(handle.expose(), 1_059), Some(granted));
        assert_eq!(handles("one").open(handle.expose(), 1_060), None);
        assert_eq!(handles("two").open(handle.expose(), 1_000), None);
        let unowned = handles("one").give(&EphemeralKey::new(KEY), &nobody(), 1_060).expect("a handle");
        assert_eq!(handles("one").open(unowned.expose(), 1_000).map(|granted| granted.owner), Some(None));
    }

    #[test]
    fn a_handle_shows_neither_the_key_nor_whose_it_is_and_is_never_the_same() {
        let (handles, key) = (handles("one"), EphemeralKey::new(KEY));
        let one = handles.give(&key, &alice(), 1_060).expect("a handle");
        let other = handles.give(&key, &alice(), 1_060).expect("a handle");
        assert!(one.expose().starts_with("ek_") && one.expose().is_ascii());
        assert!(!one.expose().contains(&KEY[3..]) && !one.expose().contains("alice"));
        assert_ne!(one, other);
    }

    #[test]
    fn what_was_changed_or_is_no_handle_does_not_open() {
        let handles = handles("one");
        let handle = handles.give(&EphemeralKey::new(KEY), &alice(), 1_060).expect("a handle");
        for at in 3..handle.expose().len() {
            let mut changed = handle.expose().to_owned().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(handles.open(&String::from_utf8(changed).expect("text"), 1_000), None, "{at}");
        }
        for wrong in ["", "ek_", "ek_A", "ek_é", KEY, "sk-1", &handle.expose()[3..]] {
            assert_eq!(handles.open(wrong, 1_000), None, "{wrong}");
        }
    }
}
