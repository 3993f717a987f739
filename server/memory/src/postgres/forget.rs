//! Forgetting in PostgreSQL.
//!
//! What is deleted is gone for every query at the commit. `VACUUM` then takes the dead rows and their index entries out
//! of the tables. What the server keeps beside them (its own log, backups, replicas) is its operator's to expire.

use sqlx::{PgConnection, PgPool};

use crate::{
    Forget,
    alike::{LEAVE_TALK, OF_TALK},
    backend::Deletion,
    error::StorageError,
    postgres::write::{begin, count, next_version, with_turns, withdraw},
};

/// Deletes memories with all that belongs to them.
pub(super) async fn delete(
    pool: &PgPool,
    user: i64,
    what: &Forget,
    repeating: &[i64],
) -> Result<Deletion, StorageError> {
    let mut tx = begin(pool).await?;
    let Some(version) = next_version(&mut tx, user).await? else {
        return Ok(Deletion { memories: 0, version: 0 });
    };
    let memories = match what {
        Forget::One(id) => {
            let query = sqlx::query_scalar("SELECT seq FROM memories WHERE user_key = $1 AND id = $2");
            let seqs = query.bind(user).bind(id.as_str()).fetch_all(&mut *tx).await?;
            let all = with_turns(&mut tx, user, seqs, repeating).await?;
            delete_rows(&mut tx, (user, version), &all).await?
        }
        Forget::Talk(talk) => {
            let seqs = sqlx::query_scalar(OF_TALK).bind(user).bind(talk.as_str()).fetch_all(&mut *tx).await?;
            let all = with_turns(&mut tx, user, seqs, repeating).await?;
            let deleted = delete_rows(&mut tx, (user, version), &all).await?;
            sqlx::query(LEAVE_TALK).bind(user).bind(talk.as_str()).execute(&mut *tx).await?;
            deleted
        }
        Forget::All => {
            let query = sqlx::query("DELETE FROM memories WHERE user_key = $1");
            let deleted = query.bind(user).execute(&mut *tx).await?.rows_affected();
            sqlx::query("DELETE FROM memory_users WHERE user_key = $1").bind(user).execute(&mut *tx).await?;
            usize::try_from(deleted).unwrap_or(usize::MAX)
        }
    };
    tx.commit().await?;
    Ok(Deletion { memories, version })
}

/// Takes dead rows out of the tables; false when the server does not let us, its own vacuum does it later then.
pub(super) async fn vacuum(pool: &PgPool, pgvector: bool) -> Result<bool, StorageError> {
    let mut done = sqlx::query("VACUUM memories, memory_vectors, memory_links, memory_users").execute(pool).await;
    if pgvector && done.is_ok() {
        done = sqlx::query("VACUUM memory_pgvectors").execute(pool).await;
    }
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) => {
            tracing::debug!(%error, "the tables are not vacuumed");
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Deletes memories, for good: nothing that was said in their turns is stored any more.
pub(super) async fn delete_rows(
    tx: &mut PgConnection,
    (user, version): (i64, i64),
    seqs: &[i64],
) -> Result<usize, StorageError> {
    withdraw(&mut *tx, seqs).await?;
    // Vectors and links go with their memories.
    sqlx::query("DELETE FROM memories WHERE seq = ANY ($1)").bind(seqs).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO memory_removals (user_key, version, seq) SELECT $1, $2, unnest($3::bigint[])")
        .bind(user)
        .bind(version)
        .bind(seqs)
        .execute(&mut *tx)
        .await?;
    count(tx, user, -(seqs.len() as i64)).await?;
    Ok(seqs.len())
}
