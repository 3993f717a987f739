//! How much is remembered, and what writing and forgetting did.

use serde::{Deserialize, Serialize};

use crate::{Kind, Link, MemoryId, NewMemory, TalkId};

/// The most memories in one batch.
pub const MAX_BATCH: usize = 10_000;
/// The most links in one batch.
pub const MAX_BATCH_LINKS: usize = 40_000;

/// What is remembered together: all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// At most [`MAX_BATCH`].
    pub memories: Vec<NewMemory>,
    /// At most [`MAX_BATCH_LINKS`]; each end is a memory of this batch or one that is stored already.
    pub links: Vec<Link>,
}

impl From<NewMemory> for Batch {
    fn from(memory: NewMemory) -> Self {
        Self { memories: vec![memory], links: Vec::new() }
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Memories that are new.
    pub added: usize,
    /// Memories that were known already, by their id or by what they say.
    pub known: usize,
    /// The memories that say what another says already: their ids in the batch, and the ids of those.
    pub same: Vec<(MemoryId, MemoryId)>,
    /// Links that are new.
    pub links: usize,
    /// New memories that have no vector yet, because the embedder did not answer.
    pub without_vector: usize,
}

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forget {
    /// One memory.
    One(MemoryId),
    /// Everything that came from one talk.
    Talk(TalkId),
    /// Everything of the user, and the user.
    All,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Memories that are gone, with their vectors, search terms and links.
    pub memories: usize,
    /// Whether the files were cleaned of the old bytes too. When not (something else reads at this moment), the next
    /// forgetting or closing does it. In PostgreSQL it says that the tables were vacuumed.
    pub purged: bool,
}

/// How much is remembered of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// All memories.
    pub memories: u64,
    /// Memories by kind, those that exist.
    pub kinds: Vec<(Kind, u64)>,
    /// Those that are personal data.
    pub restricted: u64,
    /// All links.
    pub links: u64,
    /// Memories with a vector of the present model.
    pub vectors: u64,
    /// The bytes that the user's vector index takes in this process; none while it is not loaded.
    pub index_bytes: Option<u64>,
}
