//! The time and the date, here and at any place, from the built-in time zone database.

use std::fmt::Write as _;

use futures::{FutureExt, future::BoxFuture};
use jiff::Zoned;
use protocol::context::ContextItem;

use super::zones::zone_of;
use crate::{Finding, FollowUp, Interests, Profile, Question, Source, SourceError, item, words::words};

/// Tells the time; needs no configuration and no network.
pub struct Time {
    profile: Profile,
}

impl Time {
    /// The usual profile.
    pub fn profile() -> Profile {
        let interests = Interests::in_topics(["time zone", "o'clock"]);
        Profile::new("time", "time").interested(interests.and_built_in(PATTERNS))
    }

    /// A source with this profile.
    pub fn new(profile: Profile) -> Self {
        Self { profile }
    }

    fn tell(question: &Question) -> Finding {
        let here = question.local();
        let Some(place) = place(question) else { return vec![said("here", "here", &here, question)].into() };
        let Some(zone) = zone_of(&place) else {
            // The place's zone is known to whoever knows places.
            let query = format!("time in {place}");
            let follow_ups = vec![FollowUp { source: "weather".to_owned(), query }];
            return Finding { items: Vec::new(), follow_ups };
        };
        let there = question.now.to_zoned(zone);
        let mut there_item = said(&place, &format!("in {}", as_a_name(&place)), &there, question);
        if there.offset() != here.offset() {
            let _ = write!(there_item.text, " That is {} the user's own clock.", difference(&here, &there));
        }
        vec![there_item].into()
    }
}

impl Source for Time {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn cache_key(&self, _question: &Question) -> Option<String> {
        None
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        std::future::ready(Ok(Self::tell(question))).boxed()
    }
}

/// The place asked about; a word like "now" or "here" after a preposition is none.
fn place(question: &Question) -> Option<String> {
    let place = question.place()?;
    let first = words(&place).into_iter().next()?;
    (!NO_PLACE.contains(&first.as_str())).then_some(place)
}

/// Recognisers write no capitals.
fn as_a_name(place: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        characters.next().map(|first| first.to_uppercase().chain(characters).collect::<String>()).unwrap_or_default()
    };
    let is_written_small = !place.chars().any(char::is_uppercase);
    if is_written_small { place.split(' ').map(capital).collect::<Vec<_>>().join(" ") } else { place.to_owned() }
}

fn said(id: &str, place: &str, at: &Zoned, question: &Question) -> ContextItem {
    let zone = at.time_zone().iana_name().unwrap_or("UTC").to_owned();
    let text = format!(
        "It is {} on {} {place} ({zone}, UTC{}).",
        at.strftime("%H:%M"),
        at.strftime("%A, %-d %B %Y"),
        at.strftime("%:z"),
    );
    let now = question.now.as_second();
    ContextItem {
        attribution: "IANA time zone database".to_owned(),
        as_of: now,
        expires_at: Some(now + 60),
        relevance: 0.95,
        ..item(format!("time:{}", id.to_lowercase()), format!("Time {place}"), text)
    }
}

fn difference(here: &Zoned, there: &Zoned) -> String {
    let seconds = i64::from(there.offset().seconds()) - i64::from(here.offset().seconds());
    let minutes = seconds.abs() / 60;
    let length = match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} hour{}", if hours == 1 { "" } else { "s" }),
        (hours, minutes) => format!("{hours} hours {minutes} minutes"),
    };
    format!("{length} {}", if seconds > 0 { "ahead of" } else { "behind" })
}

const PATTERNS: &[&str] = &[
    r"\bwhat('s| is|s)? (the )?(current |local )?(time|date|day|weekday|week|month|year)\b",
    r"\b(time|date|day) is it\b",
    r"\bhow late is it\b",
    r"\b(current|local) (time|date)\b",
    r"\b(tell|give) me the (time|date)\b",
    r"\btime (right now )?(in|at) \p{L}",
    r"\bwhat day (is|was|will)\b",
];
const NO_PLACE: &[&str] = &["here", "now", "my", "the", "this", "present", "moment", "time", "date", "home"];

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn asked(query: &str) -> String {
        let mut question = Question::new(query, "2026-11-21T03:05:00Z".parse().unwrap());
        question.zone = TimeZone::get("Europe/Berlin").unwrap();
        let finding = Time::tell(&question);
        finding.items.first().map(|item| item.text.clone()).unwrap_or_default()
    }

    #[test]
    fn the_time_here_is_the_users() {
        assert_eq!(
            asked("what time is it"),
            "It is 04:05 on Saturday, 21 November 2026 here (Europe/Berlin, UTC+01:00)."
        );
    }

    #[test]
    fn the_time_elsewhere_says_how_far_it_is_off() {
        assert_eq!(
            asked("What time is it in Tokyo right now?"),
            "It is 12:05 on Saturday, 21 November 2026 in Tokyo (Asia/Tokyo, UTC+09:00). \
             That is 8 hours ahead of the user's own clock."
        );
        assert!(asked("time in Kathmandu").contains("08:50"));
        assert!(asked("time in New York").contains("22:05 on Friday"));
    }

    #[test]
    fn a_place_without_capitals_is_given_them() {
        assert_eq!(super::as_a_name("new york"), "New York");
        assert_eq!(super::as_a_name("Rio de Janeiro"), "Rio de Janeiro");
    }

    #[test]
    fn an_unknown_place_is_passed_on() {
        let finding = Time::tell(&Question::new("what time is it in Garmisch", jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(finding.follow_ups[0].query, "time in Garmisch");
    }

    #[test]
    fn built_in_patterns_can_be_read_and_fit() {
        let interests = Interests::default().and_patterns(PATTERNS).unwrap();
        for query in ["What time is it in Tokyo?", "what's the date today", "tell me the time", "what day is it"] {
            assert!(interests.match_query(query), "{query}");
        }
        assert!(!interests.match_query("we had a good time"));
    }
}
