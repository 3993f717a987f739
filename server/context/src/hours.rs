//! Which hours of a day a sentence means: "at 4 pm", "after five o'clock", "between 2 and 4", "in the evening".

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::language::{Language, Meaning, fold};

/// A part of a day, in minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    from: i16,
    to: i16,
}

impl Hours {
    /// The part of the day that ends at this hour.
    pub(crate) fn until(hour: i8) -> Self {
        let from = match hour {
            ..=12 => 4,
            13..=20 => 12,
            21.. => 17,
        };
        // Noon is no more than a moment, around which there is something or not.
        Self { from: from * HOUR, to: i16::from(if hour == 13 { 14 } else { hour }) * HOUR }
    }

    /// From this hour on.
    pub(crate) fn after(hour: i8) -> Self {
        Self { from: i16::from(hour) * HOUR, to: DAY }
    }

    /// All of the day before them.
    pub(crate) fn before(self) -> Self {
        Self { from: 0, to: self.from }
    }

    /// What is said by the clock. Of a bare number that may be one of two, the one in the part of the day that is named,
    /// else the one by day.
    pub(crate) fn by_the_clock(sentence: &str, part: Option<Self>) -> Option<Self> {
        let languages = Language::of(sentence);
        let folded = fold(sentence);
        let words: Vec<&str> = folded.split(' ').collect();
        let reader = Reader { words, languages, part };
        (0..reader.words.len()).find_map(|at| reader.span(at))
    }

    pub(crate) fn are_over_at(self, hour: i8) -> bool {
        i16::from(hour) * HOUR >= self.to
    }

    /// When they begin and end on a day.
    pub(crate) fn on(self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let midnight = day.to_datetime(Time::midnight());
        let at = |minutes: i16| {
            let at = midnight.checked_add(SignedDuration::from_mins(i64::from(minutes))).ok()?;
            Some(at.to_zoned(zone.clone()).ok()?.timestamp())
        };
        Some((at(self.from)?, at(self.to)?))
    }

    /// "from 16:00 to 17:00".
    pub(crate) fn named(self) -> String {
        let clock = |minutes: i16| format!("{:02}:{:02}", minutes / HOUR, minutes % HOUR);
        format!("from {} to {}", clock(self.from), clock(self.to))
    }
}

/// Whether a word is a number, or says that a number is a time: "9", "4pm", "pm".
pub(crate) fn is_clock(word: &str) -> bool {
    let (digits, marker) = split(word);
    is_marker(marker) || (marker.is_empty() && !digits.is_empty())
}

/// The digits that a word begins with, and what follows.
fn split(word: &str) -> (&str, &str) {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    word.split_at(word.len() - digits.len())
}

struct Reader<'a> {
    words: Vec<&'a str>,
    languages: Vec<&'static Language>,
    part: Option<Hours>,
}

/// A time on the clock.
#[derive(Clone, Copy)]
struct Clock {
    minutes: i16,
    /// "am" or "pm" or an hour beyond twelve says which of two it is.
    clear: bool,
    /// Said to be a time: "pm", "o'clock", "16:30".
    marked: bool,
    /// How many words it takes.
    length: usize,
}

impl Reader<'_> {
    fn span(&self, at: usize) -> Option<Hours> {
        let clock = self.clock(at)?;
        let ahead = self.ahead(at);
        let behind = at + clock.length;
        let joined = self.words.get(behind).is_some_and(|word| JOINS.contains(word));
        if joined
            && BETWEEN.contains(&ahead)
            && let Some(other) = self.clock(behind + 1)
            && (clock.marked || other.marked || self.ends(behind + 1 + other.length))
        {
            let (mut from, mut to) = (self.resolved(clock), self.resolved(other));
            // "From 2 to 4 pm", "from 9 to 5".
            if from >= to && !other.clear {
                to += 12 * HOUR;
            }
            if !clock.clear && from + 12 * HOUR < to && other.clear {
                from += 12 * HOUR;
            }
            return (from < to && to <= DAY).then_some(Hours { from, to });
        }
        let is_time = clock.marked || AT.contains(&ahead) && self.ends(behind);
        if !is_time {
            return None;
        }
        let minutes = self.resolved(clock);
        let means = |meaning: Meaning| self.languages.iter().any(|language| language.meaning(ahead) == Some(meaning));
        Some(if means(Meaning::After) || means(Meaning::Since) {
            Hours { from: minutes, to: DAY }
        } else if means(Meaning::Before) || means(Meaning::Until) {
            Hours { from: 0, to: minutes }
        } else {
            Hours { from: minutes, to: (minutes + HOUR).min(DAY) }
        })
        .filter(|hours| hours.from < hours.to)
    }

    fn clock(&self, at: usize) -> Option<Clock> {
        let (digits, mut own) = split(self.words.get(at)?);
        let (mut length, mut minutes) = (1, 0);
        let hour: i16 = if digits.is_empty() { i16::from(self.spoken(own)?) } else { digits.parse().ok()? };
        if digits.is_empty() {
            own = "";
        } else if own.is_empty()
            && let Some((digits, behind)) = self.words.get(at + 1).map(|word| split(word))
            && digits.len() > 1
        {
            minutes = digits.parse().ok().filter(|minutes| digits.len() == 2 && (0..60).contains(minutes))?;
            (own, length) = (behind, 2);
        }
        let (marker, more) = if own.is_empty() { self.marker(at + length) } else { (own, 0) };
        if !(marker.is_empty() || is_marker(marker)) || !(0..=24).contains(&hour) {
            return None;
        }
        let half = match marker {
            "am" if (1..=12).contains(&hour) => Some(0),
            "pm" if (1..=12).contains(&hour) => Some(12),
            _ => None,
        };
        let minutes = half.map_or(hour, |half| hour % 12 + half) * HOUR + minutes;
        let ahead = self.ahead(at);
        (minutes <= DAY).then_some(Clock {
            minutes,
            clear: half.is_some() || hour > 12 || hour == 0,
            // "12.10." may be a day.
            marked: !marker.is_empty() || length == 2 && (AT.contains(&ahead) || BETWEEN.contains(&ahead)),
            length: length + more,
        })
    }

    fn spoken(&self, word: &str) -> Option<i8> {
        match self.languages.iter().find_map(|language| language.meaning(word))? {
            Meaning::Number(number) => i8::try_from(number).ok(),
            _ => None,
        }
    }

    fn ahead(&self, at: usize) -> &str {
        at.checked_sub(1).and_then(|at| self.words.get(at)).copied().unwrap_or_default()
    }

    /// "pm", "p.m.", "o'clock", and how many words it takes.
    fn marker(&self, at: usize) -> (&str, usize) {
        match (self.words.get(at), self.words.get(at + 1)) {
            (Some(&"a"), Some(&"m")) => ("am", 2),
            (Some(&"p"), Some(&"m")) => ("pm", 2),
            (Some(word), _) if is_marker(word) => (word, 1),
            _ => ("", 0),
        }
    }

    fn resolved(&self, clock: Clock) -> i16 {
        let later = clock.minutes + 12 * HOUR;
        let in_part = |minutes: i16| self.part.is_some_and(|part| (part.from..part.to).contains(&minutes));
        let is_later = if in_part(clock.minutes) || in_part(later) {
            !in_part(clock.minutes)
        } else {
            clock.minutes < EARLIEST && self.part.is_none()
        };
        if !clock.clear && is_later && later <= DAY { later } else { clock.minutes }
    }

    /// Whether a number that ends here is no number of anything.
    fn ends(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return true };
        let meanings = self.languages.iter().filter_map(|language| language.meaning(word));
        let is_of_time =
            |meaning: Meaning| !matches!(meaning, Meaning::Unit(_) | Meaning::Number(_) | Meaning::Month(_));
        meanings.into_iter().any(is_of_time) || *word == "please"
    }
}

fn is_marker(word: &str) -> bool {
    MARKERS.contains(&word)
}

const HOUR: i16 = 60;
const DAY: i16 = 24 * HOUR;
/// Of a bare number before this hour the afternoon is meant.
const EARLIEST: i16 = 7 * HOUR;
const MARKERS: &[&str] = &["am", "pm", "oclock", "uhr", "h", "heure", "heures", "horas", "uur"];
const AT: &[&str] = &["at", "around", "by", "after", "before", "until", "till", "um", "gegen", "las", "alle", "om"];
const BETWEEN: &[&str] = &["between", "from", "zwischen", "von", "entre", "de", "tra", "dalle", "tussen", "van"];
const JOINS: &[&str] = &["and", "to", "till", "until", "und", "bis", "et", "a", "y", "e", "alle", "en", "tot"];

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sentence: &str) -> String {
        Hours::by_the_clock(sentence, None).map_or_else(|| "-".to_owned(), Hours::named)
    }

    #[test]
    fn a_time_on_the_clock_is_an_hour() {
        for (sentence, hours) in [
            ("am I free at 4 pm", "from 16:00 to 17:00"),
            ("am I free at 4pm tomorrow", "from 16:00 to 17:00"),
            ("am I free at 4 p.m. on Friday", "from 16:00 to 17:00"),
            ("what do I have at 16:30", "from 16:30 to 17:30"),
            ("what do I have at 9 on Friday", "from 09:00 to 10:00"),
            ("what do I have at three tomorrow", "from 15:00 to 16:00"),
            ("my 5 o'clock meeting", "from 17:00 to 18:00"),
            ("am I free at 12 am", "from 00:00 to 01:00"),
            ("am I free after 5", "from 17:00 to 24:00"),
            ("do I have anything before 10 am", "from 00:00 to 10:00"),
            ("am I free between 2 and 4", "from 14:00 to 16:00"),
            ("am I free from 2 to 4 pm", "from 14:00 to 16:00"),
            ("am I busy from 9 to 5", "from 09:00 to 17:00"),
            ("Was habe ich um 15 Uhr?", "from 15:00 to 16:00"),
            ("¿Qué tengo a las 4 mañana?", "from 16:00 to 17:00"),
        ] {
            assert_eq!(named(sentence), hours, "{sentence}");
        }
    }

    #[test]
    fn the_part_of_the_day_says_which_of_two_hours_is_meant() {
        let at = |part: i8| Hours::by_the_clock("at 8", Some(Hours::until(part))).map(Hours::named);
        assert_eq!(at(24).as_deref(), Some("from 20:00 to 21:00"));
        assert_eq!(at(12).as_deref(), Some("from 08:00 to 09:00"));
    }

    #[test]
    fn other_numbers_are_no_hours() {
        for sentence in [
            "the meeting in room 4",
            "the meeting in room 4a",
            "at 4 a colleague comes",
            "bake it at 180 degrees",
            "at 4 meetings I was late",
            "in 3 days",
            "on 24.12.2026",
            "on 2026-12-24",
            "am 3.10.",
            "on December 24",
            "at 25",
        ] {
            assert_eq!(named(sentence), "-", "{sentence}");
        }
    }
}
