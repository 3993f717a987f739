//! The keys that were given out, and the sessions they stand for.

use protocol::{EphemeralKey, SessionConfig};
use std::collections::BTreeMap;
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

    /// What a key stands for; `None` when it is unknown or expired. A key may be used any number of times.
    pub(crate) fn find(&self, key: &str, now: Instant) -> Option<Option<SessionConfig>> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(key).filter(|entry| entry.expires > now).map(|entry| entry.config.clone())
    }
}

/// Random letters and digits: `bytes` bytes of them, as hexadecimal.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn random(bytes: usize) -> Result<String, getrandom::Error> {
    let mut buffer = vec![0u8; bytes];
    getrandom::fill(&mut buffer)?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
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
        assert_eq!(secrets.find("ek_a", now), Some(None));
        assert_eq!(secrets.find("ek_a", now + Duration::from_secs(10)), None);
        assert_eq!(secrets.find("ek_b", now), None);
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
