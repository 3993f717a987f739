//! What is written to the SQLite file. Every write is one transaction that takes the write lock at its start.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool, Transaction};

use crate::{
    Link, MemoryId, alike,
    backend::{NewRow, Replacement},
    error::StorageError,
    sqlite::forget::delete_rows,
    vector::StoredVector,
};

alike::writes!(Sqlite, SqliteConnection, i64);

/// Every transaction begins with the lock, so that it cannot fail for want of it later.
pub(super) async fn begin(pool: &SqlitePool) -> Result<Transaction<'static, Sqlite>, StorageError> {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

/// Writes a corrected memory; false when it has changed or gone since it was read.
pub(super) async fn replace(
    pool: &SqlitePool,
    user: i64,
    model: i64,
    replacement: &Replacement,
) -> Result<bool, StorageError> {
    let Replacement { seq, memory, terms, vector, .. } = replacement;
    let Some((mut tx, version)) = begin_replacing(pool, user, replacement).await? else { return Ok(false) };
    sqlx::query(
        "INSERT INTO memory_terms (memory_terms, rowid, terms)
         SELECT 'delete', seq, terms FROM memories WHERE seq = ?1",
    )
    .bind(seq)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE memories SET version = ?2, kind = ?3, body = ?4, subject = ?5, restricted = ?6, updated = ?7, terms = ?8,
                talk = ?9, turn = ?10
         WHERE seq = ?1",
    )
    .bind(seq)
    .bind(version)
    .bind(memory.kind.name())
    .bind(&memory.text)
    .bind(&memory.subject)
    .bind(memory.restricted)
    .bind(memory.updated.0)
    .bind(terms)
    .bind(memory.origin.as_ref().map(|origin| origin.talk.as_str()))
    .bind(memory.origin.as_ref().map(|origin| origin.turn.as_str()))
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT INTO memory_terms (rowid, terms) VALUES (?1, ?2)")
        .bind(seq)
        .bind(terms)
        .execute(&mut *tx)
        .await?;
    replace_vector(&mut tx, model, *seq, vector).await?;
    sqlx::query(alike::RESTRICT_TURNS_OF_WRITTEN).bind(user).bind(version).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// Puts what was written with a version into the full-text index.
async fn index(tx: &mut SqliteConnection, user: i64, version: i64) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO memory_terms (rowid, terms)
         SELECT seq, terms FROM memories INDEXED BY memories_by_change WHERE user_key = ?1 AND version = ?2",
    )
    .bind(user)
    .bind(version)
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_rows(
    tx: &mut SqliteConnection,
    user: i64,
    version: i64,
    rows: &[&NewRow],
) -> Result<Vec<(String, i64)>, StorageError> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
        "INSERT INTO memories
             (user_key, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms) ",
    );
    query.push_values(rows, |mut values, NewRow { memory, terms, .. }| {
        let origin = memory.origin.as_ref();
        values
            .push_bind(user)
            .push_bind(version)
            .push_bind(memory.id.as_str())
            .push_bind(memory.kind.name())
            .push_bind(&memory.text)
            .push_bind(&memory.subject)
            .push_bind(memory.restricted)
            .push_bind(origin.map(|origin| origin.talk.as_str()))
            .push_bind(origin.map(|origin| origin.turn.as_str()))
            .push_bind(memory.at.0)
            .push_bind(memory.at.0)
            .push_bind(terms);
    });
    query.push(" ON CONFLICT (user_key, id) DO NOTHING RETURNING id, seq");
    Ok(query.build_query_as().fetch_all(tx).await?)
}

async fn insert_vectors(
    tx: &mut SqliteConnection,
    model: i64,
    vectors: &[(i64, &StoredVector)],
) -> Result<(), StorageError> {
    for vectors in vectors.chunks(ROWS) {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO memory_vectors (seq, model_key, vector) ");
        query.push_values(vectors, |mut values, (seq, vector)| {
            values.push_bind(*seq).push_bind(model).push_bind(vector.to_bytes());
        });
        query.build().execute(&mut *tx).await?;
    }
    Ok(())
}

/// Stores links; the inner error is the end that does not exist.
async fn insert_links(
    tx: &mut SqliteConnection,
    user: i64,
    new: &BTreeMap<String, i64>,
    links: &[&Link],
) -> Result<Result<usize, MemoryId>, StorageError> {
    let mut seqs = new.clone();
    let older: BTreeSet<&MemoryId> =
        links.iter().flat_map(|link| [&link.from, &link.to]).filter(|id| !new.contains_key(id.as_str())).collect();
    for id in older {
        let seq = sqlx::query_scalar("SELECT seq FROM memories WHERE user_key = ?1 AND id = ?2")
            .bind(user)
            .bind(id.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(seq) = seq else { return Ok(Err(id.clone())) };
        seqs.insert(id.as_str().to_owned(), seq);
    }
    let mut stored = 0;
    for links in links.chunks(ROWS) {
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("INSERT INTO memory_links (from_seq, to_seq, relation) ");
        query.push_values(links, |mut values, Link { from, relation, to }| {
            values.push_bind(seqs.get(from.as_str())).push_bind(seqs.get(to.as_str())).push_bind(relation.name());
        });
        query.push(" ON CONFLICT DO NOTHING");
        stored += query.build().execute(&mut *tx).await?.rows_affected();
    }
    Ok(Ok(usize::try_from(stored).unwrap_or(usize::MAX)))
}

/// Rows in one statement.
const ROWS: usize = 200;
