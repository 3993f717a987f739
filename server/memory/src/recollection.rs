//! One recall, from the query to its few lines.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    Direction, Kind, Linked, MAX_RECALL_LINES, Newest, Recall, RecallLine, RecallOptions, Relation, UserId, VectorUse,
    Why,
    archive::Archive,
    asked,
    backend::{Backend, LinkRow, Record, User},
    error::StorageError,
    fusion::{RankedList, freshness, fuse},
    indexes::Slot,
    term::Filter,
    text_search::{self, TextHit},
    vector::normalised,
    words,
};

/// Finds what fits the query.
pub(crate) async fn recall<B: Backend>(
    archive: &Archive<B>,
    user: &UserId,
    query: &str,
    options: &RecallOptions,
) -> Result<Recall, StorageError> {
    let Some(user) = archive.backend.user(user).await? else {
        return Ok(Recall { lines: Vec::new(), vectors: VectorUse::Used });
    };
    let filter = Filter { kinds: options.kinds.clone(), restricted: options.allow_restricted };
    let words = words::of_query(&asked::joined(query));
    let (text, vector) = futures::future::try_join(
        text_search::search(&archive.backend, &user, &words, &filter),
        search_vectors(archive, &user, query, options, &filter),
    )
    .await?;
    let (near, vectors) = vector;
    let mut candidates = Candidates::join(&archive.backend, &user, text, near, &filter).await?;
    candidates.weigh(options);
    candidates.follow_links(&archive.backend, &user, &filter).await?;
    let chosen = candidates.choose(options.limit.min(MAX_RECALL_LINES));
    Ok(Recall { lines: lines(archive, &user, chosen, options.allow_restricted).await?, vectors })
}

/// The newest of what was said, best first.
pub(crate) async fn newest<B: Backend>(
    archive: &Archive<B>,
    user: &UserId,
    wanted: &Newest,
) -> Result<Vec<RecallLine>, StorageError> {
    let Some(user) = archive.backend.user(user).await? else { return Ok(Vec::new()) };
    let wanted = Newest { limit: wanted.limit.min(MAX_RECALL_LINES), ..wanted.clone() };
    let records = archive.backend.newest(user.key, &wanted).await?;
    let line = |(place, record): (usize, Record)| Candidate {
        record,
        score: 1.0 / (1.0 + 0.01 * place as f32),
        why: Vec::new(),
        only_by: None,
    };
    let chosen = records.into_iter().enumerate().map(line).collect();
    lines(archive, &user, chosen, wanted.allow_restricted).await
}

/// What hangs on each of these memories, by the memory's number; restricted ends only when the filter admits them.
pub(crate) async fn linked<B: Backend>(
    backend: &B,
    user: i64,
    seqs: &[i64],
    filter: &Filter,
) -> Result<Vec<(i64, Linked)>, StorageError> {
    let links = backend.links_of(seqs, LINKS_EACH_WAY).await?;
    let ends: BTreeSet<i64> = links.iter().flat_map(|link| [link.from, link.to]).collect();
    let records = backend.records(user, &ends.into_iter().collect::<Vec<_>>()).await?;
    let records: BTreeMap<i64, Record> = records.into_iter().map(|record| (record.seq, record)).collect();
    let mut linked = Vec::new();
    for seq in seqs {
        for (other, relation, direction) in ends_seen_from(*seq, &links) {
            let shown = |record: &&Record| filter.restricted || !record.memory.restricted;
            if let Some(record) = records.get(&other).filter(shown) {
                linked.push((*seq, seen(record, relation, direction)));
            }
        }
    }
    Ok(linked)
}

/// The memories whose vectors are near the query's, nearest first, and what became of the search.
async fn search_vectors<B: Backend>(
    archive: &Archive<B>,
    user: &User,
    query: &str,
    options: &RecallOptions,
    filter: &Filter,
) -> Result<(RankedList, VectorUse), StorageError> {
    let Some(vector) = embed_query(archive, query, options).await else {
        return Ok((Vec::new(), VectorUse::NoEmbedding));
    };
    let found = archive.backend.nearest(user.key, archive.model, &vector, filter, NEAR).await?;
    let mut near = if let Some(near) = found {
        near
    } else {
        let Some(slot) = archive.indexes.ready(user).await else { return Ok((Vec::new(), VectorUse::Loading)) };
        let vector = Arc::new(vector);
        let chosen = preselect(slot, vector.clone(), filter.clone()).await;
        let stored = archive.backend.vectors(archive.model, &chosen).await?;
        stored.into_iter().map(|(seq, stored)| (seq, stored.cosine(&vector))).collect()
    };
    let floor = archive.embedder.floor();
    near.retain(|(_, cosine)| *cosine >= floor);
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    near.truncate(NEAR);
    Ok((near, VectorUse::Used))
}

async fn embed_query<B: Backend>(archive: &Archive<B>, query: &str, options: &RecallOptions) -> Option<Vec<f32>> {
    let about = asked::subject(words::read_of(query));
    let embedded = tokio::time::timeout(options.embed_within, archive.embedder.embed(&[&about])).await;
    match embedded {
        Ok(Ok(vectors)) => vectors.into_iter().next().and_then(normalised),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a query has no embedding");
            None
        }
        Err(_) => {
            tracing::debug!("a query's embedding is late");
            None
        }
    }
}

/// Going through a million codes takes milliseconds that other tasks should not wait.
async fn preselect(slot: Arc<Slot>, vector: Arc<Vec<f32>>, filter: Filter) -> Vec<i64> {
    tokio::task::spawn_blocking(move || slot.nearest(&vector, &filter, PRESELECTED)).await.unwrap_or_default()
}

/// A memory that may become a line.
#[derive(Debug)]
struct Candidate {
    record: Record,
    score: f32,
    why: Vec<Why>,
    /// The memory it hangs on, when nothing else speaks for it.
    only_by: Option<i64>,
}

#[derive(Debug)]
struct Candidates(BTreeMap<i64, Candidate>);

impl Candidates {
    /// Joins what was found both ways. Of what was found by vector alone, the memories are read here.
    async fn join<B: Backend>(
        backend: &B,
        user: &User,
        text: Vec<TextHit>,
        near: RankedList,
        filter: &Filter,
    ) -> Result<Self, StorageError> {
        let by_text = text.iter().map(|hit| (hit.record.seq, hit.coverage)).collect();
        let scores = fuse(&[by_text, near.clone()]);
        let mut candidates = Self(BTreeMap::new());
        for TextHit { record, words, .. } in text {
            candidates.add(record, Why::Text { words }, &scores);
        }
        let unread: Vec<i64> = near.iter().map(|(seq, _)| *seq).filter(|seq| !candidates.0.contains_key(seq)).collect();
        let read = backend.records(user.key, &unread).await?;
        let mut read: BTreeMap<i64, Record> = read.into_iter().map(|record| (record.seq, record)).collect();
        for (seq, cosine) in near {
            if let Some(candidate) = candidates.0.get_mut(&seq) {
                candidate.why.push(Why::Vector { cosine });
            } else if let Some(record) = read.remove(&seq)
                && filter.admits(record.memory.kind, record.memory.restricted)
            {
                candidates.add(record, Why::Vector { cosine }, &scores);
            }
        }
        Ok(candidates)
    }

    fn add(&mut self, record: Record, why: Why, scores: &BTreeMap<i64, f32>) {
        let score = scores.get(&record.seq).copied().unwrap_or(0.0);
        self.0.insert(record.seq, Candidate { record, score, why: vec![why], only_by: None });
    }

    /// Prefers what is new, and what was distilled from talk over the talk itself.
    fn weigh(&mut self, options: &RecallOptions) {
        for candidate in self.0.values_mut() {
            let memory = &candidate.record.memory;
            candidate.score *= freshness(memory.updated, options.now);
            if memory.kind == Kind::Turn {
                candidate.score *= TURN_WEIGHT;
            }
        }
    }

    /// Adds what hangs on the best, and raises what hangs on them and fits by itself.
    async fn follow_links<B: Backend>(
        &mut self,
        backend: &B,
        user: &User,
        filter: &Filter,
    ) -> Result<(), StorageError> {
        let seeds: Vec<i64> = self.ordered().into_iter().take(SEEDS).collect();
        let links = backend.links_of(&seeds, LINKS_EACH_WAY).await?;
        let unread: BTreeSet<i64> =
            links.iter().flat_map(|link| [link.from, link.to]).filter(|seq| !self.0.contains_key(seq)).collect();
        let read = backend.records(user.key, &unread.into_iter().collect::<Vec<_>>()).await?;
        let mut read: BTreeMap<i64, Record> = read.into_iter().map(|record| (record.seq, record)).collect();
        for seed in seeds {
            let Some((score, id)) = self.0.get(&seed).map(|seed| (seed.score, seed.record.memory.id.clone())) else {
                continue;
            };
            for (other, relation, _) in ends_seen_from(seed, &links) {
                let why = Why::Link { relation, via: id.clone() };
                if let Some(candidate) = self.0.get_mut(&other) {
                    if candidate.only_by.is_none() && !candidate.why.contains(&why) {
                        candidate.score += score * RAISED_BY_LINK;
                        candidate.why.push(why);
                    }
                } else if let Some(record) = read.remove(&other)
                    && filter.admits(record.memory.kind, record.memory.restricted)
                {
                    let score = score * FOUND_BY_LINK;
                    self.0.insert(other, Candidate { record, score, why: vec![why], only_by: Some(seed) });
                }
            }
        }
        Ok(())
    }

    /// The best. What only hangs on a chosen one is shown with that one, and what says the same is said once.
    fn choose(mut self, limit: usize) -> Vec<Candidate> {
        let mut chosen: Vec<Candidate> = Vec::new();
        for seq in self.ordered() {
            if chosen.len() == limit {
                break;
            }
            let Some(candidate) = self.0.remove(&seq) else { continue };
            let shown_with = |line: &Candidate| candidate.only_by == Some(line.record.seq);
            let said_by = |line: &Candidate| candidate.record.memory.text == line.record.memory.text;
            if !chosen.iter().any(|line| shown_with(line) || said_by(line)) {
                chosen.push(candidate);
            }
        }
        chosen
    }

    fn ordered(&self) -> Vec<i64> {
        let mut ordered: Vec<(f32, i64)> = self.0.iter().map(|(seq, candidate)| (candidate.score, *seq)).collect();
        ordered.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        ordered.into_iter().map(|(_, seq)| seq).collect()
    }
}

async fn lines<B: Backend>(
    archive: &Archive<B>,
    user: &User,
    chosen: Vec<Candidate>,
    allow_restricted: bool,
) -> Result<Vec<RecallLine>, StorageError> {
    let seqs: Vec<i64> = chosen.iter().map(|candidate| candidate.record.seq).collect();
    let shown = Filter { kinds: Vec::new(), restricted: allow_restricted };
    let mut linked: BTreeMap<i64, Vec<Linked>> = BTreeMap::new();
    for (seq, end) in archive.linked(user.key, &seqs, &shown).await? {
        let ends = linked.entry(seq).or_default();
        if ends.len() < LINKED_SHOWN {
            ends.push(end);
        }
    }
    let line = |candidate: Candidate| {
        let Record { seq, memory, .. } = candidate.record;
        RecallLine {
            id: memory.id,
            kind: memory.kind,
            text: memory.text,
            subject: memory.subject,
            created: memory.created,
            updated: memory.updated,
            origin: memory.origin,
            score: candidate.score.min(1.0),
            why: candidate.why,
            linked: linked.remove(&seq).unwrap_or_default(),
        }
    };
    Ok(chosen.into_iter().map(line).collect())
}

/// The other ends of a memory's links, those it points to first.
fn ends_seen_from(seq: i64, links: &[LinkRow]) -> Vec<(i64, Relation, Direction)> {
    let outgoing =
        links.iter().filter(|link| link.from == seq).map(|link| (link.to, link.relation, Direction::Outgoing));
    let incoming =
        links.iter().filter(|link| link.to == seq).map(|link| (link.from, link.relation, Direction::Incoming));
    let mut ends: Vec<_> = Vec::new();
    for end in outgoing.chain(incoming) {
        // A link between two of the memories asked for was read from both of its ends.
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    ends
}

fn seen(record: &Record, relation: Relation, direction: Direction) -> Linked {
    let memory = record.memory.clone();
    let (id, kind, text, origin, created) = (memory.id, memory.kind, memory.text, memory.origin, memory.created);
    Linked { relation, direction, id, kind, text, origin, created }
}

/// How many the index chooses for the exact comparison.
const PRESELECTED: usize = 320;
/// How many of the nearest are joined with what was found by text.
const NEAR: usize = 64;
/// How many of the best have their links followed.
const SEEDS: usize = 6;
/// The newest links of a memory in each direction that are followed.
const LINKS_EACH_WAY: usize = 16;
/// The most linked memories shown with a line.
const LINKED_SHOWN: usize = 8;
/// What a memory gets of the score of the one it hangs on, when nothing else speaks for it.
const FOUND_BY_LINK: f32 = 0.4;
/// What a memory that fits by itself gets of the score of the one it hangs on.
const RAISED_BY_LINK: f32 = 0.15;
/// What was said in passing counts less than what was distilled from it.
const TURN_WEIGHT: f32 = 0.9;
