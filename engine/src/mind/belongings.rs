//! What a sentence that is to be kept belongs to: the people it names, its project, and whether it is personal.
//!
//! People are those that something was decided with, or who come with a capital letter after "with" or before "decided";
//! a recogniser writes no capitals, so after "decided with" none are needed.

/// Who is named as taking part, in order.
pub(super) fn people(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut people: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let is_decided = |word: &&str| DECIDED.contains(&plain(word).to_lowercase().as_str());
        let found = match plain(word).to_lowercase().as_str() {
            "with" => {
                let decided = at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(is_decided);
                names(words.get(at + 1..).unwrap_or_default(), !decided)
            }
            // "Maria and Ben decided": from where the capitals begin.
            _ if is_decided(word) => {
                let before = words.get(..at).unwrap_or_default();
                let begin = before.iter().rposition(|word| !is_name(word) && !is_and(word)).map_or(0, |last| last + 1);
                names(before.get(begin..).unwrap_or_default(), true)
            }
            _ => Vec::new(),
        };
        for name in found {
            if !people.contains(&name) {
                people.push(name);
            }
        }
    }
    people
}

/// The project that is named.
pub(super) fn project(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| plain(word).eq_ignore_ascii_case("project"))?;
    let named = |word: &&&str| is_name(word);
    let after = words.get(at + 1).filter(|word| is_name(word) || !NO_NAMES.contains(&plain(word)));
    let before = at.checked_sub(1).and_then(|before| words.get(before)).filter(named);
    // "the Atlas project", but "in March project Atlas".
    let ends = words.get(at).is_some_and(|word| word.ends_with(ENDS));
    let name = after.filter(|word| !ends && (is_name(word) || before.is_none())).or(before)?;
    Some(titled(plain(name))).filter(|name| !name.is_empty())
}

/// Whether it is of a kind that is nobody else's business.
pub(super) fn is_personal(text: &str) -> bool {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).any(|word| PERSONAL.iter().any(|stem| word.starts_with(stem)))
}

/// The names at the beginning of these words: of one or two words each, with "and" or a comma between them.
fn names(words: &[&str], capitals: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut name: Vec<String> = Vec::new();
    for word in words {
        if is_and(word) {
            names.extend(Some(name.join(" ")).filter(|name| !name.is_empty()));
            name.clear();
            continue;
        }
        let bare = plain(word);
        let fits = if capitals { is_name(word) } else { !NO_NAMES.contains(&bare.to_lowercase().as_str()) };
        if !fits || bare.is_empty() || name.len() == 2 {
            break;
        }
        name.push(titled(bare));
        if word.ends_with(ENDS) {
            names.push(name.join(" "));
            name.clear();
            if !word.ends_with(',') {
                break;
            }
        }
    }
    names.extend(Some(name.join(" ")).filter(|name| !name.is_empty()));
    names.truncate(MOST);
    names
}

fn is_and(word: &str) -> bool {
    ["and", "&"].contains(&word)
}

/// Whether it may be a name as one writes it.
fn is_name(word: &str) -> bool {
    let bare = plain(word);
    bare.starts_with(char::is_uppercase) && !NO_NAMES.contains(&bare.to_lowercase().as_str())
}

/// Without what stands around it, and without an "'s".
fn plain(word: &str) -> &str {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

fn titled(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const DECIDED: [&str; 2] = ["decided", "agreed"];

const ENDS: [char; 5] = [',', '.', ';', ':', '!'];

/// The most names at one place.
const MOST: usize = 5;

/// Words that are no names, also where they begin a sentence or stand after "with".
const NO_NAMES: &[&str] = &[
    "a",
    "about",
    "all",
    "an",
    "at",
    "each",
    "everybody",
    "everyone",
    "for",
    "friday",
    "has",
    "he",
    "her",
    "him",
    "i",
    "if",
    "in",
    "is",
    "it",
    "me",
    "monday",
    "my",
    "no",
    "on",
    "our",
    "project",
    "saturday",
    "she",
    "should",
    "some",
    "sunday",
    "that",
    "the",
    "their",
    "them",
    "they",
    "this",
    "thursday",
    "to",
    "tuesday",
    "us",
    "was",
    "we",
    "wednesday",
    "what",
    "when",
    "will",
    "you",
    "your",
];

/// How words begin that are about somebody's health, belief or money.
const PERSONAL: &[&str] = &[
    "allerg",
    "diabet",
    "diagnos",
    "disease",
    "illness",
    "medication",
    "password",
    "pregnan",
    "prescription",
    "religio",
    "salary",
    "therap",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_decide_are_named() {
        let sentence = "We decided with Maria that the deadline of project Atlas is Friday";
        assert_eq!((people(sentence), project(sentence).as_deref()), (vec!["Maria".to_owned()], Some("Atlas")));
        let spoken = sentence.to_lowercase();
        assert_eq!((people(&spoken), project(&spoken).as_deref()), (vec!["Maria".to_owned()], Some("Atlas")));
        assert_eq!(people("we agreed with Ana Berg, Ben and Zoë to wait"), ["Ana Berg", "Ben", "Zoë"]);
        assert_eq!(people("Maria and Ben decided to leave"), ["Maria", "Ben"]);
        assert_eq!(people("the meeting with Ana is on Monday with them"), ["Ana"]);
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in ["we decided to wait", "We decided with them that it ends", "with a plan", "We decided", "with"] {
            assert_eq!(people(text), [""; 0], "{text}");
        }
        for text in ["the project is late", "a project", "project", "our project, again"] {
            assert_eq!(project(text), None, "{text}");
        }
        assert_eq!(project("the Atlas project is late").as_deref(), Some("Atlas"));
    }

    #[test]
    fn health_belief_and_money_are_personal() {
        assert!(is_personal("I am allergic to nuts") && is_personal("My salary is low"));
        assert!(!is_personal("The deadline is Friday"));
    }
}
