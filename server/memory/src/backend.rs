//! What a database must be able to do for the memory: small steps without any decision about what to remember or what
//! fits a query. There is one implementation for each database.

use std::fmt::Debug;

use futures::future::BoxFuture;

use crate::{
    Forget, Kind, Link, Memory, MemoryId, NewMemory, Newest, Origin, Relation, TalkId, UserId,
    embed::Model,
    error::StorageError,
    sign_index::Entry,
    stats::Stats,
    term::{Filter, Question},
    vector::StoredVector,
};

/// What every step answers with.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, StorageError>>;

/// A user as the database knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    /// The database's number; never given again to another.
    pub(crate) key: i64,
    /// What their search terms are salted with.
    pub(crate) salt: i64,
    /// How many writes there were.
    pub(crate) version: i64,
    /// How many memories there are.
    pub(crate) memories: i64,
}

/// A memory with what the database keeps beside it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Its number: later ones are larger, none is given twice.
    pub(crate) seq: i64,
    /// The user's version when it was last written.
    pub(crate) version: i64,
    /// The memory.
    pub(crate) memory: Memory,
    /// Its search terms.
    pub(crate) terms: Vec<String>,
}

/// A memory that is to be stored.
#[derive(Debug)]
pub(crate) struct NewRow {
    /// The memory.
    pub(crate) memory: NewMemory,
    /// Its search terms, separated by spaces.
    pub(crate) terms: String,
    /// Its vector, if there is one.
    pub(crate) vector: Option<StoredVector>,
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) enum Insertion {
    /// It is stored.
    Done {
        /// The ids of the memories that are new.
        added: Vec<String>,
        /// How many links are new.
        links: usize,
    },
    /// A link has an end that does not exist. Nothing is stored.
    UnknownLink(MemoryId),
    /// The user was forgotten in the meantime. Nothing is stored.
    UserGone,
}

/// A memory as it is after its correction.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// Its number.
    pub(crate) seq: i64,
    /// The version it was read at. When it has another by now, nothing is written.
    pub(crate) read_at: i64,
    /// The memory.
    pub(crate) memory: Memory,
    /// Its search terms, separated by spaces.
    pub(crate) terms: String,
    /// What becomes of its vector.
    pub(crate) vector: VectorChange,
    /// What becomes of the turns in which it was told.
    pub(crate) turns: TurnChange,
}

/// What becomes of the turns in which a memory was told. Whenever it is personal data, they are.
#[derive(Debug)]
pub(crate) enum TurnChange {
    /// It says the same.
    Keep,
    /// It has become personal data.
    Restrict {
        /// Further turns that say all that it says.
        repeating: Vec<i64>,
    },
    /// It says something else: the turns are deleted, and one that has not come yet is not stored.
    Withdraw {
        /// Further turns that say all that it said.
        repeating: Vec<i64>,
    },
}

/// What becomes of a vector when its memory is corrected.
#[derive(Debug)]
pub(crate) enum VectorChange {
    /// What it means is the same.
    Keep,
    /// Another vector, or none for now.
    Set(Option<StoredVector>),
}

/// A vector made for a memory that had none.
#[derive(Debug)]
pub(crate) struct LateVector {
    /// The memory's number.
    pub(crate) seq: i64,
    /// The version the memory was read at. When it has another by now, the vector is not stored.
    pub(crate) read_at: i64,
    /// The vector.
    pub(crate) vector: StoredVector,
}

/// What was deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deletion {
    /// How many memories.
    pub(crate) memories: usize,
    /// The user's version after it.
    pub(crate) version: i64,
}

/// A link by the numbers of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinkRow {
    /// The memory it goes out from.
    pub(crate) from: i64,
    /// The memory it points to.
    pub(crate) to: i64,
    /// What it says.
    pub(crate) relation: Relation,
}

/// Where in the history of a user one has read to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The version.
    pub(crate) version: i64,
    /// The memory in it.
    pub(crate) seq: i64,
}

/// Where in a user's links one has read to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkPlace {
    /// The end it goes out from.
    pub(crate) from: i64,
    /// The end it points to.
    pub(crate) to: i64,
    /// The relation's name.
    pub(crate) relation: String,
}

/// A memory's numbers for the index, and where in the history it stands.
pub(crate) type Change = (Place, Entry);

/// The steps. Every one that takes a user's key touches nothing of anybody else.
pub(crate) trait Backend: Clone + Debug + Send + Sync + 'static {
    /// The number of a model; a new one for a new model.
    fn model_key<'a>(&'a self, model: &'a Model) -> Answer<'a, i64>;

    /// The user, if anything is remembered of them.
    fn user<'a>(&'a self, user: &'a UserId) -> Answer<'a, Option<User>>;

    /// Writes something and takes it back.
    fn check(&self) -> Answer<'_, ()>;

    /// The names of those of whom something was remembered last, the latest first.
    fn recent_users(&self, limit: usize) -> Answer<'_, Vec<String>>;

    /// The user, who exists from now on.
    fn enrol<'a>(&'a self, user: &'a UserId) -> Answer<'a, User>;

    /// Stores memories whose ids are new, and the links. Of a turn of which something was forgotten or corrected no entry
    /// is stored; an entry of one in which personal data was told is personal data.
    fn insert<'a>(&'a self, user: i64, model: i64, rows: &'a [NewRow], links: &'a [Link]) -> Answer<'a, Insertion>;

    /// Writes a corrected memory; false when it has changed or gone since it was read.
    fn replace<'a>(&'a self, user: i64, model: i64, replacement: &'a Replacement) -> Answer<'a, bool>;

    /// Stores late vectors; says how many.
    fn add_vectors<'a>(&'a self, user: i64, model: i64, vectors: &'a [LateVector]) -> Answer<'a, usize>;

    /// Memories without a vector of the model.
    fn without_vector(&self, user: i64, model: i64, limit: usize) -> Answer<'_, Vec<Record>>;

    /// Deletes memories with all that belongs to them, the turns in which they were told, and those that repeat them.
    fn delete<'a>(&'a self, user: i64, what: &'a Forget, repeating: &'a [i64]) -> Answer<'a, Deletion>;

    /// Removes from the files what was deleted; false when it must be tried again.
    fn purge(&self) -> Answer<'_, bool>;

    /// For each question the numbers of memories that answer it, newest first: all when they are fewer than `limit`,
    /// and otherwise `limit` of them, new ones above all.
    fn postings<'a>(&'a self, user: i64, questions: &'a [Question], limit: usize) -> Answer<'a, Vec<Vec<i64>>>;

    /// The memories with these numbers, in no order.
    fn records<'a>(&'a self, user: i64, seqs: &'a [i64]) -> Answer<'a, Vec<Record>>;

    /// The memory with this id.
    fn record<'a>(&'a self, user: i64, id: &'a MemoryId) -> Answer<'a, Option<Record>>;

    /// What goes when a talk is forgotten.
    fn of_talk<'a>(&'a self, user: i64, talk: &'a TalkId) -> Answer<'a, Vec<i64>>;

    /// What came from a turn, newest first.
    fn of_turn<'a>(&'a self, user: i64, origin: &'a Origin, limit: usize) -> Answer<'a, Vec<(MemoryId, Kind)>>;

    /// The newest memories before a number, that answer the question if there is one.
    fn newest_before<'a>(
        &'a self,
        user: i64,
        question: Option<&'a Question>,
        before: i64,
        limit: usize,
    ) -> Answer<'a, Vec<Record>>;

    /// The memories that were said last, newest first.
    fn newest<'a>(&'a self, user: i64, wanted: &'a Newest) -> Answer<'a, Vec<Record>>;

    /// The oldest memories after a number.
    fn oldest_after(&self, user: i64, after: i64, limit: usize) -> Answer<'_, Vec<Record>>;

    /// The newest links of each of these memories, at most `limit` each way.
    fn links_of<'a>(&'a self, seqs: &'a [i64], limit: usize) -> Answer<'a, Vec<LinkRow>>;

    /// All links of a user, in a fixed order, after a place.
    fn links_after<'a>(&'a self, user: i64, after: &'a LinkPlace, limit: usize) -> Answer<'a, Vec<(LinkPlace, Link)>>;

    /// What was written after a place, in the order of versions.
    fn changes(&self, user: i64, model: i64, after: Place, limit: usize) -> Answer<'_, Vec<Change>>;

    /// What was forgotten after a version.
    fn removals(&self, user: i64, after: i64) -> Answer<'_, Vec<i64>>;

    /// The stored vectors of these memories.
    fn vectors<'a>(&'a self, model: i64, seqs: &'a [i64]) -> Answer<'a, Vec<(i64, StoredVector)>>;

    /// The nearest memories with their cosines, where the database itself can search vectors.
    fn nearest<'a>(
        &'a self,
        user: i64,
        model: i64,
        query: &'a [f32],
        filter: &'a Filter,
        limit: usize,
    ) -> Answer<'a, Option<Vec<(i64, f32)>>>;

    /// How much there is.
    fn stats(&self, user: i64, model: i64) -> Answer<'_, Stats>;

    /// Ends everything that is open.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The kind that a stored name means.
pub(crate) fn kind(name: &str) -> Result<Kind, StorageError> {
    Kind::from_name(name).ok_or_else(|| StorageError::unreadable("kind"))
}

/// The relation that a stored name means.
pub(crate) fn relation(name: &str) -> Result<Relation, StorageError> {
    Relation::from_name(name).ok_or_else(|| StorageError::unreadable("relation"))
}

/// The id that a stored text is.
pub(crate) fn memory_id(id: String) -> Result<MemoryId, StorageError> {
    MemoryId::new(id).map_err(|_| StorageError::unreadable("id"))
}
