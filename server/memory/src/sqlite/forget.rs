//! Forgetting in the SQLite file, to the last byte.
//!
//! `secure_delete` overwrites what is deleted, the full-text index is set to take entries out of its pages at once, and
//! the write-ahead log, which still has the old pages, is copied back and emptied.

use sqlx::{SqliteConnection, SqlitePool};

use crate::{
    Forget,
    alike::{LEAVE_TALK, OF_TALK},
    backend::Deletion,
    error::StorageError,
    sqlite::write::{begin, count, next_version, with_turns, withdraw},
};

/// Deletes memories with all that belongs to them.
pub(super) async fn delete(
    pool: &SqlitePool,
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
            let one = "SELECT seq FROM memories WHERE user_key = ?1 AND id = ?2";
            let seqs = sqlx::query_scalar(one).bind(user).bind(id.as_str()).fetch_all(&mut *tx).await?;
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
        Forget::All => delete_user(&mut tx, user).await?,
    };
    tx.commit().await?;
    Ok(Deletion { memories, version })
}

/// Writes the log back and empties it; false when somebody reads from it at this moment.
pub(super) async fn empty_log(pool: &SqlitePool) -> Result<bool, StorageError> {
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
    Ok(busy == 0)
}

/// Deletes memories, for good: nothing that was said in their turns is stored any more.
pub(super) async fn delete_rows(
    tx: &mut SqliteConnection,
    (user, version): (i64, i64),
    seqs: &[i64],
) -> Result<usize, StorageError> {
    withdraw(&mut *tx, seqs).await?;
    for seq in seqs {
        sqlx::query(
            "INSERT INTO memory_terms (memory_terms, rowid, terms)
             SELECT 'delete', seq, terms FROM memories WHERE seq = ?1",
        )
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        // Its vector and its links go with it.
        sqlx::query("DELETE FROM memories WHERE seq = ?1").bind(seq).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO memory_removals (user_key, version, seq) VALUES (?1, ?2, ?3)")
            .bind(user)
            .bind(version)
            .bind(seq)
            .execute(&mut *tx)
            .await?;
    }
    count(tx, user, -(seqs.len() as i64)).await?;
    Ok(seqs.len())
}

async fn delete_user(tx: &mut SqliteConnection, user: i64) -> Result<usize, StorageError> {
    let (own, all): (i64, i64) = sqlx::query_as(
        "SELECT memories, (SELECT sum(memories) FROM memory_users) FROM memory_users WHERE user_key = ?1",
    )
    .bind(user)
    .fetch_one(&mut *tx)
    .await?;
    // Taking entries out of the index one by one is slower than making it anew from the rest, unless the rest is more.
    let anew = own > all - own;
    if !anew {
        sqlx::query(
            "INSERT INTO memory_terms (memory_terms, rowid, terms)
             SELECT 'delete', seq, terms FROM memories WHERE user_key = ?1",
        )
        .bind(user)
        .execute(&mut *tx)
        .await?;
    }
    let deleted = sqlx::query("DELETE FROM memories WHERE user_key = ?1").bind(user).execute(&mut *tx).await?;
    if anew {
        sqlx::query("INSERT INTO memory_terms (memory_terms) VALUES ('rebuild')").execute(&mut *tx).await?;
    }
    sqlx::query("DELETE FROM memory_users WHERE user_key = ?1").bind(user).execute(&mut *tx).await?;
    Ok(usize::try_from(deleted.rows_affected()).unwrap_or(usize::MAX))
}
