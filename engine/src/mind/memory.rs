//! What was said earlier in this talk, and what the engine was given.

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
        let lines: Vec<String> = facts(before).collect();
        return Some(match lines.as_slice() {
            [] => "I was not given anything in this talk.".into(),
            lines => format!(
                "I was given this. {}",
                lines.iter().take(5).map(|line| closed(line)).collect::<Vec<_>>().join(" ")
            ),
        });
    }
    None
}

/// Answers from what the engine was given: the line that shares the most words with the question.
pub(super) fn recall(words: &Words, said: &[Said]) -> Option<String> {
    let wanted = words.content();
    if wanted.is_empty() {
        return None;
    }
    let shared = |line: &String| {
        let content = Words::of(line).content();
        wanted.iter().filter(|word| content.contains(word)).count()
    };
    // The newest of equally good lines, which is the last.
    let best = facts(said).max_by_key(shared)?;
    // Half of what was asked must be there, or the line is about something else.
    (shared(&best) * 2 >= wanted.len()).then(|| format!("I was given this: {}", closed(&best)))
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

/// The lines of everything the engine was given.
fn facts(said: &[Said]) -> impl Iterator<Item = String> {
    said.iter()
        .filter(|said| said.who == Who::System)
        .filter_map(|said| said.words.as_deref())
        .flat_map(str::lines)
        .filter_map(fact)
}

/// A line without its list mark; `None` for fences and markup that carry no fact.
fn fact(line: &str) -> Option<String> {
    let line = line.trim();
    let is_markup =
        (line.starts_with('<') && line.ends_with('>')) || line.starts_with("```") || line.starts_with("---");
    let line = line.trim_start_matches(['-', '*', '•', '#', '>', ' ']);
    let is_fact = !is_markup && line.chars().any(char::is_alphanumeric);
    is_fact.then(|| line.chars().take(MOST_CHARACTERS).collect())
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

/// A line that ends like a sentence.
fn closed(line: &str) -> String {
    if line.ends_with(['.', '!', '?']) { line.to_owned() } else { format!("{line}.") }
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

/// The most of one line that is read out.
const MOST_CHARACTERS: usize = 400;
