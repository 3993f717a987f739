//! What is read from the SQLite file.

use sqlx::{Sqlite, SqlitePool};

use crate::{
    alike,
    backend::{LinkRow, Record, relation},
    error::StorageError,
    term::Question,
    vector::StoredVector,
};

alike::reads!(Sqlite);

/// For each question the numbers of the newest memories that answer it.
pub(super) async fn postings(
    pool: &SqlitePool,
    questions: &[Question],
    limit: usize,
) -> Result<Vec<Vec<i64>>, StorageError> {
    let mut connection = pool.acquire().await?;
    let mut postings = Vec::with_capacity(questions.len());
    for question in questions {
        // One row with all numbers: handing over each by itself would take longer than finding them.
        let numbers: String = sqlx::query_scalar(
            "SELECT coalesce(group_concat(rowid), '') FROM
                 (SELECT rowid FROM memory_terms WHERE memory_terms MATCH ?1 ORDER BY rowid DESC LIMIT ?2)",
        )
        .bind(question.to_fts5())
        .bind(limit as i64)
        .fetch_one(&mut *connection)
        .await?;
        postings.push(numbers.split(',').filter_map(|number| number.parse().ok()).collect());
    }
    Ok(postings)
}

/// The memories with these numbers, in no order.
pub(super) async fn records(pool: &SqlitePool, user: i64, seqs: &[i64]) -> Result<Vec<Record>, StorageError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(
        "SELECT m.seq, m.version, m.id, m.kind, m.body, m.subject, m.restricted, m.talk, m.turn, m.created, m.updated,
                m.terms
         FROM json_each(?2) AS wanted CROSS JOIN memories AS m ON m.seq = wanted.value
         WHERE m.user_key = ?1",
    )
    .bind(user)
    .bind(json(seqs))
    .fetch_all(pool)
    .await?;
    records_of(rows)
}

/// The newest memories before a number, that answer the question if there is one.
pub(super) async fn newest_before(
    pool: &SqlitePool,
    user: i64,
    question: Option<&Question>,
    before: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let Some(question) = question else { return newest_of_all(pool, user, before, limit).await };
    let rows = sqlx::query_as(
        "SELECT m.seq, m.version, m.id, m.kind, m.body, m.subject, m.restricted, m.talk, m.turn, m.created,
                m.updated, m.terms
         FROM (SELECT rowid AS seq FROM memory_terms WHERE memory_terms MATCH ?4 AND rowid < ?2
               ORDER BY rowid DESC LIMIT ?3) AS found
         CROSS JOIN memories AS m ON m.seq = found.seq
         WHERE m.user_key = ?1 ORDER BY m.seq DESC",
    )
    .bind(user)
    .bind(before)
    .bind(limit as i64)
    .bind(question.to_fts5())
    .fetch_all(pool)
    .await?;
    records_of(rows)
}

/// The newest links of each of these memories, at most `limit` each way.
pub(super) async fn links_of(pool: &SqlitePool, seqs: &[i64], limit: usize) -> Result<Vec<LinkRow>, StorageError> {
    let mut connection = pool.acquire().await?;
    let mut links = Vec::new();
    for seq in seqs {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT * FROM (SELECT from_seq, to_seq, relation FROM memory_links WHERE from_seq = ?1
                            ORDER BY to_seq DESC LIMIT ?2)
             UNION ALL
             SELECT * FROM (SELECT from_seq, to_seq, relation FROM memory_links WHERE to_seq = ?1
                            ORDER BY from_seq DESC LIMIT ?2)",
        )
        .bind(seq)
        .bind(limit as i64)
        .fetch_all(&mut *connection)
        .await?;
        for (from, to, name) in rows {
            links.push(LinkRow { from, to, relation: relation(&name)? });
        }
    }
    Ok(links)
}

/// The stored vectors of these memories.
pub(super) async fn vectors(
    pool: &SqlitePool,
    model: i64,
    seqs: &[i64],
) -> Result<Vec<(i64, StoredVector)>, StorageError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT v.seq, v.vector FROM json_each(?2) AS wanted CROSS JOIN memory_vectors AS v ON v.seq = wanted.value
         WHERE v.model_key = ?1",
    )
    .bind(model)
    .bind(json(seqs))
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(seq, bytes)| (seq, StoredVector::from_bytes(&bytes))).collect())
}

fn json(seqs: &[i64]) -> String {
    let numbers: Vec<String> = seqs.iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// Terms as they are stored: separated by spaces.
type Terms = String;

#[expect(clippy::needless_pass_by_value, reason = "in PostgreSQL they are handed on as they are")]
fn terms_of(terms: Terms) -> Vec<String> {
    terms.split(' ').map(str::to_owned).collect()
}

const RECORD: &str = "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
    FROM memories WHERE user_key = $1 AND id = $2";
const NEWEST_BEFORE: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
    FROM memories INDEXED BY memories_of_user WHERE user_key = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
const NEWEST: &str = "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
     FROM memories INDEXED BY memories_by_time
     WHERE user_key = $1 AND created >= $2 AND created < $3 AND ($4 OR NOT restricted)
       AND ($5 IS NULL OR talk IS NULL OR talk <> $5) AND kind IN (SELECT value FROM json_each($6))
     ORDER BY created DESC, seq DESC LIMIT $7";
const OLDEST_AFTER: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
    FROM memories INDEXED BY memories_of_user WHERE user_key = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const WITHOUT_VECTOR: &str =
    "SELECT m.seq, m.version, m.id, m.kind, m.body, m.subject, m.restricted, m.talk, m.turn, m.created, m.updated, m.terms
     FROM memories AS m INDEXED BY memories_of_user
     WHERE m.user_key = $1
       AND NOT EXISTS (SELECT 1 FROM memory_vectors AS v WHERE v.seq = m.seq AND v.model_key = $2)
     ORDER BY m.seq DESC LIMIT $3";
const LINKS_AFTER: &str = "SELECT l.from_seq, l.to_seq, l.relation, a.id, b.id
    FROM memories AS a INDEXED BY memories_of_user
    CROSS JOIN memory_links AS l ON l.from_seq = a.seq
    CROSS JOIN memories AS b ON b.seq = l.to_seq
    WHERE a.user_key = $1 AND a.seq >= $2 AND (l.from_seq, l.to_seq, l.relation) > ($2, $3, $4)
    ORDER BY a.seq, l.to_seq, l.relation LIMIT $5";
const CHANGES: &str = "SELECT m.version, m.seq, m.kind, m.restricted, v.vector
    FROM memories AS m INDEXED BY memories_by_change
    LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
    WHERE m.user_key = $1 AND (m.version, m.seq) > ($3, $4)
    ORDER BY m.version, m.seq LIMIT $5";
const KINDS: &str = "SELECT m.kind, count(*), sum(m.restricted), count(v.seq)
    FROM memories AS m LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
    WHERE m.user_key = $1 GROUP BY m.kind ORDER BY m.kind";
