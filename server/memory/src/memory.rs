//! What a memory is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Kind, MemoryId, TalkId, TurnId};

/// The longest text of a memory, in characters.
pub const MAX_TEXT_CHARS: usize = 8_000;
/// The longest subject, in characters.
pub const MAX_SUBJECT_CHARS: usize = 200;

/// A point in time: milliseconds since the Unix epoch. It is always given from outside; nothing here reads a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Where a memory comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExportedOrigin")]
pub struct Origin {
    /// The talk.
    pub talk: TalkId,
    /// The turn in it.
    pub turn: TurnId,
}

/// A memory to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMemory {
    /// Its id. A second memory with the same id is not stored: remembering again changes nothing.
    pub id: MemoryId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// What is remembered, in words; at most [`MAX_TEXT_CHARS`].
    pub text: String,
    /// Who or what it is about, in a few words; at most [`MAX_SUBJECT_CHARS`].
    pub subject: Option<String>,
    /// Personal data, which recall gives only when it is allowed to.
    pub restricted: bool,
    /// The turn it comes from; none when the user typed it in on the page.
    pub origin: Option<Origin>,
    /// When it was said.
    pub at: Timestamp,
}

/// A memory as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExportedMemory")]
pub struct Memory {
    /// Its id.
    pub id: MemoryId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// What is remembered, in words.
    pub text: String,
    /// Who or what it is about.
    pub subject: Option<String>,
    /// Personal data, which recall gives only when it is allowed to.
    pub restricted: bool,
    /// The turn it comes from.
    pub origin: Option<Origin>,
    /// When it was said.
    pub created: Timestamp,
    /// When it was last corrected; as `created` when never.
    pub updated: Timestamp,
}

/// What the user changes in a memory. `None` leaves as is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Correction {
    /// The new text.
    pub text: Option<String>,
    /// The new subject; an empty one removes it.
    pub subject: Option<String>,
    /// Whether it is personal data.
    pub restricted: Option<bool>,
    /// What sort of thing it is.
    pub kind: Option<Kind>,
}
