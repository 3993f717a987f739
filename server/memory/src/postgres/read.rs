//! What is read from PostgreSQL.

use sqlx::{PgPool, Postgres};

use crate::{
    alike,
    backend::{LinkRow, Record, relation},
    error::StorageError,
    term::Question,
    vector::StoredVector,
};

alike::reads!(Postgres);

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
    .bind(NEWEST_READ)
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
    records_of(rows)
}

/// The newest memories before a number, that answer the question if there is one.
pub(super) async fn newest_before(
    pool: &PgPool,
    user: i64,
    question: Option<&Question>,
    before: i64,
    limit: usize,
) -> Result<Vec<Record>, StorageError> {
    let Some(question) = question else { return newest_of_all(pool, user, before, limit).await };
    // Planned each time for the question at hand: for a frequent term going through the newest is best, for a rare one
    // the index is.
    let rows = sqlx::query_as(
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
    .await?;
    records_of(rows)
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

/// How many of the newest memories are gone through for frequent terms.
const NEWEST_READ: i64 = 10_000;

type Terms = Vec<String>;

fn terms_of(terms: Terms) -> Vec<String> {
    terms
}

const RECORD: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, tsvector_to_array(terms)
     FROM memories WHERE user_key = $1 AND id = $2";
const NEWEST_BEFORE: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, tsvector_to_array(terms)
     FROM memories WHERE user_key = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
const NEWEST: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, tsvector_to_array(terms)
     FROM memories
     WHERE user_key = $1 AND created >= $2 AND created < $3 AND ($4 OR NOT restricted)
       AND ($5::text IS NULL OR talk IS NULL OR talk <> $5) AND kind IN (SELECT value FROM jsonb_array_elements_text($6::jsonb) AS wanted (value))
     ORDER BY created DESC, seq DESC LIMIT $7";
const OLDEST_AFTER: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, tsvector_to_array(terms)
     FROM memories WHERE user_key = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const WITHOUT_VECTOR: &str =
    "SELECT seq, version, id, kind, body, subject, restricted, talk, turn, created, updated, tsvector_to_array(terms)
     FROM memories AS m
     WHERE user_key = $1 AND NOT EXISTS (SELECT 1 FROM memory_vectors AS v WHERE v.seq = m.seq AND v.model_key = $2)
     ORDER BY seq DESC LIMIT $3";
const LINKS_AFTER: &str = r#"SELECT l.from_seq, l.to_seq, l.relation, a.id, b.id
    FROM memories AS a JOIN memory_links AS l ON l.from_seq = a.seq JOIN memories AS b ON b.seq = l.to_seq
    WHERE a.user_key = $1 AND a.seq >= $2 AND (l.from_seq, l.to_seq, l.relation COLLATE "C") > ($2, $3, $4)
    ORDER BY l.from_seq, l.to_seq, l.relation COLLATE "C" LIMIT $5"#;
const CHANGES: &str = "SELECT m.version, m.seq, m.kind, m.restricted, v.vector
    FROM memories AS m LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
    WHERE m.user_key = $1 AND (m.version, m.seq) > ($3, $4)
    ORDER BY m.version, m.seq LIMIT $5";
const KINDS: &str = "SELECT m.kind, count(*), count(*) FILTER (WHERE m.restricted), count(v.seq)
    FROM memories AS m LEFT JOIN memory_vectors AS v ON v.seq = m.seq AND v.model_key = $2
    WHERE m.user_key = $1 GROUP BY m.kind ORDER BY m.kind";
