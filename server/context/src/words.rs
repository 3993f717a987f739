//! Words of a text, as the router, the index and the embedding see them.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a text in lower case: letters and digits, apostrophes and soft hyphens left out, ligatures and wide
/// letters as the letters they stand for.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.nfkc() {
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        } else if !matches!(character, '\'' | '’' | '\u{ad}') && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words that carry meaning, shortened to their stems and without accents. Of scripts that are written without
/// spaces, each two letters that follow each other are a word.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let words = words(text);
    let parts = words.iter().filter(|word| !is_filler(word)).flat_map(|word| parts(word));
    parts.filter(|part| !is_filler(part)).collect()
}

fn parts(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let runs = letters.chunk_by(|one, other| is_unspaced(*one) == is_unspaced(*other));
    let of_run = |run: &[char]| match run {
        [first, _, ..] if is_unspaced(*first) => run.windows(2).map(String::from_iter).collect(),
        _ => vec![stem(
            &run.iter().collect::<String>().nfd().filter(|letter| !is_combining_mark(*letter)).collect::<String>(),
        )],
    };
    runs.flat_map(of_run).collect()
}

/// Letters of scripts that are written without spaces: Thai, Lao, Myanmar, Khmer, Hiragana, Katakana, Han.
fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The text as its words with one space between them: the same for queries that differ in case or punctuation.
pub(crate) fn normalise(text: &str) -> String {
    words(text).join(" ")
}

/// A word without the commonest endings of English; other languages pass nearly unchanged.
pub(crate) fn stem(word: &str) -> String {
    const ENDINGS: [(&str, &str, usize); 10] = [
        // No plural of "new".
        ("news", "news", 4),
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
    // Japanese and Chinese, in twos: "is", "what", "where", "how much", "how".
    "すか", "です", "とは", "ます", "么是", "什么", "哪里", "多少", "怎么", "是什",
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
    fn the_same_letters_are_the_same_word_however_they_are_written() {
        assert_eq!(words("ﬂamingo oﬃcial ｆａｌｃｏｎ don\u{ad}key"), ["flamingo", "official", "falcon", "donkey"]);
        assert_eq!(terms("Café"), terms("cafe\u{301}"));
        assert_eq!(terms("Café"), terms("cafe"));
    }

    #[test]
    fn scripts_without_spaces_are_read_in_twos() {
        assert_eq!(terms("停车场的密码是什么"), ["停车", "车场", "场的", "的密", "密码", "码是"]);
        assert_eq!(terms("4711号 東"), ["4711", "号", "東"]);
    }

    #[test]
    fn singular_and_plural_share_a_stem() {
        assert_eq!(stem("meetings"), stem("meeting"));
        assert_eq!(stem("holidays"), stem("holiday"));
        assert_eq!(stem("policies"), stem("policy"));
        assert_ne!(stem("gas"), "ga");
    }

    #[test]
    fn news_are_not_several_that_are_new() {
        assert_ne!(stem("news"), stem("new"));
    }
}
