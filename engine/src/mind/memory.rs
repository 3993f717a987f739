//! What was said earlier in this talk.

use super::given::{self, closed};
use super::words::Words;
use super::{Said, Who};

/// Answers what only this talk can answer: names, and what was said before.
pub(super) fn answer(words: &Words, before: &[Said]) -> Option<String> {
    if let Some(name) = name_in(words) {
        return Some(format!("Nice to meet you, {name}. I will remember your name for this talk."));
    }
    if words.says_any(&["what is my name", "who am i", "know my name", "remember my name"]) {
        return Some(match spoken(before).rev().find_map(|text| name_in(&Words::of(text))) {
            Some(name) => format!("You told me that your name is {name}."),
            None => "You have not told me your name in this talk.".into(),
        });
    }
    if words.says_any(&["first thing i said", "did i say first", "what i said first"]) {
        return Some(quote("The first thing you said was", spoken(before).next()));
    }
    if words.says_any(ASKS_WHAT_WAS_SAID) {
        return Some(quote("You said", spoken(before).next_back()));
    }
    if words.says_any(&["what did you say", "repeat that", "say that again", "come again", "repeat please"]) {
        let mine = before.iter().rev().find(|said| said.who == Who::Assistant).and_then(|said| said.words.as_deref());
        return Some(match mine.filter(|text| !text.trim().is_empty()) {
            Some(text) => format!("I said: {text}"),
            None => "I have not said anything yet, or you cut it off.".into(),
        });
    }
    if words.says_any(&["what were you told", "what were you given", "what do you know", "what have you got"]) {
        return Some(given::everything(before).unwrap_or_else(|| "I was not given anything in this talk.".into()));
    }
    None
}

/// Admits to what the engine does not have, where it could be expected to.
pub(super) fn admit(words: &Words) -> Option<String> {
    let missing = |thing: &str| format!("I have no {thing}, and I was not given anything about that in this talk.");
    if ["meeting", "meetings", "calendar", "appointment", "appointments", "agenda", "schedule"]
        .iter()
        .any(|w| words.has(w))
    {
        return Some(missing("calendar"));
    }
    if ["weather", "rain", "forecast", "temperature", "umbrella"].iter().any(|w| words.has(w)) {
        return Some(missing("weather report"));
    }
    if ["news", "headlines"].iter().any(|w| words.has(w)) {
        return Some(missing("news"));
    }
    if ["mail", "email", "emails", "messages", "inbox"].iter().any(|w| words.has(w)) {
        return Some(missing("mailbox"));
    }
    None
}

/// What the user said or wrote, in order.
fn spoken(said: &[Said]) -> impl DoubleEndedIterator<Item = &str> {
    said.iter().filter(|said| said.who == Who::User).filter_map(|said| said.words.as_deref())
}

fn name_in(words: &Words) -> Option<String> {
    let told = words.after("my name is").or_else(|| words.after("call me")).or_else(|| words.after("i am called"))?;
    let name = told.first().filter(|name| !NO_NAMES.contains(&name.as_str()))?;
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect())
}

fn quote(opening: &str, text: Option<&str>) -> String {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => format!("{opening}: {}", closed(text)),
        None => "You have not said anything that I understood before this.".into(),
    }
}

const ASKS_WHAT_WAS_SAID: &[&str] = &[
    "what did i say",
    "what did i just say",
    "what did i type",
    "what did i write",
    "what did i tell you",
    "what i said",
    "what did i ask",
];

const NO_NAMES: &[&str] = &["a", "an", "it", "not", "the", "what"];
