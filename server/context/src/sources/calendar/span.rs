//! Which time a question about the calendar means.

use jiff::{Span, Zoned, civil::Weekday};

use crate::words::words;

/// A stretch of time, and how to call it.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) from: Zoned,
    pub(super) to: Zoned,
    pub(super) name: &'static str,
    /// Whether the question named the time; if not, a match by name further away is better.
    pub(super) named: bool,
    /// Only what comes next is wanted.
    pub(super) next: bool,
}

/// What the words mean at this moment, on the user's clock.
pub(super) fn stretch(query: &str, now: &Zoned) -> Option<Stretch> {
    let words = words(query);
    let has = |word: &str| words.iter().any(|other| other == word);
    let follows = |one: &str, other: &str| words.windows(2).any(|pair| pair[0] == one && pair[1] == other);
    let today = now.start_of_day().ok()?;
    let days = |from: i32, to: i32, name: &'static str| {
        let day = |count: i32| today.checked_add(Span::new().try_days(count).ok()?).ok();
        Some(Stretch { from: day(from)?, to: day(to)?, name, named: true, next: false })
    };
    let to_monday = 7 - i32::from(now.weekday().to_monday_zero_offset());
    if follows("day", "after") && has("tomorrow") {
        return days(2, 3, "the day after tomorrow");
    }
    if has("tomorrow") {
        return days(1, 2, "tomorrow");
    }
    if ["today", "tonight", "afternoon", "evening", "morning"].iter().any(|word| has(word)) {
        return days(0, 1, "today");
    }
    if has("yesterday") {
        return days(-1, 0, "yesterday");
    }
    if follows("next", "week") {
        return days(to_monday, to_monday + 7, "next week");
    }
    if has("weekend") {
        return days(to_monday - 2, to_monday, "at the weekend");
    }
    if has("week") {
        return days(0, to_monday, "this week");
    }
    if let Some((name, weekday)) = WEEKDAYS.iter().find(|(name, _)| has(name)) {
        let ahead = i32::from(now.weekday().until(*weekday));
        return days(ahead, ahead + 1, name);
    }
    let next = has("next") || has("upcoming") || has("when");
    let to = now.checked_add(Span::new().days(if next { FAR_DAYS } else { NEAR_DAYS })).ok()?;
    Some(Stretch { from: now.clone(), to, name: "in the coming days", named: false, next })
}

/// Words that say when, or that it is about a calendar, and nothing about which event is meant.
pub(super) fn is_general(term: &str) -> bool {
    GENERAL.contains(&term) || WEEKDAYS.iter().any(|(name, _)| *name == term)
}

/// How far ahead an event is looked for by its name.
pub(super) const FAR_DAYS: i64 = 120;
const NEAR_DAYS: i64 = 7;
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];
/// Stems.
const GENERAL: &[&str] = &[
    "after",
    "afternoon",
    "agenda",
    "anyth",
    "anything",
    "appointment",
    "busy",
    "calendar",
    "call",
    "com",
    "coming",
    "date",
    "day",
    "event",
    "evening",
    "free",
    "late",
    "later",
    "meet",
    "meeting",
    "morning",
    "next",
    "now",
    "plan",
    "planned",
    "schedule",
    "schedul",
    "scheduled",
    "someth",
    "something",
    "start",
    "time",
    "today",
    "tomorrow",
    "tonight",
    "upcom",
    "upcoming",
    "week",
    "weekend",
    "yesterday",
    "place",
    "weather",
    "way",
    "there",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(query: &str) -> String {
        let now: Zoned = "2026-11-21T15:00[Europe/Berlin]".parse().unwrap();
        let stretch = stretch(query, &now).unwrap();
        format!("{} {}", stretch.from.date(), stretch.to.date())
    }

    #[test]
    fn spoken_days_are_understood() {
        assert_eq!(dates("what is on my calendar today"), "2026-11-21 2026-11-22");
        assert_eq!(dates("do I have anything tomorrow"), "2026-11-22 2026-11-23");
        assert_eq!(dates("am I free on Wednesday?"), "2026-11-25 2026-11-26");
        assert_eq!(dates("what's on this Saturday"), "2026-11-21 2026-11-22");
        assert_eq!(dates("what do I have next week"), "2026-11-23 2026-11-30");
    }

    #[test]
    fn the_next_meeting_is_looked_for_far_ahead() {
        let now: Zoned = "2026-11-21T15:00[Europe/Berlin]".parse().unwrap();
        let stretch = stretch("when is my next meeting", &now).unwrap();
        assert!(stretch.next && !stretch.named);
    }
}
