//! What is written to PostgreSQL. Every write is one transaction that locks the row of its user first.

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgPool};

use crate::{
    Link, MemoryId, UserId,
    backend::{Insertion, LateVector, NewRow, Replacement, User, VectorChange},
    embed::Model,
    error::StorageError,
    postgres::vectors,
    vector::StoredVector,
};

/// The number of a model; a new one for a new model.
pub(super) async fn model_key(pool: &PgPool, model: &Model) -> Result<i64, StorageError> {
    let key = sqlx::query_scalar(
        "INSERT INTO memory_models (name, dims) VALUES ($1, $2)
         ON CONFLICT (name, dims) DO UPDATE SET dims = excluded.dims RETURNING model_key",
    )
    .bind(&model.name)
    .bind(model.dims as i64)
    .fetch_one(pool)
    .await?;
    Ok(key)
}

/// The user, who exists from now on.
pub(super) async fn enrol(pool: &PgPool, user: &UserId) -> Result<User, StorageError> {
    let (key, salt, version, memories): (i64, i64, i64, i64) = sqlx::query_as(
        "INSERT INTO memory_users (name) VALUES ($1)
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING user_key, salt, version, memories",
    )
    .bind(user.as_str())
    .fetch_one(pool)
    .await?;
    Ok(User { key, salt, version, memories })
}

/// Stores memories whose ids are new, and the links.
pub(super) async fn insert(
    pool: &PgPool,
    pgvector: bool,
    (user, model): (i64, i64),
    rows: &[NewRow],
    links: &[Link],
) -> Result<Insertion, StorageError> {
    let mut tx = pool.begin().await?;
    let Some(version) = next_version(&mut tx, user).await? else { return Ok(Insertion::UserGone) };
    let mut seqs: BTreeMap<String, i64> = BTreeMap::new();
    for rows in rows.chunks(ROWS) {
        seqs.extend(insert_rows(&mut tx, user, version, rows).await?);
    }
    let stored: Vec<(i64, &StoredVector)> =
        rows.iter().filter_map(|row| Some((*seqs.get(row.memory.id.as_str())?, row.vector.as_ref()?))).collect();
    insert_vectors(&mut tx, pgvector, model, &stored).await?;
    sqlx::query("UPDATE memory_users SET memories = memories + $2 WHERE user_key = $1")
        .bind(user)
        .bind(seqs.len() as i64)
        .execute(&mut *tx)
        .await?;
    let links = match insert_links(&mut tx, user, &seqs, links).await? {
        Ok(links) => links,
        Err(unknown) => return Ok(Insertion::UnknownLink(unknown)),
    };
    tx.commit().await?;
    Ok(Insertion::Done { added: seqs.into_keys().collect(), links })
}

/// Writes a corrected memory; false when it has changed or gone since it was read.
pub(super) async fn replace(
    pool: &PgPool,
    pgvector: bool,
    (user, model): (i64, i64),
    replacement: &Replacement,
) -> Result<bool, StorageError> {
    let Replacement { seq, read_at, memory, terms, vector } = replacement;
    let mut tx = pool.begin().await?;
    let Some(version) = next_version(&mut tx, user).await? else { return Ok(false) };
    let written = sqlx::query(
        "UPDATE memories
         SET version = $4, kind = $5, body = $6, subject = $7, restricted = $8, updated = $9,
             terms = array_to_tsvector(string_to_array($10, ' '))
         WHERE seq = $1 AND user_key = $2 AND version = $3",
    )
    .bind(seq)
    .bind(user)
    .bind(read_at)
    .bind(version)
    .bind(memory.kind.name())
    .bind(&memory.text)
    .bind(&memory.subject)
    .bind(memory.restricted)
    .bind(memory.updated.0)
    .bind(terms)
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(false);
    }
    if let VectorChange::Set(vector) = vector {
        sqlx::query("DELETE FROM memory_vectors WHERE seq = $1").bind(seq).execute(&mut *tx).await?;
        let stored: Vec<(i64, &StoredVector)> = vector.iter().map(|vector| (*seq, vector)).collect();
        insert_vectors(&mut tx, pgvector, model, &stored).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Stores late vectors; says how many.
pub(super) async fn add_vectors(
    pool: &PgPool,
    pgvector: bool,
    (user, model): (i64, i64),
    late: &[LateVector],
) -> Result<usize, StorageError> {
    let mut tx = pool.begin().await?;
    let Some(version) = next_version(&mut tx, user).await? else { return Ok(0) };
    let mut current = Vec::with_capacity(late.len());
    for LateVector { seq, read_at, vector } in late {
        let moved = sqlx::query("UPDATE memories SET version = $4 WHERE seq = $1 AND user_key = $2 AND version = $3")
            .bind(seq)
            .bind(user)
            .bind(read_at)
            .bind(version)
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() == 1 {
            sqlx::query("DELETE FROM memory_vectors WHERE seq = $1").bind(seq).execute(&mut *tx).await?;
            current.push((*seq, vector));
        }
    }
    insert_vectors(&mut tx, pgvector, model, &current).await?;
    tx.commit().await?;
    Ok(current.len())
}

/// Counts a write and locks the user's row; none when the user is gone.
pub(super) async fn next_version(tx: &mut PgConnection, user: i64) -> Result<Option<i64>, StorageError> {
    let version =
        sqlx::query_scalar("UPDATE memory_users SET version = version + 1 WHERE user_key = $1 RETURNING version")
            .bind(user)
            .fetch_optional(tx)
            .await?;
    Ok(version)
}

async fn insert_rows(
    tx: &mut PgConnection,
    user: i64,
    version: i64,
    rows: &[NewRow],
) -> Result<Vec<(String, i64)>, StorageError> {
    fn column<'a, T>(rows: &'a [NewRow], value: impl Fn(&'a NewRow) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
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
    pgvector: bool,
    model: i64,
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
    links: &[Link],
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
