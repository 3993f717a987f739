//! What stands in the full-text index: salted hashes of words.
//!
//! A term is ten characters made from the user's salt and the word. So the index of one user shares nothing with that
//! of another, no text of a query can be taken for syntax, and a page of the index that outlives a forgotten memory in
//! a backup or in a freed block holds no word of it. The kind of a memory and the mark of personal data are terms too,
//! so that the index itself can filter by them.

use std::collections::BTreeSet;

use crate::{Kind, stable_hash::stable_hash, words};

/// One term of the index: characters of [`ALPHABET`] and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Term(String);

impl Term {
    /// The term as it stands in the index.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn new(salt: i64, space: u8, name: &str) -> Self {
        let mut hash = stable_hash(salt.cast_unsigned() ^ (u64::from(space) << 56), name.as_bytes());
        let mut text = String::with_capacity(TERM_CHARS);
        for _ in 0..TERM_CHARS {
            text.push(char::from(ALPHABET[(hash & 31) as usize]));
            hash >>= 5;
        }
        Self(text)
    }
}

/// Makes the terms of one user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    salt: i64,
}

impl Terms {
    /// The terms of the user with this salt.
    pub(crate) fn salted(salt: i64) -> Self {
        Self { salt }
    }

    /// The term of a word's base form.
    pub(crate) fn word(self, word: &str) -> Term {
        Term::new(self.salt, 0, word)
    }

    /// All terms of a memory, separated by spaces.
    pub(crate) fn of_memory(self, kind: Kind, subject: Option<&str>, text: &str, restricted: bool) -> String {
        let full = format!("{} {} {text}", cue(kind), subject.unwrap_or_default());
        let words = words::of_memory(&full);
        let mut terms: BTreeSet<Term> = words.iter().map(|word| self.word(word)).collect();
        terms.insert(self.kind(kind));
        terms.insert(self.whole(&says(kind, subject, text)));
        if restricted {
            terms.insert(self.restricted());
        }
        let terms: Vec<&str> = terms.iter().map(Term::as_str).collect();
        terms.join(" ")
    }

    /// The term of all that a memory [`says`].
    pub(crate) fn whole(self, says: &str) -> Term {
        Term::new(self.salt, 3, says)
    }

    fn kind(self, kind: Kind) -> Term {
        Term::new(self.salt, 1, kind.name())
    }

    fn restricted(self) -> Term {
        Term::new(self.salt, 2, "restricted")
    }
}

/// What two memories share that say the same: all words, but for how they are written. A name is the same with other
/// words before it.
pub(crate) fn says(kind: Kind, subject: Option<&str>, text: &str) -> String {
    let folded = if is_entry(kind) { words::folded_name } else { words::folded };
    [kind.name(), &folded(text), &words::folded(subject.unwrap_or_default())].join("\n")
}

/// Whether it names something that others hang on, instead of saying something.
pub(crate) fn is_entry(kind: Kind) -> bool {
    matches!(kind, Kind::Person | Kind::Place | Kind::Project)
}

/// What a memory must be to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// One of these kinds; any when empty.
    pub(crate) kinds: Vec<Kind>,
    /// Personal data too.
    pub(crate) restricted: bool,
}

impl Filter {
    /// Everything.
    pub(crate) const ALL: Self = Self { kinds: Vec::new(), restricted: true };

    /// Whether it lets everything through.
    pub(crate) fn is_open(&self) -> bool {
        self.kinds.is_empty() && self.restricted
    }

    /// Whether it lets this through.
    pub(crate) fn admits(&self, kind: Kind, restricted: bool) -> bool {
        (self.restricted || !restricted) && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

/// A question to the index: all of these terms, one of those, none of the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    all: Vec<Term>,
    one_of: Vec<Term>,
    none: Option<Term>,
}

impl Question {
    /// All of these terms, in a memory that the filter lets through.
    pub(crate) fn new(terms: Terms, all: Vec<Term>, filter: &Filter) -> Self {
        Self {
            all,
            one_of: filter.kinds.iter().map(|kind| terms.kind(*kind)).collect(),
            none: (!filter.restricted).then(|| terms.restricted()),
        }
    }

    /// Whether it asks for one term and for nothing else.
    pub(crate) fn is_single(&self) -> bool {
        self.all.len() == 1 && self.one_of.is_empty()
    }

    /// Whether personal data may answer it.
    pub(crate) fn admits_restricted(&self) -> bool {
        self.none.is_none()
    }

    /// The question in the language of FTS5. Something must be asked for: all or one-of terms.
    pub(crate) fn to_fts5(&self) -> String {
        let wanted = self.wanted('"', " AND ", " OR ");
        match &self.none {
            Some(term) => format!("({wanted}) NOT \"{}\"", term.as_str()),
            None => wanted,
        }
    }

    /// The question as the text of a `tsquery`, but for personal data: leaving that out by a column is faster there.
    pub(crate) fn to_tsquery(&self) -> String {
        self.wanted('\'', " & ", " | ")
    }

    fn wanted(&self, quote: char, and: &str, or: &str) -> String {
        let quoted = |term: &Term| format!("{quote}{}{quote}", term.as_str());
        let mut parts: Vec<String> = self.all.iter().map(quoted).collect();
        if !self.one_of.is_empty() {
            let kinds: Vec<String> = self.one_of.iter().map(quoted).collect();
            parts.push(format!("({})", kinds.join(or)));
        }
        parts.join(and)
    }
}

const TERM_CHARS: usize = 10;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Words that people use when they ask for a kind, so that "what did we decide" finds a decision whose text does not say
/// that it is one.
pub(crate) const fn cue(kind: Kind) -> &'static str {
    match kind {
        Kind::Fact | Kind::Turn => "",
        Kind::Preference => "preference prefer like",
        Kind::Person => "person",
        Kind::Place => "place",
        Kind::Project => "project",
        Kind::Decision => "decision decide agreed",
        Kind::Todo => "todo task",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_two_users_have_nothing_in_common() {
        let of = |salt| Terms::salted(salt).of_memory(Kind::Fact, None, "the falcon deadline", false);
        let (one, other) = (of(1), of(2));
        assert_eq!(one, of(1));
        assert!(one.split(' ').all(|term| !other.contains(term)), "{one} / {other}");
    }

    #[test]
    fn a_question_is_written_in_both_languages() {
        let terms = Terms::salted(7);
        let filter = Filter { kinds: vec![Kind::Decision, Kind::Todo], restricted: false };
        let question = Question::new(terms, vec![terms.word("falcon")], &filter);
        let (word, decision, todo) = (terms.word("falcon"), terms.kind(Kind::Decision), terms.kind(Kind::Todo));
        let (w, d, t, r) = (word.as_str(), decision.as_str(), todo.as_str(), terms.restricted());
        assert_eq!(question.to_fts5(), format!("(\"{w}\" AND (\"{d}\" OR \"{t}\")) NOT \"{}\"", r.as_str()));
        assert_eq!(question.to_tsquery(), format!("'{w}' & ('{d}' | '{t}')"));
        assert!(!question.admits_restricted() && !question.is_single());
    }
}
