//! What a query asks of the memory as such, beside what it is about: kinds, and what was said.
//!
//! "Decide" chooses decisions and "tell" asks for what was told; neither is what was decided or told about.

use crate::{
    Kind,
    term::cue,
    words::{self, of_memory},
};

/// What a query asks of the memory as such, and about nothing in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The kinds that it names: "what did we decide", "my to-do list".
    pub kinds: Vec<Kind>,
    /// It asks what is remembered.
    pub remembered: bool,
    /// It asks what was said.
    pub said: bool,
    /// It asks for another time than this: "last time", "earlier".
    pub before: bool,
}

impl Asked {
    /// Reads a query; none where it is about something, or is no question.
    pub fn of(query: &str) -> Option<Self> {
        let query = joined(query);
        let mut asked = Self { before: query.contains(" last time "), ..Self::default() };
        let mut at_large = query.split(' ').any(|word| QUESTIONS.contains(&word));
        words::each(&query, |word| {
            match kind_named(word) {
                Some(kind) if !asked.kinds.contains(&kind) => asked.kinds.push(kind),
                Some(_) => {}
                None => {
                    asked.remembered |= REMEMBERING.contains(&word);
                    asked.said |= SAYING.contains(&word);
                    asked.before |= EARLIER.contains(&word);
                    at_large &= asks(word) || EARLIER.contains(&word) || BESIDE.contains(&word);
                }
            }
            at_large
        });
        at_large.then_some(asked)
    }
}

/// Whether a word, in its base form, asks something of the memory, instead of saying what about.
pub(crate) fn asks(word: &str) -> bool {
    kind_named(word).is_some() || REMEMBERING.contains(&word) || SAYING.contains(&word)
}

/// The query without the words that only ask, by which its vector is made; whole where nothing would be left.
pub(crate) fn subject(query: &str) -> String {
    let only_asks = |word: &&str| of_memory(word).iter().any(|base| asks(base));
    let about: Vec<&str> = query.split_whitespace().filter(|word| !only_asks(word)).collect();
    if about.iter().all(|word| of_memory(word).is_empty()) { query.to_owned() } else { about.join(" ") }
}

/// The words of the query, with each to-do as one.
pub(crate) fn joined(query: &str) -> String {
    let plain = [" ", &words::folded(words::read_of(query)), " "].concat();
    plain.replace(" to do ", " todo ").replace(" to dos ", " todo ")
}

fn kind_named(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| of_memory(cue(*kind)).iter().any(|cue| cue == word))
}

/// The base forms of words by which somebody asks what is remembered.
const REMEMBERING: &[&str] = &["rememb", "recal", "remind", "memori"];
/// The base forms of words by which somebody asks what was said.
const SAYING: &[&str] = &["say", "said", "tell", "told", "talk", "speak", "spoke", "discuss", "mention"];
const EARLIER: &[&str] = &["earlier", "befor", "previous"];
/// The base forms of words that name nothing either where somebody asks.
const BESIDE: &[&str] = &["last", "time", "still", "need", "left", "list", "show", "open", "everyth", "anyth", "thing"];
/// Words, as they are written, without which nothing is asked for at large.
const QUESTIONS: &[&str] = &["what", "whats", "which", "did", "any", "anything", "everything", "all", "list", "show"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_at_large_names_kinds_or_what_was_said() {
        for (query, kinds) in [
            ("what's on my to-do list", &[Kind::Todo][..]),
            ("What do I still have to do?", &[Kind::Todo]),
            ("what did we decide", &[Kind::Decision]),
            ("which decisions did we agree on", &[Kind::Decision]),
            ("what are my preferences", &[Kind::Preference]),
            ("what did I tell you", &[]),
            ("what did we talk about last time", &[]),
            ("what do you remember", &[]),
        ] {
            let asked = Asked::of(query).expect(query);
            assert!(!asked.kinds.is_empty() || asked.said || asked.remembered, "{query}: {asked:?}");
            assert_eq!(asked.kinds, kinds, "{query}");
            assert_eq!(asked.before, query.contains("last"), "{query}");
        }
    }

    #[test]
    fn what_is_about_something_or_asks_nothing_is_not_at_large() {
        for query in
            ["what did we decide about hiring", "what do I have to do for Anna", "which memory has the printer"]
        {
            assert_eq!(Asked::of(query), None, "{query}");
        }
        for query in ["I agree", "tell me", "I like it", "remember that"] {
            assert_eq!(Asked::of(query), None, "{query}");
        }
    }

    #[test]
    fn a_vector_is_made_of_what_it_is_about() {
        assert_eq!(subject("what did we decide about hiring"), "what did we about hiring");
        assert_eq!(subject("decisions"), "decisions");
    }
}
