//! The long-term memory as everybody else sees it.

use crate::{
    Batch, Correction, Detail, ExportStream, Forget, Forgotten, ListOptions, Memory, MemoryError, MemoryId, Newest,
    Page, Recall, RecallLine, RecallOptions, Remembered, Stats, Timestamp, UserId,
};

/// A long-term memory. Every operation is about one user and can never reach another's memories.
///
/// Dropping the future of an operation before it is done leaves either all or nothing of it in the store.
#[async_trait::async_trait]
pub trait MemoryStore: Send + Sync + std::fmt::Debug {
    /// Stores a batch: all of it or nothing. It is durable when this returns. A memory whose id is known already stays
    /// as it is, so a batch can be given again after an uncertain failure.
    ///
    /// What is told in a talk, a batch of few, is put where it belongs. What says the same as a memory of its kind is
    /// that memory, which is as new as this from then on; a person, place or project is known by its name. What comes
    /// from one turn is linked with the entry of that turn.
    ///
    /// When the embedder does not answer, or not soon, the memories are stored without vectors; see
    /// [`embed_missing`](MemoryStore::embed_missing).
    ///
    /// # Errors
    ///
    /// When the batch breaks a rule, a link has an end that does not exist, or the database fails.
    async fn remember(&self, user: &UserId, batch: Batch) -> Result<Remembered, MemoryError>;

    /// Finds what fits a query, in any words: nothing in it is syntax.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn recall(&self, user: &UserId, query: &str, options: &RecallOptions) -> Result<Recall, MemoryError>;

    /// The memories that were said last, newest first, with what hangs on them.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn newest(&self, user: &UserId, wanted: &Newest) -> Result<Vec<RecallLine>, MemoryError>;

    /// One memory with all that hangs on it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn get(&self, user: &UserId, id: &MemoryId) -> Result<Option<Detail>, MemoryError>;

    /// Looks through what is remembered, newest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn list(&self, user: &UserId, options: &ListOptions) -> Result<Page, MemoryError>;

    /// Corrects a memory. What it said before is gone with the turns that tell it, and cleaned from the files as by
    /// forgetting. The turns in which personal data was told are personal data.
    ///
    /// # Errors
    ///
    /// When there is no such memory, the correction breaks a rule, or the database fails.
    async fn correct(
        &self,
        user: &UserId,
        id: &MemoryId,
        correction: Correction,
        at: Timestamp,
    ) -> Result<Memory, MemoryError>;

    /// Deletes memories with their vectors, search terms and links, and cleans the files of them.
    ///
    /// With what was told go the turns that tell it: those that it comes from, those that it is linked with, and those
    /// that have all its words. When the entry of such a turn comes later, it is not stored. What says the same in other
    /// words stays.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn forget(&self, user: &UserId, what: &Forget) -> Result<Forgotten, MemoryError>;

    /// All that is remembered of the user as one JSON document ([`Export`](crate::Export)), in pieces.
    fn export(&self, user: &UserId, at: Timestamp) -> ExportStream;

    /// How much is remembered.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn stats(&self, user: &UserId) -> Result<Stats, MemoryError>;

    /// Whether something can be written; a user's own words are neither read nor changed.
    ///
    /// # Errors
    ///
    /// When it cannot: the database does not answer, or its disk is full.
    async fn check(&self) -> Result<(), MemoryError>;

    /// Of whom something was remembered last, at most `limit` users, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn recent_users(&self, limit: usize) -> Result<Vec<UserId>, MemoryError>;

    /// Loads the user's vector index and returns when it is there. Without it, the first recall starts that in the
    /// background and goes by full text until it is done.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn warm(&self, user: &UserId) -> Result<(), MemoryError>;

    /// Makes vectors for at most `limit` memories that have none of the present model, because the embedder did not
    /// answer or was another. Says how many it made; none left when it is less than `limit`.
    ///
    /// # Errors
    ///
    /// When the database fails. An embedder that does not answer is not an error: the answer is 0.
    async fn embed_missing(&self, user: &UserId, limit: usize) -> Result<usize, MemoryError>;

    /// Ends everything that is open, after what is running.
    async fn close(&self);
}
