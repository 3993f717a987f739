//! What is written to PostgreSQL. Every write is one transaction that locks the row of its user first.

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::{
    Link, MemoryId, alike,
    backend::{NewRow, Replacement},
    error::StorageError,
    postgres::{forget::delete_rows, vectors},
    vector::StoredVector,
};

alike::writes!(Postgres, PgConnection, VectorsOf);

/// Where the vectors of a model are stored.
#[derive(Clone, Copy)]
pub(super) struct VectorsOf {
    /// The model's number.
    pub(super) model: i64,
    /// Whether the database searches vectors and wants them in its own type too.
    pub(super) pgvector: bool,
}

pub(super) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StorageError> {
    Ok(pool.begin().await?)
}

/// The full-text index follows the rows by itself.
#[expect(clippy::unused_async, reason = "in SQLite it is a statement")]
async fn index(_: &mut PgConnection, _: i64, _: i64) -> Result<(), StorageError> {
    Ok(())
}

/// Writes a corrected memory; false when it has changed or gone since it was read.
pub(super) async fn replace(
    pool: &PgPool,
    (user, vectors_of): (i64, VectorsOf),
    replacement: &Replacement,
) -> Result<bool, StorageError> {
    let Replacement { seq, memory, terms, vector, .. } = replacement;
    let Some((mut tx, version)) = begin_replacing(pool, user, replacement).await? else { return Ok(false) };
    sqlx::query(
        "UPDATE memories
         SET version = $2, kind = $3, body = $4, subject = $5, restricted = $6, updated = $7,
             terms = array_to_tsvector(string_to_array($8, ' ')), talk = $9, turn = $10
         WHERE seq = $1",
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
    replace_vector(&mut tx, vectors_of, *seq, vector).await?;
    sqlx::query(alike::RESTRICT_TURNS_OF_WRITTEN).bind(user).bind(version).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(true)
}

async fn insert_rows(
    tx: &mut PgConnection,
    user: i64,
    version: i64,
    rows: &[&NewRow],
) -> Result<Vec<(String, i64)>, StorageError> {
    fn column<'a, T>(rows: &[&'a NewRow], value: impl Fn(&'a NewRow) -> T) -> Vec<T> {
        rows.iter().map(|row| value(row)).collect()
    }
    let inserted = sqlx::query_as(
        "INSERT INTO memories
             (user_key, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms)
         SELECT $1, $2, id, kind, body, subject, restricted, talk, turn, created, created,
                array_to_tsvector(string_to_array(terms, ' '))
         FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::text[], $9::text[],
                     $10::bigint[], $11::text[])
              AS new (id, kind, body, subject, restricted, talk, turn, created, terms)
         ON CONFLICT (user_key, id) DO NOTHING RETURNING id, seq",
    )
    .bind(user)
    .bind(version)
    .bind(column(rows, |row| row.memory.id.as_str()))
    .bind(column(rows, |row| row.memory.kind.name()))
    .bind(column(rows, |row| row.memory.text.as_str()))
    .bind(column(rows, |row| row.memory.subject.as_deref()))
    .bind(column(rows, |row| row.memory.restricted))
    .bind(column(rows, |row| row.memory.origin.as_ref().map(|origin| origin.talk.as_str())))
    .bind(column(rows, |row| row.memory.origin.as_ref().map(|origin| origin.turn.as_str())))
    .bind(column(rows, |row| row.memory.at.0))
    .bind(column(rows, |row| row.terms.as_str()))
    .fetch_all(tx)
    .await?;
    Ok(inserted)
}

async fn insert_vectors(
    tx: &mut PgConnection,
    VectorsOf { model, pgvector }: VectorsOf,
    stored: &[(i64, &StoredVector)],
) -> Result<(), StorageError> {
    for stored in stored.chunks(ROWS) {
        let seqs: Vec<i64> = stored.iter().map(|(seq, _)| *seq).collect();
        let bytes: Vec<Vec<u8>> = stored.iter().map(|(_, vector)| vector.to_bytes()).collect();
        sqlx::query(
            "INSERT INTO memory_vectors (seq, model_key, vector)
             SELECT seq, $2, vector FROM unnest($1::bigint[], $3::bytea[]) AS new (seq, vector)",
        )
        .bind(seqs)
        .bind(model)
        .bind(bytes)
        .execute(&mut *tx)
        .await?;
        if pgvector {
            vectors::mirror(&mut *tx, stored).await?;
        }
    }
    Ok(())
}

/// Stores links; the inner error is the end that does not exist.
async fn insert_links(
    tx: &mut PgConnection,
    user: i64,
    new: &BTreeMap<String, i64>,
    links: &[&Link],
) -> Result<Result<usize, MemoryId>, StorageError> {
    let older: Vec<&MemoryId> =
        links.iter().flat_map(|link| [&link.from, &link.to]).filter(|id| !new.contains_key(id.as_str())).collect();
    let found: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, seq FROM memories WHERE user_key = $1 AND id = ANY ($2)")
            .bind(user)
            .bind(older.iter().map(|id| id.as_str()).collect::<Vec<_>>())
            .fetch_all(&mut *tx)
            .await?;
    let mut seqs = new.clone();
    seqs.extend(found);
    if let Some(unknown) = older.into_iter().find(|id| !seqs.contains_key(id.as_str())) {
        return Ok(Err(unknown.clone()));
    }
    let end = |id: &MemoryId| seqs.get(id.as_str()).copied();
    let stored = sqlx::query(
        "INSERT INTO memory_links (from_seq, to_seq, relation)
         SELECT DISTINCT from_seq, to_seq, relation
         FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS new (from_seq, to_seq, relation)
         ON CONFLICT DO NOTHING",
    )
    .bind(links.iter().map(|link| end(&link.from)).collect::<Vec<_>>())
    .bind(links.iter().map(|link| end(&link.to)).collect::<Vec<_>>())
    .bind(links.iter().map(|link| link.relation.name()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    Ok(Ok(usize::try_from(stored.rows_affected()).unwrap_or(usize::MAX)))
}

/// Rows in one statement.
const ROWS: usize = 1_000;
