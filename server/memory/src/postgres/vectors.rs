//! Searching vectors inside PostgreSQL, with the pgvector extension.
//!
//! The stored bytes stay what counts; beside them stands a copy of the type `vector`. All of a user's vectors are
//! compared exactly: an approximate index over all users would lose the hits of small ones.

use sqlx::{PgConnection, PgPool};

use crate::{Kind, error::StorageError, term::Filter, vector::StoredVector};

/// Whether the database can search vectors. When it can, everything stored so far is made searchable.
pub(super) async fn prepare(pool: &PgPool) -> Result<bool, StorageError> {
    let installed = "SELECT to_regtype('vector') IS NOT NULL";
    let available = "SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector')";
    if !sqlx::query_scalar::<_, bool>(installed).fetch_one(pool).await? {
        if !sqlx::query_scalar::<_, bool>(available).fetch_one(pool).await? {
            return Ok(false);
        }
        if let Err(error) = sqlx::query("CREATE EXTENSION IF NOT EXISTS vector").execute(pool).await {
            tracing::info!(%error, "pgvector is there but may not be installed by this user");
            return Ok(false);
        }
    }
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS memory_pgvectors (
             seq BIGINT PRIMARY KEY REFERENCES memory_vectors (seq) ON DELETE CASCADE,
             embedding vector NOT NULL
         )",
    )
    .execute(pool)
    .await?;
    while mirror_page(pool).await? {}
    Ok(true)
}

/// Makes new vectors searchable.
pub(super) async fn mirror(tx: &mut PgConnection, stored: &[(i64, &StoredVector)]) -> Result<(), StorageError> {
    let seqs: Vec<i64> = stored.iter().map(|(seq, _)| *seq).collect();
    let vectors: Vec<String> = stored.iter().map(|(_, vector)| literal(&vector.to_floats())).collect();
    sqlx::query(
        "INSERT INTO memory_pgvectors (seq, embedding)
         SELECT seq, embedding::real[]::vector FROM unnest($1::bigint[], $2::text[]) AS new (seq, embedding)
         ON CONFLICT (seq) DO UPDATE SET embedding = excluded.embedding",
    )
    .bind(seqs)
    .bind(vectors)
    .execute(tx)
    .await?;
    Ok(())
}

/// The nearest memories with their cosines.
pub(super) async fn nearest(
    pool: &PgPool,
    (user, model): (i64, i64),
    query: &[f32],
    filter: &Filter,
    limit: usize,
) -> Result<Vec<(i64, f32)>, StorageError> {
    let kinds: Vec<&str> = filter.kinds.iter().copied().map(Kind::name).collect();
    let rows: Vec<(i64, f64)> = sqlx::query_as(
        "SELECT m.seq, (1 - (p.embedding <=> $3::real[]::vector))::float8
         FROM memories AS m
         JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
         JOIN memory_pgvectors AS p ON p.seq = m.seq
         WHERE m.user_key = $1 AND ($4 OR NOT m.restricted) AND (cardinality($5::text[]) = 0 OR m.kind = ANY ($5))
         ORDER BY p.embedding <=> $3::real[]::vector LIMIT $6",
    )
    .bind(user)
    .bind(model)
    .bind(query)
    .bind(filter.restricted)
    .bind(kinds)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(seq, cosine)| (seq, cosine as f32)).collect())
}

/// Makes some of the vectors searchable that were stored without the extension; false when there are none.
async fn mirror_page(pool: &PgPool) -> Result<bool, StorageError> {
    let mut tx = pool.begin().await?;
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT v.seq, v.vector FROM memory_vectors AS v
         WHERE NOT EXISTS (SELECT 1 FROM memory_pgvectors AS p WHERE p.seq = v.seq)
         ORDER BY v.seq LIMIT 1000 FOR UPDATE OF v SKIP LOCKED",
    )
    .fetch_all(&mut *tx)
    .await?;
    let vectors: Vec<(i64, StoredVector)> =
        rows.into_iter().map(|(seq, bytes)| (seq, StoredVector::from_bytes(&bytes))).collect();
    let stored: Vec<(i64, &StoredVector)> = vectors.iter().map(|(seq, vector)| (*seq, vector)).collect();
    mirror(&mut tx, &stored).await?;
    tx.commit().await?;
    Ok(!stored.is_empty())
}

/// An array of numbers as PostgreSQL reads it.
fn literal(vector: &[f32]) -> String {
    let numbers: Vec<String> = vector.iter().map(f32::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}
