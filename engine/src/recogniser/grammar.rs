//! What `pocketsphinx` may hear: the sentences the engine can answer, and a loop of bare sounds for everything else.
//!
//! A grammar alone forces any speech into its nearest sentence. Beside it stands a loop over all sounds of the
//! language, each a little unlikely: speech that is no sentence of the grammar fits the loop better, and is then known
//! not to have been understood.

use super::sentences::sentences;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A grammar as a finite state machine, with the dictionary that belongs to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grammar {
    /// In the format of the `-fsg` option.
    pub(super) machine: String,
    /// In the format of the `-dict` option: only what is needed, so that it loads at once.
    pub(super) dictionary: String,
}

impl Grammar {
    /// The grammar of everything that the mind can answer and the dictionary can pronounce.
    pub(super) fn of(pronunciations: &str) -> Self {
        let known = Pronunciations::of(pronunciations);
        let sentences: BTreeSet<String> = sentences().into_iter().filter(|text| known.has_all(text)).collect();
        let mut dictionary = String::new();
        let words: BTreeSet<&str> = sentences.iter().flat_map(|text| text.split(' ')).collect();
        for line in words.iter().filter_map(|word| known.lines.get(word)).flatten() {
            let _ = writeln!(dictionary, "{line}");
        }
        for sound in SOUNDS {
            let _ = writeln!(dictionary, "{MARK}{sound} {}", sound.to_uppercase());
        }
        Self { machine: machine(&sentences), dictionary }
    }
}

/// The words of a result; `None` when it went through the loop of bare sounds.
pub(super) fn understood(result: &str) -> Option<String> {
    let text = result.trim();
    let bare = text.split(' ').any(|word| word.starts_with(MARK));
    (!text.is_empty() && !bare).then(|| text.to_owned())
}

struct Pronunciations<'a> {
    /// Every line of a word, which may have several pronunciations.
    lines: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Pronunciations<'a> {
    fn of(dictionary: &'a str) -> Self {
        let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in dictionary.lines() {
            if let Some(word) = line.split_whitespace().next() {
                let word = word.split('(').next().unwrap_or(word);
                lines.entry(word).or_default().push(line);
            }
        }
        Self { lines }
    }

    fn has_all(&self, text: &str) -> bool {
        text.split(' ').all(|word| self.lines.contains_key(word))
    }
}

/// A tree of words that every sentence walks down, and the loop beside it.
fn machine(sentences: &BTreeSet<String>) -> String {
    let mut next: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let mut lines = String::new();
    let mut states = 3;
    for sentence in sentences {
        let mut at = START;
        for word in sentence.split(' ') {
            at = *next.entry((at, word)).or_insert_with(|| {
                let _ = writeln!(lines, "TRANSITION {at} {states} 1.0 {word}");
                states += 1;
                states - 1
            });
        }
        let _ = writeln!(lines, "TRANSITION {at} {END} 1.0");
    }
    let _ = writeln!(lines, "TRANSITION {START} {LOOP} {UNLIKELY_AT_ALL}");
    for sound in SOUNDS {
        let _ = writeln!(lines, "TRANSITION {LOOP} {LOOP} {UNLIKELY} {MARK}{sound}");
    }
    let _ = writeln!(lines, "TRANSITION {LOOP} {END} 1.0");
    format!("FSG_BEGIN colloquy\nNUM_STATES {states}\nSTART_STATE {START}\nFINAL_STATE {END}\n{lines}FSG_END\n")
}

const START: usize = 0;
const END: usize = 1;
const LOOP: usize = 2;

/// Marks the words that are bare sounds.
const MARK: &str = "zz";

/// How likely one bare sound is, and the loop of them at all. Tried with 64 sentences of the grammar and 40 others in
/// four synthetic voices: 54 of the first were understood and 39 of the others rejected. Higher values reject more of
/// the grammar, lower ones accept more of what is not in it.
const UNLIKELY: &str = "0.07";
const UNLIKELY_AT_ALL: &str = "0.01";

const SOUNDS: &[&str] = &[
    "aa", "ae", "ah", "ao", "aw", "ay", "b", "ch", "d", "dh", "eh", "er", "ey", "f", "g", "hh", "ih", "iy", "jh", "k",
    "l", "m", "n", "ng", "ow", "oy", "p", "r", "s", "sh", "t", "th", "uh", "uw", "v", "w", "y", "z", "zh",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_pronounced_is_in_the_grammar() {
        let grammar = Grammar::of("hello HH AH L OW\nhello(2) HH EH L OW\nthere DH EH R\n");
        assert!(grammar.dictionary.starts_with("hello HH AH L OW\nhello(2) HH EH L OW\nthere DH EH R\nzzaa AA\n"));
        assert!(grammar.machine.contains(" hello\n") && grammar.machine.contains(" there\n"));
        assert!(!grammar.machine.contains("tokyo"));
    }

    #[test]
    fn sentences_share_their_beginnings() {
        let sentences = BTreeSet::from(["a b".to_owned(), "a c".to_owned()]);
        let machine = machine(&sentences);
        assert_eq!(machine.lines().filter(|line| line.ends_with(" a")).count(), 1);
        assert!(machine.contains("NUM_STATES 6\n"), "{machine}");
    }

    #[test]
    fn bare_sounds_are_not_understood() {
        assert_eq!(understood("what time is it \n"), Some("what time is it".into()));
        assert_eq!(understood("zzaa zzb"), None);
        assert_eq!(understood(" "), None);
    }
}
