//! What is recognised before it has surely ended: a question to the recogniser for each probable end of an utterance, and
//! what its answer is good for by then.

use protocol::ItemId;
use std::collections::BTreeMap;
use std::time::Duration;

/// The words of an utterance, or why there are none.
pub(super) type Words = Result<Option<String>, String>;

/// The questions asked ahead.
#[derive(Default)]
pub(super) struct Foresight {
    asked: u64,
    /// The last one, while its utterance may still be over.
    last: Option<Ahead>,
    /// Those whose utterances did end before the answer, with the length of each.
    promised: BTreeMap<u64, (ItemId, Duration)>,
}

struct Ahead {
    number: u64,
    length: Duration,
    /// The answer, once it is there.
    words: Option<Words>,
}

/// What is known of an utterance that has surely ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AtEnd {
    /// Nobody asked ahead.
    NotAsked(ItemId),
    /// The answer comes by itself.
    Asked,
    /// Its words.
    Known(ItemId, Words, Duration),
}

/// What an answer is good for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// These are the words of an utterance that has ended.
    Of(ItemId, Words, Duration),
    /// These will be the words, if it goes on no more.
    Foreseen(String),
    /// Nothing, or nothing yet.
    None,
}

impl Foresight {
    /// An utterance of this length has probably ended. Returns the number of the question about it.
    pub(super) fn ask(&mut self, length: Duration) -> u64 {
        self.asked += 1;
        self.last = Some(Ahead { number: self.asked, length, words: None });
        self.asked
    }

    /// It went on after all, or another begins.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// It has surely ended, as this item.
    pub(super) fn end(&mut self, item: ItemId) -> AtEnd {
        match self.last.take() {
            None => AtEnd::NotAsked(item),
            Some(Ahead { words: Some(words), length, .. }) => AtEnd::Known(item, words, length),
            Some(Ahead { number, length, words: None }) => {
                self.promised.insert(number, (item, length));
                AtEnd::Asked
            }
        }
    }

    /// The recogniser has answered the question with this number.
    pub(super) fn answer(&mut self, number: u64, words: Words) -> Answer {
        if let Some((item, length)) = self.promised.remove(&number) {
            return Answer::Of(item, words, length);
        }
        let Some(last) = self.last.as_mut().filter(|last| last.number == number) else { return Answer::None };
        let foreseen = words.as_ref().ok().cloned().flatten();
        last.words = Some(words);
        foreseen.map_or(Answer::None, Answer::Foreseen)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, AtEnd, Foresight, Words};
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    fn words(text: &str) -> Words {
        if text.is_empty() { Err("none".to_owned()) } else { Ok(Some(text.to_owned())) }
    }

    #[test]
    fn words_that_are_there_before_the_end_are_known_at_the_end() {
        let mut foresight = Foresight::default();
        let number = foresight.ask(SECOND);
        assert_eq!(foresight.answer(number, words("one")), Answer::Foreseen("one".into()));
        assert_eq!(foresight.end("a".into()), AtEnd::Known("a".into(), words("one"), SECOND));
        assert_eq!(foresight.end("b".into()), AtEnd::NotAsked("b".into()));
    }

    #[test]
    fn words_that_come_after_the_end_are_not_lost_when_somebody_speaks_again_before() {
        let mut foresight = Foresight::default();
        let first = foresight.ask(SECOND);
        assert_eq!(foresight.end("a".into()), AtEnd::Asked);
        foresight.forget();
        let second = foresight.ask(SECOND);
        assert_eq!(foresight.end("b".into()), AtEnd::Asked);
        assert_eq!(foresight.answer(second, words("two")), Answer::Of("b".into(), words("two"), SECOND));
        assert_eq!(foresight.answer(first, words("one")), Answer::Of("a".into(), words("one"), SECOND));
    }

    #[test]
    fn words_of_an_utterance_that_went_on_are_good_for_nothing() {
        let mut foresight = Foresight::default();
        let number = foresight.ask(SECOND);
        foresight.forget();
        assert_eq!(foresight.answer(number, words("half")), Answer::None);
        let number = foresight.ask(SECOND);
        assert_eq!(foresight.answer(number, words("")), Answer::None, "a failure is told at the end");
        assert_eq!(foresight.end("z".into()), AtEnd::Known("z".into(), words(""), SECOND));
        let number = foresight.ask(SECOND);
        foresight.ask(SECOND);
        assert_eq!(foresight.answer(number, words("half")), Answer::None);
        assert_eq!(foresight.end("a".into()), AtEnd::Asked);
    }
}
