//! Words of a text, as the router, the index and the embedding see them.

/// The words of a text in lower case: letters and digits, apostrophes left out.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        } else if !matches!(character, '\'' | '’') && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words that carry meaning, shortened to their stems.
pub(crate) fn terms(text: &str) -> Vec<String> {
    words(text).iter().filter(|word| !is_filler(word)).map(|word| stem(word)).collect()
}

/// The text as its words with one space between them: the same for queries that differ in case or punctuation.
pub(crate) fn normalise(text: &str) -> String {
    words(text).join(" ")
}

/// A word without the commonest endings of English; other languages pass nearly unchanged.
pub(crate) fn stem(word: &str) -> String {
    const ENDINGS: [(&str, &str, usize); 9] = [
        ("ies", "y", 5),
        ("sses", "ss", 6),
        ("ings", "", 7),
        ("ing", "", 6),
        ("ed", "", 5),
        ("xes", "x", 5),
        ("ss", "ss", 3),
        ("us", "us", 3),
        ("s", "", 4),
    ];
    for (ending, replacement, shortest) in ENDINGS {
        if word.chars().count() >= shortest
            && let Some(root) = word.strip_suffix(ending)
        {
            return format!("{root}{replacement}");
        }
    }
    word.to_owned()
}

/// Whether the word says nothing about the subject.
pub(crate) fn is_filler(word: &str) -> bool {
    FILLERS.binary_search(&word).is_ok()
}

/// Sorted, because it is searched by halves.
const FILLERS: &[&str] = &[
    "a", "about", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by",
    "can", "could", "did", "do", "does", "for", "from", "get", "give", "going", "had", "has", "have", "he", "hello",
    "her", "hey", "hi", "him", "his", "how", "i", "id", "if", "ill", "im", "in", "into", "is", "it", "its", "ive",
    "just", "know", "let", "like", "me", "my", "no", "not", "of", "ok", "okay", "on", "or", "our", "please", "s",
    "said", "say", "she", "should", "so", "some", "tell", "than", "thank", "thanks", "that", "thats", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "too", "uh", "um", "us", "was", "we", "were",
    "what", "whats", "when", "where", "which", "who", "whos", "why", "will", "with", "would", "yes", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_are_sorted_so_that_the_search_finds_them() {
        let unsorted: Vec<_> = FILLERS.windows(2).filter(|pair| pair[0] >= pair[1]).collect();
        assert!(unsorted.is_empty(), "{unsorted:?}");
    }

    #[test]
    fn punctuation_and_case_do_not_make_another_query() {
        assert_eq!(normalise("  What's the TIME, in Tokyo? "), normalise("whats the time in tokyo"));
    }

    #[test]
    fn singular_and_plural_share_a_stem() {
        assert_eq!(stem("meetings"), stem("meeting"));
        assert_eq!(stem("holidays"), stem("holiday"));
        assert_eq!(stem("policies"), stem("policy"));
        assert_ne!(stem("gas"), "ga");
    }
}
