//! The time and the date, here and at any place, from the built-in time zone database.

use std::{cmp::Ordering, fmt::Write as _, sync::LazyLock};

use futures::{FutureExt, future::BoxFuture};
use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use protocol::context::ContextItem;
use regex::Regex;

use super::zones::clocks_of;
use crate::{
    Finding, FollowUp, Interests, Known, Profile, Question, Source, SourceError,
    days::{Days, Reading, When, distance},
    item,
    place::{Place, all_named_in},
    words::terms,
};

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
        if let Some(days) = dated(question) {
            return vec![day(days, question)].into();
        }
        let (query, away) = without_distance(&question.query);
        let now = question.now.saturating_add(away).unwrap_or(question.now);
        let here = now.to_zoned(question.zone.clone());
        if let Some(offset) = distance_from_utc(&query) {
            let there = now.to_zoned(TimeZone::fixed(offset));
            return vec![said("utc", "at that distance from UTC", &there, &here, question)].into();
        }
        let places: Vec<String> = places(question, &query, now).into_iter().take(MOST_PLACES).collect();
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
            let known = clocks_of(&read, now);
            let name = as_a_name(&place);
            if let [zone] = known.as_slice() {
                let there = now.to_zoned(zone.clone());
                finding.items.push(said(&place, &format!("in {name}"), &there, &here, question));
                clocks.push((name, there));
                continue;
            }
            if !known.is_empty() {
                finding.items.push(several(&name, &known, now, question));
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

    fn knows(&self, question: &Question) -> Option<Known> {
        dated(question).map(|_| Known { score: 0.9, because: "is asked for a date".to_owned() })
    }

    fn cache_key(&self, _question: &Question) -> Option<String> {
        None
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        std::future::ready(Ok(Self::tell(question))).boxed()
    }
}

/// The days that are asked about, if it is asked what date they are or how far away, and they are not today.
fn dated(question: &Question) -> Option<Days> {
    let here = question.local();
    let query = OF_THE_WEEK.replace(&question.query, "");
    let said = |text: &str, is_all: fn(&str) -> bool| {
        let reading = Reading::of(text, here.datetime());
        let When::Said(days) = reading.when else { return None };
        (is_all(&reading.rest) && days != Days::one(here.date())).then_some(days)
    };
    match COUNTED.captures(&query) {
        Some(counted) => said(&counted["day"], |rest| terms(rest).is_empty()),
        None => said(&query, |rest| DATED.is_match(rest)),
    }
}

fn day(days: Days, question: &Question) -> ContextItem {
    let today = question.local().date();
    let full = days.first.strftime("%A, %-d %B %Y").to_string();
    let text = if days.first == days.last {
        let verb = if days.first < today { "was" } else { "is" };
        format!("{full} {verb} {}.", distance(days.first, today))
    } else {
        format!("That is {}; today is {}.", days.named(today), today.strftime("%A, %-d %B %Y"))
    };
    told(&format!("day {}", days.first), full, text, 0.95, question)
}

/// The places whose time is asked for, also where no "in" stands ahead of them.
fn places(question: &Question, query: &str, now: Timestamp) -> Vec<String> {
    let named = all_named_in(query);
    if !named.is_empty() {
        return named;
    }
    if question.points_there() {
        return question.places();
    }
    // Which day it is does not matter to what is no day.
    let rest = Reading::of(query, DateTime::ZERO).rest;
    let Some(found) = NAMED.captures(&rest) else { return Vec::new() };
    let name = |group: &str| found.name(group).map(|name| name.as_str().trim().to_owned());
    let known = name("coast").filter(|name| !clocks_of(&Place::read(name), now).is_empty());
    name("zone").or_else(|| name("ahead")).or(known).into_iter().collect()
}

/// "In three hours", "20 minutes ago": how far it is away, and the question without it.
fn without_distance(query: &str) -> (String, SignedDuration) {
    let none = || (query.to_owned(), SignedDuration::ZERO);
    let Some(found) = AWAY.captures(query) else { return none() };
    let part = |name: &str| found.name(name).map(|part| part.as_str().to_lowercase());
    let minutes = match (part("number").as_deref(), part("unit").as_deref()) {
        (Some("half an"), Some("hour")) => Some(30),
        (Some("a" | "an" | "one" | "1"), Some(unit)) => Some(minutes_in(unit)),
        // "In 24 hour format".
        (Some(count), Some(unit)) if part("plural").is_some() => number(count).map(|count| count * minutes_in(unit)),
        _ => None,
    };
    let Some(minutes) = minutes.map(|minutes| SignedDuration::from_mins(i64::from(minutes))) else { return none() };
    let away = match part("behind").as_deref().map(str::trim) {
        Some("ago") => -minutes,
        None if part("ahead").is_none() => return none(),
        _ => minutes,
    };
    (AWAY.replace(query, "").into_owned(), away)
}

fn minutes_in(unit: &str) -> i32 {
    if unit == "hour" { 60 } else { 1 }
}

fn number(text: &str) -> Option<i32> {
    let spoken = NUMBERS.iter().position(|number| number.eq_ignore_ascii_case(text));
    text.parse::<i32>().ok().or_else(|| i32::try_from(spoken? + 1).ok())
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
    let verb = match at.timestamp().cmp(&question.now) {
        Ordering::Less => "was",
        Ordering::Equal => "is",
        Ordering::Greater => "will be",
    };
    let mut text = format!(
        "It {verb} {} on {} {place} ({zone}UTC{}).",
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
fn several(place: &str, zones: &[TimeZone], now: Timestamp, question: &Question) -> ContextItem {
    let clock = |zone: &TimeZone| {
        let at = now.to_zoned(zone.clone());
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
    let number = |name: &str| number(found.name(name)?.as_str());
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
/// A question for a date, without its day.
static DATED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)^\W*(what|which)('s|s| is| was)?( the)? (date|day|weekday)( is| was| will)?( it)?( be)?\W*$";
    Regex::new(pattern).expect("a valid expression")
});
static OF_THE_WEEK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i) of the week\b").expect("a valid expression"));
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)\bhow (many (days|weeks|months|nights)|long)\b.*?\b(until|till|to|since|before)\s+(?P<day>.+)";
    Regex::new(pattern).expect("a valid expression")
});
/// Places that stand elsewhere than behind "in".
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let zone = r"\btime ?zone (is|are) (?P<zone>\p{L}[^?!]*?) in\b";
    let ahead = r"\b(ahead|behind)( of (us|me|here))? (is|are) (?P<ahead>\p{L}[^?!]*)";
    let coast = r"\bon the (\w+ )?(?P<coast>(east|west) coast)\b";
    Regex::new(&format!("(?i){zone}|{ahead}|{coast}")).expect("a valid expression")
});
static AWAY: LazyLock<Regex> = LazyLock::new(|| {
    let words = NUMBERS.join("|");
    let pattern = format!(
        r"(?i)\b(?P<ahead>in )?(?P<number>\d{{1,4}}|{words}|an?|half an) (?P<unit>hour|minute)(?P<plural>s)?\b(?P<behind> ago| from now)?"
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
    // What time something else is, who keeps it knows.
    r"\bwhat time (is|was|will|would|might) (it|be|now)\b|\bwhat time (in|at|on|now|right|here|there)\b|\bwhat time do (you|they|we) have\b|\bwhat time\W*$",
    r"\bwhat('s| is|s) the (current |local |exact |right )?time( (in|at|on|over|now|right|here|there|today|difference|please)\b|\W*$)",
    r"\bwhat('s| is|s)? (the |today'?s )?(current )?(date|day|weekday|week|month|year)( (is it|today|now|in|here|right|please)\b|\W*$)",
    r"\b(today'?s|current) date\b|\bwhat('s| is|s) today\W*$",
    r"\b(time|date|day|weekday|month|year) (is|was) (it|today)\b",
    r"\bhow (many hours|far|much) (ahead|behind)\b|\bis it (still |already |too |very )?(late|early|night|day|morning|evening) (in|at|on|there|here)\b",
    r"\bhow late is it\b",
    r"\b(current|local) (time|date)\b",
    r"\b(tell|give) me the (time|date)\b",
    r"\btime (right now )?(in|at) \p{L}",
    r"\btime difference\b",
    r"\bwie (spät|viel uhr) (ist es|haben|hat)\b|\b(uhr|orts)zeit\b|\bwelche[rns]? (tag|datum|wochentag)\b|\bden wievielten\b|\bzeitunterschied\b",
    r"\bquelle heure (est|fait|il)[- ](il|est)\b|\bquelle heure( à| a| en|\W*$)|\bl['’]heure (à|a|en|au|aux) |\bquel jour (est|sommes|on)|\bquelle date\b|\bdécalage horaire\b",
    r"\bqu[eé] horas? (es|son)( ahora)?( en\b| aquí| allí|\W*$)|\bhora (actual|local)\b|\bhora en \p{L}|\bqu[eé] (d[ií]a|fecha) es\b|\bdiferencia horaria\b",
    r"\bque horas? (s[aã]o|é|tem)( agora)?( em\b| n[ao]s?\b| aqui|\W*$)|\bhoras? (em|no|na) \p{L}|\bque dia (é|e) hoje\b|\bdiferença (horária|de horas)\b",
    r"\bche or[ae] (è|e|sono|fa)( adesso| ora)?( a\b| in\b| qui|\W*$)|\bl['’]ora (a|in) \p{L}|\bche giorno (è|e)\b|\bfuso orario\b",
    r"\bhoe laat is het\b|\btijd (is het )?in \p{L}|\bwelke dag is\b|\btijdverschil\b",
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

    fn is_routed(query: &str) -> bool {
        let source = Time::new(Time::profile());
        let question = Question::new(query, "2026-11-21T03:05:00Z".parse().unwrap());
        source.profile().interests.match_query(query) || source.knows(&question).is_some()
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
    fn dates_are_told_and_counted() {
        for (query, expected) in [
            ("what's the date next Friday", "Friday, 27 November 2026 is in 6 days."),
            ("what day is December 24", "Thursday, 24 December 2026 is in 33 days."),
            ("what day of the week was November 1st", "Sunday, 1 November 2026 was 20 days ago."),
            ("how many days until December 24", "Thursday, 24 December 2026 is in 33 days."),
            ("how many weeks until December 24?", "Thursday, 24 December 2026 is in 33 days."),
            ("how long is it since last Monday", "Monday, 16 November 2026 was 5 days ago."),
        ] {
            assert_eq!(asked(query), expected, "{query}");
            assert!(is_routed(query), "{query}");
        }
        for query in ["what's today's date", "what day is it", "what's the date"] {
            assert!(is_routed(query) && asked(query).starts_with("It is 04:05 on Saturday, 21 November"), "{query}");
        }
    }

    #[test]
    fn the_time_at_another_hour_is_told() {
        for (query, expected) in [
            ("what time will it be in 3 hours", "It will be 07:05 on Saturday"),
            ("what time will it be in three hours", "It will be 07:05 on Saturday"),
            ("what time was it half an hour ago", "It was 03:35 on Saturday"),
            ("what time was it 20 minutes ago", "It was 03:45 on Saturday"),
            ("what time will it be in Tokyo in an hour", "It will be 13:05 on Saturday"),
            ("what time is it in 24 hour format", "It is 04:05 on Saturday"),
        ] {
            assert!(asked(query).starts_with(expected), "{query}: {}", asked(query));
            assert!(is_routed(query), "{query}");
        }
    }

    #[test]
    fn a_place_is_found_wherever_it_stands() {
        for (query, expected) in [
            ("what time zone is Berlin in", "in Berlin (Europe/Berlin"),
            ("what time is it on the east coast", "in East Coast (America/New_York"),
            ("how many hours ahead is Tokyo", "That is 8 hours ahead of"),
            ("is it late in Sydney", "in Sydney (Australia/Sydney"),
        ] {
            assert!(asked(query).contains(expected), "{query}: {}", asked(query));
        }
        for query in ["how many hours ahead is Tokyo", "is it late in Sydney", "what time is it on the east coast"] {
            assert!(is_routed(query), "{query}");
        }
    }

    #[test]
    fn the_time_of_something_else_is_not_the_clocks() {
        for query in [
            "what time is the dentist",
            "what time is my flight to Berlin",
            "what time does the review start",
            "what day is the review",
            "what's the date of the review",
            "how many days until my birthday",
            "Um wie viel Uhr ist der Zahnarzt?",
            "À quelle heure est le dentiste ?",
            "¿A qué hora es el dentista?",
            "A que horas é o dentista?",
            "A che ora è il dentista?",
            "Hoe laat is de tandarts?",
        ] {
            assert!(!is_routed(query), "{query}");
        }
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
