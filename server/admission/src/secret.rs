//! A secret of the configuration: it cannot be printed.

/// A secret of the configuration. It has no `Display` and no `Serialize`, and `Debug` shows a fixed word.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret; surrounding white space, as a file's last line has it, is dropped. None if nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// How many bytes it has.
    pub fn length(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
