//! Looking through what is remembered, newest first, page by page.

use serde::{Deserialize, Serialize};

use crate::{Kind, Linked, Memory};

/// The most memories on one page.
pub const MAX_PAGE: usize = 500;

/// Where the next page starts. Opaque: it is given back as it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub(crate) i64);

impl Cursor {
    /// The cursor as it stands in an address.
    pub fn to_text(self) -> String {
        self.0.to_string()
    }

    /// Reads a cursor from an address.
    pub fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// Which memories to show. The user looks at what is theirs, so personal data is included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOptions {
    /// Only memories with all of these words, the last of which may only have begun; all memories when there are none, or
    /// none that says anything.
    pub text: Option<String>,
    /// Only these kinds; all when empty.
    pub kinds: Vec<Kind>,
    /// After this place; from the newest on when none.
    pub after: Option<Cursor>,
    /// At most so many, never more than [`MAX_PAGE`].
    pub limit: usize,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self { text: None, kinds: Vec::new(), after: None, limit: 50 }
    }
}

/// A page of memories, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The memories.
    pub memories: Vec<Memory>,
    /// Where the next page starts; none when this is the last.
    pub next: Option<Cursor>,
}

/// One memory with all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The memory.
    #[serde(flatten)]
    pub memory: Memory,
    /// What hangs on it.
    pub linked: Vec<Linked>,
}
