//! Completes an elliptical question ("and tomorrow?", "what about Porto?") from the one before it in the talk.
//!
//! **Only a question of nothing but a day or a place is completed**: what says more has a subject of its own.

use jiff::civil::DateTime;

use crate::{
    days::{Reading, When},
    language::{Language, fold},
    place::all_named_in,
    sources::is_known_town,
    words::is_filler,
};

/// The question before, with the day and the place of this one, which is asked at this date and time.
pub(crate) fn completed(query: &str, before: &str, now: DateTime) -> Option<String> {
    let part = after_lead(query)?;
    let subject = Reading::of(before, now).rest;
    let subject = bare(&subject);
    // Read together, because the words before tell the language.
    let reading = Reading::of(&format!("{subject} {part}"), now);
    let rest = reading.rest.strip_prefix(subject)?;
    let old = all_named_in(before);
    let place = place(rest, !old.is_empty())?;
    let names_day = reading.when != When::Unsaid;
    if place.is_empty() && !names_day {
        return None;
    }
    let mut whole = if names_day { subject } else { bare(before) }.to_owned();
    if !place.is_empty() {
        whole = with_place(&whole, &old, &place);
    }
    if names_day {
        let mut rest = rest.split_whitespace().peekable();
        for chunk in part.split_whitespace().filter(|chunk| rest.next_if_eq(chunk).is_none()) {
            whole = format!("{whole} {chunk}");
        }
    }
    Some(whole)
}

/// What follows "and", "what about" and the like.
fn after_lead(query: &str) -> Option<String> {
    let chunks: Vec<&str> = query.split_whitespace().collect();
    let words: Vec<String> = chunks.iter().map(|chunk| fold(chunk)).collect();
    let mut from = 0;
    while let Some(lead) = LEADS.iter().find(|lead| words.get(from..from + lead.len()).is_some_and(|own| own == **lead))
    {
        from += lead.len();
    }
    (from > 0).then(|| chunks.get(from..).unwrap_or_default().join(" "))
}

/// The place that is all these words name, empty where they name nothing; none where they say anything else.
fn place(rest: &str, is_about_a_place: bool) -> Option<String> {
    let languages = Language::of(rest);
    let is_small = |chunk: &&&str| {
        let word = fold(chunk);
        let is_in = |language: &&Language| {
            [language.at, language.perhaps_at, language.articles].iter().any(|list| list.contains(&word.as_str()))
        };
        word.is_empty() || is_filler(&word) || languages.iter().any(is_in)
    };
    let chunks: Vec<&str> = rest.split_whitespace().collect();
    let ahead = chunks.iter().take_while(is_small).count();
    let behind = chunks.iter().skip(ahead).rev().take_while(is_small).count();
    let name = chunks.get(ahead..chunks.len() - behind).unwrap_or_default().join(" ");
    let name = bare(&name);
    let is_place = name.is_empty()
        || is_known_town(name)
        || all_named_in(rest) == [name]
        || is_about_a_place && name.starts_with(char::is_uppercase);
    is_place.then(|| name.to_owned())
}

/// The question with another place.
fn with_place(question: &str, old: &[String], new: &str) -> String {
    let around = old.first().zip(old.last()).and_then(|(first, last)| {
        let (from, to) = (question.find(first)?, question.rfind(last)? + last.len());
        Some((question.get(..from)?, question.get(to..)?))
    });
    around.map_or_else(|| format!("{question} in {new}"), |(ahead, behind)| [ahead, new, behind].concat())
}

fn bare(text: &str) -> &str {
    text.trim_end_matches(|c: char| !c.is_alphanumeric())
}

/// English, German, French, Spanish, Portuguese, Italian, Dutch.
const LEADS: &[&[&str]] = &[
    &["and"],
    &["what", "about"],
    &["how", "about"],
    &["und"],
    &["was", "ist", "mit"],
    &["et"],
    &["y"],
    &["e"],
    &["en"],
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn whole(before: &str, query: &str) -> Option<String> {
        completed(query, before, date(2026, 11, 21).at(9, 0, 0, 0))
    }

    #[test]
    fn the_day_or_the_place_is_exchanged_and_the_rest_stays() {
        for (before, query, expected) in [
            ("weather in Berlin", "and tomorrow?", "weather in Berlin tomorrow?"),
            ("weather in Berlin", "what about Porto?", "weather in Porto"),
            ("what's the weather in Berlin tomorrow?", "And in Tokyo?", "what's the weather in Tokyo tomorrow"),
            ("what's the weather in Berlin tomorrow?", "and on Friday", "what's the weather in Berlin on Friday"),
            ("is it raining in Berlin?", "and what about tomorrow in Porto?", "is it raining in Porto tomorrow"),
            ("meetings on Monday", "and on Tuesday?", "meetings on Tuesday?"),
            ("what is the weather", "how about lisbon please", "what is the weather in lisbon"),
            ("what is the weather in Lisbon", "and in Ericeira?", "what is the weather in Ericeira"),
            ("Tokyo's weather", "and Porto?", "Porto's weather"),
            ("Wie wird das Wetter in Berlin?", "Und morgen?", "Wie wird das Wetter in Berlin morgen?"),
            ("¿Qué tiempo hace en Madrid?", "¿Y mañana?", "¿Qué tiempo hace en Madrid mañana?"),
        ] {
            assert_eq!(whole(before, query).as_deref(), Some(expected), "{before} {query}");
        }
    }

    #[test]
    fn what_says_more_or_nothing_is_a_question_of_its_own() {
        for query in [
            "tomorrow",
            "and",
            "and you?",
            "how about lunch tomorrow",
            "and the meeting in Porto?",
            "what about the budget",
            "and who is the mayor of Porto",
        ] {
            assert_eq!(whole("weather in Berlin", query), None, "{query}");
        }
    }
}
