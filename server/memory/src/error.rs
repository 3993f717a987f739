//! Why an operation on the memory did not work, grouped by who must act.

use crate::MemoryId;

/// Why an operation did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The caller gave something that is not acceptable; nothing was stored.
    #[error("not acceptable: {0}")]
    Invalid(Rule),
    /// A link names a memory that does not exist; nothing was stored.
    #[error("a link names the memory {0}, which does not exist")]
    UnknownLink(MemoryId),
    /// There is no such memory of this user.
    #[error("there is no such memory")]
    NotFound,
    /// The database cannot be opened or brought to the present schema.
    #[error("the memory's database cannot be opened")]
    Open(#[source] StorageError),
    /// The database does not do what it should. Trying again later may help.
    #[error("the memory's database failed")]
    Storage(#[from] StorageError),
}

/// The rule that was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// A memory without a text.
    #[error("a memory needs a text")]
    EmptyText,
    /// A text above [`MAX_TEXT_CHARS`](crate::MAX_TEXT_CHARS).
    #[error("a text may have at most {} characters", crate::MAX_TEXT_CHARS)]
    LongText,
    /// A subject above [`MAX_SUBJECT_CHARS`](crate::MAX_SUBJECT_CHARS).
    #[error("a subject may have at most {} characters", crate::MAX_SUBJECT_CHARS)]
    LongSubject,
    /// A batch above its bounds.
    #[error("a batch may have at most {} memories and {} links", crate::MAX_BATCH, crate::MAX_BATCH_LINKS)]
    LargeBatch,
    /// A link from a memory to itself.
    #[error("a memory cannot be linked to itself")]
    SelfLink,
}

/// What the database said.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StorageError(Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Query(#[from] sqlx::Error),
    #[error(transparent)]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("a stored {0} cannot be read")]
    Unreadable(&'static str),
    #[error("a vector index broke off while it was changed")]
    HalfDone,
    #[error("the same user was forgotten again and again during a write")]
    Contended,
}

impl StorageError {
    /// A stored value that this version does not know.
    pub(crate) fn unreadable(what: &'static str) -> Self {
        Self(Cause::Unreadable(what))
    }

    /// An index that broke off while it was changed.
    pub(crate) fn half_done() -> Self {
        Self(Cause::HalfDone)
    }

    /// A write that lost against forgetting, repeatedly.
    pub(crate) fn contended() -> Self {
        Self(Cause::Contended)
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.into())
    }
}

impl From<sqlx::migrate::MigrateError> for StorageError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self(error.into())
    }
}
