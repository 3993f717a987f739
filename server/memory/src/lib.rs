//! The long-term memory: facts, preferences, people, decisions, to-dos and past turns, and how they hang together.
//!
//! [`MemoryStore`] is all that others see. Behind it stand SQLite ([`open_sqlite`], embedded, for one server) and
//! PostgreSQL ([`open_postgres`], for several servers), which keep the same promises and pass the same tests:
//!
//! * **Nothing acknowledged is lost**, not even when the process is killed in the middle of a write.
//! * **Users are apart.** Every operation names one user and reaches nothing of another.
//! * **Forgetting is real**: the row, its search terms, its vector here and in the index in memory, its links, and the
//!   turns that tell it, in whichever order they come; in SQLite the bytes in the files too.
//! * **Recall never waits for the embedder or for the index**; it goes by full text where they are late.
//! * **No clock inside**: every time is given by the caller.
//!
//! Recall searches twice and joins both lists by their ranks: full text in the database (the words that are rare for
//! this user decide), and vectors (one bit per dimension in memory chooses a few hundred, the stored vectors decide).
//! Then it follows the links of the best, so that a question about a person finds what they decided.

mod alike;
mod archive;
mod asked;
mod backend;
mod embed;
mod error;
mod export;
mod fusion;
mod id;
mod indexes;
mod link;
mod memory;
mod page;
mod postgres;
mod recall;
mod recollection;
mod sign_index;
mod sqlite;
mod stable_hash;
mod stats;
mod store;
mod term;
mod text_search;
mod told;
mod vector;
mod words;

pub use asked::Asked;
pub use embed::{
    EmbedError, Embedder, EmbeddingKey, HashingEmbedder, HttpEmbedder, HttpEmbedderOptions, InvalidEmbedder, MAX_DIMS,
    Model,
};
pub use error::{MemoryError, Rule, StorageError};
pub use export::{EXPORT_FORMAT, EXPORT_VERSION, Export, ExportStream};
pub use id::{IdError, MAX_ID_CHARS, MemoryId, TalkId, TurnId, UserId};
pub use link::{Direction, Link, Linked};
pub use memory::{Correction, MAX_SUBJECT_CHARS, MAX_TEXT_CHARS, Memory, NewMemory, Origin, Timestamp};
pub use page::{Cursor, Detail, ListOptions, MAX_PAGE, Page};
pub use postgres::{PostgresOptions, open_postgres};
pub use protocol::memory::{MemoryKind as Kind, MemoryRelation as Relation};
pub use recall::{MAX_RECALL_LINES, Newest, RECALL_LINES, Recall, RecallLine, RecallOptions, VectorUse, Why};
pub use sqlite::{SqliteOptions, open_sqlite};
pub use stats::{Batch, Forget, Forgotten, MAX_BATCH, MAX_BATCH_LINKS, Remembered, Stats};
pub use store::MemoryStore;

/// How many bytes all vector indexes together may take in memory, unless something else is said.
pub const DEFAULT_INDEX_BYTES: usize = 512 << 20;
