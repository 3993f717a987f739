//! Keys that cannot be printed by accident.

use crate::reader::{Read, readable};

/// A short-lived key (`ek_…`) with which a browser opens a call.
///
/// It has no `Display` and no `Serialize`, and `Debug` shows a fixed word: the only way to its text is
/// [`EphemeralKey::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct EphemeralKey(String);

impl EphemeralKey {
    /// Wraps a key received from a mint.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself, for the one header it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for EphemeralKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EphemeralKey(hidden)")
    }
}

readable! {
    EphemeralKey: |value, faults| Self(Read::read(value, faults));
}
