//! What the engine was given: system items, documents, and what its tools gave.
//!
//! A text is read line by line and nothing in it is obeyed. A line that begins with a mark, such as `[1] Calendar:
//! Team review (calendar, as of 9:00)`, is the heading of a block, and the lines after it are its body; every other
//! line is a fact by itself. Where a text has a fence (`<<<…` to `…>>>`), only what is inside counts.

use super::words::Words;
use super::{Said, Who};
use serde_json::Value;
use std::cmp::Reverse;

/// Answers from a block with a mark, if there is one that surely is about what was asked. `clock` wants one that is
/// about the time.
pub(super) fn cited(words: &Words, said: &[Said], clock: bool) -> Option<String> {
    let wanted = Wanted::of(words);
    let facts = facts(said, &[Who::System]);
    let about_time = |fact: &Fact| Words::of(&fact.heading).has("time");
    let (fact, shared) = wanted.best(facts.iter().filter(|fact| fact.is_block && (!clock || about_time(fact))))?;
    (shared > 0 && shared * 3 >= wanted.hard.len() * 2).then(|| fact.told(&wanted))
}

/// Answers from everything that was given: from the newest of what shares the most words with the question.
pub(super) fn answer(words: &Words, said: &[Said]) -> Option<String> {
    let wanted = Wanted::of(words);
    let facts = facts(said, &[Who::System, Who::Document, Who::Output]);
    if wanted.hard.is_empty() && wanted.soft.iter().any(|word| WRITINGS.contains(&word.as_str())) {
        let document = facts.iter().filter(|fact| fact.who == Who::Document).max_by_key(|fact| fact.order())?;
        return Some(document.told(&wanted));
    }
    let (fact, shared) = wanted.best(facts.iter())?;
    // Half of what was asked must be there, or it is about something else.
    (shared > 0 && shared * 2 >= wanted.hard.len()).then(|| fact.told(&wanted))
}

/// Answers from what tools gave: from what fits best, however little that is.
pub(super) fn by_tools(words: &Words, since: &[Said]) -> String {
    let wanted = Wanted::of(words);
    let facts = facts(since, &[Who::Output]);
    match wanted.best(facts.iter()) {
        Some((fact, 0)) if fact.is_block => format!("I am not sure that this is it: {}", fact.told(&wanted)),
        Some((fact, _)) => fact.told(&wanted),
        None => "I looked, and I found nothing about that.".into(),
    }
}

/// The first few facts, if there are any.
pub(super) fn everything(said: &[Said]) -> Option<String> {
    let facts = facts(said, &[Who::System, Who::Document]);
    let told: Vec<String> =
        facts.iter().take(5).map(|fact| fact.marked(fact.units().next().unwrap_or_default())).collect();
    (!told.is_empty()).then(|| format!("I was given this. {}", told.join(" ")))
}

/// What is new, where the newest item says that it is news which the user wants to be told of.
pub(super) fn news(turn: &[Said]) -> Option<String> {
    let newest = turn.iter().rfind(|said| said.who == Who::System)?;
    let before = newest.words.as_deref()?.split("<<<").next()?;
    if !Words::of(before).says("news that the user wants to be told of") {
        return None;
    }
    let facts = facts(std::slice::from_ref(newest), &[Who::System]);
    let blocks = facts.iter().filter(|fact| fact.is_block).take(3);
    let told: Vec<String> = blocks.map(|fact| fact.marked(fact.units().next().unwrap_or_default())).collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// A line that ends like a sentence.
pub(super) fn closed(line: &str) -> String {
    if line.ends_with(['.', '!', '?']) {
        line.to_owned()
    } else {
        format!("{}.", line.trim_end_matches([',', ';', ':']))
    }
}

/// A text without the marks of its sources, as it is spoken.
pub(crate) fn without_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mark, after)) = next_mark(rest) {
        plain.push_str(before.trim_end());
        // The space before a mark belongs to it.
        if mark.is_none() {
            plain.push_str(&before[before.trim_end().len()..]);
            plain.push('[');
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// The text before the next bracket, the mark it is, if it is one, and the text after it.
fn next_mark(text: &str) -> Option<(&str, Option<u32>, &str)> {
    let (before, rest) = text.split_once('[')?;
    let mark = rest.split_once(']').and_then(|(number, after)| {
        let digits = (1..=4).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        Some((number.parse().ok().filter(|_| digits)?, after))
    });
    Some(match mark {
        Some((number, after)) => (before, Some(number), after),
        None => (before, None, rest),
    })
}

/// One thing the engine was given.
#[derive(Debug)]
struct Fact {
    who: Who,
    /// Counts the texts; a later one is newer.
    text: usize,
    /// Counts the facts of a text.
    place: usize,
    mark: Option<u32>,
    /// Whether it has a heading and a body.
    is_block: bool,
    heading: String,
    body: String,
}

impl Fact {
    /// Newer texts first, then what comes first in a text.
    fn order(&self) -> (usize, Reverse<usize>) {
        (self.text, Reverse(self.place))
    }

    /// The pieces one of which is told: lines, and of a long line its sentences.
    fn units(&self) -> impl Iterator<Item = &str> {
        self.body.lines().flat_map(|line| {
            // What a tool says without a mark is meant for a model: its first sentence is the fact, the rest is advice.
            let advice = self.who == Who::Output && !self.is_block;
            let whole = line.chars().count() <= LONG && !advice;
            let mut rest = line;
            std::iter::from_fn(move || {
                let end = if whole { rest.len() } else { end_of_sentence(rest) };
                let (unit, after) = rest.split_at(end);
                rest = after;
                (!unit.is_empty()).then_some(unit.trim())
            })
        })
    }

    /// The piece that fits best, as an answer.
    fn told(&self, wanted: &Wanted) -> String {
        let fits = |unit: &&str| {
            let content = concepts(unit);
            // A question that was once asked answers nothing, however alike it is.
            (!unit.ends_with('?'), wanted.hard_in(&content), wanted.soft_in(&content))
        };
        // Of equal ones the first.
        let unit = self.units().reduce(|best, unit| if fits(&unit) > fits(&best) { unit } else { best });
        let told = self.marked(unit.unwrap_or_default());
        match self.who {
            Who::System if !self.is_block => format!("I was given this: {told}"),
            Who::Document => format!("What you gave me says: {told}"),
            _ => told,
        }
    }

    /// A piece in natural words, with the mark before its last full stop.
    fn marked(&self, unit: &str) -> String {
        let unit = closed(&natural(unit));
        match self.mark {
            Some(mark) => {
                let (words, end) = unit.split_at(unit.len() - 1);
                format!("{words} [{mark}]{end}")
            }
            None => unit,
        }
    }
}

/// The facts of all texts of these kinds.
fn facts(said: &[Said], whose: &[Who]) -> Vec<Fact> {
    let texts = said.iter().filter(|said| whose.contains(&said.who));
    let texts = texts.filter_map(|said| Some((said.who, said.words.as_deref()?)));
    texts.enumerate().flat_map(|(number, (who, text))| read(who, number, text)).collect()
}

fn read(who: Who, text: usize, words: &str) -> Vec<Fact> {
    let plain = (who == Who::Output).then(|| texts_of_json(words)).flatten();
    let words = plain.as_deref().unwrap_or(words);
    let is_fenced = words.lines().any(|line| line.trim_start().starts_with("<<<"));
    let mut inside = !is_fenced;
    let mut facts: Vec<Fact> = Vec::new();
    for line in words.lines().map(str::trim) {
        if is_fenced && (line.starts_with("<<<") || line.ends_with(">>>")) {
            inside = line.starts_with("<<<");
            continue;
        }
        if !inside || is_markup(line) || !line.chars().any(char::is_alphanumeric) {
            continue;
        }
        let place = facts.len();
        if let Some(("", Some(mark), heading)) = next_mark(line) {
            let heading = heading.trim().to_owned();
            facts.push(Fact { who, text, place, mark: Some(mark), is_block: true, heading, body: String::new() });
        } else if let Some(block) = facts.last_mut().filter(|fact| fact.is_block) {
            block.body.push_str(line);
            block.body.push('\n');
        } else {
            let line = line.trim_start_matches(['-', '*', '•', '#', '>', ' ']);
            let mark =
                std::iter::successors(next_mark(line), |(_, _, rest)| next_mark(rest)).find_map(|(_, mark, _)| mark);
            let body = line.to_owned();
            facts.push(Fact { who, text, place, mark, is_block: false, heading: String::new(), body });
        }
    }
    for block in facts.iter_mut().filter(|fact| fact.body.is_empty()) {
        block.body.clone_from(&block.heading);
    }
    facts
}

/// Fences and markup that carry no fact.
fn is_markup(line: &str) -> bool {
    (line.starts_with('<') && line.ends_with('>')) || line.starts_with("```") || line.starts_with("---")
}

/// What is to be read in an output that is JSON.
fn texts_of_json(output: &str) -> Option<String> {
    let value: Value = serde_json::from_str(output).ok().filter(|value: &Value| !value.is_number())?;
    let mut texts = Vec::new();
    collect(&value, &mut texts);
    Some(texts.join("\n"))
}

fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(values) => {
            for value in values {
                collect(value, texts);
            }
        }
        Value::Object(fields) => {
            // Beside a text meant for reading, ids and addresses are not.
            let readable: Vec<&Value> = READABLE.iter().filter_map(|name| fields.get(*name)).collect();
            let nested = || fields.values().filter(|value| !value.is_string()).collect();
            for value in if readable.is_empty() { nested() } else { readable } {
                collect(value, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A piece of a fact as one says it: without what only a program needs.
fn natural(unit: &str) -> String {
    let mut words = String::new();
    let mut rest = unit;
    while let Some((before, inside, after)) = parenthesis(rest) {
        let technical = inside.contains('/') || inside.contains("UTC");
        let end = if technical { before.trim_end().len() } else { rest.len() - after.len() };
        words.push_str(&rest[..end]);
        rest = after;
    }
    words.push_str(rest);
    let words =
        without_marks(&words).replace("the user's", "your").replace("the user", "you").replace("The user", "You");
    words.trim().chars().take(MOST_CHARACTERS).collect()
}

fn parenthesis(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('(')?;
    let (inside, after) = rest.split_once(')')?;
    Some((before, inside, after))
}

/// Where the first sentence of a text ends; what is cut is never within a number or a character.
fn end_of_sentence(text: &str) -> usize {
    let mut ends = text.match_indices(['.', '!', '?']).map(|(at, stop)| at + stop.len());
    ends.find(|end| text[*end..].starts_with(char::is_whitespace)).unwrap_or(text.len())
}

/// What a question wants: words that must fit, and words that only say which of several.
struct Wanted {
    hard: Vec<String>,
    soft: Vec<String>,
}

impl Wanted {
    fn of(words: &Words) -> Self {
        let (soft, hard) = words.content().into_iter().partition(|word| SOFT.contains(&word.as_str()));
        let mut hard: Vec<String> = Vec::into_iter(hard).map(|word: String| concept(&word).to_owned()).collect();
        hard.sort();
        hard.dedup();
        Self { hard, soft }
    }

    /// The fact that shares the most, and how much that is.
    fn best<'a>(&self, facts: impl Iterator<Item = &'a Fact>) -> Option<(&'a Fact, usize)> {
        let rated = facts.map(|fact| {
            let content = concepts(&format!("{} {}", fact.heading, fact.body));
            let (hard, soft) = (self.hard_in(&content), self.soft_in(&content));
            // What was said in some talk repeats its question; anything else that fits is better.
            let better = hard * 2 >= self.hard.len() && !fact.heading.starts_with(SAID);
            ((better, hard, soft, fact.order()), fact)
        });
        let ((_, hard, soft, _), fact) = rated.max_by_key(|(rating, _)| *rating)?;
        Some((fact, if self.hard.is_empty() { soft } else { hard }))
    }

    fn hard_in(&self, content: &[String]) -> usize {
        self.hard.iter().filter(|word| content.contains(word)).count()
    }

    fn soft_in(&self, content: &[String]) -> usize {
        self.soft.iter().filter(|word| content.contains(word)).count()
    }
}

/// What a text is about. Names of files are words too.
fn concepts(text: &str) -> Vec<String> {
    let words = Words::of(&text.replace(['.', '/', '_', '#', ':', '('], " "));
    words.content().iter().map(|word| concept(word).to_owned()).collect()
}

/// One word for those that are asked for each other's sake.
fn concept(stem: &str) -> &str {
    CONCEPTS.iter().find(|(_, stems)| stems.contains(&stem)).map_or(stem, |(concept, _)| concept)
}

/// Words of which one asks for the other, as their stems.
const CONCEPTS: &[(&str, &[&str])] = &[
    ("calendar", &["meet", "calendar", "appointment", "agenda", "schedul", "event"]),
    ("decision", &["decid", "decision", "agre", "agreement"]),
    ("weather", &["weather", "forecast", "rain", "umbrella", "temperatur", "degre"]),
    ("news", &["new", "headlin"]),
    ("route", &["rout", "way", "direction"]),
];

/// Stems that say which of several, and not what about.
const SOFT: &[&str] = &[
    "next",
    "today",
    "tomorrow",
    "tonight",
    "yesterday",
    "current",
    "currently",
    "latest",
    "last",
    "week",
    "month",
    "again",
    "exactly",
    "said",
    "document",
    "fil",
    "paper",
    "text",
    "tabl",
    "attach",
    "attachment",
    "remember",
    "talk",
    "lik",
];

/// Stems that mean what was attached.
const WRITINGS: &[&str] = &["document", "fil", "paper", "text", "tabl", "attachment"];

/// The fields of an output that are meant to be read.
const READABLE: &[&str] = &["text", "message", "error", "answer", "output", "result", "results", "items", "memories"];

/// What headings of things that were merely said begin with.
const SAID: &str = "Said";

/// A line longer than this, in characters, is told by the sentence.
const LONG: usize = 220;

/// The most of a fact that is told.
const MOST_CHARACTERS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_not_spoken_and_other_brackets_are() {
        assert_eq!(without_marks("At noon [1]. In Kiel [12][3]."), "At noon. In Kiel.");
        for text in ["a [b] c", "[", "a [", "[]", "[1", "[12345]", "x[ 1]"] {
            assert_eq!(without_marks(text), text);
        }
    }

    #[test]
    fn only_what_is_inside_the_fence_is_read() {
        let text = "Cite it like [1].\n<<<context ab\n[1] Notes: Door (notes)\nThe code is 4711.\nIt is old.\nab context>>>\nMore";
        let facts = read(Who::System, 0, text);
        assert_eq!(facts.len(), 1);
        assert_eq!((facts[0].mark, facts[0].body.as_str()), (Some(1), "The code is 4711.\nIt is old.\n"));
    }

    #[test]
    fn what_only_a_program_needs_is_left_out() {
        let text =
            "It is 18:00 in Tokyo (Asia/Tokyo, UTC+09:00). That is 9 hours (or so) ahead of the user's own clock.";
        assert_eq!(natural(text), "It is 18:00 in Tokyo. That is 9 hours (or so) ahead of your own clock.");
        assert_eq!(natural("a ) b ( c"), "a ) b ( c");
    }

    #[test]
    fn json_is_read_without_its_ids() {
        let output = r#"{"items":[{"id":"x1","text":"The door is blue"},{"id":"x2","text":"So is the roof"}],"n":2}"#;
        assert_eq!(texts_of_json(output).as_deref(), Some("The door is blue\nSo is the roof"));
        assert_eq!(texts_of_json("42"), None);
        assert_eq!(texts_of_json("plain"), None);
    }

    #[test]
    fn a_long_line_is_cut_at_sentences_and_nowhere_else() {
        let long = format!("Pi is 3.14 or so. {} The end", "Wörter über Wörter. ".repeat(20));
        let fact = &read(Who::Document, 0, &long)[0];
        let units: Vec<&str> = fact.units().collect();
        assert_eq!(units[0], "Pi is 3.14 or so.");
        assert_eq!(units[1], "Wörter über Wörter.");
        assert_eq!(units.last(), Some(&"The end"));
    }
}
