//! The time and the date, here and elsewhere.

use super::places;
use super::words::Words;
use jiff::{ToSpan, Zoned};

/// Answers a question about the time or the date.
pub(super) fn answer(now: &Zoned, words: &Words) -> Option<String> {
    if words.says_any(ASKS_TIME) {
        return Some(time(now, words));
    }
    if words.says_any(ASKS_DATE) || asks_day(words) {
        return Some(date(now, words));
    }
    if words.says_any(&["what year", "which year"]) {
        return Some(format!("It is the year {}.", now.year()));
    }
    if words.says_any(&["what month", "which month"]) {
        return Some(format!("It is {}.", now.strftime("%B %Y")));
    }
    if words.says_any(&["what week", "which week"]) {
        return Some(format!("It is week {}.", now.date().iso_week_date().week()));
    }
    None
}

fn time(now: &Zoned, words: &Words) -> String {
    let Some(named) = words.after("in").or_else(|| words.after("for")).filter(|named| !named.is_empty()) else {
        return format!("It is {}.", now.strftime("%-I:%M %p"));
    };
    match places::find(named) {
        Some((place, zone)) => {
            let there = now.with_time_zone(zone);
            let day = match there.date().cmp(&now.date()) {
                std::cmp::Ordering::Equal => "",
                std::cmp::Ordering::Greater => ", and already tomorrow",
                std::cmp::Ordering::Less => ", and still yesterday",
            };
            format!("In {place} it is {}{day}.", there.strftime("%-I:%M %p"))
        }
        None => {
            format!("I do not know the time zone of {}. Here it is {}.", named.join(" "), now.strftime("%-I:%M %p"))
        }
    }
}

fn asks_day(words: &Words) -> bool {
    words.says_any(&["what day", "which day", "day of the week"])
        && (words.says_any(&["is it", "is today", "today", "tomorrow", "was yesterday", "is tomorrow", "yesterday"])
            || words.says("of the week"))
}

fn date(now: &Zoned, words: &Words) -> String {
    let (name, days) = if words.has("tomorrow") {
        ("Tomorrow is", 1)
    } else if words.has("yesterday") {
        ("Yesterday was", -1)
    } else {
        ("Today is", 0)
    };
    let there = match words.after("in").and_then(places::find) {
        Some((_, zone)) => now.with_time_zone(zone),
        None => now.clone(),
    };
    let day = there.checked_add(days.days()).unwrap_or(there);
    format!("{name} {}.", day.strftime("%A, %B %-d, %Y"))
}

const ASKS_TIME: &[&str] = &[
    "what time is it",
    "what is the time",
    "the time is it",
    "what time it is",
    "tell me the time",
    "the current time",
    "current time",
    "time is it",
    "time in",
    "have the time",
    "got the time",
    "how late is it",
];

const ASKS_DATE: &[&str] =
    &["what is the date", "what date", "the date today", "todays date", "today date", "tell me the date", "which date"];
