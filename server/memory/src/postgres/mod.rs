//! The memory in PostgreSQL, for several servers that share it.
//!
//! A write locks the row of its user first, so that the versions of one user become visible in their order, and other
//! servers can ask what changed. Words are found through a GIN index over `tsvector`. Vectors are searched by the
//! `vector` type where the pgvector extension is installed, and otherwise in this process as with SQLite.

mod forget;
mod read;
mod vectors;
mod write;

use write::VectorsOf;

use std::{str::FromStr, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use sqlx::{
    ConnectOptions, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
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
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host/database`, with the parameters that libpq knows; `sslmode` and `sslrootcert`
    /// among them. It may hold a password and does not print.
    pub url: String,
    /// The most connections of this server.
    pub connections: u32,
    /// Whether to let the database search vectors where it can. Without, this process does it.
    pub pgvector: bool,
    /// How many bytes all vector indexes together may take in memory.
    pub index_bytes: usize,
}

impl PostgresOptions {
    /// The address, ten connections, pgvector where it is installed, [`DEFAULT_INDEX_BYTES`] for the indexes.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections: 10, pgvector: true, index_bytes: DEFAULT_INDEX_BYTES }
    }
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("url", &"hidden")
            .field("connections", &self.connections)
            .field("pgvector", &self.pgvector)
            .field("index_bytes", &self.index_bytes)
            .finish()
    }
}

/// Opens the memory in a PostgreSQL database and brings it to the present schema.
///
/// # Errors
///
/// When the address cannot be read, the database cannot be reached, or it refuses the schema.
pub async fn open_postgres(
    options: PostgresOptions,
    embedder: Arc<dyn Embedder>,
) -> Result<Arc<dyn MemoryStore>, MemoryError> {
    let backend = Postgres::open(&options).await.map_err(MemoryError::Open)?;
    let archive = Archive::new(backend, embedder, options.index_bytes).await.map_err(MemoryError::Open)?;
    Ok(Arc::new(archive))
}

/// The connections to the database.
#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    pool: PgPool,
    /// Connections that look into the full-text index for recall, where the number of hits is bounded.
    bounded: PgPool,
    /// Whether the database searches vectors.
    pgvector: bool,
}

impl Postgres {
    async fn open(options: &PostgresOptions) -> Result<Self, StorageError> {
        let connect = PgConnectOptions::from_str(&options.url)?
            .application_name("colloquy-memory")
            .options([("statement_timeout", STATEMENT_TIMEOUT)])
            .disable_statement_logging();
        let pool = |connections: u32| PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE);
        let bounded = connect.clone().options([("gin_fuzzy_search_limit", MOST_HITS)]);
        let share = (options.connections / 2).max(1);
        let pools = (pool(share.max(options.connections - share)), pool(share));
        let pool = match pools.0.connect_with(connect.clone()).await {
            // The pool tries again and again, and forgets why it had to.
            Err(sqlx::Error::PoolTimedOut) => {
                return Err(connect.connect().await.err().unwrap_or(sqlx::Error::PoolTimedOut).into());
            }
            connected => connected?,
        };
        let bounded = pools.1.connect_lazy_with(bounded);
        let memories = include_str!("../../migrations/postgres/0001_memories.sql");
        let turns = include_str!("../../migrations/postgres/0002_withdrawn_turns.sql");
        Migrator::with_migrations(vec![migration(1, "memories", memories), migration(2, "withdrawn turns", turns)])
            .run(&pool)
            .await?;
        let pgvector = options.pgvector && vectors::prepare(&pool).await?;
        Ok(Self { pool, bounded, pgvector })
    }

    fn vectors_of(&self, model: i64) -> VectorsOf {
        VectorsOf { model, pgvector: self.pgvector }
    }
}

impl Backend for Postgres {
    hand_on_reads!(pool);

    fn model_key<'a>(&'a self, model: &'a Model) -> Answer<'a, i64> {
        Box::pin(write::model_key(&self.pool, model))
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(write::check(&self.pool))
    }

    fn enrol<'a>(&'a self, user: &'a UserId) -> Answer<'a, User> {
        Box::pin(write::enrol(&self.pool, user))
    }

    fn insert<'a>(&'a self, user: i64, model: i64, rows: &'a [NewRow], links: &'a [Link]) -> Answer<'a, Insertion> {
        Box::pin(write::insert(&self.pool, (user, self.vectors_of(model)), rows, links))
    }

    fn replace<'a>(&'a self, user: i64, model: i64, replacement: &'a Replacement) -> Answer<'a, bool> {
        Box::pin(write::replace(&self.pool, (user, self.vectors_of(model)), replacement))
    }

    fn add_vectors<'a>(&'a self, user: i64, model: i64, vectors: &'a [LateVector]) -> Answer<'a, usize> {
        Box::pin(write::add_vectors(&self.pool, (user, self.vectors_of(model)), vectors))
    }

    fn delete<'a>(&'a self, user: i64, what: &'a Forget, repeating: &'a [i64]) -> Answer<'a, Deletion> {
        Box::pin(forget::delete(&self.pool, user, what, repeating))
    }

    fn purge(&self) -> Answer<'_, bool> {
        Box::pin(forget::vacuum(&self.pool, self.pgvector))
    }

    fn postings<'a>(&'a self, user: i64, questions: &'a [Question], limit: usize) -> Answer<'a, Vec<Vec<i64>>> {
        Box::pin(read::postings((&self.pool, &self.bounded), user, questions, limit))
    }

    fn nearest<'a>(
        &'a self,
        user: i64,
        model: i64,
        query: &'a [f32],
        filter: &'a Filter,
        limit: usize,
    ) -> Answer<'a, Option<Vec<(i64, f32)>>> {
        Box::pin(async move {
            if !self.pgvector {
                return Ok(None);
            }
            vectors::nearest(&self.pool, (user, model), query, filter, limit).await.map(Some)
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.bounded.close().await;
            self.pool.close().await;
        })
    }
}

/// No statement may hold a connection for longer, in milliseconds.
const STATEMENT_TIMEOUT: &str = "60000";
/// About how many hits of frequent words the full-text index hands on.
const MOST_HITS: &str = "20000";
/// How long an operation waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(5);
