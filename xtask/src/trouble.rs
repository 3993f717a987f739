//! Why a verb could not do its work, in words for the person at the keyboard.

use std::fmt;

/// A failure that ends the verb. The text says what happened and, where there is something to do, what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble(String);

impl Trouble {
    /// A failure explained by `text`.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A failed file operation: `doing` is a phrase such as "reading Cargo.lock".
    pub(crate) fn file(doing: impl fmt::Display, error: &std::io::Error) -> Self {
        Self(format!("{doing} failed: {error}"))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.0)
    }
}

impl std::error::Error for Trouble {}
