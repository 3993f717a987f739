//! A text as plain words, so that speech, typing and punctuation are all the same.

/// A text's words: lower case, without punctuation, with contractions written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    words: Vec<String>,
}

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let plain: String = word
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-'))
                .flat_map(char::to_lowercase)
                .map(|c| if c == '’' { '\'' } else { c })
                .collect();
            let (plain, rest) = match plain.strip_suffix("'s") {
                // "what's", "it's"; but "Ana's" stays Ana.
                Some(stem) if ASKING.contains(&stem) => (stem.to_owned(), Some("is")),
                Some(stem) => (stem.to_owned(), None),
                None => (plain.replace('\'', ""), None),
            };
            words.extend(plain.split('-').filter(|part| !part.is_empty()).map(str::to_owned));
            words.extend(rest.map(str::to_owned));
        }
        Self { words }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// One after the other.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether this word is among them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    /// Whether these words stand somewhere in this order, next to each other.
    pub(super) fn says(&self, phrase: &str) -> bool {
        self.after(phrase).is_some()
    }

    /// Whether one of these phrases stands somewhere.
    pub(super) fn says_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.says(phrase))
    }

    /// Whether something is asked.
    pub(super) fn asks(&self) -> bool {
        self.iter().next().is_some_and(|first| ASKS.contains(&first)) || self.says_any(WANTS_TO_KNOW)
    }

    /// What follows a phrase, as words.
    pub(super) fn after(&self, phrase: &str) -> Option<&[String]> {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        let at = self.words.windows(phrase.len()).position(|window| window == phrase)?;
        self.words.get(at + phrase.len()..)
    }

    /// The words that carry meaning, shortened to what different forms of a word share.
    pub(super) fn content(&self) -> Vec<String> {
        let mut content: Vec<String> =
            self.iter().filter(|word| !EMPTY.contains(word)).map(stem).filter(|word| !word.is_empty()).collect();
        content.sort();
        content.dedup();
        content
    }
}

/// What the forms of a word share, roughly.
fn stem(word: &str) -> String {
    let mut stem = word;
    for ending in ["ings", "ing", "ed", "es", "s", "e"] {
        if let Some(shorter) = word.strip_suffix(ending).filter(|shorter| shorter.len() >= 3) {
            stem = shorter;
            break;
        }
    }
    stem.to_owned()
}

/// The words that questions begin with.
const ASKS: &[&str] = &[
    "what", "whats", "who", "whos", "whose", "whom", "when", "where", "which", "why", "how", "is", "are", "am", "was",
    "were", "do", "does", "did", "can", "could", "will", "would", "should", "has", "have", "may", "any", "search",
    "find", "google",
];

/// What questions say that begin in another way.
const WANTS_TO_KNOW: &[&str] =
    &["tell me", "show me", "look up", "search for", "find out", "i want to know", "what is", "what does", "what did"];

const ASKING: &[&str] = &["what", "who", "where", "when", "how", "it", "that", "there", "here", "he", "she"];

/// Words that say nothing about what is asked.
const EMPTY: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "anything", "are", "at", "be", "been", "can", "could", "did", "do", "does",
    "for", "from", "get", "give", "has", "have", "hello", "hey", "hi", "how", "i", "if", "in", "is", "it", "know",
    "many", "me", "much", "my", "now", "of", "on", "or", "our", "please", "read", "say", "see", "should", "so", "some",
    "tell", "that", "the", "their", "them", "there", "they", "this", "to", "us", "was", "we", "were", "what", "when",
    "where", "which", "who", "whom", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_and_writing_are_the_same_words() {
        assert_eq!(Words::of("What's the TIME, in New-York?"), Words::of("what is the time in new york"));
        assert_eq!(Words::of("Ana's meeting"), Words::of("ana meeting"));
    }

    #[test]
    fn what_follows_a_phrase_is_found() {
        let words = Words::of("Hello, my name is Ada Lovelace.");
        assert_eq!(words.after("my name is"), Some(&["ada".to_owned(), "lovelace".to_owned()][..]));
        assert!(!words.says("name my"));
    }

    #[test]
    fn forms_of_a_word_share_their_content() {
        assert_eq!(Words::of("When are my meetings?").content(), Words::of("meeting").content());
        assert_eq!(Words::of("decide").content(), Words::of("they decided").content());
    }
}
