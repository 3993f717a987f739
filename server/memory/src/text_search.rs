//! Finding memories by the words of a query.
//!
//! The database only answers "which are the newest memories with these terms", never more than a bounded number, so
//! that a frequent word costs no more than a rare one. What ranks is decided here: a word counts the more the fewer
//! memories have it, and one that only asks ("decide", "told") counts for nothing beside others. Memories with a rare
//! word are all looked at; words that are frequent must come together.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    asked::asks,
    backend::{Backend, Record, User},
    error::StorageError,
    term::{Filter, Question, Term, Terms},
};

/// A memory with words of the query.
#[derive(Debug, Clone)]
pub(crate) struct TextHit {
    /// The memory.
    pub(crate) record: Record,
    /// Which part of what the query's words weigh is in it, from 0 to 1.
    pub(crate) coverage: f32,
    /// Those words.
    pub(crate) words: Vec<String>,
}

/// The memories that fit the words best, best first.
pub(crate) async fn search<B: Backend>(
    backend: &B,
    user: &User,
    words: &[String],
    filter: &Filter,
) -> Result<Vec<TextHit>, StorageError> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let terms = Terms::salted(user.salt);
    let alone = |word: &String| Question::new(terms, vec![terms.word(word)], filter);
    let questions: Vec<Question> = words.iter().map(alone).collect();
    let postings = backend.postings(user.key, &questions, POSTINGS).await?;
    let words = weighed(words, terms, &postings, user.memories);
    let together = frequent_together(backend, user, &words, filter).await?;
    let candidates = candidates(&words, &postings, &together);
    let records = backend.records(user.key, &candidates).await?;
    Ok(ranked(records, &words, filter))
}

/// A word of the query.
struct Word<'a> {
    text: &'a str,
    term: Term,
    /// How much it says: the more the fewer memories have it.
    weight: f32,
    frequent: bool,
    /// It only asks: it says for what kind, or that something was said, and not what about.
    asks: bool,
}

fn weighed<'a>(words: &'a [String], terms: Terms, postings: &[Vec<i64>], memories: i64) -> Vec<Word<'a>> {
    let all = memories.max(1) as f32;
    // Where nothing else is in it, what is asked for is what it is about.
    let at_large = words.iter().all(|word| asks(word));
    let weigh = |(word, posting): (&'a String, &Vec<i64>)| {
        let frequent = posting.len() >= POSTINGS;
        // How many have a frequent word is not counted: it would cost what the bound saves.
        let having = if frequent { (all / 20.0).max(POSTINGS as f32) } else { posting.len() as f32 };
        let asks = asks(word) && !at_large;
        let weight = (1.0 + (all - having + 0.5).max(0.5) / (having + 0.5)).ln() * if asks { ASKING } else { 1.0 };
        Word { text: word, term: terms.word(word), weight, frequent, asks }
    };
    let mut weighed: Vec<Word<'_>> = words.iter().zip(postings).map(weigh).collect();
    let known = weighed.iter().zip(postings).filter(|(word, posting)| !word.asks && !posting.is_empty());
    let heaviest = known.map(|(word, _)| word.weight).fold(0.0, f32::max);
    // That no memory has a word says something, but no more than a word that is there: what was asked may be worded
    // otherwise than what was told.
    for (word, _) in weighed.iter_mut().zip(postings).filter(|(_, posting)| posting.is_empty()) {
        word.weight = word.weight.min(heaviest);
    }
    weighed
}

/// The newest memories that have all the frequent words.
async fn frequent_together<B: Backend>(
    backend: &B,
    user: &User,
    words: &[Word<'_>],
    filter: &Filter,
) -> Result<Vec<i64>, StorageError> {
    let frequent = words.iter().filter(|word| word.frequent && !word.asks);
    let frequent: Vec<Term> = frequent.map(|word| word.term.clone()).collect();
    if frequent.len() < 2 {
        return Ok(Vec::new());
    }
    let question = Question::new(Terms::salted(user.salt), frequent, filter);
    let found = backend.postings(user.key, &[question], TOGETHER).await?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// The numbers of those that are worth being read.
fn candidates(words: &[Word<'_>], postings: &[Vec<i64>], together: &[i64]) -> Vec<i64> {
    let mut weights: BTreeMap<i64, f32> = BTreeMap::new();
    let is_rare = |(word, posting): (&Word<'_>, &Vec<i64>)| !word.frequent && !word.asks && !posting.is_empty();
    let any_rare = words.iter().zip(postings).any(is_rare);
    let frequent: f32 = words.iter().filter(|word| word.frequent).map(|word| word.weight).sum();
    weights.extend(together.iter().map(|seq| (*seq, frequent)));
    let rare_first = words.iter().zip(postings).filter(|(word, _)| !word.frequent);
    for (word, posting) in rare_first.chain(words.iter().zip(postings).filter(|(word, _)| word.frequent)) {
        for seq in posting {
            match weights.get_mut(seq) {
                // Those with all the frequent words have these counted already.
                Some(_) if word.frequent && together.contains(seq) => {}
                Some(weight) => *weight += word.weight,
                None if word.frequent && any_rare => {}
                None => {
                    weights.insert(*seq, word.weight);
                }
            }
        }
    }
    let mut ordered: Vec<(f32, i64)> = weights.into_iter().map(|(seq, weight)| (weight, seq)).collect();
    ordered.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    ordered.into_iter().take(CANDIDATES).map(|(_, seq)| seq).collect()
}

/// Weighs each memory by the words that are really in it; a short one with the same words says it more clearly.
fn ranked(records: Vec<Record>, words: &[Word<'_>], filter: &Filter) -> Vec<TextHit> {
    let (asking, about): (Vec<&Word<'_>>, Vec<&Word<'_>>) = words.iter().partition(|word| word.asks);
    let total = about.iter().map(|word| word.weight).sum::<f32>().max(f32::MIN_POSITIVE);
    let mut hits: Vec<(f32, TextHit)> = Vec::with_capacity(records.len());
    for record in records {
        if !filter.admits(record.memory.kind, record.memory.restricted) {
            continue;
        }
        let terms: BTreeSet<&str> = record.terms.iter().map(String::as_str).collect();
        let is_there = |word: &&&Word<'_>| terms.contains(word.term.as_str());
        let coverage = about.iter().filter(is_there).map(|word| word.weight).sum::<f32>() / total;
        if coverage < LEAST_COVERAGE {
            continue;
        }
        let clarity = 1.0 / (1.0 + 0.01 * terms.len() as f32);
        let wanted = if asking.iter().any(|word| is_there(&word)) { WANTED } else { 1.0 };
        let words = words.iter().filter(|word| is_there(&word)).map(|word| word.text.to_owned()).collect();
        hits.push((coverage * clarity * wanted, TextHit { record, coverage, words }));
    }
    hits.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.record.seq.cmp(&a.1.record.seq)));
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// How many memories with one word are looked at; a word that more have is frequent.
const POSTINGS: usize = 800;
/// How many memories with all the frequent words are looked at.
const TOGETHER: usize = 200;
/// How many memories are read and ranked.
const CANDIDATES: usize = 64;
/// What a word that only asks weighs of what it would weigh otherwise.
const ASKING: f32 = 0.01;
/// What a memory of the kind that is asked for has before others.
const WANTED: f32 = 1.1;
/// A memory with less than this part of what the query's words weigh does not fit it.
const LEAST_COVERAGE: f32 = 0.2;
