//! Finds the place that a spoken sentence names.

/// The place named in a sentence: what follows the last "in", "at", "near" or "to" up to a word that cannot be part of
/// a name; else a capitalised name before "time" or "weather" ("Tokyo weather").
pub(crate) fn named_in(sentence: &str) -> Option<String> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    after_preposition(&words).or_else(|| before_subject(&words))
}

fn after_preposition(words: &[&str]) -> Option<String> {
    let found = words.iter().enumerate().rev().filter(|(_, word)| PREPOSITIONS.contains(&bare(word).as_str()));
    for (index, _) in found {
        let name = name_from(words.get(index + 1..).unwrap_or_default());
        if !name.is_empty() {
            return Some(name);
        }
    }
    None
}

fn name_from(words: &[&str]) -> String {
    let mut name: Vec<String> = Vec::new();
    for word in words {
        let plain = bare(word);
        // A number is a time or a count, except in an address.
        let address = word.ends_with(',') || name.iter().any(|part| part.ends_with(','));
        let number = plain.chars().any(|c| c.is_ascii_digit()) && (name.is_empty() || !address);
        if number || STOPS.contains(&plain.as_str()) {
            if name.is_empty() && matches!(plain.as_str(), "the" | "a" | "my") {
                continue;
            }
            break;
        }
        let ends = word.ends_with(['.', '?', '!', ';', ':']);
        name.push(without_punctuation(word).to_owned());
        if ends || name.len() == LONGEST_NAME {
            break;
        }
    }
    name.retain(|word| !word.is_empty());
    name.join(" ").trim_end_matches(',').to_owned()
}

fn before_subject(words: &[&str]) -> Option<String> {
    let subject = words.iter().rposition(|word| SUBJECTS.contains(&bare(word).as_str()))?;
    let name: Vec<&str> = words
        .get(..subject)?
        .iter()
        .rev()
        .take_while(|word| word.starts_with(char::is_uppercase) && !OPENERS.contains(&bare(word).as_str()))
        .map(|word| without_punctuation(word))
        .map(|word| word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word))
        .collect();
    let name: Vec<&str> = name.into_iter().rev().collect();
    (!name.is_empty()).then(|| name.join(" "))
}

fn bare(word: &str) -> String {
    without_punctuation(word).trim_end_matches(',').to_lowercase()
}

fn without_punctuation(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != ',' && c != '/' && c != '_')
}

const LONGEST_NAME: usize = 10;
const PREPOSITIONS: &[&str] = &["in", "at", "near", "to", "around", "for"];
const SUBJECTS: &[&str] = &["time", "weather", "forecast", "temperature", "timezone"];
const OPENERS: &[&str] = &["what", "whats", "what's", "the", "is", "tell", "how", "and", "local", "current", "show"];
/// Words after which a name is over, and which are no name themselves.
const STOPS: &[&str] = &[
    "a",
    "after",
    "again",
    "and",
    "are",
    "at",
    "be",
    "before",
    "but",
    "by",
    "can",
    "compared",
    "currently",
    "day",
    "days",
    "do",
    "does",
    "during",
    "for",
    "friday",
    "going",
    "hour",
    "hours",
    "i",
    "if",
    "in",
    "is",
    "it",
    "know",
    "later",
    "like",
    "me",
    "minute",
    "minutes",
    "moment",
    "monday",
    "month",
    "my",
    "next",
    "now",
    "on",
    "or",
    "over",
    "please",
    "rain",
    "right",
    "saturday",
    "snow",
    "sunday",
    "than",
    "thanks",
    "that",
    "the",
    "then",
    "there",
    "this",
    "thursday",
    "to",
    "today",
    "tomorrow",
    "tonight",
    "tuesday",
    "us",
    "we",
    "wednesday",
    "week",
    "weekend",
    "when",
    "will",
    "with",
    "would",
    "year",
    "you",
];

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn a_place_after_a_preposition_is_found() {
        for (sentence, place) in [
            ("what time is it in Tokyo", "Tokyo"),
            ("What's the weather like in New York right now?", "New York"),
            ("will it rain in São Paulo tomorrow", "São Paulo"),
            ("time in America/New_York please", "America/New_York"),
            ("weather at Lisbon, Portugal on Friday", "Lisbon, Portugal"),
            ("weather in Rua Augusta 5, 1100-048 Lisbon, Portugal today", "Rua Augusta 5, 1100-048 Lisbon, Portugal"),
            ("weather in Office, Lisbon in 2 days", "Office, Lisbon"),
            ("forecast for the Black Forest this weekend", "Black Forest"),
        ] {
            assert_eq!(named_in(sentence).as_deref(), Some(place), "{sentence}");
        }
    }

    #[test]
    fn a_name_before_the_subject_is_found() {
        assert_eq!(named_in("What's Tokyo's weather?").as_deref(), Some("Tokyo"));
        assert_eq!(named_in("New York time").as_deref(), Some("New York"));
    }

    #[test]
    fn no_place_is_made_up() {
        for sentence in
            ["what time is it", "what's the weather like today", "will it rain in the next hour", "in 5 minutes"]
        {
            assert_eq!(named_in(sentence), None, "{sentence}");
        }
    }
}
