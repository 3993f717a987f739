//! What both databases do alike. They take the same statements where these say nothing of a database's own, and where
//! they do, each names its own statement and binds and reads it in the same way.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType},
};

use crate::{
    Kind, Memory, Origin, TalkId, Timestamp, TurnId,
    backend::{Change, Place, Record, kind, memory_id},
    error::StorageError,
    sign_index::Entry,
    stats::Stats,
    vector::StoredVector,
};

/// One step of a schema.
pub(crate) fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

/// A memory with its number, its version and, in the database's own form, its terms.
pub(crate) type Row<T> =
    (i64, i64, String, String, String, Option<String>, bool, Option<String>, Option<String>, i64, i64, T);

/// The memory that a row is.
pub(crate) fn record_of<T>(row: Row<T>, terms_of: fn(T) -> Vec<String>) -> Result<Record, StorageError> {
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
    Ok(Record { seq, version, memory, terms: terms_of(terms) })
}

/// The names of kinds, of all where there are none, as an array of JSON.
pub(crate) fn kinds_in_json(kinds: &[Kind]) -> String {
    let kinds = if kinds.is_empty() { &Kind::ALL } else { kinds };
    let names: Vec<String> = kinds.iter().map(|kind| format!("\"{}\"", kind.name())).collect();
    format!("[{}]", names.join(","))
}

/// Version, number, kind, personal data, vector.
pub(crate) type ChangeRow = (i64, i64, String, bool, Option<Vec<u8>>);

/// The change that a row is.
pub(crate) fn change_of((version, seq, name, restricted, vector): ChangeRow) -> Result<Change, StorageError> {
    let vector = vector.map(|bytes| StoredVector::from_bytes(&bytes));
    Ok((Place { version, seq }, Entry { seq, kind: kind(&name)?, restricted, vector }))
}

/// The sum of what there is of each kind.
pub(crate) fn stats_of(kinds: Vec<(String, i64, i64, i64)>, links: i64) -> Result<Stats, StorageError> {
    let mut stats = Stats { links: links.cast_unsigned(), ..Stats::default() };
    for (name, memories, restricted, vectors) in kinds {
        stats.kinds.push((kind(&name)?, memories.cast_unsigned()));
        stats.memories += memories.cast_unsigned();
        stats.restricted += restricted.cast_unsigned();
        stats.vectors += vectors.cast_unsigned();
    }
    Ok(stats)
}

pub(crate) const USER: &str = "SELECT user_key, salt, version, memories FROM memory_users WHERE name = $1";
pub(crate) const RECENT_USERS: &str = "SELECT name FROM memory_users AS u WHERE memories > 0
    ORDER BY (SELECT max(seq) FROM memories AS m WHERE m.user_key = u.user_key) DESC LIMIT $1";
pub(crate) const OF_TURN: &str =
    "SELECT id, kind FROM memories WHERE user_key = $1 AND talk = $2 AND turn = $3 ORDER BY seq DESC LIMIT $4";
/// What goes when a talk is forgotten: all that came from it, but for names on which what came from elsewhere hangs.
pub(crate) const OF_TALK: &str = "SELECT seq FROM memories AS m WHERE user_key = $1 AND talk = $2 AND NOT
    (kind IN ('person', 'place', 'project') AND EXISTS
        (SELECT 1 FROM memory_links AS l JOIN memories AS o ON o.seq IN (l.from_seq, l.to_seq)
         WHERE (l.from_seq = m.seq OR l.to_seq = m.seq) AND o.talk IS DISTINCT FROM $2))";
/// Those names do not say any more that they came from it.
pub(crate) const LEAVE_TALK: &str = "UPDATE memories SET talk = NULL, turn = NULL WHERE user_key = $1 AND talk = $2";
/// The turns in which a memory was told: those that it comes from, and those that it is linked with.
pub(crate) const TURNS_OF: &str = "SELECT t.seq FROM memories AS m
    JOIN memories AS t ON t.user_key = m.user_key AND t.talk = m.talk AND t.turn = m.turn
    WHERE m.user_key = $1 AND m.seq = $2 AND m.kind <> 'turn' AND t.kind = 'turn'
    UNION SELECT t.seq FROM memories AS m
    JOIN memory_links AS l ON l.from_seq = m.seq AND l.relation = 'mentioned_in' JOIN memories AS t ON t.seq = l.to_seq
    WHERE m.user_key = $1 AND m.seq = $2 AND m.kind <> 'turn' AND t.kind = 'turn'";
/// Nothing that was said in the turn of a memory is stored any more.
pub(crate) const WITHDRAW: &str = "INSERT INTO memory_withdrawn (user_key, talk, turn)
    SELECT user_key, talk, turn FROM memories WHERE seq = $1 AND talk IS NOT NULL ON CONFLICT DO NOTHING";
pub(crate) const WITHDRAWN: &str = "SELECT turn FROM memory_withdrawn WHERE user_key = $1 AND talk = $2 AND turn = $3";
/// Marks the turns in which personal data was told that was written with this version. The mark among their terms only
/// makes searching cheaper, this one decides.
pub(crate) const RESTRICT_TURNS_OF_WRITTEN: &str = "UPDATE memories SET restricted = TRUE, version = $2
    WHERE NOT restricted AND seq IN (
        SELECT t.seq FROM memories AS m
        JOIN memories AS t ON t.user_key = m.user_key AND t.talk = m.talk AND t.turn = m.turn
        WHERE m.user_key = $1 AND m.version = $2 AND m.restricted AND m.kind <> 'turn' AND t.kind = 'turn'
        UNION SELECT t.seq FROM memories AS m
        JOIN memory_links AS l ON l.from_seq = m.seq AND l.relation = 'mentioned_in'
        JOIN memories AS t ON t.seq = l.to_seq
        WHERE m.user_key = $1 AND m.version = $2 AND m.restricted AND m.kind <> 'turn' AND t.kind = 'turn')";
/// Marks the turns that were written with this version, and in which personal data was told before.
pub(crate) const RESTRICT_WRITTEN_TURNS: &str = "UPDATE memories SET restricted = TRUE
    WHERE user_key = $1 AND version = $2 AND kind = 'turn' AND NOT restricted AND (
        EXISTS (SELECT 1 FROM memories AS m WHERE m.user_key = $1 AND m.talk = memories.talk
                AND m.turn = memories.turn AND m.restricted)
        OR EXISTS (SELECT 1 FROM memory_links AS l JOIN memories AS m ON m.seq = l.from_seq
                   WHERE l.to_seq = memories.seq AND l.relation = 'mentioned_in' AND m.restricted))";
pub(crate) const RESTRICT: &str =
    "UPDATE memories SET restricted = TRUE, version = $2 WHERE user_key = $1 AND seq = $3 AND NOT restricted";
pub(crate) const REMOVALS: &str = "SELECT seq FROM memory_removals WHERE user_key = $1 AND version > $2";
pub(crate) const LINKS: &str =
    "SELECT count(*) FROM memory_links AS l JOIN memories AS m ON m.seq = l.from_seq WHERE m.user_key = $1";
pub(crate) const MODEL: &str = "INSERT INTO memory_models (name, dims) VALUES ($1, $2)
    ON CONFLICT (name, dims) DO UPDATE SET dims = excluded.dims RETURNING model_key";
/// Writing what is there already would write nothing.
pub(crate) const CHECK: [&str; 2] = [
    "INSERT INTO memory_models (name, dims) VALUES ('', 0) ON CONFLICT (name, dims) DO NOTHING",
    "DELETE FROM memory_models WHERE name = ''",
];
pub(crate) const ENROL: &str = "INSERT INTO memory_users (name) VALUES ($1)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING user_key, salt, version, memories";
pub(crate) const NEXT_VERSION: &str =
    "UPDATE memory_users SET version = version + 1 WHERE user_key = $1 RETURNING version";
pub(crate) const COUNT: &str = "UPDATE memory_users SET memories = memories + $2 WHERE user_key = $1";
pub(crate) const MOVE: &str = "UPDATE memories SET version = $4 WHERE seq = $1 AND user_key = $2 AND version = $3";
pub(crate) const UNCHANGED: &str = "SELECT seq FROM memories WHERE seq = $1 AND user_key = $2 AND version = $3";
pub(crate) const DROP_VECTOR: &str = "DELETE FROM memory_vectors WHERE seq = $1";

/// The reads of a database. Its module has the statements `RECORD`, `NEWEST_BEFORE`, `NEWEST`, `OLDEST_AFTER`, `WITHOUT_VECTOR`,
/// `LINKS_AFTER`, `CHANGES` and `KINDS`, and the function `terms_of` that reads terms.
macro_rules! reads {
    ($database:ty) => {
        /// The user, if anything is remembered of them.
        pub(super) async fn user(
            pool: &sqlx::Pool<$database>,
            user: &$crate::UserId,
        ) -> Result<Option<$crate::backend::User>, $crate::error::StorageError> {
            let query = sqlx::query_as($crate::alike::USER).bind(user.as_str());
            let row: Option<(i64, i64, i64, i64)> = query.fetch_optional(pool).await?;
            Ok(row.map(|(key, salt, version, memories)| $crate::backend::User { key, salt, version, memories }))
        }

        /// The names of those of whom something was remembered last, the latest first.
        pub(super) async fn recent_users(
            pool: &sqlx::Pool<$database>,
            limit: usize,
        ) -> Result<Vec<String>, $crate::error::StorageError> {
            Ok(sqlx::query_scalar($crate::alike::RECENT_USERS).bind(limit as i64).fetch_all(pool).await?)
        }

        /// The memory with this id.
        pub(super) async fn record(
            pool: &sqlx::Pool<$database>,
            user: i64,
            id: &$crate::MemoryId,
        ) -> Result<Option<$crate::backend::Record>, $crate::error::StorageError> {
            let row = sqlx::query_as(RECORD).bind(user).bind(id.as_str()).fetch_optional(pool).await?;
            row.map(|row| $crate::alike::record_of(row, terms_of)).transpose()
        }

        /// What goes when a talk is forgotten.
        pub(super) async fn of_talk(
            pool: &sqlx::Pool<$database>,
            user: i64,
            talk: &$crate::TalkId,
        ) -> Result<Vec<i64>, $crate::error::StorageError> {
            Ok(sqlx::query_scalar($crate::alike::OF_TALK).bind(user).bind(talk.as_str()).fetch_all(pool).await?)
        }

        /// What came from a turn, newest first.
        pub(super) async fn of_turn(
            pool: &sqlx::Pool<$database>,
            user: i64,
            origin: &$crate::Origin,
            limit: usize,
        ) -> Result<Vec<($crate::MemoryId, $crate::Kind)>, $crate::error::StorageError> {
            let query = sqlx::query_as($crate::alike::OF_TURN).bind(user).bind(origin.talk.as_str());
            let rows: Vec<(String, String)> =
                query.bind(origin.turn.as_str()).bind(limit as i64).fetch_all(pool).await?;
            let read =
                |(id, name): (String, String)| Ok(($crate::backend::memory_id(id)?, $crate::backend::kind(&name)?));
            rows.into_iter().map(read).collect()
        }

        /// The newest memories before a number.
        async fn newest_of_all(
            pool: &sqlx::Pool<$database>,
            user: i64,
            before: i64,
            limit: usize,
        ) -> Result<Vec<$crate::backend::Record>, $crate::error::StorageError> {
            let query = sqlx::query_as(NEWEST_BEFORE).bind(user).bind(before).bind(limit as i64);
            records_of(query.fetch_all(pool).await?)
        }

        /// The memories that were said last, newest first.
        pub(super) async fn newest(
            pool: &sqlx::Pool<$database>,
            user: i64,
            wanted: &$crate::Newest,
        ) -> Result<Vec<$crate::backend::Record>, $crate::error::StorageError> {
            let query = sqlx::query_as(NEWEST).bind(user).bind(wanted.from.0).bind(wanted.until.0);
            let query = query.bind(wanted.allow_restricted).bind(wanted.not_of.as_ref().map(|talk| talk.as_str()));
            let kinds = $crate::alike::kinds_in_json(&wanted.kinds);
            records_of(query.bind(kinds).bind(wanted.limit as i64).fetch_all(pool).await?)
        }

        /// The oldest memories after a number.
        pub(super) async fn oldest_after(
            pool: &sqlx::Pool<$database>,
            user: i64,
            after: i64,
            limit: usize,
        ) -> Result<Vec<$crate::backend::Record>, $crate::error::StorageError> {
            let query = sqlx::query_as(OLDEST_AFTER).bind(user).bind(after).bind(limit as i64);
            records_of(query.fetch_all(pool).await?)
        }

        /// Memories without a vector of the model. Words that cannot be embedded stay without, so the newest come first.
        pub(super) async fn without_vector(
            pool: &sqlx::Pool<$database>,
            user: i64,
            model: i64,
            limit: usize,
        ) -> Result<Vec<$crate::backend::Record>, $crate::error::StorageError> {
            let query = sqlx::query_as(WITHOUT_VECTOR).bind(user).bind(model).bind(limit as i64);
            records_of(query.fetch_all(pool).await?)
        }

        fn records_of(
            rows: Vec<$crate::alike::Row<Terms>>,
        ) -> Result<Vec<$crate::backend::Record>, $crate::error::StorageError> {
            rows.into_iter().map(|row| $crate::alike::record_of(row, terms_of)).collect()
        }

        /// All links of a user, in a fixed order, after a place.
        pub(super) async fn links_after(
            pool: &sqlx::Pool<$database>,
            user: i64,
            after: &$crate::backend::LinkPlace,
            limit: usize,
        ) -> Result<Vec<($crate::backend::LinkPlace, $crate::Link)>, $crate::error::StorageError> {
            use $crate::backend::{LinkPlace, memory_id, relation};
            let query = sqlx::query_as(LINKS_AFTER).bind(user).bind(after.from).bind(after.to).bind(&after.relation);
            let rows: Vec<(i64, i64, String, String, String)> = query.bind(limit as i64).fetch_all(pool).await?;
            let link_of = |(from, to, name, from_id, to_id): (i64, i64, String, String, String)| {
                let link =
                    $crate::Link { from: memory_id(from_id)?, relation: relation(&name)?, to: memory_id(to_id)? };
                Ok((LinkPlace { from, to, relation: name }, link))
            };
            rows.into_iter().map(link_of).collect()
        }

        /// What was written after a place, in the order of versions.
        pub(super) async fn changes(
            pool: &sqlx::Pool<$database>,
            user: i64,
            model: i64,
            after: $crate::backend::Place,
            limit: usize,
        ) -> Result<Vec<$crate::backend::Change>, $crate::error::StorageError> {
            let query = sqlx::query_as(CHANGES).bind(user).bind(model).bind(after.version).bind(after.seq);
            let rows = query.bind(limit as i64).fetch_all(pool).await?;
            rows.into_iter().map($crate::alike::change_of).collect()
        }

        /// What was forgotten after a version.
        pub(super) async fn removals(
            pool: &sqlx::Pool<$database>,
            user: i64,
            after: i64,
        ) -> Result<Vec<i64>, $crate::error::StorageError> {
            Ok(sqlx::query_scalar($crate::alike::REMOVALS).bind(user).bind(after).fetch_all(pool).await?)
        }

        /// How much there is.
        pub(super) async fn stats(
            pool: &sqlx::Pool<$database>,
            user: i64,
            model: i64,
        ) -> Result<$crate::stats::Stats, $crate::error::StorageError> {
            let kinds = sqlx::query_as(KINDS).bind(user).bind(model).fetch_all(pool).await?;
            let links = sqlx::query_scalar($crate::alike::LINKS).bind(user).fetch_one(pool).await?;
            $crate::alike::stats_of(kinds, links)
        }
    };
}
pub(crate) use reads;

/// The writes of a database. Its module has the functions `begin`, `insert_rows`, `index`, `insert_vectors`,
/// `insert_links` and `delete_rows`; `$model` is what `insert_vectors` wants to know of the model.
macro_rules! writes {
    ($database:ty, $connection:ty, $model:ty) => {
        /// The number of a model; a new one for a new model.
        pub(super) async fn model_key(
            pool: &sqlx::Pool<$database>,
            model: &$crate::embed::Model,
        ) -> Result<i64, $crate::error::StorageError> {
            let query = sqlx::query_scalar($crate::alike::MODEL).bind(&model.name).bind(model.dims as i64);
            Ok(query.fetch_one(pool).await?)
        }

        /// Writes something and takes it back.
        pub(super) async fn check(pool: &sqlx::Pool<$database>) -> Result<(), $crate::error::StorageError> {
            let mut tx = begin(pool).await?;
            for step in $crate::alike::CHECK {
                sqlx::query(step).execute(&mut *tx).await?;
            }
            Ok(tx.commit().await?)
        }

        /// The user, who exists from now on.
        pub(super) async fn enrol(
            pool: &sqlx::Pool<$database>,
            user: &$crate::UserId,
        ) -> Result<$crate::backend::User, $crate::error::StorageError> {
            let query = sqlx::query_as($crate::alike::ENROL).bind(user.as_str());
            let (key, salt, version, memories): (i64, i64, i64, i64) = query.fetch_one(pool).await?;
            Ok($crate::backend::User { key, salt, version, memories })
        }

        /// Counts a write; none when the user is gone.
        pub(super) async fn next_version(
            tx: &mut $connection,
            user: i64,
        ) -> Result<Option<i64>, $crate::error::StorageError> {
            Ok(sqlx::query_scalar($crate::alike::NEXT_VERSION).bind(user).fetch_optional(tx).await?)
        }

        /// Counts memories that came, or with a number below zero went.
        pub(super) async fn count(
            tx: &mut $connection,
            user: i64,
            more: i64,
        ) -> Result<(), $crate::error::StorageError> {
            sqlx::query($crate::alike::COUNT).bind(user).bind(more).execute(tx).await?;
            Ok(())
        }

        /// Stores memories whose ids are new, and the links.
        pub(super) async fn insert(
            pool: &sqlx::Pool<$database>,
            (user, model): (i64, $model),
            rows: &[$crate::backend::NewRow],
            links: &[$crate::Link],
        ) -> Result<$crate::backend::Insertion, $crate::error::StorageError> {
            use $crate::backend::Insertion;
            let mut tx = begin(pool).await?;
            let Some(version) = next_version(&mut tx, user).await? else { return Ok(Insertion::UserGone) };
            let withdrawn = withdrawn(&mut tx, user, rows).await?;
            let rows: Vec<_> = rows.iter().filter(|row| !withdrawn.contains(&row.memory.id)).collect();
            let ends = |link: &&$crate::Link| !withdrawn.contains(&link.from) && !withdrawn.contains(&link.to);
            let links: Vec<_> = links.iter().filter(ends).collect();
            let mut seqs = std::collections::BTreeMap::new();
            for rows in rows.chunks(ROWS) {
                seqs.extend(insert_rows(&mut tx, user, version, rows).await?);
            }
            index(&mut tx, user, version).await?;
            let seq = |row: &$crate::backend::NewRow| seqs.get(row.memory.id.as_str()).copied();
            let vectors: Vec<(i64, &$crate::vector::StoredVector)> =
                rows.iter().filter_map(|row| Some((seq(row)?, row.vector.as_ref()?))).collect();
            insert_vectors(&mut tx, model, &vectors).await?;
            count(&mut tx, user, seqs.len() as i64).await?;
            let links = match insert_links(&mut tx, user, &seqs, &links).await? {
                Ok(links) => links,
                Err(unknown) => return Ok(Insertion::UnknownLink(unknown)),
            };
            for restrict in [$crate::alike::RESTRICT_TURNS_OF_WRITTEN, $crate::alike::RESTRICT_WRITTEN_TURNS] {
                sqlx::query(restrict).bind(user).bind(version).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            Ok(Insertion::Done { added: seqs.into_keys().collect(), links })
        }

        /// The entries of turns of which something was forgotten or corrected.
        async fn withdrawn<'a>(
            tx: &mut $connection,
            user: i64,
            rows: &'a [$crate::backend::NewRow],
        ) -> Result<std::collections::BTreeSet<&'a $crate::MemoryId>, $crate::error::StorageError> {
            let mut withdrawn = std::collections::BTreeSet::new();
            for $crate::NewMemory { id, kind, origin, .. } in rows.iter().map(|row| &row.memory) {
                let Some(origin) = origin.as_ref().filter(|_| *kind == $crate::Kind::Turn) else { continue };
                let query = sqlx::query_scalar($crate::alike::WITHDRAWN).bind(user).bind(origin.talk.as_str());
                let found: Option<String> = query.bind(origin.turn.as_str()).fetch_optional(&mut *tx).await?;
                if found.is_some() {
                    withdrawn.insert(id);
                }
            }
            Ok(withdrawn)
        }

        /// These memories, the turns in which they were told, and those that repeat them.
        pub(super) async fn with_turns(
            tx: &mut $connection,
            user: i64,
            told: Vec<i64>,
            repeating: &[i64],
        ) -> Result<Vec<i64>, $crate::error::StorageError> {
            let mut all: std::collections::BTreeSet<i64> = told.iter().chain(repeating).copied().collect();
            for seq in told {
                let turns = sqlx::query_scalar($crate::alike::TURNS_OF).bind(user).bind(seq);
                all.extend::<Vec<i64>>(turns.fetch_all(&mut *tx).await?);
            }
            Ok(all.into_iter().collect())
        }

        /// Begins to write a corrected memory, with what becomes of the turns in which it was told; none when it has changed
        /// or gone since it was read.
        async fn begin_replacing(
            pool: &sqlx::Pool<$database>,
            user: i64,
            replacement: &$crate::backend::Replacement,
        ) -> Result<Option<(sqlx::Transaction<'static, $database>, i64)>, $crate::error::StorageError> {
            let mut tx = begin(pool).await?;
            let Some(version) = next_version(&mut tx, user).await? else { return Ok(None) };
            let query = sqlx::query_scalar($crate::alike::UNCHANGED).bind(replacement.seq).bind(user);
            let found: Option<i64> = query.bind(replacement.read_at).fetch_optional(&mut *tx).await?;
            if found.is_none() {
                return Ok(None);
            }
            follow(&mut tx, (user, version), replacement).await?;
            Ok(Some((tx, version)))
        }

        /// What becomes of the turns in which a memory was told that is being replaced.
        async fn follow(
            tx: &mut $connection,
            (user, version): (i64, i64),
            replacement: &$crate::backend::Replacement,
        ) -> Result<(), $crate::error::StorageError> {
            use $crate::backend::TurnChange;
            match &replacement.turns {
                TurnChange::Keep => {}
                TurnChange::Restrict { repeating } => {
                    for seq in repeating {
                        let query = sqlx::query($crate::alike::RESTRICT).bind(user).bind(version).bind(seq);
                        query.execute(&mut *tx).await?;
                    }
                }
                TurnChange::Withdraw { repeating } => {
                    let mut turns = with_turns(&mut *tx, user, vec![replacement.seq], repeating).await?;
                    turns.retain(|seq| *seq != replacement.seq);
                    withdraw(&mut *tx, &[replacement.seq]).await?;
                    delete_rows(&mut *tx, (user, version), &turns).await?;
                }
            }
            Ok(())
        }

        /// Nothing that was said in the turns of these memories is stored any more.
        pub(super) async fn withdraw(tx: &mut $connection, seqs: &[i64]) -> Result<(), $crate::error::StorageError> {
            for seq in seqs {
                sqlx::query($crate::alike::WITHDRAW).bind(seq).execute(&mut *tx).await?;
            }
            Ok(())
        }

        /// Puts a corrected memory's vector, or none, in the place of the one it had.
        async fn replace_vector(
            tx: &mut $connection,
            model: $model,
            seq: i64,
            vector: &$crate::backend::VectorChange,
        ) -> Result<(), $crate::error::StorageError> {
            let $crate::backend::VectorChange::Set(vector) = vector else { return Ok(()) };
            sqlx::query($crate::alike::DROP_VECTOR).bind(seq).execute(&mut *tx).await?;
            let vectors: Vec<_> = vector.iter().map(|vector| (seq, vector)).collect();
            insert_vectors(tx, model, &vectors).await
        }

        /// Stores late vectors; says how many.
        pub(super) async fn add_vectors(
            pool: &sqlx::Pool<$database>,
            (user, model): (i64, $model),
            late: &[$crate::backend::LateVector],
        ) -> Result<usize, $crate::error::StorageError> {
            let mut tx = begin(pool).await?;
            let Some(version) = next_version(&mut tx, user).await? else { return Ok(0) };
            let mut current = Vec::with_capacity(late.len());
            for $crate::backend::LateVector { seq, read_at, vector } in late {
                let query = sqlx::query($crate::alike::MOVE).bind(seq).bind(user).bind(read_at).bind(version);
                if query.execute(&mut *tx).await?.rows_affected() == 1 {
                    sqlx::query($crate::alike::DROP_VECTOR).bind(seq).execute(&mut *tx).await?;
                    current.push((*seq, vector));
                }
            }
            insert_vectors(&mut tx, model, &current).await?;
            tx.commit().await?;
            Ok(current.len())
        }
    };
}
pub(crate) use writes;

/// The steps of a backend that its module `read` takes with the connections of one field.
macro_rules! hand_on_reads {
    ($pool:ident) => {
        fn user<'a>(&'a self, user: &'a UserId) -> Answer<'a, Option<User>> {
            Box::pin(read::user(&self.$pool, user))
        }

        fn recent_users(&self, limit: usize) -> Answer<'_, Vec<String>> {
            Box::pin(read::recent_users(&self.$pool, limit))
        }

        fn without_vector(&self, user: i64, model: i64, limit: usize) -> Answer<'_, Vec<Record>> {
            Box::pin(read::without_vector(&self.$pool, user, model, limit))
        }

        fn records<'a>(&'a self, user: i64, seqs: &'a [i64]) -> Answer<'a, Vec<Record>> {
            Box::pin(read::records(&self.$pool, user, seqs))
        }

        fn record<'a>(&'a self, user: i64, id: &'a MemoryId) -> Answer<'a, Option<Record>> {
            Box::pin(read::record(&self.$pool, user, id))
        }

        fn of_talk<'a>(&'a self, user: i64, talk: &'a TalkId) -> Answer<'a, Vec<i64>> {
            Box::pin(read::of_talk(&self.$pool, user, talk))
        }

        fn of_turn<'a>(&'a self, user: i64, origin: &'a Origin, limit: usize) -> Answer<'a, Vec<(MemoryId, Kind)>> {
            Box::pin(read::of_turn(&self.$pool, user, origin, limit))
        }

        fn newest_before<'a>(
            &'a self,
            user: i64,
            question: Option<&'a Question>,
            before: i64,
            limit: usize,
        ) -> Answer<'a, Vec<Record>> {
            Box::pin(read::newest_before(&self.$pool, user, question, before, limit))
        }

        fn newest<'a>(&'a self, user: i64, wanted: &'a Newest) -> Answer<'a, Vec<Record>> {
            Box::pin(read::newest(&self.$pool, user, wanted))
        }

        fn oldest_after(&self, user: i64, after: i64, limit: usize) -> Answer<'_, Vec<Record>> {
            Box::pin(read::oldest_after(&self.$pool, user, after, limit))
        }

        fn links_of<'a>(&'a self, seqs: &'a [i64], limit: usize) -> Answer<'a, Vec<LinkRow>> {
            Box::pin(read::links_of(&self.$pool, seqs, limit))
        }

        fn links_after<'a>(
            &'a self,
            user: i64,
            after: &'a LinkPlace,
            limit: usize,
        ) -> Answer<'a, Vec<(LinkPlace, Link)>> {
            Box::pin(read::links_after(&self.$pool, user, after, limit))
        }

        fn changes(&self, user: i64, model: i64, after: Place, limit: usize) -> Answer<'_, Vec<Change>> {
            Box::pin(read::changes(&self.$pool, user, model, after, limit))
        }

        fn removals(&self, user: i64, after: i64) -> Answer<'_, Vec<i64>> {
            Box::pin(read::removals(&self.$pool, user, after))
        }

        fn vectors<'a>(&'a self, model: i64, seqs: &'a [i64]) -> Answer<'a, Vec<(i64, StoredVector)>> {
            Box::pin(read::vectors(&self.$pool, model, seqs))
        }

        fn stats(&self, user: i64, model: i64) -> Answer<'_, Stats> {
            Box::pin(read::stats(&self.$pool, user, model))
        }
    };
}
pub(crate) use hand_on_reads;
