//! What recall is asked and what it answers.

use std::time::Duration;

use serde::Serialize;

use crate::{Kind, Linked, MemoryId, Origin, Relation, TalkId, Timestamp};

/// How many lines recall gives when nothing else is asked for.
pub const RECALL_LINES: usize = 3;
/// The most lines that can be asked for.
pub const MAX_RECALL_LINES: usize = 50;

/// What recall may give.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallOptions {
    /// At most so many lines; [`RECALL_LINES`] by default, never more than [`MAX_RECALL_LINES`].
    pub limit: usize,
    /// Whether personal data may be given; not by default.
    pub allow_restricted: bool,
    /// Only these kinds; all when empty. What hangs on a line by a link may be of any kind.
    pub kinds: Vec<Kind>,
    /// The present, from which the age of a memory is reckoned.
    pub now: Timestamp,
    /// How long to wait for the embedding of the query. Past it, recall goes by full text alone.
    pub embed_within: Duration,
}

impl RecallOptions {
    /// Three lines of any kind, without personal data.
    pub fn at(now: Timestamp) -> Self {
        Self {
            limit: RECALL_LINES,
            allow_restricted: false,
            kinds: Vec::new(),
            now,
            embed_within: Duration::from_millis(120),
        }
    }
}

/// Which of the memories that were said last are wanted, whatever they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// At most so many, never more than [`MAX_RECALL_LINES`].
    pub limit: usize,
    /// Whether personal data may be given.
    pub allow_restricted: bool,
    /// Only these kinds; all when empty.
    pub kinds: Vec<Kind>,
    /// Said at this time or later.
    pub from: Timestamp,
    /// Said before this time.
    pub until: Timestamp,
    /// Nothing that comes from this talk.
    pub not_of: Option<TalkId>,
}

/// What recall found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recall {
    /// The memories, best first.
    pub lines: Vec<RecallLine>,
    /// What became of the search by vector.
    pub vectors: VectorUse,
}

/// One recalled memory with what hangs on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecallLine {
    /// The memory's id.
    pub id: MemoryId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// Who or what it is about.
    pub subject: Option<String>,
    /// When it was said.
    pub created: Timestamp,
    /// When it was last corrected.
    pub updated: Timestamp,
    /// The turn it comes from.
    pub origin: Option<Origin>,
    /// How well it fits, from 0 to 1; comparable only within one answer.
    pub score: f32,
    /// What made it fit; nothing where it is one of the newest.
    pub why: Vec<Why>,
    /// The people, decisions, projects and turns that hang on it.
    pub linked: Vec<Linked>,
}

impl RecallLine {
    /// The people that hang on it.
    pub fn people(&self) -> impl Iterator<Item = &Linked> {
        self.linked.iter().filter(|linked| linked.kind == Kind::Person)
    }

    /// The decisions that hang on it.
    pub fn decisions(&self) -> impl Iterator<Item = &Linked> {
        self.linked.iter().filter(|linked| linked.kind == Kind::Decision)
    }

    /// The turn it was said in: its own origin, or that of a turn that hangs on it.
    pub fn turn(&self) -> Option<&Origin> {
        let linked = || self.linked.iter().filter(|linked| linked.kind == Kind::Turn);
        self.origin.as_ref().or_else(|| linked().find_map(|turn| turn.origin.as_ref()))
    }
}

/// What made a memory fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Why {
    /// Words of the query are in it.
    Text {
        /// Those words, in their base form.
        words: Vec<String>,
    },
    /// It means something similar.
    Vector {
        /// The cosine of the angle between the two vectors.
        cosine: f32,
    },
    /// It hangs on a memory that fits.
    Link {
        /// What the link says.
        relation: Relation,
        /// The memory that fits.
        via: MemoryId,
    },
}

/// What became of the search by vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VectorUse {
    /// The vectors were searched.
    Used,
    /// The user's vectors are still being loaded; text alone answered.
    Loading,
    /// The query got no embedding in time; text alone answered.
    NoEmbedding,
}
