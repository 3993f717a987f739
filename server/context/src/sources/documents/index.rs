//! Passages found by their words (BM25) and by their vectors, the two orders joined by reciprocal rank.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::chunk::Chunk;
use crate::{
    Embedder, Known,
    embedder::similarity,
    language::{Language, Meaning, fold},
    words::{stem, terms},
};

/// All passages of a folder, in memory.
#[derive(Default)]
pub(super) struct Index {
    passages: HashMap<u32, Passage>,
    files: BTreeMap<PathBuf, Vec<u32>>,
    /// For each term: in which passages, how often.
    postings: BTreeMap<String, Vec<(u32, u16)>>,
    length: usize,
    next: u32,
}

struct Passage {
    path: Arc<PathBuf>,
    number: usize,
    changed: i64,
    title: String,
    text: String,
    length: usize,
    terms: Vec<(String, u16)>,
    vector: Vec<f32>,
}

/// The passages of one file, ready to be put in.
pub(super) struct Prepared(Vec<Passage>);

/// A word of a query.
struct Word {
    /// As it stands in the documents, or as it was asked.
    text: String,
    /// How much it says: the more the rarer it is.
    weight: f32,
    /// Less where another word was written.
    certainty: f32,
}

/// A passage that was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) path: PathBuf,
    pub(super) number: usize,
    pub(super) changed: i64,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) relevance: f32,
}

impl Index {
    /// How many passages there are.
    pub(super) fn len(&self) -> usize {
        self.passages.len()
    }

    /// The costly part of indexing, which needs no index.
    pub(super) fn prepare(path: &Path, changed: i64, chunks: Vec<Chunk>, embedder: &dyn Embedder) -> Prepared {
        let path = Arc::new(path.to_owned());
        let passage = |(number, chunk): (usize, Chunk)| {
            let all = format!("{}\n{}", chunk.title, chunk.text);
            let mut counts: BTreeMap<String, u16> = BTreeMap::new();
            let words = terms(&all);
            let length = words.len();
            for term in words {
                let count = counts.entry(term).or_default();
                *count = count.saturating_add(1);
            }
            Passage {
                path: Arc::clone(&path),
                number,
                changed,
                vector: embedder.embed(&all),
                length,
                terms: counts.into_iter().collect(),
                title: chunk.title,
                text: chunk.text,
            }
        };
        Prepared(chunks.into_iter().enumerate().map(passage).collect())
    }

    /// Puts a file's passages in the place of those it had.
    pub(super) fn replace(&mut self, path: &Path, prepared: Prepared) {
        self.remove(path);
        let mut numbers = Vec::with_capacity(prepared.0.len());
        for passage in prepared.0 {
            if self.passages.len() >= MOST_PASSAGES {
                tracing::warn!("the index is full; some passages are left out");
                break;
            }
            let id = self.next;
            self.next = self.next.wrapping_add(1);
            for (term, count) in &passage.terms {
                self.postings.entry(term.clone()).or_default().push((id, *count));
            }
            self.length += passage.length;
            self.passages.insert(id, passage);
            numbers.push(id);
        }
        self.files.insert(path.to_owned(), numbers);
    }

    /// Forgets a file.
    pub(super) fn remove(&mut self, path: &Path) {
        for id in self.files.remove(path).unwrap_or_default() {
            let Some(passage) = self.passages.remove(&id) else { continue };
            self.length -= passage.length;
            for (term, _) in &passage.terms {
                if let Some(postings) = self.postings.get_mut(term) {
                    postings.retain(|(other, _)| *other != id);
                    if postings.is_empty() {
                        self.postings.remove(term);
                    }
                }
            }
        }
    }

    /// Whether the rare words of a query occur here, or words that are nearly the same: then the folder is worth asking.
    pub(super) fn knows(&self, query: &str) -> Option<Known> {
        let words = self.weighed(query);
        let known: Vec<&Word> = words.iter().filter(|word| self.is_telling(&word.text)).collect();
        let share = known.iter().map(|word| word.weight * word.certainty).sum::<f32>() / total(&words);
        let said = known.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("”, “");
        (share >= KNOWN).then(|| Known { score: 0.5 + 0.4 * share, because: format!("contains “{said}”") })
    }

    /// What a query is about, as it is written here.
    fn weighed(&self, query: &str) -> Vec<Word> {
        let names = names(query);
        let word = |term: String| {
            let meant = if names.contains(&term) { None } else { self.meant(&term).map(str::to_owned) };
            let certainty = if meant.is_some() { 0.8 } else { 1.0 };
            let text = meant.unwrap_or(term);
            Word { weight: self.rarity(&text), text, certainty }
        };
        let terms: BTreeSet<String> = terms(&subject(query)).into_iter().collect();
        let mut words: Vec<Word> = terms.into_iter().map(word).collect();
        let known = words.iter().filter(|word| self.postings.contains_key(&word.text));
        let heaviest = known.map(|word| word.weight).fold(0.0, f32::max);
        // That a word stands nowhere says something, but no more than one that does: a question is worded otherwise than
        // what answers it.
        for word in &mut words {
            word.weight = word.weight.min(heaviest);
        }
        words
    }

    /// The word that stands here in the place of one that does not.
    fn meant(&self, term: &str) -> Option<&str> {
        if term.chars().count() < SHORTEST_MISSPELT || self.postings.contains_key(term) {
            return None;
        }
        let first = term.get(..term.chars().next()?.len_utf8())?;
        let alike = self.postings.range(first.to_owned()..).map(|(word, _)| word.as_str());
        let mut alike = alike.take_while(|word| word.starts_with(first));
        alike.find(|word| is_slip(term, word) && self.is_telling(word))
    }

    /// The best passages, best first. Whoever names the source is given the best one, however little of the query it
    /// contains.
    pub(super) fn search(&self, query: &str, embedder: &dyn Embedder, by_name: bool, most: usize) -> Vec<Hit> {
        let words = self.weighed(query);
        let by_words = self.by_words(&words);
        let by_vector = self.by_vector(&embedder.embed(query));
        let mut joined: BTreeMap<u32, f32> = BTreeMap::new();
        for order in [&by_words, &by_vector] {
            for (rank, (id, _)) in order.iter().enumerate() {
                *joined.entry(*id).or_default() += 1.0 / (60.0 + rank as f32);
            }
        }
        let mut joined: Vec<(u32, f32)> = joined.into_iter().collect();
        joined.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let nearness: BTreeMap<u32, f32> = by_vector.into_iter().collect();
        let hit = |(id, _): (u32, f32)| {
            let passage = self.passages.get(&id)?;
            let relevance = covered(&words, passage).max(nearness.get(&id).copied().unwrap_or(0.0)).min(1.0);
            Some(Hit {
                path: passage.path.as_ref().clone(),
                number: passage.number,
                changed: passage.changed,
                title: passage.title.clone(),
                text: passage.text.clone(),
                relevance,
            })
        };
        let mut hits: Vec<Hit> = joined.into_iter().filter_map(hit).collect();
        let best = hits.first().filter(|_| by_name).cloned();
        hits.retain(|hit| hit.relevance >= WORTH_SAYING);
        hits.truncate(most);
        if hits.is_empty() { best.into_iter().collect() } else { hits }
    }

    fn by_words(&self, words: &[Word]) -> Vec<(u32, f32)> {
        let mean = self.length as f32 / self.passages.len().max(1) as f32;
        let mut scores: BTreeMap<u32, f32> = BTreeMap::new();
        for Word { text, weight: rarity, .. } in words {
            for (id, count) in self.postings.get(text).into_iter().flatten() {
                let length = self.passages.get(id).map_or(mean, |passage| passage.length as f32);
                let count = f32::from(*count);
                let weight = count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length / mean.max(1.0)));
                *scores.entry(*id).or_default() += rarity * weight;
            }
        }
        best(scores.into_iter().collect())
    }

    fn by_vector(&self, vector: &[f32]) -> Vec<(u32, f32)> {
        let scores = self.files.values().flatten().filter_map(|id| {
            let nearness = similarity(vector, &self.passages.get(id)?.vector);
            (nearness >= NEAR).then_some((*id, nearness))
        });
        best(scores.collect())
    }

    /// How rare a term is: high for one that stands in few passages, highest for one that stands in none.
    fn rarity(&self, term: &str) -> f32 {
        // Of very few passages nothing can be learnt about what is rare.
        let all = self.passages.len().max(8) as f32;
        let with = self.postings.get(term).map_or(0.0, |postings| postings.len() as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// Whether a term occurs, and not nearly everywhere.
    fn is_telling(&self, term: &str) -> bool {
        let with = self.postings.get(term).map_or(0, Vec::len);
        with > 0 && (with <= 3 || with * 5 <= self.passages.len())
    }
}

/// Which share of the query, weighed by rarity, the passage contains.
fn covered(words: &[Word], passage: &Passage) -> f32 {
    let has = |word: &&Word| passage.terms.binary_search_by(|(other, _)| other.cmp(&word.text)).is_ok();
    words.iter().filter(has).map(|word| word.weight).sum::<f32>() / total(words)
}

fn total(words: &[Word]) -> f32 {
    words.iter().map(|word| word.weight).sum::<f32>().max(f32::MIN_POSITIVE)
}

/// The query without what says only when, or that something is done.
fn subject(query: &str) -> String {
    let languages = Language::of(query);
    let is_light = |chunk: &&str| {
        let word = fold(chunk);
        let says_when = |language: &&Language| language.meaning(&word).is_some_and(Meaning::is_relative);
        languages.iter().any(says_when) || LIGHT.contains(&stem(&word).as_str())
    };
    query.split_whitespace().filter(|chunk| !is_light(chunk)).collect::<Vec<_>>().join(" ")
}

/// The terms that are written with a capital, of which another letter makes another name.
fn names(query: &str) -> BTreeSet<String> {
    let is_name = |chunk: &&str| chunk.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase);
    query.split_whitespace().filter(is_name).flat_map(terms).collect()
}

/// Whether two words differ by one letter: another, one more, one less, or two that changed places.
fn is_slip(one: &str, other: &str) -> bool {
    if one.len().abs_diff(other.len()) > 4 {
        return false;
    }
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).map(|(same, _)| same.len_utf8());
    let same: usize = same.sum();
    let (one, other) = (one.get(same..).unwrap_or_default(), other.get(same..).unwrap_or_default());
    let behind = |text: &str, letters: usize| text.chars().skip(letters).collect::<String>();
    let mut crossed = other.chars().take(2).collect::<Vec<_>>();
    crossed.reverse();
    behind(one, 1) == behind(other, 1)
        || behind(one, 1) == other
        || one == behind(other, 1)
        || (crossed.len() == 2 && one.chars().take(2).eq(crossed) && behind(one, 2) == behind(other, 2))
}

fn best(mut scores: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    let order = |one: &(u32, f32), other: &(u32, f32)| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0));
    if scores.len() > CANDIDATES {
        scores.select_nth_unstable_by(CANDIDATES, order);
        scores.truncate(CANDIDATES);
    }
    scores.sort_by(order);
    scores
}

const K1: f32 = 1.2;
const B: f32 = 0.75;
/// From which nearness on a passage counts as alike at all.
const NEAR: f32 = 0.25;
const WORTH_SAYING: f32 = 0.3;
/// Which share of a question must be known to be asked, weighed by rarity: one word of two, unless it is misspelt.
const KNOWN: f32 = 0.45;
/// Shorter words are too often a slip away from others, in letters.
const SHORTEST_MISSPELT: usize = 5;
/// Stems of what can be asked of anything.
const LIGHT: &[&str] = &[
    "allow", "begin", "come", "end", "go", "happen", "keep", "make", "many", "may", "might", "more", "much", "must",
    "need", "new", "put", "run", "start", "stop", "use", "used", "using", "want",
];
const CANDIDATES: usize = 50;
const MOST_PASSAGES: usize = 200_000;

#[cfg(test)]
mod tests {
    use super::*;
    use memory::HashingEmbedder;

    fn put(index: &mut Index, path: &str, text: &str) {
        let chunks = vec![Chunk { title: path.to_owned(), text: text.to_owned() }];
        let prepared = Index::prepare(Path::new(path), 0, chunks, &HashingEmbedder::new());
        index.replace(Path::new(path), prepared);
    }

    fn filled() -> Index {
        let mut index = Index::default();
        put(&mut index, "falcon.md", "The deadline of project Falcon is the third of December.");
        put(&mut index, "holidays.md", "Everybody has thirty days of holidays a year.");
        put(&mut index, "kitchen.md", "The coffee machine is cleaned on Fridays.");
        index
    }

    fn best(index: &Index, query: &str) -> Option<String> {
        let hits = index.search(query, &HashingEmbedder::new(), false, 3);
        hits.first().map(|hit| hit.path.display().to_string())
    }

    #[test]
    fn the_passage_that_answers_comes_first() {
        let index = filled();
        assert_eq!(best(&index, "when is the Falcon deadline?").as_deref(), Some("falcon.md"));
        assert_eq!(best(&index, "how many holidays do I have").as_deref(), Some("holidays.md"));
    }

    #[test]
    fn a_single_passage_knows_what_it_says() {
        let mut index = Index::default();
        put(&mut index, "office.md", "Tram four goes to the office.");
        assert!(index.knows("which tram goes to the office").is_some());
        assert_eq!(index.knows("who won the football match"), None);
    }

    #[test]
    fn a_misspelt_word_is_found_by_its_vector() {
        assert_eq!(best(&filled(), "cofee machines").as_deref(), Some("kitchen.md"));
    }

    #[test]
    fn a_misspelt_question_is_known_and_answered() {
        let index = filled();
        let known = index.knows("when are the cofee mashines cleand").unwrap();
        assert!(known.because.contains("coffee") && known.because.contains("machine"), "{known:?}");
        assert_eq!(best(&index, "when are the cofee mashines cleand").as_deref(), Some("kitchen.md"));
        assert_eq!(index.knows("how many holydays do cats take"), None, "one word of many");
    }

    #[test]
    fn a_slip_is_one_letter() {
        for slip in ["machin", "machne", "mashine", "machiine", "mahcine", "machines"] {
            assert!(is_slip(slip, "machine"), "{slip}");
        }
        assert!(is_slip("schlüsel", "schlüssel") && is_slip("schlussel", "schlüssel"));
        for other in ["maschiene", "mchain", "m", ""] {
            assert!(!is_slip(other, "machine"), "{other}");
        }
    }

    #[test]
    fn a_question_without_spaces_is_known_and_answered() {
        let mut index = filled();
        put(&mut index, "zh.md", "停车场的密码是七千七百。办公室在三楼。");
        put(&mut index, "jp.txt", "会議室の暗証番号は九千です。");
        for (query, path) in [("停车场的密码是什么", "zh.md"), ("会議室の暗証番号は何ですか", "jp.txt")]
        {
            assert!(index.knows(query).is_some(), "{query}");
            assert_eq!(best(&index, query).as_deref(), Some(path));
        }
        assert_eq!(index.knows("今天天气怎么样"), None);
    }

    #[test]
    fn ligatures_are_the_letters_they_stand_for() {
        let mut index = filled();
        put(&mut index, "report.pdf", "The ﬂamingo is the oﬃcial bird.");
        assert_eq!(best(&index, "what is the official flamingo").as_deref(), Some("report.pdf"));
        assert!(index.knows("the official flamingo").is_some());
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert_eq!(best(&filled(), "who won the football match"), None);
        assert_eq!(filled().knows("who won the football match"), None);
    }

    #[test]
    fn what_is_asked_about_counts_and_not_when_or_what_is_done_with_it() {
        let mut index = filled();
        put(&mut index, "dishes.md", "The dishwasher must never be started after 20:00, all year round.");
        for query in [
            "can I run the dishwasher tonight",
            "until when may the dishwasher be used",
            "can I run the dishwasher in the evening",
            "how do I empty the dishwasher",
        ] {
            assert!(index.knows(query).is_some(), "{query}");
            assert_eq!(best(&index, query).as_deref(), Some("dishes.md"), "{query}");
        }
        for query in ["when does the picnic start", "what year is it"] {
            assert_eq!(index.knows(query), None, "{query}");
        }
    }

    #[test]
    fn who_names_the_source_is_given_the_best_there_is() {
        let query = "how long does a guest from abroad wait for the coffee";
        let found = |by_name| filled().search(query, &HashingEmbedder::new(), by_name, 3);
        assert_eq!(found(false), []);
        assert_eq!(found(true).iter().map(|hit| hit.path.as_path()).collect::<Vec<_>>(), [Path::new("kitchen.md")]);
    }

    #[test]
    fn nobody_is_taken_for_another() {
        let mut index = filled();
        put(&mut index, "travel.md", "Flights are booked through Marta Silva.");
        assert_eq!(index.knows("who is Maria"), None);
        assert_eq!(best(&index, "who is Maria"), None);
        assert!(index.knows("who is Marta").is_some());
    }

    #[test]
    fn the_index_says_what_it_knows() {
        let known = filled().knows("when is the Falcon deadline?").unwrap();
        assert!(known.because.contains("falcon") && known.score > 0.8, "{known:?}");
    }

    #[test]
    fn a_removed_file_leaves_nothing_behind() {
        let mut index = filled();
        for path in ["falcon.md", "holidays.md", "kitchen.md"] {
            index.remove(Path::new(path));
        }
        assert_eq!((index.len(), index.length, index.postings.len()), (0, 0, 0));
    }

    #[test]
    fn a_changed_file_is_found_by_its_new_words_only() {
        let mut index = filled();
        put(&mut index, "falcon.md", "Project Falcon was cancelled.");
        assert_eq!(index.search("deadline december", &HashingEmbedder::new(), false, 3), []);
        assert_eq!(best(&index, "was Falcon cancelled").as_deref(), Some("falcon.md"));
    }
}
