//! How an answer's words are told while its sentences are heard.

use super::Time;
use crate::mind::without_marks;
use std::time::Duration;

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Delivery {
    words: Vec<Word>,
    /// How many of the words were told.
    told: usize,
    /// How long each sentence is, once it is made.
    lengths: Vec<Option<Duration>>,
    guesses: Vec<Duration>,
    started: Option<Time>,
    hurried: bool,
}

#[derive(Debug)]
struct Word {
    text: String,
    sentence: usize,
    /// Where in its sentence it begins, 0 to 1.
    place: f64,
}

impl Delivery {
    /// An answer that is spoken.
    pub(super) fn of_speech(sentences: &[String]) -> Self {
        let guesses = sentences.iter().map(|sentence| guess(sentence)).collect();
        let lengths = vec![None; sentences.len()];
        let last = sentences.len().saturating_sub(1);
        let words = sentences.iter().enumerate().flat_map(|(n, sentence)| words(n, sentence, n < last)).collect();
        Self { words, told: 0, lengths, guesses, started: None, hurried: false }
    }

    /// An answer that is written, and told at once.
    pub(super) fn of_text(text: &str) -> Self {
        let words = words(0, text, false);
        let told = words.len();
        Self { words, told, lengths: Vec::new(), guesses: Vec::new(), started: None, hurried: true }
    }

    /// Every word, as it is to be told.
    pub(super) fn all(&self) -> Vec<String> {
        self.words.iter().map(|word| word.text.clone()).collect()
    }

    /// The first sound is on its way.
    pub(super) fn started(&mut self, now: Time) {
        self.started = Some(now);
    }

    /// A sentence is made.
    pub(super) fn made(&mut self, sentence: usize, length: Duration) {
        if let Some(slot) = self.lengths.get_mut(sentence) {
            *slot = Some(length);
        }
    }

    /// The sound is over: every word is due.
    pub(super) fn hurry(&mut self) {
        self.hurried = true;
    }

    /// The words that are due now and were not told yet.
    pub(super) fn due(&mut self, now: Time) -> Vec<String> {
        let mut due = Vec::new();
        while self.due_at(self.told).is_some_and(|at| self.hurried || at <= now) {
            due.push(self.words[self.told].text.clone());
            self.told += 1;
        }
        due
    }

    /// When the next word is due.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.due_at(self.told)
    }

    /// Whether every word was told and every sentence is made.
    pub(super) fn is_complete(&self) -> bool {
        let heard = self.hurried || (self.started.is_some() && self.lengths.iter().all(Option::is_some));
        self.told == self.words.len() && heard
    }

    /// The words told so far.
    pub(super) fn told(&self) -> String {
        self.words[..self.told].iter().map(|word| word.text.as_str()).collect()
    }

    /// How long the answer is, as far as it is made.
    pub(super) fn length(&self) -> Duration {
        self.lengths.iter().flatten().sum()
    }

    fn due_at(&self, word: usize) -> Option<Time> {
        let word = self.words.get(word)?;
        if self.hurried {
            return Some(Time::ZERO);
        }
        let length = |n: usize| self.lengths[n].unwrap_or(self.guesses[n]);
        let before: Duration = (0..word.sentence).map(length).sum();
        let at = self.started? + before + length(word.sentence).mul_f64(word.place);
        Some(at.saturating_sub(LEAD))
    }
}

/// Cuts a text where a speaker would breathe.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    for word in text.split_whitespace() {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(word);
        let breath = word.ends_with(['.', '!', '?', ':', ';']) || (word.ends_with(',') && sentence.len() > LONG);
        if breath || sentence.len() > TOO_LONG {
            sentences.push(std::mem::take(&mut sentence));
        }
    }
    if !sentence.is_empty() {
        sentences.push(sentence);
    }
    sentences
}

/// The sentences as they are spoken: the marks of sources are for the reader.
pub(super) fn voiced(sentences: &[String]) -> Vec<String> {
    sentences.iter().map(|sentence| without_marks(sentence)).collect()
}

fn words(sentence: usize, text: &str, more: bool) -> Vec<Word> {
    let total = text.len().max(1) as f64;
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    for piece in text.split_inclusive(' ') {
        words.push(Word { text: piece.to_owned(), sentence, place: at as f64 / total });
        at += piece.len();
    }
    if let Some(last) = words.last_mut().filter(|_| more) {
        last.text.push(' ');
    }
    words
}

fn guess(sentence: &str) -> Duration {
    Duration::from_millis(250 + 62 * sentence.chars().count() as u64)
}

/// How far the words run ahead of the sound.
const LEAD: Duration = Duration::from_millis(250);

/// A sentence this long, in bytes, is cut at its next comma.
const LONG: usize = 160;

/// A sentence this long is cut at its next word.
const TOO_LONG: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_sentences_and_nothing_is_lost() {
        let text = "It is 3.5 degrees. Really? Yes: cold";
        assert_eq!(sentences(text), ["It is 3.5 degrees.", "Really?", "Yes:", "cold"]);
        let endless = "word ".repeat(500);
        assert!(sentences(&endless).iter().all(|sentence| sentence.len() < TOO_LONG + 10));
        assert_eq!(sentences("   "), Vec::<String>::new());
    }

    #[test]
    fn words_follow_the_sound_and_end_before_it() {
        let mut delivery = Delivery::of_speech(&["one two.".into(), "three four.".into()]);
        assert_eq!(delivery.timeout(), None, "nothing before the sound");
        delivery.started(ms(1000));
        delivery.made(0, ms(1000));
        delivery.made(1, ms(1000));
        assert_eq!(delivery.due(ms(1000)), ["one "]);
        assert_eq!(delivery.timeout(), Some(ms(1250)));
        assert_eq!(delivery.due(ms(1800)), ["two. ", "three "]);
        assert!(!delivery.is_complete());
        delivery.due(ms(2900));
        assert!(delivery.is_complete());
        assert_eq!(delivery.told(), "one two. three four.");
    }

    #[test]
    fn the_end_of_the_sound_makes_every_word_due() {
        let mut delivery = Delivery::of_speech(&["one two three".into()]);
        delivery.started(ms(0));
        delivery.hurry();
        assert_eq!(delivery.due(ms(1)).concat(), "one two three");
        assert!(delivery.is_complete());
    }

    fn ms(ms: u64) -> Time {
        Duration::from_millis(ms)
    }
}
