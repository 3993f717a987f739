//! What is read from the SQLite file.

use sqlx::SqlitePool;

use crate::{
    Kind, Link, Memory, MemoryId, Origin, TalkId, Timestamp, TurnId, UserId,
    backend::{Change, LinkPlace, LinkRow, Place, Record, User, kind, memory_id, relation},
    error::StorageError,
    sign_index::Entry,
    stats::Stats,
    term::Question,
    vector::StoredVector,
};

/// The user, if anything is remembered of them.
pub(super) async fn user(pool: &SqlitePool, user: &UserId) -> Result<Option<User>, StorageError> {
    let row: Option<(i64, i64, i64, i64)> =
        sqlx::query_as("SELECT user_key, salt, version, memories FROM memory_users WHERE name = ?1")
            .bind(user.as_str())
            .fetch_optional(pool)
            .await?;
    Ok(row.map(|(key, salt, version, memories)| User { key, salt, version, memories }))
}

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
    rows.into_iter().map(record_of).collect()
}

/// The memory with this id.
pub(super) async fn record(pool: &SqlitePool, user: i64, id: &MemoryId) -> Result<Option<Record>, StorageError> {
    let row = sqlx::query_as(
        "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
         FROM memories WHERE user_key = ?1 AND id = ?2",
    )
    .bind(user)
    .bind(id.as_str())
    .fetch_optional(pool)
    .await?;
    row.map(record_of).transpose()
}

/// The newest memories before a number, that answer the question if there is one.
pub(super) async fn newest_before(
    pool: &SqlitePool,
    user: i64,
    question: Option<&Question>,
    before: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let rows = match question {
        None => {
            sqlx::query_as(
                "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
                 FROM memories INDEXED BY memories_of_user
                 WHERE user_key = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
            )
            .bind(user)
            .bind(before)
            .bind(limit as i64)
            .fetch_all(pool)
            .await?
        }
        Some(question) => {
            sqlx::query_as(
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
            .await?
        }
    };
    rows.into_iter().map(record_of).collect()
}

/// The oldest memories after a number.
pub(super) async fn oldest_after(
    pool: &SqlitePool,
    user: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let rows = sqlx::query_as(
        "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, terms
         FROM memories INDEXED BY memories_of_user
         WHERE user_key = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )
    .bind(user)
    .bind(after)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(record_of).collect()
}

/// Memories without a vector of the model. Words that cannot be embedded stay without, so the newest come first.
pub(super) async fn without_vector(
    pool: &SqlitePool,
    user: i64,
    model: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let rows = sqlx::query_as(
        "SELECT m.seq, m.version, m.id, m.kind, m.body, m.subject, m.restricted, m.talk, m.turn, m.created, m.updated,
                m.terms
         FROM memories AS m INDEXED BY memories_of_user
         WHERE m.user_key = ?1
           AND NOT EXISTS (SELECT 1 FROM memory_vectors AS v WHERE v.seq = m.seq AND v.model_key = ?2)
         ORDER BY m.seq DESC LIMIT ?3",
    )
    .bind(user)
    .bind(model)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(record_of).collect()
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

/// All links of a user, in a fixed order, after a place.
pub(super) async fn links_after(
    pool: &SqlitePool,
    user: i64,
    after: &LinkPlace,
    limit: usize,
) -> Result<Vec<(LinkPlace, Link)>, StorageError> {
    let rows: Vec<(i64, i64, String, String, String)> = sqlx::query_as(
        "SELECT l.from_seq, l.to_seq, l.relation, a.id, b.id
         FROM memories AS a INDEXED BY memories_of_user
         CROSS JOIN memory_links AS l ON l.from_seq = a.seq
         CROSS JOIN memories AS b ON b.seq = l.to_seq
         WHERE a.user_key = ?1 AND a.seq >= ?2 AND (l.from_seq, l.to_seq, l.relation) > (?2, ?3, ?4)
         ORDER BY a.seq, l.to_seq, l.relation LIMIT ?5",
    )
    .bind(user)
    .bind(after.from)
    .bind(after.to)
    .bind(&after.relation)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|(from, to, name, from_id, to_id)| {
            let link = Link { from: memory_id(from_id)?, relation: relation(&name)?, to: memory_id(to_id)? };
            Ok((LinkPlace { from, to, relation: name }, link))
        })
        .collect()
}

/// What was written after a place, in the order of versions.
pub(super) async fn changes(
    pool: &SqlitePool,
    user: i64,
    model: i64,
    after: Place,
    limit: usize,
) -> Result<Vec<Change>, StorageError> {
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "SELECT m.version, m.seq, m.kind, m.restricted, v.vector
         FROM memories AS m INDEXED BY memories_by_change
         LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = ?2
         WHERE m.user_key = ?1 AND (m.version, m.seq) > (?3, ?4)
         ORDER BY m.version, m.seq LIMIT ?5",
    )
    .bind(user)
    .bind(model)
    .bind(after.version)
    .bind(after.seq)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|(version, seq, name, restricted, vector)| {
            let vector = vector.map(|bytes| StoredVector::from_bytes(&bytes));
            Ok((Place { version, seq }, Entry { seq, kind: kind(&name)?, restricted, vector }))
        })
        .collect()
}

/// What was forgotten after a version.
pub(super) async fn removals(pool: &SqlitePool, user: i64, after: i64) -> Result<Vec<i64>, StorageError> {
    let rows = sqlx::query_scalar("SELECT seq FROM memory_removals WHERE user_key = ?1 AND version > ?2")
        .bind(user)
        .bind(after)
        .fetch_all(pool)
        .await?;
    Ok(rows)
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

/// How much there is.
pub(super) async fn stats(pool: &SqlitePool, user: i64, model: i64) -> Result<Stats, StorageError> {
    let kinds: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT m.kind, count(*), sum(m.restricted), count(v.seq)
         FROM memories AS m LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = ?2
         WHERE m.user_key = ?1 GROUP BY m.kind ORDER BY m.kind",
    )
    .bind(user)
    .bind(model)
    .fetch_all(pool)
    .await?;
    let links: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM memory_links AS l JOIN memories AS m ON m.seq = l.from_seq WHERE m.user_key = ?1",
    )
    .bind(user)
    .fetch_one(pool)
    .await?;
    let mut stats = Stats { links: links.cast_unsigned(), ..Stats::default() };
    for (name, memories, restricted, vectors) in kinds {
        stats.kinds.push((kind(&name)?, memories.cast_unsigned()));
        stats.memories += memories.cast_unsigned();
        stats.restricted += restricted.cast_unsigned();
        stats.vectors += vectors.cast_unsigned();
    }
    Ok(stats)
}

/// Version, number, kind, personal data, vector.
type ChangeRow = (i64, i64, String, bool, Option<Vec<u8>>);

/// A memory with its number, version and terms.
type Row = (i64, i64, String, String, String, Option<String>, bool, Option<String>, Option<String>, i64, i64, String);

fn record_of(row: Row) -> Result<Record, StorageError> {
    let (seq, version, id, kind_name, text, subject, restricted, talk, turn, created, updated, terms) = row;
    let kind: Kind = kind(&kind_name)?;
    let origin = match (talk.map(TalkId::new), turn.map(TurnId::new)) {
        (Some(Ok(talk)), Some(Ok(turn))) => Some(Origin { talk, turn }),
        (None, None) => None,
        _ => return Err(StorageError::unreadable("origin")),
    };
    let memory = Memory {
        id: memory_id(id)?,
        kind,
        text,
        subject,
        restricted,
        origin,
        created: Timestamp(created),
        updated: Timestamp(updated),
    };
    Ok(Record { seq, version, memory, terms: terms.split(' ').map(str::to_owned).collect() })
}

fn json(seqs: &[i64]) -> String {
    let numbers: Vec<String> = seqs.iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}
