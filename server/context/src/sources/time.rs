//! The time and the date, here and at any place, from the built-in time zone database.

use std::{fmt::Write as _, sync::LazyLock};

use futures::{FutureExt, future::BoxFuture};
use jiff::{
    Zoned,
    tz::{Offset, TimeZone},
};
use protocol::context::ContextItem;
use regex::Regex;

use super::zones::clocks_of;
use crate::{Finding, FollowUp, Interests, Profile, Question, Source, SourceError, item, place::Place};

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
        if let Some(offset) = distance_from_utc(&question.query) {
            let there = question.now.to_zoned(TimeZone::fixed(offset));
            return vec![said("utc", "at that distance from UTC", &there, &here, question)].into();
        }
        let places: Vec<String> = question.places().into_iter().take(MOST_PLACES).collect();
        if places.is_empty() {
            if question.points_there() {
                return Finding::default();
            }
            return vec![said("here", "here", &here, &here, question)].into();
        }
        let mut finding = Finding::default();
        let mut clocks = Vec::new();
        for place in places {
            let read = Place::read(&place);
            let known = clocks_of(&read, question.now);
            let name = as_a_name(&place);
            if let [zone] = known.as_slice() {
                let there = question.now.to_zoned(zone.clone());
                finding.items.push(said(&place, &format!("in {name}"), &there, &here, question));
                clocks.push((name, there));
                continue;
            }
            if !known.is_empty() {
                finding.items.push(several(&name, &known, question));
            }
            // Of a country with several clocks more cannot be said; where else a place lies knows whoever knows places.
            if known.is_empty() || !read.regions.is_empty() {
                let query = format!("time in {place}");
                finding.follow_ups.push(FollowUp { source: "weather".to_owned(), query });
            }
        }
        if let [(one, at), (other, then)] = clocks.as_slice() {
            finding.items.insert(0, apart(one, at, other, then, question));
        }
        finding
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

/// Recognisers write no capitals.
fn as_a_name(place: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        characters.next().map(|first| first.to_uppercase().chain(characters).collect::<String>()).unwrap_or_default()
    };
    let is_written_small = !place.chars().any(char::is_uppercase);
    if is_written_small { place.split(' ').map(capital).collect::<Vec<_>>().join(" ") } else { place.to_owned() }
}

fn said(id: &str, place: &str, at: &Zoned, here: &Zoned, question: &Question) -> ContextItem {
    let zone = at.time_zone().iana_name().map(|name| format!("{name}, ")).unwrap_or_default();
    let mut text = format!(
        "It is {} on {} {place} ({zone}UTC{}).",
        at.strftime("%H:%M"),
        at.strftime("%A, %-d %B %Y"),
        at.strftime("%:z"),
    );
    if at.offset() != here.offset() {
        let _ = write!(text, " That is {} the user's own clock.", difference(here, at));
    }
    told(id, format!("Time {place}"), text, 0.95, question)
}

/// What the clocks of a place show that has several.
fn several(place: &str, zones: &[TimeZone], question: &Question) -> ContextItem {
    let clock = |zone: &TimeZone| {
        let at = question.now.to_zoned(zone.clone());
        format!("{} ({})", at.strftime("%H:%M on %A"), zone.iana_name().unwrap_or("UTC"))
    };
    let clocks: Vec<String> = zones.iter().map(clock).collect();
    let text = format!("By the clocks of where {place} is, it may be {}.", clocks.join(", or "));
    told(place, format!("Time in {place}"), text, 0.7, question)
}

fn apart(one: &str, at: &Zoned, other: &str, then: &Zoned, question: &Question) -> ContextItem {
    let text = if at.offset() == then.offset() {
        format!("The clocks in {one} and {other} show the same time.")
    } else {
        format!("{other} is {} {one}.", difference(at, then))
    };
    told(&format!("{one} {other}"), format!("Time in {one} and {other}"), text, 0.96, question)
}

fn told(id: &str, title: String, text: String, relevance: f32, question: &Question) -> ContextItem {
    let now = question.now.as_second();
    ContextItem {
        attribution: "IANA time zone database".to_owned(),
        as_of: now,
        expires_at: Some(now + 60),
        relevance,
        ..item(format!("time:{}", id.to_lowercase()), title, text)
    }
}

/// "UTC plus 3", "GMT-05:30".
fn distance_from_utc(query: &str) -> Option<Offset> {
    let found = DISTANCE.captures(query)?;
    let number = |name: &str| {
        let text = found.name(name)?.as_str();
        let spoken = NUMBERS.iter().position(|number| number.eq_ignore_ascii_case(text));
        text.parse::<i32>().ok().or_else(|| i32::try_from(spoken? + 1).ok())
    };
    let ahead = matches!(&found["sign"].to_lowercase()[..], "plus" | "+");
    let seconds = number("hours")? * 3_600 + number("minutes").unwrap_or(0) * 60;
    Offset::from_seconds(if ahead { seconds } else { -seconds }).ok()
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

static DISTANCE: LazyLock<Regex> = LazyLock::new(|| {
    let words = NUMBERS.join("|");
    let pattern = format!(
        r"(?i)\b(?:utc|gmt)\s*(?P<sign>plus|minus|[+\-−])\s*(?P<hours>\d{{1,2}}|{words})(?::?(?P<minutes>\d{{2}}))?\b"
    );
    Regex::new(&pattern).expect("a valid expression")
});
const NUMBERS: [&str; 14] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen",
];
const MOST_PLACES: usize = 3;
/// English, German, French, Spanish, Portuguese, Italian, Dutch.
const PATTERNS: &[&str] = &[
    r"\bwhat('s| is|s)? (the )?(current |local )?(time|date|day|weekday|week|month|year)\b",
    r"\b(time|date|day) is it\b",
    r"\bhow late is it\b",
    r"\b(current|local) (time|date)\b",
    r"\b(tell|give) me the (time|date)\b",
    r"\btime (right now )?(in|at) \p{L}",
    r"\bwhat day (is|was|will)\b",
    r"\btime difference\b",
    r"\bwie (spät|viel uhr) (ist|haben|hat)\b|\b(uhr|orts)zeit\b|\bwelche[rns]? (tag|datum|wochentag)\b|\bden wievielten\b|\bzeitunterschied\b",
    r"\bquelle heure\b|\bl['’]heure (à|a|en|au|aux) |\bquel jour (est|sommes|on)|\bquelle date\b|\bdécalage horaire\b",
    r"\bqu[eé] horas? (es|son)\b|\bhora (actual|local)\b|\bhora en \p{L}|\bqu[eé] (d[ií]a|fecha) es\b|\bdiferencia horaria\b",
    r"\bque horas? (s[aã]o|é|tem)\b|\bhoras? (em|no|na) \p{L}|\bque dia (é|e) hoje\b|\bdiferença (horária|de horas)\b",
    r"\bche or[ae] (è|e|sono|fa)\b|\bl['’]ora (a|in) \p{L}|\bche giorno (è|e)\b|\bfuso orario\b",
    r"\bhoe laat is\b|\btijd (is het )?in \p{L}|\bwelke dag is\b|\btijdverschil\b",
];

#[cfg(test)]
mod tests {
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
    fn the_region_of_a_town_decides() {
        for (query, expected) in [
            (
                "what time is it in Portland, Maine",
                "22:05 on Friday, 20 November 2026 in Portland, Maine (America/New_York",
            ),
            ("what time is it in Cambridge, Massachusetts", "22:05 on Friday"),
            (
                "what time is it in Sydney Australia",
                "14:05 on Saturday, 21 November 2026 in Sydney Australia (Australia/Sydney",
            ),
            ("Paris, Texas time", "it may be 21:05 on Friday (America/Chicago), or 20:05 on Friday (America/Denver)"),
            (
                "what time is it in Athens, Georgia",
                "07:05 on Saturday (Asia/Tbilisi), or 22:05 on Friday (America/New_York)",
            ),
            ("what time is it in London, Ontario", "22:05 on Friday (America/Toronto)"),
            ("what time is it in Berlin, DE", "in Berlin, DE (Europe/Berlin"),
            ("Wie spät ist es hier?", "here (Europe/Berlin"),
            ("time in Canada", "19:05 on Friday (America/Vancouver)"),
            ("what time is it in Australia", "11:05 on Saturday (Australia/Perth)"),
        ] {
            assert!(asked(query).contains(expected), "{query}: {}", asked(query));
        }
        let finding = Time::tell(&Question::new("what time is it in Paris, Texas", jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(finding.follow_ups[0].query, "time in Paris, Texas");
        assert_eq!(asked("what time is it in Paris, Grimsby County"), "");
    }

    #[test]
    fn there_is_the_place_that_was_spoken_of_last() {
        let mut question = Question::new("what time is it there", "2026-11-21T03:05:00Z".parse().unwrap());
        assert_eq!(Time::tell(&question), Finding::default());
        question.scratchpad.places = vec!["Lisbon".into(), "Tokyo".into()];
        assert!(Time::tell(&question).items[0].text.contains("12:05"));
    }

    #[test]
    fn a_distance_from_utc_is_a_clock() {
        for query in ["what time is it in UTC plus 3", "time at utc plus three", "what time is it at UTC+03:00"] {
            assert!(asked(query).contains("06:05 on Saturday, 21 November 2026 at that distance"), "{}", asked(query));
        }
        assert!(asked("what time is it in GMT-5:30").contains("21:35 on Friday"));
    }

    #[test]
    fn how_far_two_places_are_apart_is_said() {
        assert_eq!(asked("time difference between Lisbon and Tokyo"), "Tokyo is 9 hours ahead of Lisbon.");
    }

    #[test]
    fn other_languages_are_understood() {
        for query in [
            "Wie spät ist es in Tokio?",
            "¿Qué hora es en Tokio?",
            "Quelle heure est-il à Tokyo ?",
            "Que horas são em Tóquio?",
            "Che ore sono a Tokyo?",
            "Hoe laat is het in Tokio?",
        ] {
            let interests = Interests::default().and_patterns(PATTERNS).unwrap();
            assert!(interests.match_query(query), "{query}");
            assert!(asked(query).starts_with("It is 12:05 on Saturday"), "{query}: {}", asked(query));
        }
        assert!(asked("Wie spät ist es in Londres").contains("03:05"));
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
