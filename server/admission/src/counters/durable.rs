//! The file of what survives a restart: counters, words that are kept until a time, and calls that go on.

use super::CounterError;
use crate::private::private;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Row, query};
use std::path::Path;
use std::time::Duration;

/// The file of what survives a restart.
#[derive(Debug)]
pub(super) struct Durable(SqlitePool);

impl Durable {
    pub(super) async fn open(path: &Path) -> Result<Self, CounterError> {
        make_private(path).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(2));
        // A commit that finds the disk full leaves the connection believing that it is still in a transaction.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect_with(options)
            .await?;
        for table in TABLES {
            query(table).execute(&pool).await?;
        }
        Ok(Self(pool))
    }

    /// Everything that is not over, by key; forgets the rest.
    pub(super) async fn load(&self, now: u64) -> Result<Vec<(String, u64, u64)>, CounterError> {
        query("DELETE FROM counters WHERE until <= ?").bind(now as i64).execute(&self.0).await?;
        let rows = query("SELECT key, value, until FROM counters").fetch_all(&self.0).await?;
        let row = |row: sqlx::sqlite::SqliteRow| {
            Ok((row.try_get(0)?, row.try_get::<i64, _>(1)? as u64, row.try_get::<i64, _>(2)? as u64))
        };
        rows.into_iter().map(row).collect()
    }

    /// The words that are not over, by key, those that last longest first; forgets the rest.
    pub(super) async fn load_notes(&self, now: u64, most: usize) -> Result<Vec<(String, String, u64)>, CounterError> {
        query("DELETE FROM notes WHERE until <= ?").bind(now as i64).execute(&self.0).await?;
        let rows = query("SELECT key, word, until FROM notes ORDER BY until DESC LIMIT ?").bind(most as i64);
        let row =
            |row: sqlx::sqlite::SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get::<i64, _>(2)? as u64));
        rows.fetch_all(&self.0).await?.into_iter().map(row).collect()
    }

    /// Keeps a word, and forgets those that are over.
    pub(super) async fn note(&self, key: &str, word: &str, now: u64, until: u64) -> Result<(), CounterError> {
        let mut transaction = self.0.begin().await?;
        query("DELETE FROM notes WHERE until <= ?").bind(now as i64).execute(&mut *transaction).await?;
        query("INSERT OR REPLACE INTO notes (key, word, until) VALUES (?, ?, ?)")
            .bind(key)
            .bind(word)
            .bind(i64::try_from(until).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The calls that go on, with their words.
    pub(super) async fn load_calls(&self) -> Result<Vec<(String, String)>, CounterError> {
        let rows = query("SELECT call, word FROM calls").fetch_all(&self.0).await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    pub(super) async fn keep(&self, call: &str, word: &str) -> Result<(), CounterError> {
        let keep = query("INSERT OR REPLACE INTO calls (call, word) VALUES (?, ?)").bind(call).bind(word);
        keep.execute(&self.0).await?;
        Ok(())
    }

    pub(super) async fn end(&self, call: &str) -> Result<(), CounterError> {
        query("DELETE FROM calls WHERE call = ?").bind(call).execute(&self.0).await?;
        Ok(())
    }

    /// Writes what counters have come to, and forgets those that are over. They only go up, so the order of two writers
    /// does not matter.
    pub(super) async fn save(&self, rows: &[(&str, u64, u64)], now: u64) -> Result<(), CounterError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut transaction = self.0.begin().await?;
        query("DELETE FROM counters WHERE until <= ?").bind(now as i64).execute(&mut *transaction).await?;
        for (key, value, until) in rows {
            query(
                "INSERT INTO counters (key, value, until) VALUES (?, ?, ?) \
                 ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
            )
            .bind(*key)
            .bind(i64::try_from(*value).unwrap_or(i64::MAX))
            .bind(*until as i64)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Writes something and takes it back. Writing what is there already would write nothing.
    pub(super) async fn check(&self) -> Result<(), CounterError> {
        let mut transaction = self.0.begin().await?;
        for step in
            ["INSERT OR REPLACE INTO notes (key, word, until) VALUES ('', '', 0)", "DELETE FROM notes WHERE key = ''"]
        {
            query(step).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Makes the file and its folder where they are missing. Names and addresses are in it: nobody else may read it then.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    private().open(path).map(drop)
}

const TABLES: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, value INTEGER NOT NULL, until INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS counters_until ON counters (until)",
    "CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, word TEXT NOT NULL, until INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS notes_until ON notes (until)",
    "CREATE TABLE IF NOT EXISTS calls (call TEXT PRIMARY KEY, word TEXT NOT NULL)",
];
