//! The keys that were given out, and the sessions they stand for.

use protocol::{EphemeralKey, SessionConfig};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Every key that is valid.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    keys: Mutex<BTreeMap<String, Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    expires: Instant,
    config: Option<SessionConfig>,
}

/// There are too many valid keys.
#[derive(Debug, thiserror::Error)]
#[error("too many keys are valid at a time")]
pub(crate) struct TooMany;

/// A key that is unknown or has expired.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is unknown or has expired")]
pub(crate) struct NotValid;

impl Secrets {
    /// Keeps a new key.
    ///
    /// # Errors
    /// There are too many.
    pub(crate) fn keep(
        &self,
        key: &EphemeralKey,
        now: Instant,
        valid: Duration,
        config: Option<SessionConfig>,
    ) -> Result<(), TooMany> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, entry| entry.expires > now);
        if keys.len() >= MOST {
            return Err(TooMany);
        }
        keys.insert(key.expose().to_owned(), Entry { expires: now + valid, config });
        Ok(())
    }

    /// What a key stands for. A key may be used any number of times.
    ///
    /// # Errors
    /// The key is unknown or has expired.
    pub(crate) fn find(&self, key: &str, now: Instant) -> Result<Option<SessionConfig>, NotValid> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(key).filter(|entry| entry.expires > now).map(|entry| entry.config.clone()).ok_or(NotValid)
    }
}

/// Random letters and digits: `bytes` bytes of them, as hexadecimal.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn random(bytes: usize) -> Result<String, getrandom::Error> {
    let mut buffer = vec![0u8; bytes];
    getrandom::fill(&mut buffer)?;
    Ok(buffer.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// The most keys that are valid at a time.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_valid_until_it_expires() {
        let (secrets, now) = (Secrets::default(), Instant::now());
        secrets.keep(&EphemeralKey::new("ek_a"), now, Duration::from_secs(10), None).expect("kept");
        assert_eq!(secrets.find("ek_a", now), Ok(None));
        assert_eq!(secrets.find("ek_a", now + Duration::from_secs(10)), Err(NotValid));
        assert_eq!(secrets.find("ek_b", now), Err(NotValid));
    }

    #[test]
    fn the_number_of_keys_is_bounded_and_expired_ones_make_room() {
        let (secrets, now) = (Secrets::default(), Instant::now());
        let keep = |n: usize, now| secrets.keep(&EphemeralKey::new(n.to_string()), now, Duration::from_secs(10), None);
        for n in 0..MOST {
            keep(n, now).expect("kept");
        }
        assert!(keep(MOST, now).is_err());
        assert!(keep(MOST, now + Duration::from_secs(11)).is_ok());
    }

    #[test]
    fn random_words_differ() {
        assert_ne!(random(16).expect("random"), random(16).expect("random"));
        assert_eq!(random(16).expect("random").len(), 32);
    }
}
