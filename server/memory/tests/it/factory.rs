//! Fresh stores of every sort, and more handles to the same one.

use std::sync::Arc;

use memory::{Embedder, HashingEmbedder, MemoryStore, PostgresOptions, SqliteOptions, open_postgres, open_sqlite};
use sqlx::{Connection, PgConnection};

use crate::cluster;

/// The sorts of stores that keep the same promises.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sort {
    /// SQLite in a file.
    Sqlite,
    /// PostgreSQL as it comes.
    Postgres,
    /// PostgreSQL with the vector type: the extension itself where it is installed, otherwise a stand-in that has its
    /// type and its operator.
    PostgresWithVectors,
}

/// A fresh place for a store.
pub(crate) enum Place {
    File(tempfile::TempDir),
    Database { url: String, pgvector: bool },
}

impl Place {
    /// None when tests with PostgreSQL are skipped.
    pub(crate) async fn new(sort: Sort) -> Option<Self> {
        Some(match sort {
            Sort::Sqlite => Self::File(tempfile::tempdir().unwrap()),
            Sort::Postgres => Self::Database { url: cluster::new_database().await?, pgvector: false },
            Sort::PostgresWithVectors => {
                let url = cluster::new_database().await?;
                provide_vectors(&url).await;
                Self::Database { url, pgvector: true }
            }
        })
    }

    /// A store with the local embedder.
    pub(crate) async fn open(&self) -> Arc<dyn MemoryStore> {
        self.open_with(Arc::new(HashingEmbedder::new())).await
    }

    /// A store with this embedder. Opening one place twice is as two servers with one database.
    pub(crate) async fn open_with(&self, embedder: Arc<dyn Embedder>) -> Arc<dyn MemoryStore> {
        match self {
            Self::File(folder) => open_sqlite(SqliteOptions::new(folder.path().join("memory.db")), embedder).await,
            Self::Database { url, pgvector } => {
                let options = PostgresOptions { pgvector: *pgvector, connections: 4, ..PostgresOptions::new(url) };
                open_postgres(options, embedder).await
            }
        }
        .unwrap()
    }

    /// Counts the rows of a table of the store, going around it.
    pub(crate) async fn rows(&self, table: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        match self {
            Self::File(folder) => {
                let file = folder.path().join("memory.db");
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
                let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
                sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
            }
            Self::Database { url, .. } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
            }
        }
    }
}

async fn provide_vectors(url: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    if sqlx::query("CREATE EXTENSION vector").execute(&mut connection).await.is_err() {
        eprintln!("NOTE: pgvector is not installed (Debian: postgresql-NN-pgvector); a stand-in takes its place");
        sqlx::raw_sql(STAND_IN).execute(&mut connection).await.unwrap();
    }
}

const STAND_IN: &str = "
    CREATE DOMAIN vector AS real[];
    CREATE FUNCTION cosine_distance(real[], real[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
        'SELECT 1 - sum(a * b) / (sqrt(sum(a * a)) * sqrt(sum(b * b))) FROM unnest($1, $2) AS pair (a, b)';
    CREATE OPERATOR <=> (LEFTARG = real[], RIGHTARG = real[], FUNCTION = cosine_distance);
";
