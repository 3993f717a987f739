//! Where an answer uses what the model was given: by the marks that it sets, such as `[1]`, and without them by the
//! words and numbers that a sentence shares with a fact and not with the question.

pub(crate) use crate::context::clean::is_end;
use crate::context::clean::sentences;
use crate::context::fact::Fact;
use crate::letters::{between, is_letter, lower};
use crate::list::List;
use crate::view::Citation;

/// What can be cited; the newest facts only.
#[derive(Debug, Default)]
pub(crate) struct Citable(Vec<Cited>);

#[derive(Debug)]
struct Cited {
    label: u32,
    title: String,
    source: String,
    url: Option<String>,
    words: Vec<String>,
    ages: bool,
}

/// A mark that was taken out of a text, at this byte.
pub(crate) type Mark = (usize, u32);

impl Citable {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, fact: &Fact) {
        if self.0.len() >= MOST_CITABLE {
            self.0.remove(0);
        }
        let row = &fact.row;
        let words = words(&row.text).chain(words(&row.title)).collect();
        let (title, source) = (row.title.clone(), row.source.clone());
        self.0.push(Cited {
            label: fact.label,
            title,
            source,
            url: row.url.clone(),
            words,
            ages: fact.expires_at.is_some(),
        });
    }

    fn find(&self, label: u32) -> Option<&Cited> {
        self.0.iter().rev().find(|cited| cited.label == label)
    }

    /// The fact that a sentence is most like, if it surely is; of equals the newest.
    fn like(&self, sentence: &str, question: &str) -> Option<&Cited> {
        let asked: Vec<String> = words(question).collect();
        let mut said: Vec<String> = Vec::new();
        for word in words(sentence) {
            if !asked.contains(&word) && !said.contains(&word) {
                said.push(word);
            }
        }
        let likeness = |cited: &Cited| -> usize {
            said.iter().filter(|word| cited.words.contains(word)).map(|word| weight(word)).sum()
        };
        let (likeness, best) = self.0.iter().map(|cited| (likeness(cited), cited)).max_by_key(|(like, _)| *like)?;
        (likeness >= SURE).then_some(best)
    }
}

/// The words and numbers of a text that can tell it from others, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    let inside = |at: char| is_letter(at) || matches!(at, ':' | '.' | ',' | '\'' | '-');
    let words = text.split(move |at| !inside(at)).map(|word| word.trim_matches(|at: char| !is_letter(at)));
    words.filter(|word| weight(word) > 0).map(lower)
}

/// How much it means that two texts share a word: a number more than a long word, a short word nothing.
fn weight(word: &str) -> usize {
    let number = word.bytes().any(|byte| byte.is_ascii_digit());
    match word.chars().count() {
        2.. if number => 2,
        5.. if !COMMON.contains(&word) => 1,
        _ => 0,
    }
}

/// Appends words of an answer without the marks of what can be cited. What may be the beginning of a mark is held back
/// in `held` until more comes.
pub(crate) fn append_unmarked(
    text: &mut String,
    held: &mut String,
    more: &str,
    citable: &Citable,
    marks: &mut Vec<Mark>,
) {
    let joined = [held.as_str(), more].concat();
    held.clear();
    let mut rest = joined.as_str();
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (label, behind) = after.split_at_checked(digits).unwrap_or_default();
        let label = label.parse().ok().filter(|label| citable.find(*label).is_some());
        match (behind.chars().next(), label) {
            (Some(']'), Some(label)) => {
                text.truncate(text.trim_end().len());
                marks.push((text.len(), label));
                rest = behind.get(1..).unwrap_or_default();
            }
            (None, _) if digits <= LONGEST_LABEL => {
                held.push('[');
                held.push_str(after);
                return;
            }
            _ => {
                text.push('[');
                rest = after;
            }
        }
    }
    text.push_str(rest);
}

/// What the sentences of a text rest on. Likeness is looked for in sentences that have ended, or in all where the text
/// is `whole`.
pub(crate) fn citations(text: &str, marks: &[Mark], citable: &Citable, question: &str, whole: bool) -> List<Citation> {
    let mut citations: List<Citation> = List::default();
    let mut known: Vec<u32> = Vec::new();
    let mut cite = |cited: &Cited, start: usize, end: usize| {
        let at = known.iter().position(|label| *label == cited.label).unwrap_or_else(|| {
            known.push(cited.label);
            known.len() - 1
        });
        citations.push(Citation {
            label: u32::try_from(at + 1).unwrap_or(u32::MAX),
            title: cited.title.clone(),
            source: cited.source.clone(),
            url: cited.url.clone(),
            ages: cited.ages,
            start,
            end,
            lit: false,
        });
    };
    let mut marks = marks.iter().peekable();
    for (start, end) in sentences(text) {
        let mut marked: Vec<u32> = Vec::new();
        while let Some((_, label)) = marks.next_if(|(at, _)| *at <= end) {
            if !marked.contains(label) {
                marked.push(*label);
                citable.find(*label).into_iter().for_each(|cited| cite(cited, start, end));
            }
        }
        let sentence = between(text, start, end);
        if marked.is_empty() && (whole || sentence.ends_with(is_end)) {
            citable.like(sentence, question).into_iter().for_each(|cited| cite(cited, start, end));
        }
    }
    citations
}

const MOST_CITABLE: usize = 64;
/// Digits of the largest label.
const LONGEST_LABEL: usize = 3;
/// From this weight of shared words on, a sentence uses a fact.
const SURE: usize = 2;
/// Long words that mean nothing by themselves.
const COMMON: [&str; 16] = [
    "about", "after", "again", "because", "before", "could", "other", "should", "their", "there", "these", "today",
    "where", "which", "while", "would",
];

#[cfg(test)]
mod tests {
    use super::{Citable, append_unmarked, citations};
    use crate::context::fact::tests::fact;
    use protocol::context::Lane;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn citable() -> Citable {
        let mut citable = Citable::default();
        for (label, text) in [(1, "Team review today at 14:00 in Zurich."), (12, "Rain in Zurich, 9 degrees.")] {
            let mut fact = fact(text, Lane::Turn, text);
            fact.label = label;
            citable.add(&fact);
        }
        citable
    }

    fn cited(answer: &str, question: &str) -> (String, Vec<(u32, String, String)>) {
        let citable = citable();
        let (mut text, mut held, mut marks) = (String::new(), String::new(), Vec::new());
        for letter in answer.chars() {
            append_unmarked(&mut text, &mut held, letter.encode_utf8(&mut [0; 4]), &citable, &mut marks);
        }
        text.push_str(&held);
        let citations = citations(&text, &marks, &citable, question, true);
        let told = citations.iter().map(|at| (at.label, at.title.clone(), text[at.start..at.end].to_owned()));
        (text.clone(), told.collect())
    }

    #[test]
    fn marks_are_taken_out_however_they_arrive_and_cite_their_sentence() {
        let (text, told) = cited("It rains [12]. You meet at two. [1] Bye [2], [x] [", "");
        assert_eq!(text, "It rains. You meet at two. Bye [2], [x] [");
        assert_eq!((told.len(), told[0].0, told[0].2.as_str()), (2, 1, "It rains."));
        assert_eq!((told[1].0, told[1].2.as_str()), (2, "You meet at two."));
        assert!(told[0].1.contains("Rain") && told[1].1.contains("review"));
    }

    #[test]
    fn without_marks_a_number_of_the_fact_is_enough() {
        let (_, told) = cited("Hello. That is at 14:00.", "when is my team review");
        assert_eq!((told.len(), told[0].2.as_str()), (1, "That is at 14:00."));
    }

    #[test]
    fn words_of_the_question_and_common_words_cite_nothing() {
        let (_, told) = cited("Your team review is today, about there.", "when is my team review");
        assert!(told.is_empty(), "{told:?}");
    }

    #[test]
    fn a_sentence_is_cited_once_for_a_fact() {
        let (text, told) = cited("At 14:00 [1] in Zurich [1][12].", "");
        assert_eq!((text.as_str(), told.len()), ("At 14:00 in Zurich.", 2));
    }
}
