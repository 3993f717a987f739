//! The memory in one SQLite file.
//!
//! One connection writes, a few read beside it (write-ahead log). A commit is synced to the disk before it is
//! acknowledged. What is deleted is overwritten (`secure_delete`, in the full-text index too), and the log is emptied
//! after every forgetting.

mod forget;
mod read;
mod write;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    DEFAULT_INDEX_BYTES, Embedder, Forget, Kind, Link, MemoryError, MemoryId, MemoryStore, Newest, Origin, TalkId,
    UserId,
    alike::{hand_on_reads, migration},
    archive::Archive,
    backend::{
        Answer, Backend, Change, Deletion, Insertion, LateVector, LinkPlace, LinkRow, NewRow, Place, Record,
        Replacement, User,
    },
    embed::Model,
    error::StorageError,
    stats::Stats,
    term::{Filter, Question},
    vector::StoredVector,
};

/// Where the memory lies.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The file. It and its folder are made when missing; nobody else may read the file then.
    pub path: PathBuf,
    /// How many bytes all vector indexes together may take in memory.
    pub index_bytes: usize,
}

impl SqliteOptions {
    /// The file, and [`DEFAULT_INDEX_BYTES`] for the indexes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), index_bytes: DEFAULT_INDEX_BYTES }
    }
}

/// Opens the memory in a SQLite file and brings it to the present schema.
///
/// # Errors
///
/// When the file cannot be made or opened, or is not such a memory.
pub async fn open_sqlite(
    options: SqliteOptions,
    embedder: Arc<dyn Embedder>,
) -> Result<Arc<dyn MemoryStore>, MemoryError> {
    let backend = Sqlite::open(&options.path).await.map_err(MemoryError::Open)?;
    let archive = Archive::new(backend, embedder, options.index_bytes).await.map_err(MemoryError::Open)?;
    Ok(Arc::new(archive))
}

/// The connections to the file.
#[derive(Debug, Clone)]
pub(crate) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Sqlite {
    async fn open(path: &Path) -> Result<Self, StorageError> {
        make_private(path).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-16384")
            .disable_statement_logging();
        let pool = || SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None);
        // A commit that finds the disk full leaves the connection believing that it is still in a transaction.
        let writer = pool()
            .max_connections(1)
            .min_connections(1)
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect_with(options.clone())
            .await?;
        let memories = include_str!("../../migrations/sqlite/0001_memories.sql");
        let turns = include_str!("../../migrations/sqlite/0002_withdrawn_turns.sql");
        Migrator::with_migrations(vec![migration(1, "memories", memories), migration(2, "withdrawn turns", turns)])
            .run(&writer)
            .await?;
        // What was forgotten before the process was killed is still in the log.
        if let Err(error) = forget::empty_log(&writer).await {
            tracing::debug!(%error, "the write-ahead log is not emptied");
        }
        let readers = pool().max_connections(READERS).connect_with(options.pragma("query_only", "ON")).await?;
        Ok(Self { writer, readers })
    }
}

impl Backend for Sqlite {
    hand_on_reads!(readers);

    fn model_key<'a>(&'a self, model: &'a Model) -> Answer<'a, i64> {
        Box::pin(write::model_key(&self.writer, model))
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(write::check(&self.writer))
    }

    fn enrol<'a>(&'a self, user: &'a UserId) -> Answer<'a, User> {
        Box::pin(write::enrol(&self.writer, user))
    }

    fn insert<'a>(&'a self, user: i64, model: i64, rows: &'a [NewRow], links: &'a [Link]) -> Answer<'a, Insertion> {
        Box::pin(write::insert(&self.writer, (user, model), rows, links))
    }

    fn replace<'a>(&'a self, user: i64, model: i64, replacement: &'a Replacement) -> Answer<'a, bool> {
        Box::pin(write::replace(&self.writer, user, model, replacement))
    }

    fn add_vectors<'a>(&'a self, user: i64, model: i64, vectors: &'a [LateVector]) -> Answer<'a, usize> {
        Box::pin(write::add_vectors(&self.writer, (user, model), vectors))
    }

    fn delete<'a>(&'a self, user: i64, what: &'a Forget, repeating: &'a [i64]) -> Answer<'a, Deletion> {
        Box::pin(forget::delete(&self.writer, user, what, repeating))
    }

    fn purge(&self) -> Answer<'_, bool> {
        Box::pin(forget::empty_log(&self.writer))
    }

    fn postings<'a>(&'a self, _user: i64, questions: &'a [Question], limit: usize) -> Answer<'a, Vec<Vec<i64>>> {
        Box::pin(read::postings(&self.readers, questions, limit))
    }

    fn nearest<'a>(
        &'a self,
        _user: i64,
        _model: i64,
        _query: &'a [f32],
        _filter: &'a Filter,
        _limit: usize,
    ) -> Answer<'a, Option<Vec<(i64, f32)>>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.readers.close().await;
            if let Err(error) = forget::empty_log(&self.writer).await {
                tracing::debug!(%error, "the write-ahead log is not emptied");
            }
            self.writer.close().await;
        })
    }
}

/// Makes the file, so that it belongs to nobody else; SQLite gives its log the same rights.
fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Connections that read.
const READERS: u32 = 4;
