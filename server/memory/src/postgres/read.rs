//! What is read from PostgreSQL.

use sqlx::PgPool;

use crate::{
    Link, Memory, MemoryId, Origin, TalkId, Timestamp, TurnId, UserId,
    backend::{Change, LinkPlace, LinkRow, Place, Record, User, kind, memory_id, relation},
    error::StorageError,
    sign_index::Entry,
    stats::Stats,
    term::Question,
    vector::StoredVector,
};

/// The user, if anything is remembered of them.
pub(super) async fn user(pool: &PgPool, user: &UserId) -> Result<Option<User>, StorageError> {
    let row: Option<(i64, i64, i64, i64)> =
        sqlx::query_as("SELECT user_key, salt, version, memories FROM memory_users WHERE name = $1")
            .bind(user.as_str())
            .fetch_optional(pool)
            .await?;
    Ok(row.map(|(key, salt, version, memories)| User { key, salt, version, memories }))
}

/// For each question the numbers of memories that answer it: all of them when they are fewer than `limit`, and
/// otherwise mostly new ones.
///
/// The full-text index has no order and cannot stop early. So it is asked for any `limit` hits first, through the
/// connections where it may leave out hits of very frequent terms, and only for frequent terms the newest memories are
/// gone through.
pub(super) async fn postings(
    (pool, bounded): (&PgPool, &PgPool),
    user: i64,
    questions: &[Question],
    limit: usize,
) -> Result<Vec<Vec<i64>>, StorageError> {
    // Leaving out hits of single terms would lose where they meet.
    let pool_to_ask = if questions.iter().all(Question::is_single) { bounded } else { pool };
    let mut postings = any_that_answer(pool_to_ask, questions, limit).await?;
    let frequent: Vec<usize> = (0..questions.len()).filter(|place| postings[*place].len() >= limit).collect();
    if !frequent.is_empty() {
        let asked: Vec<&Question> = frequent.iter().map(|place| &questions[*place]).collect();
        for (place, newest) in newest_that_answer(pool, user, &asked).await? {
            if let Some(posting) = frequent.get(place).and_then(|place| postings.get_mut(*place)) {
                posting.extend(newest);
            }
        }
    }
    for posting in &mut postings {
        posting.sort_unstable_by(|a, b| b.cmp(a));
        posting.dedup();
        posting.truncate(limit);
    }
    Ok(postings)
}

async fn any_that_answer(pool: &PgPool, questions: &[Question], limit: usize) -> Result<Vec<Vec<i64>>, StorageError> {
    let texts: Vec<String> = questions.iter().map(Question::to_tsquery).collect();
    let rows = sqlx::query_scalar(
        "SELECT ARRAY(SELECT seq FROM memories
                      WHERE terms @@ asked.question::tsquery AND (asked.restricted OR NOT restricted) LIMIT $3)
         FROM unnest($1::text[], $2::bool[]) WITH ORDINALITY AS asked (question, restricted, place)
         ORDER BY asked.place",
    )
    .bind(texts)
    .bind(questions.iter().map(Question::admits_restricted).collect::<Vec<_>>())
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Which of the newest memories answer each question.
async fn newest_that_answer(
    pool: &PgPool,
    user: i64,
    questions: &[&Question],
) -> Result<Vec<(usize, Vec<i64>)>, StorageError> {
    let rows: Vec<(i64, Vec<i64>)> = sqlx::query_as(
        "WITH newest AS MATERIALIZED
             (SELECT seq, terms, restricted FROM memories WHERE user_key = $1 ORDER BY seq DESC LIMIT $4)
         SELECT asked.place, array_agg(newest.seq)
         FROM unnest($2::text[], $3::bool[]) WITH ORDINALITY AS asked (question, restricted, place)
         JOIN newest ON newest.terms @@ asked.question::tsquery AND (asked.restricted OR NOT newest.restricted)
         GROUP BY asked.place",
    )
    .bind(user)
    .bind(questions.iter().map(|question| question.to_tsquery()).collect::<Vec<_>>())
    .bind(questions.iter().map(|question| question.admits_restricted()).collect::<Vec<_>>())
    .bind(NEWEST)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(place, seqs)| (usize::try_from(place - 1).unwrap_or(usize::MAX), seqs)).collect())
}

/// The memories with these numbers, in no order.
pub(super) async fn records(pool: &PgPool, user: i64, seqs: &[i64]) -> Result<Vec<Record>, StorageError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(
        "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated,
                tsvector_to_array(terms)
         FROM memories WHERE user_key = $1 AND seq = ANY ($2)",
    )
    .bind(user)
    .bind(seqs)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(record_of).collect()
}

/// The memory with this id.
pub(super) async fn record(pool: &PgPool, user: i64, id: &MemoryId) -> Result<Option<Record>, StorageError> {
    let row = sqlx::query_as(
        "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated,
                tsvector_to_array(terms)
         FROM memories WHERE user_key = $1 AND id = $2",
    )
    .bind(user)
    .bind(id.as_str())
    .fetch_optional(pool)
    .await?;
    row.map(record_of).transpose()
}

/// The newest memories before a number, that answer the question if there is one.
pub(super) async fn newest_before(
    pool: &PgPool,
    user: i64,
    question: Option<&Question>,
    before: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let rows = match question {
        None => {
            sqlx::query_as(
                "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated,
                        tsvector_to_array(terms)
                 FROM memories WHERE user_key = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
            )
            .bind(user)
            .bind(before)
            .bind(limit as i64)
            .fetch_all(pool)
            .await?
        }
        // Planned each time for the question at hand: for a frequent term going through the newest is best, for a rare
        // one the index is.
        Some(question) => {
            sqlx::query_as(
                "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated,
                        tsvector_to_array(terms)
                 FROM memories WHERE user_key = $1 AND seq < $2 AND terms @@ $4::tsquery AND ($5 OR NOT restricted)
                 ORDER BY seq DESC LIMIT $3",
            )
            .bind(user)
            .bind(before)
            .bind(limit as i64)
            .bind(question.to_tsquery())
            .bind(question.admits_restricted())
            .persistent(false)
            .fetch_all(pool)
            .await?
        }
    };
    rows.into_iter().map(record_of).collect()
}

/// The oldest memories after a number.
pub(super) async fn oldest_after(
    pool: &PgPool,
    user: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let rows = sqlx::query_as(
        "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated,
                tsvector_to_array(terms)
         FROM memories WHERE user_key = $1 AND seq > $2 ORDER BY seq LIMIT $3",
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
    pool: &PgPool,
    user: i64,
    model: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let rows = sqlx::query_as(
        "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated,
                tsvector_to_array(terms)
         FROM memories AS m
         WHERE user_key = $1
           AND NOT EXISTS (SELECT 1 FROM memory_vectors AS v WHERE v.seq = m.seq AND v.model_key = $2)
         ORDER BY seq DESC LIMIT $3",
    )
    .bind(user)
    .bind(model)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(record_of).collect()
}

/// The newest links of each of these memories, at most `limit` each way.
pub(super) async fn links_of(pool: &PgPool, seqs: &[i64], limit: usize) -> Result<Vec<LinkRow>, StorageError> {
    let rows: Vec<(i64, i64, String)> = sqlx::query_as(
        "SELECT found.from_seq, found.to_seq, found.relation
         FROM unnest($1::bigint[]) AS wanted (seq) CROSS JOIN LATERAL (
             (SELECT from_seq, to_seq, relation FROM memory_links WHERE from_seq = wanted.seq
              ORDER BY to_seq DESC LIMIT $2)
             UNION ALL
             (SELECT from_seq, to_seq, relation FROM memory_links WHERE to_seq = wanted.seq
              ORDER BY from_seq DESC LIMIT $2)) AS found",
    )
    .bind(seqs)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|(from, to, name)| Ok(LinkRow { from, to, relation: relation(&name)? })).collect()
}

/// All links of a user, in a fixed order, after a place.
pub(super) async fn links_after(
    pool: &PgPool,
    user: i64,
    after: &LinkPlace,
    limit: usize,
) -> Result<Vec<(LinkPlace, Link)>, StorageError> {
    let rows: Vec<(i64, i64, String, String, String)> = sqlx::query_as(
        r#"SELECT l.from_seq, l.to_seq, l.relation, a.id, b.id
           FROM memories AS a JOIN memory_links AS l ON l.from_seq = a.seq JOIN memories AS b ON b.seq = l.to_seq
           WHERE a.user_key = $1 AND a.seq >= $2 AND (l.from_seq, l.to_seq, l.relation COLLATE "C") > ($2, $3, $4)
           ORDER BY l.from_seq, l.to_seq, l.relation COLLATE "C" LIMIT $5"#,
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
    pool: &PgPool,
    user: i64,
    model: i64,
    after: Place,
    limit: usize,
) -> Result<Vec<Change>, StorageError> {
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "SELECT m.version, m.seq, m.kind, m.restricted, v.vector
         FROM memories AS m LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
         WHERE m.user_key = $1 AND (m.version, m.seq) > ($3, $4)
         ORDER BY m.version, m.seq LIMIT $5",
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
pub(super) async fn removals(pool: &PgPool, user: i64, after: i64) -> Result<Vec<i64>, StorageError> {
    let rows = sqlx::query_scalar("SELECT seq FROM memory_removals WHERE user_key = $1 AND version > $2")
        .bind(user)
        .bind(after)
        .fetch_all(pool)
        .await?;
    Ok(rows)
}

/// The stored vectors of these memories.
pub(super) async fn vectors(pool: &PgPool, model: i64, seqs: &[i64]) -> Result<Vec<(i64, StoredVector)>, StorageError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, vector FROM memory_vectors WHERE model_key = $1 AND seq = ANY ($2)")
            .bind(model)
            .bind(seqs)
            .fetch_all(pool)
            .await?;
    Ok(rows.into_iter().map(|(seq, bytes)| (seq, StoredVector::from_bytes(&bytes))).collect())
}

/// How much there is.
pub(super) async fn stats(pool: &PgPool, user: i64, model: i64) -> Result<Stats, StorageError> {
    let kinds: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT m.kind, count(*), count(*) FILTER (WHERE m.restricted), count(v.seq)
         FROM memories AS m LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
         WHERE m.user_key = $1 GROUP BY m.kind ORDER BY m.kind",
    )
    .bind(user)
    .bind(model)
    .fetch_all(pool)
    .await?;
    let links: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM memory_links AS l JOIN memories AS m ON m.seq = l.from_seq WHERE m.user_key = $1",
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
type Row =
    (i64, i64, String, String, String, Option<String>, bool, Option<String>, Option<String>, i64, i64, Vec<String>);

fn record_of(row: Row) -> Result<Record, StorageError> {
    let (seq, version, id, kind_name, text, subject, restricted, talk, turn, created, updated, terms) = row;
    let origin = match (talk.map(TalkId::new), turn.map(TurnId::new)) {
        (Some(Ok(talk)), Some(Ok(turn))) => Some(Origin { talk, turn }),
        (None, None) => None,
        _ => return Err(StorageError::unreadable("origin")),
    };
    let memory = Memory {
        id: memory_id(id)?,
        kind: kind(&kind_name)?,
        text,
        subject,
        restricted,
        origin,
        created: Timestamp(created),
        updated: Timestamp(updated),
    };
    Ok(Record { seq, version, memory, terms })
}

/// How many of the newest memories are gone through for frequent terms.
const NEWEST: i64 = 10_000;
