//! The memory over any database: checks what comes in, makes vectors and search terms, keeps the index in step.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{
    Batch, Correction, Detail, Embedder, ExportStream, Forget, Forgotten, Kind, Link, Linked, ListOptions, MAX_BATCH,
    MAX_BATCH_LINKS, MAX_PAGE, MAX_SUBJECT_CHARS, MAX_TEXT_CHARS, Memory, MemoryError, MemoryId, MemoryStore,
    NewMemory, Newest, Origin, Page, Recall, RecallLine, RecallOptions, Remembered, Rule, Stats, Timestamp, UserId,
    backend::{Backend, Insertion, LateVector, NewRow, Record, Replacement, TurnChange, User, VectorChange},
    error::StorageError,
    export,
    indexes::Indexes,
    page::Cursor,
    recollection,
    term::{Filter, Question, Terms, is_entry, says},
    told::TOLD_AT_MOST,
    vector::StoredVector,
    words,
};

/// A memory in some database.
#[derive(Debug, Clone)]
pub(crate) struct Archive<B> {
    pub(crate) backend: B,
    pub(crate) embedder: Arc<dyn Embedder>,
    /// The number of the embedder's model.
    pub(crate) model: i64,
    pub(crate) indexes: Indexes<B>,
    /// Held while vectors are made in the background.
    embedding: Arc<Semaphore>,
}

impl<B: Backend> Archive<B> {
    /// A memory in this database; all its indexes together take at most so many bytes.
    pub(crate) async fn new(backend: B, embedder: Arc<dyn Embedder>, index_bytes: usize) -> Result<Self, StorageError> {
        let model = backend.model_key(embedder.model()).await?;
        let indexes = Indexes::new(backend.clone(), model, embedder.model().dims, index_bytes);
        Ok(Self { backend, embedder, model, indexes, embedding: Arc::new(Semaphore::new(1)) })
    }

    /// The vectors of memories as far as they come soon: what is told is stored without waiting for them. The rest is
    /// late.
    async fn vectors_soon(&self, texts: &[String]) -> (Vec<Option<StoredVector>>, bool) {
        match tokio::time::timeout(SOON, self.vectors(texts)).await {
            Ok(vectors) => (vectors, false),
            Err(_) => (vec![None; texts.len()], true),
        }
    }

    /// Makes late vectors in the background, for one user at a time: who is not served now is by
    /// [`embed_missing`](MemoryStore::embed_missing).
    fn embed_later(&self, user: &UserId) {
        let Ok(permit) = Arc::clone(&self.embedding).try_acquire_owned() else { return };
        let (archive, user) = (self.clone(), user.clone());
        tokio::spawn(async move {
            if let Err(error) = archive.embed_missing(&user, EMBED_PAGE).await {
                tracing::debug!(%error, "vectors wait to be made");
            }
            drop(permit);
        });
    }

    /// The vectors of memories, none where there is none to be had.
    async fn vectors(&self, texts: &[String]) -> Vec<Option<StoredVector>> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        match self.embedder.embed(&texts).await {
            Ok(vectors) if vectors.len() == texts.len() => {
                let dims = self.embedder.model().dims;
                let stored = |vector: &Vec<f32>| StoredVector::from_floats(vector).filter(|_| vector.len() == dims);
                vectors.iter().map(stored).collect()
            }
            Ok(_) => vec![None; texts.len()],
            Err(error) => {
                tracing::warn!(%error, memories = texts.len(), "memories are stored without vectors");
                vec![None; texts.len()]
            }
        }
    }

    pub(crate) async fn known(&self, user: &UserId, id: &MemoryId) -> Result<Option<(User, Record)>, MemoryError> {
        let Some(user) = self.backend.user(user).await? else { return Ok(None) };
        Ok(self.backend.record(user.key, id).await?.map(|record| (user, record)))
    }

    /// What hangs on each of these memories.
    pub(crate) async fn linked(
        &self,
        user: i64,
        seqs: &[i64],
        filter: &Filter,
    ) -> Result<Vec<(i64, Linked)>, StorageError> {
        recollection::linked(&self.backend, user, seqs, filter).await
    }

    async fn correct_once(
        &self,
        (user, record): (User, Record),
        correction: &Correction,
        at: Timestamp,
    ) -> Result<Option<(Memory, bool)>, MemoryError> {
        let old = embedded_text(record.memory.kind, record.memory.subject.as_deref(), &record.memory.text);
        let memory = corrected(record.memory.clone(), correction, at)?;
        let new = embedded_text(memory.kind, memory.subject.as_deref(), &memory.text);
        let (vector, late) = if old == new {
            (VectorChange::Keep, false)
        } else {
            let (vectors, late) = self.vectors_soon(&[new]).await;
            (VectorChange::Set(vectors.into_iter().next().flatten()), late)
        };
        let turns = self.turns_after(&user, &record, &memory).await?;
        Ok(self.rewrite(&user, &record, &memory, (vector, turns)).await?.then_some((memory, late)))
    }

    /// What becomes of the turns in which a memory was told, when it is corrected.
    async fn turns_after(&self, user: &User, record: &Record, memory: &Memory) -> Result<TurnChange, StorageError> {
        let Memory { kind, subject, text, restricted, .. } = &record.memory;
        let old = || std::slice::from_ref(record);
        if *kind != Kind::Turn
            && says(*kind, subject.as_deref(), text) != says(*kind, memory.subject.as_deref(), &memory.text)
        {
            Ok(TurnChange::Withdraw { repeating: self.turns_repeating(user, old()).await? })
        } else if memory.restricted && !restricted {
            Ok(TurnChange::Restrict { repeating: self.turns_repeating(user, old()).await? })
        } else {
            Ok(TurnChange::Keep)
        }
    }

    /// The turns, of any talk, that have all words of one of these memories: its number and its rare words among them. A
    /// single word says too little for that, and a name stands in what is told of others.
    async fn turns_repeating(&self, user: &User, told: &[Record]) -> Result<Vec<i64>, StorageError> {
        let terms = Terms::salted(user.salt);
        let filter = Filter { kinds: vec![Kind::Turn], restricted: true };
        let question = |Record { memory, .. }: &Record| {
            let words = words::of_query(&memory.text);
            let says_enough = words.len() > 1 && memory.kind != Kind::Turn && !is_entry(memory.kind);
            says_enough.then(|| Question::new(terms, words.iter().map(|word| terms.word(word)).collect(), &filter))
        };
        let questions: Vec<Question> = told.iter().filter_map(question).collect();
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.backend.postings(user.key, &questions, REPEATING).await?.concat();
        let turns = self.backend.records(user.key, &found).await?;
        Ok(turns.into_iter().filter(|turn| turn.memory.kind == Kind::Turn).map(|turn| turn.seq).collect())
    }

    /// Puts a memory in the place of one; false when that has changed or gone since it was read.
    pub(crate) async fn rewrite(
        &self,
        user: &User,
        record: &Record,
        memory: &Memory,
        (vector, turns): (VectorChange, TurnChange),
    ) -> Result<bool, StorageError> {
        let terms =
            Terms::salted(user.salt).of_memory(memory.kind, memory.subject.as_deref(), &memory.text, memory.restricted);
        let replacement =
            Replacement { seq: record.seq, read_at: record.version, memory: memory.clone(), terms, vector, turns };
        self.backend.replace(user.key, self.model, &replacement).await
    }

    /// The newest memories with all these words, the last of which may only have begun.
    async fn with_beginning(
        &self,
        user: &User,
        (before, beginning): (&str, &str),
        filter: &Filter,
        (mut place, limit): (i64, usize),
    ) -> Result<Vec<Record>, StorageError> {
        let terms = Terms::salted(user.salt);
        let asked: Vec<_> = words::of_query(before).iter().map(|word| terms.word(word)).collect();
        let question = (!asked.is_empty() || !filter.is_open()).then(|| Question::new(terms, asked, filter));
        let mut found = Vec::new();
        for _ in 0..PAGES_READ {
            let page = self.backend.newest_before(user.key, question.as_ref(), place, MAX_PAGE).await?;
            let Some(last) = page.last() else { break };
            place = last.seq;
            let begins = |Record { memory, .. }: &Record| {
                words::has_beginning(&memory.text, beginning)
                    || memory.subject.as_deref().is_some_and(|subject| words::has_beginning(subject, beginning))
            };
            let over = page.len() < MAX_PAGE;
            found.extend(page.into_iter().filter(begins));
            if over || found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

#[async_trait::async_trait]
impl<B: Backend> MemoryStore for Archive<B> {
    async fn remember(&self, user: &UserId, batch: Batch) -> Result<Remembered, MemoryError> {
        let mut batch = accepted(batch)?;
        let is_told = batch.memories.len() <= TOLD_AT_MOST;
        let origins: BTreeSet<Origin> =
            batch.memories.iter().filter(|_| is_told).filter_map(|memory| memory.origin.clone()).collect();
        let same = if is_told { self.merge(user, &mut batch).await? } else { Vec::new() };
        let Batch { memories, links: given } = batch;
        let texts: Vec<String> =
            memories.iter().map(|new| embedded_text(new.kind, new.subject.as_deref(), &new.text)).collect();
        let (vectors, late) = if texts.is_empty() { (Vec::new(), false) } else { self.vectors_soon(&texts).await };
        let mut rows: Vec<NewRow> = memories
            .into_iter()
            .zip(vectors)
            .map(|(memory, vector)| NewRow { memory, terms: String::new(), vector })
            .collect();
        for _ in 0..ATTEMPTS {
            let known = self.backend.enrol(user).await?;
            let terms = Terms::salted(known.salt);
            for NewRow { memory, terms: row_terms, .. } in &mut rows {
                *row_terms = terms.of_memory(memory.kind, memory.subject.as_deref(), &memory.text, memory.restricted);
            }
            let mut links = given.clone();
            links.extend(self.links_of_turns(known.key, &origins, &rows).await?);
            match self.backend.insert(known.key, self.model, &rows, &links).await? {
                Insertion::Done { added, links } => {
                    self.indexes.written(user).await;
                    if late {
                        self.embed_later(user);
                    }
                    return Ok(remembered(&rows, &added, links, same));
                }
                Insertion::UnknownLink(id) if given.iter().any(|link| link.from == id || link.to == id) => {
                    return Err(MemoryError::UnknownLink(id));
                }
                // What was said in the turn has been forgotten in the meantime.
                Insertion::UnknownLink(_) | Insertion::UserGone => {}
            }
        }
        Err(StorageError::contended().into())
    }

    async fn recall(&self, user: &UserId, query: &str, options: &RecallOptions) -> Result<Recall, MemoryError> {
        Ok(recollection::recall(self, user, query, options).await?)
    }

    async fn newest(&self, user: &UserId, wanted: &Newest) -> Result<Vec<RecallLine>, MemoryError> {
        Ok(recollection::newest(self, user, wanted).await?)
    }

    async fn get(&self, user: &UserId, id: &MemoryId) -> Result<Option<Detail>, MemoryError> {
        let Some((user, record)) = self.known(user, id).await? else { return Ok(None) };
        let linked = self.linked(user.key, &[record.seq], &Filter::ALL).await?;
        Ok(Some(Detail { memory: record.memory, linked: linked.into_iter().map(|(_, linked)| linked).collect() }))
    }

    async fn list(&self, user: &UserId, options: &ListOptions) -> Result<Page, MemoryError> {
        let Some(user) = self.backend.user(user).await? else { return Ok(Page { memories: Vec::new(), next: None }) };
        let terms = Terms::salted(user.salt);
        let text = options.text.as_deref().unwrap_or_default();
        let asked: Vec<_> = words::of_query(text).iter().map(|word| terms.word(word)).collect();
        // Words that say nothing leave nothing out; what has no word at all is in no memory.
        if asked.is_empty() && !text.trim().is_empty() && !text.contains(char::is_alphanumeric) {
            return Ok(Page { memories: Vec::new(), next: None });
        }
        let typed = words::being_typed(text).filter(|_| !asked.is_empty());
        let filter = Filter { kinds: options.kinds.clone(), restricted: true };
        let question = (!asked.is_empty() || !filter.is_open()).then(|| Question::new(terms, asked, &filter));
        let limit = options.limit.clamp(1, MAX_PAGE);
        let before = options.after.map_or(i64::MAX, |cursor| cursor.0);
        let mut records = self.backend.newest_before(user.key, question.as_ref(), before, limit + 1).await?;
        if records.is_empty()
            && let Some((words, beginning)) = &typed
        {
            records = self.with_beginning(&user, (words, beginning), &filter, (before, limit + 1)).await?;
        }
        let more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().filter(|_| more).map(|record| Cursor(record.seq));
        Ok(Page { memories: records.into_iter().map(|record| record.memory).collect(), next })
    }

    async fn correct(
        &self,
        user: &UserId,
        id: &MemoryId,
        correction: Correction,
        at: Timestamp,
    ) -> Result<Memory, MemoryError> {
        for _ in 0..ATTEMPTS {
            let known = self.known(user, id).await?.ok_or(MemoryError::NotFound)?;
            if let Some((memory, late)) = self.correct_once(known, &correction, at).await? {
                self.indexes.written(user).await;
                if late {
                    self.embed_later(user);
                }
                // What it said before is gone for every query; when its bytes cannot be cleaned away now, they are later.
                if let Err(error) = self.backend.purge().await {
                    tracing::debug!(%error, "an old text waits to be cleaned away");
                }
                return Ok(memory);
            }
        }
        Err(StorageError::contended().into())
    }

    async fn forget(&self, user: &UserId, what: &Forget) -> Result<Forgotten, MemoryError> {
        let Some(known) = self.backend.user(user).await? else {
            return Ok(Forgotten { memories: 0, purged: true });
        };
        let told = match what {
            Forget::One(id) => self.backend.record(known.key, id).await?.into_iter().collect(),
            Forget::Talk(talk) => {
                let seqs = self.backend.of_talk(known.key, talk).await?;
                self.backend.records(known.key, &seqs).await?
            }
            Forget::All => Vec::new(),
        };
        let repeating = self.turns_repeating(&known, &told).await?;
        let deletion = self.backend.delete(known.key, what, &repeating).await?;
        match what {
            Forget::All => self.indexes.drop_user(known.key),
            Forget::One(_) | Forget::Talk(_) => self.indexes.forgotten(known.key, deletion.version).await?,
        }
        Ok(Forgotten { memories: deletion.memories, purged: self.backend.purge().await? })
    }

    fn export(&self, user: &UserId, at: Timestamp) -> ExportStream {
        export::stream(self.backend.clone(), user.clone(), at)
    }

    async fn stats(&self, user: &UserId) -> Result<Stats, MemoryError> {
        let Some(user) = self.backend.user(user).await? else { return Ok(Stats::default()) };
        let stats = self.backend.stats(user.key, self.model).await?;
        Ok(Stats { index_bytes: self.indexes.bytes_of(user.key), ..stats })
    }

    async fn check(&self) -> Result<(), MemoryError> {
        Ok(self.backend.check().await?)
    }

    async fn recent_users(&self, limit: usize) -> Result<Vec<UserId>, MemoryError> {
        let names = self.backend.recent_users(limit).await?;
        Ok(names.into_iter().filter_map(|name| UserId::new(name).ok()).collect())
    }

    async fn warm(&self, user: &UserId) -> Result<(), MemoryError> {
        if let Some(user) = self.backend.user(user).await? {
            self.indexes.load(&user).await?;
        }
        Ok(())
    }

    async fn embed_missing(&self, user: &UserId, limit: usize) -> Result<usize, MemoryError> {
        let Some(known) = self.backend.user(user).await? else { return Ok(0) };
        let mut done = 0;
        while done < limit {
            let wanted = (limit - done).min(EMBED_PAGE);
            let records = self.backend.without_vector(known.key, self.model, wanted).await?;
            let text =
                |Record { memory, .. }: &Record| embedded_text(memory.kind, memory.subject.as_deref(), &memory.text);
            let vectors = self.vectors(&records.iter().map(text).collect::<Vec<_>>()).await;
            let late = |(record, vector): (&Record, Option<StoredVector>)| {
                vector.map(|vector| LateVector { seq: record.seq, read_at: record.version, vector })
            };
            let late: Vec<LateVector> = records.iter().zip(vectors).filter_map(late).collect();
            let stored = self.backend.add_vectors(known.key, self.model, &late).await?;
            done += stored;
            // Fewer than asked for: the rest has no words, the embedder is gone, or nothing is left.
            if stored < wanted {
                break;
            }
        }
        if done > 0 {
            self.indexes.written(user).await;
        }
        Ok(done)
    }

    async fn close(&self) {
        self.backend.close().await;
    }
}

/// The batch as it is stored, when it keeps the rules.
fn accepted(mut batch: Batch) -> Result<Batch, MemoryError> {
    if batch.memories.len() > MAX_BATCH || batch.links.len() > MAX_BATCH_LINKS {
        return Err(MemoryError::Invalid(Rule::LargeBatch));
    }
    if batch.links.iter().any(|Link { from, to, .. }| from == to) {
        return Err(MemoryError::Invalid(Rule::SelfLink));
    }
    for NewMemory { text, subject, .. } in &mut batch.memories {
        *text = accepted_text(text)?;
        *subject = accepted_subject(subject.as_deref())?;
    }
    // The first of two with one id wins, as it would in two batches.
    let mut seen = BTreeSet::new();
    batch.memories.retain(|memory| seen.insert(memory.id.clone()));
    Ok(batch)
}

fn accepted_text(text: &str) -> Result<String, MemoryError> {
    let text = without_nul(text.trim());
    if text.is_empty() {
        Err(MemoryError::Invalid(Rule::EmptyText))
    } else if text.chars().nth(MAX_TEXT_CHARS).is_some() {
        Err(MemoryError::Invalid(Rule::LongText))
    } else {
        Ok(text)
    }
}

fn accepted_subject(subject: Option<&str>) -> Result<Option<String>, MemoryError> {
    let subject = without_nul(subject.unwrap_or_default().trim());
    if subject.chars().nth(MAX_SUBJECT_CHARS).is_some() {
        return Err(MemoryError::Invalid(Rule::LongSubject));
    }
    Ok(Some(subject).filter(|subject| !subject.is_empty()))
}

/// PostgreSQL cannot store NUL in a text.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

fn corrected(mut memory: Memory, correction: &Correction, at: Timestamp) -> Result<Memory, MemoryError> {
    if let Some(text) = &correction.text {
        memory.text = accepted_text(text)?;
    }
    if let Some(subject) = &correction.subject {
        memory.subject = accepted_subject(Some(subject))?;
    }
    memory.restricted = correction.restricted.unwrap_or(memory.restricted);
    memory.kind = correction.kind.unwrap_or(memory.kind);
    memory.updated = at;
    Ok(memory)
}

/// What of a memory is embedded.
fn embedded_text(kind: Kind, subject: Option<&str>, text: &str) -> String {
    match (kind, subject) {
        (Kind::Turn | Kind::Fact, None) => text.to_owned(),
        (Kind::Turn | Kind::Fact, Some(subject)) => format!("{subject}: {text}"),
        (kind, None) => format!("{}: {text}", kind.name()),
        (kind, Some(subject)) => format!("{}: {subject}: {text}", kind.name()),
    }
}

fn remembered(rows: &[NewRow], added: &[String], links: usize, same: Vec<(MemoryId, MemoryId)>) -> Remembered {
    let added: BTreeSet<&str> = added.iter().map(String::as_str).collect();
    let bare = rows.iter().filter(|row| row.vector.is_none() && added.contains(row.memory.id.as_str())).count();
    let known = rows.len() - added.len() + same.len();
    Remembered { added: added.len(), known, same, links, without_vector: bare }
}

/// How often a write that lost against another is tried.
pub(crate) const ATTEMPTS: usize = 5;
/// How long what is told waits for its vector.
const SOON: Duration = Duration::from_millis(300);
/// How many turns that repeat what is forgotten go with it.
const REPEATING: usize = 500;
/// How many pages are gone through for the beginning of a word, for which there is no index.
const PAGES_READ: usize = 10;
/// Memories that are embedded together when vectors are made afterwards.
const EMBED_PAGE: usize = 128;
