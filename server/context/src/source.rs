//! The trait behind which everything that can be looked up stands.

use std::time::Duration;

use futures::future::BoxFuture;
use protocol::context::{ContextItem, Lane};

use crate::{Profile, Question};

/// Something that can be asked.
///
/// An answer that nobody waits for any more is dropped, at any point: a source keeps what must survive in tasks of its
/// own. What it says passes the engine's bounds and cleaning; its lane and its name are set by its profile.
pub trait Source: Send + Sync {
    /// How the source is called, chosen and limited.
    fn profile(&self) -> &Profile;

    /// Whether the source can tell, at once and without waiting, that it knows something about the question; for the
    /// router.
    fn knows(&self, _question: &Question) -> Option<Known> {
        None
    }

    /// Under which key the answer may be kept and shared between users; `None` for answers that are personal, cheap,
    /// or true for an instant only.
    fn cache_key(&self, question: &Question) -> Option<String> {
        Some(question.key())
    }

    /// Looks the question up. Nothing found is an empty finding, not an error.
    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>>;

    /// What the source is doing on its own, for people: "12 of 40 files indexed".
    fn status(&self) -> Option<String> {
        None
    }
}

/// Why a source should be asked, by its own account.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// How sure it is, 0 to 1.
    pub score: f32,
    /// What it knows, in a few words.
    pub because: String,
}

/// What a source found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// The facts, best first.
    pub items: Vec<ContextItem>,
    /// What should be asked next, within the same deadline.
    pub follow_ups: Vec<FollowUp>,
}

impl From<Vec<ContextItem>> for Finding {
    fn from(items: Vec<ContextItem>) -> Self {
        Self { items, follow_ups: Vec::new() }
    }
}

/// A question that a result names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Whom to ask: a source's name, or its kind. Nobody of that name or kind: the follow-up is left out.
    pub source: String,
    /// What to ask.
    pub query: String,
}

/// A fact with the usual marks: relevance 0.5, no link; lane, name and tokens are set by the engine.
pub fn item(id: impl Into<String>, title: impl Into<String>, text: impl Into<String>) -> ContextItem {
    ContextItem {
        id: id.into(),
        source: String::new(),
        lane: Lane::Turn,
        title: title.into(),
        text: text.into(),
        url: None,
        attribution: String::new(),
        as_of: 0,
        expires_at: None,
        tokens: 0,
        relevance: 0.5,
    }
}

/// Why a source gave no answer. `Display` is a plain sentence that may be shown to the user; no address and no secret
/// is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Its time was over.
    #[error("it took too long")]
    Timeout,
    /// It failed too often and is left alone for a while.
    #[error("it failed repeatedly and is resting")]
    Resting {
        /// For so much longer.
        rest: Duration,
    },
    /// Too many questions are waiting for it.
    #[error("it is busy with other questions")]
    Busy,
    /// No connection.
    #[error("it could not be reached")]
    Unreachable,
    /// It led to an address that must not be reached.
    #[error("it led to an address that is not allowed")]
    Forbidden,
    /// It answered with a refusal.
    #[error("it answered with status {0}")]
    Status(u16),
    /// It said more than is read.
    #[error("its answer was too large")]
    TooLarge,
    /// It answered something else than was asked for.
    #[error("its answer could not be read: {0}")]
    Garbage(&'static str),
    /// It stopped in the middle of its work.
    #[error("it broke while answering")]
    Broken,
    /// It says itself what is wrong.
    #[error("{0}")]
    Said(String),
}

impl SourceError {
    /// Whether the failure speaks against the source, rather than against the moment or the question.
    pub fn counts(&self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable | Self::TooLarge | Self::Garbage(_) | Self::Broken => true,
            Self::Status(status) => *status >= 500 || matches!(status, 401 | 403 | 429),
            Self::Resting { .. } | Self::Busy | Self::Forbidden | Self::Said(_) => false,
        }
    }

    /// Whether the same question would fail the same way for a little while.
    pub(crate) fn lasts(&self) -> bool {
        !matches!(self, Self::Resting { .. } | Self::Busy)
    }
}
