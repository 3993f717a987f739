//! From text to the base forms of its words, the same for what is stored and for what is asked.
//!
//! Case, accents and compatibility forms are folded, English endings are cut ("deadlines" and "deadline" meet), words
//! that say nothing are left out, and scripts that do not put spaces between words are cut into pairs of characters.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The most words of one memory that are indexed.
pub(crate) const MAX_INDEXED_WORDS: usize = 512;
/// The most words of one query that are looked for.
pub(crate) const MAX_QUERY_WORDS: usize = 16;
/// How much of a query is read, in characters.
const MAX_QUERY_CHARS: usize = 1_000;

/// Words longer than this are cut, in characters.
const MAX_WORD_CHARS: usize = 40;

/// The distinct base forms of a memory's words, in order of appearance.
pub(crate) fn of_memory(text: &str) -> Vec<String> {
    distinct(text, MAX_INDEXED_WORDS)
}

/// The distinct base forms of a query's words. Longer queries are cut.
pub(crate) fn of_query(query: &str) -> Vec<String> {
    distinct(read_of(query), MAX_QUERY_WORDS)
}

/// What is read of a query.
pub(crate) fn read_of(query: &str) -> &str {
    query.char_indices().nth(MAX_QUERY_CHARS).and_then(|(end, _)| query.get(..end)).unwrap_or(query)
}

/// A whole text by which two that say the same are known: without case, accents and punctuation.
pub(crate) fn folded(text: &str) -> String {
    plain(text).collect::<Vec<_>>().join(" ")
}

/// A name as [`folded`], without what may stand before it: "the project Atlas" and "Atlas" are one.
pub(crate) fn folded_name(text: &str) -> String {
    let words: Vec<String> = plain(text).collect();
    let said = words.iter().take_while(|word| BEFORE_NAMES.contains(&word.as_str())).count();
    words.get(said..).filter(|name| !name.is_empty()).unwrap_or(&words).join(" ")
}

/// Whether a text has a word that begins so, in any case and with any accents.
pub(crate) fn has_beginning(text: &str, beginning: &str) -> bool {
    plain(text).any(|word| word.starts_with(beginning))
}

/// The word that a query ends with, as [`has_beginning`] wants it, and what stands before it; none where the last word
/// is over or is of a script whose words do not begin anywhere.
pub(crate) fn being_typed(query: &str) -> Option<(&str, String)> {
    let at = query
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |at| at + query[at..].chars().next().map_or(0, char::len_utf8));
    let (before, word) = query.split_at_checked(at)?;
    let word = folded(word);
    (!word.is_empty() && !word.contains(is_unspaced)).then_some((before, word))
}

/// The words of a text as they are written, but for case and accents.
fn plain(text: &str) -> impl Iterator<Item = String> {
    let folded: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words: Vec<String> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

/// Hands each word's base form to `take`, until it says that it has enough.
pub(crate) fn each(text: &str, mut take: impl FnMut(&str) -> bool) {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut word = String::new();
    let mut unspaced = Vec::new();
    let folded = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    for c in folded.chain(std::iter::once(' ')) {
        let belongs_to_word = c.is_alphanumeric() && !is_unspaced(c);
        if belongs_to_word {
            if word.chars().count() < MAX_WORD_CHARS {
                word.push(c);
            }
        } else if !word.is_empty() {
            if STOP_WORDS.binary_search(&word.as_str()).is_err() && !take(&stemmer.stem(&word)) {
                return;
            }
            word.clear();
        }
        if is_unspaced(c) {
            unspaced.push(c);
        } else if !unspaced.is_empty() {
            if !each_pair(&unspaced, &mut take) {
                return;
            }
            unspaced.clear();
        }
    }
}

fn distinct(text: &str, limit: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    each(text, |word| {
        if seen.insert(word.to_owned()) {
            words.push(word.to_owned());
        }
        words.len() < limit
    });
    words
}

fn each_pair(run: &[char], take: &mut impl FnMut(&str) -> bool) -> bool {
    if run.len() == 1 {
        return take(&String::from_iter(run));
    }
    run.windows(2).all(|pair| take(&String::from_iter(pair)))
}

/// Letters of scripts that are written without spaces: Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        && c.is_alphanumeric()
}

/// English words that say nothing about what is looked for; sorted. Frequent words of other languages are recognised
/// by their number in the store.
const STOP_WORDS: &[&str] = &[
    "a", "about", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by",
    "can", "could", "did", "do", "does", "don", "for", "from", "had", "has", "have", "he", "her", "hers", "him", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "just", "ll", "me", "my", "no", "not", "of", "on", "or", "our",
    "ours", "re", "s", "she", "should", "so", "t", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "to", "too", "us", "ve", "was", "we", "were", "what", "when", "where", "which", "who",
    "whom", "whose", "why", "will", "with", "would", "you", "your", "yours",
];

/// Words before a name that are not part of it.
const BEFORE_NAMES: &[&str] = &["the", "a", "an", "my", "our", "project"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stop_words_are_sorted_as_their_search_needs() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn forms_of_a_word_meet() {
        assert_eq!(of_query("The DEADLINES, moved"), of_memory("deadline moving"));
        assert_eq!(of_query("Café"), of_memory("cafe"));
        assert_eq!(of_query("ｆａｌｃｏｎ"), of_memory("Falcon"));
    }

    #[test]
    fn words_that_say_nothing_are_left_out() {
        assert_eq!(of_query("what did we decide about the deadline?"), ["decid", "deadlin"]);
        assert_eq!(of_query("what is it about?"), [""; 0]);
    }

    #[test]
    fn unspaced_scripts_are_cut_into_pairs() {
        assert_eq!(of_query("締め切りは"), ["締め", "め切", "切り", "りは"]);
        assert_eq!(of_query("東"), ["東"]);
    }

    #[test]
    fn nothing_but_letters_and_digits_comes_out() {
        assert_eq!(of_query("\"OR\" NEAR(1) * ^col: 😀 \0 -x"), ["near", "1", "col", "x"]);
    }

    #[test]
    fn the_same_text_is_known_in_any_writing() {
        assert_eq!(folded(" The  DEADLINE is Friday!"), folded("the deadline is friday"));
        assert_ne!(folded("I do like tea"), folded("I do not like tea"));
        assert_eq!(folded_name("the project Atlas"), folded_name("atlas"));
        assert_eq!(folded_name("Project"), "project");
    }

    #[test]
    fn the_word_that_is_being_typed_is_the_last_one_unless_it_is_over() {
        assert_eq!(being_typed("the Vénd"), Some(("the ", "vend".to_owned())));
        assert!(has_beginning("Our VENDOR", "vend") && !has_beginning("prevent", "vend"));
        for over in ["", "vendor ", "vendor.", "締め切り"] {
            assert_eq!(being_typed(over), None, "{over}");
        }
    }

    #[test]
    fn a_huge_text_is_cut() {
        let text = (0..100_000).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(of_memory(&text).len(), MAX_INDEXED_WORDS);
        assert_eq!(of_query(&text).len(), MAX_QUERY_WORDS);
        assert!(of_query(&"x".repeat(1_000_000)).iter().all(|word| word.chars().count() <= MAX_WORD_CHARS));
    }
}
