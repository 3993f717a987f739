//! Reads iCalendar files (RFC 5545) line by line: a line that cannot be read costs its property, never the calendar.

use super::zone::Zones;
use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// An event as it is written down, before its recurrence is expanded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) uid: String,
    pub(super) summary: String,
    pub(super) location: String,
    pub(super) description: String,
    pub(super) people: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) start: When,
    /// The name of the zone its times are in, where that is not known: it is not known when they are.
    pub(super) unknown_zone: Option<String>,
    pub(super) length: Length,
    pub(super) rule: Option<String>,
    pub(super) more: Vec<When>,
    pub(super) except: Vec<When>,
    /// Which occurrence of the series of the same `uid` this event replaces.
    pub(super) replaces: Option<When>,
    pub(super) cancelled: bool,
}

/// A moment as calendars write it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// A whole day.
    Day(Date),
    /// A time on the clock of wherever the reader is.
    Floating(DateTime),
    /// A time on the clock of a zone.
    Zoned(DateTime, TimeZone),
}

impl When {
    /// The date and time on the event's own clock.
    pub(super) fn civil(&self) -> DateTime {
        match self {
            Self::Day(date) => date.to_datetime(Time::midnight()),
            Self::Floating(at) | Self::Zoned(at, _) => *at,
        }
    }

    /// The same kind of moment at another date and time of the event's own clock.
    pub(super) fn at(&self, civil: DateTime) -> Self {
        match self {
            Self::Day(_) => Self::Day(civil.date()),
            Self::Floating(_) => Self::Floating(civil),
            Self::Zoned(_, zone) => Self::Zoned(civil, zone.clone()),
        }
    }

    /// The zone of the event's own clock, the reader's where it has none.
    pub(super) fn zone<'a>(&'a self, reader: &'a TimeZone) -> &'a TimeZone {
        match self {
            Self::Zoned(_, zone) => zone,
            Self::Day(_) | Self::Floating(_) => reader,
        }
    }

    /// The moment, for a reader in a zone; none at the edge of time.
    pub(super) fn zoned(&self, reader: &TimeZone) -> Option<Zoned> {
        self.zone(reader).to_zoned(self.civil()).ok()
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }
}

/// How long an event is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Length {
    For(SignedDuration),
    Days(i32),
}

/// The events of a calendar whose lines are [unfolded].
pub(super) fn events(text: &str) -> Vec<Event> {
    let zones = Zones::read(text.lines());
    let mut events = Vec::new();
    let mut open: Option<Draft> = None;
    let mut inner = 0_u32;
    for line in text.lines().filter_map(Line::read) {
        match (line.name.as_str(), line.value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT") => (open, inner) = (Some(Draft::default()), 0),
            // An alarm inside an event has properties of the same names.
            ("BEGIN", _) => inner += 1,
            ("END", "VEVENT") => events.extend(open.take().and_then(Draft::finish)),
            ("END", _) => inner = inner.saturating_sub(1),
            _ if inner == 0 || open.is_none() => {
                if let Some(draft) = &mut open {
                    draft.put(&line, &zones);
                }
            }
            _ => {}
        }
    }
    events
}

/// The calendar with its continued lines joined. Before it is decoded: a line may be broken inside of a letter.
pub(super) fn unfolded(bytes: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let fold = [&b"\r\n "[..], b"\r\n\t", b"\n ", b"\n\t"].into_iter().find(|fold| rest.starts_with(fold));
        if let Some(fold) = fold {
            at += fold.len();
        } else {
            joined.extend(rest.first());
            at += 1;
        }
    }
    joined
}

#[derive(Default)]
struct Draft {
    uid: String,
    summary: String,
    location: String,
    description: String,
    people: Vec<String>,
    url: Option<String>,
    start: Option<When>,
    unknown_zone: Option<String>,
    end: Option<When>,
    duration: Option<SignedDuration>,
    rule: Option<String>,
    more: Vec<When>,
    except: Vec<When>,
    replaces: Option<When>,
    cancelled: bool,
}

impl Draft {
    fn put(&mut self, line: &Line, zones: &Zones) {
        match line.name.as_str() {
            "UID" => self.uid.clone_from(&line.value),
            "SUMMARY" => self.summary = unescape(&line.value),
            "LOCATION" => self.location = unescape(&line.value),
            "DESCRIPTION" => self.description = unescape(&line.value),
            "ATTENDEE" if self.people.len() < MOST_PEOPLE => {
                self.people.extend(line.parameter("CN").map(str::to_owned));
            }
            "URL" => self.url = Some(line.value.clone()),
            "DTSTART" => {
                self.start = line.moment(zones);
                self.unknown_zone = line.unknown_zone(zones);
            }
            "DTEND" => self.end = line.moment(zones),
            "DURATION" => self.duration = line.value.parse::<SignedDuration>().ok().or_else(|| weeks(&line.value)),
            "RRULE" => self.rule = Some(line.value.clone()),
            "RDATE" => self.more.extend(line.moments(zones)),
            "EXDATE" => self.except.extend(line.moments(zones)),
            "RECURRENCE-ID" => self.replaces = line.moment(zones),
            "STATUS" => self.cancelled = line.value.eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
    }

    fn finish(self) -> Option<Event> {
        let start = self.start?;
        let length = match (&self.end, self.duration) {
            (Some(When::Day(end)), _) if start.is_day() => {
                Length::Days((*end - start.civil().date()).get_days().max(1))
            }
            (Some(end), _) => {
                let (from, to) = (start.zoned(&TimeZone::UTC)?, end.zoned(&TimeZone::UTC)?);
                Length::For(from.timestamp().duration_until(to.timestamp()).max(SignedDuration::ZERO))
            }
            (None, Some(length)) => Length::For(length.max(SignedDuration::ZERO)),
            (None, None) if start.is_day() => Length::Days(1),
            (None, None) => Length::For(SignedDuration::ZERO),
        };
        Some(Event {
            uid: self.uid,
            summary: self.summary,
            location: self.location,
            description: self.description,
            people: self.people,
            url: self.url,
            start,
            unknown_zone: self.unknown_zone,
            length,
            rule: self.rule,
            more: self.more,
            except: self.except,
            replaces: self.replaces,
            cancelled: self.cancelled,
        })
    }
}

/// A content line: `NAME;PARAMETER=value;…:value`.
pub(super) struct Line {
    pub(super) name: String,
    parameters: Vec<(String, String)>,
    pub(super) value: String,
}

impl Line {
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.find(|c: char| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = line.split_at(colon);
        let mut parts = split_outside_quotes(head, ';').into_iter();
        let name = parts.next()?.trim().to_ascii_uppercase();
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_uppercase(), value.trim_matches('"').to_owned()))
        };
        let parameters = parts.filter_map(parameter).collect();
        Some(Self { name, parameters, value: value.get(1..).unwrap_or_default().trim().to_owned() })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn moment(&self, zones: &Zones) -> Option<When> {
        self.moments(zones).into_iter().next()
    }

    fn moments(&self, zones: &Zones) -> Vec<When> {
        let zone = self.parameter("TZID").and_then(|name| zones.named(name));
        let values = self.value.split(',').take(MOST_DATES);
        values.filter_map(|value| moment(value.split('/').next().unwrap_or(value), zone.as_ref())).collect()
    }

    /// The name of the zone if that of the moment is not known.
    fn unknown_zone(&self, zones: &Zones) -> Option<String> {
        let name = self.parameter("TZID").filter(|name| zones.named(name).is_none())?;
        matches!(self.moment(zones), Some(When::Floating(_))).then(|| name.to_owned())
    }
}

/// `20261121`, `20261121T140000` or `20261121T140000Z`.
pub(super) fn moment(value: &str, zone: Option<&TimeZone>) -> Option<When> {
    let value = value.trim();
    let digits = |range: std::ops::Range<usize>| value.get(range)?.parse::<i8>().ok();
    let date = Date::new(value.get(0..4)?.parse().ok()?, digits(4..6)?, digits(6..8)?).ok()?;
    if value.len() == 8 {
        return Some(When::Day(date));
    }
    if value.get(8..9) != Some("T") {
        return None;
    }
    // A leap second is the second before.
    let time = Time::new(digits(9..11)?, digits(11..13)?, digits(13..15).unwrap_or(0).min(59), 0).ok()?;
    let at = date.to_datetime(time);
    Some(match (value.ends_with('Z'), zone) {
        (true, _) => When::Zoned(at, TimeZone::UTC),
        (false, Some(zone)) => When::Zoned(at, zone.clone()),
        (false, None) => When::Floating(at),
    })
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}

/// `P2W`, which the common reader of durations does not take without a calendar; and days.
fn weeks(value: &str) -> Option<SignedDuration> {
    let span: jiff::Span = value.trim_start_matches('+').parse().ok()?;
    let hours = i64::from(span.get_weeks()) * 168 + i64::from(span.get_days()) * 24 + i64::from(span.get_hours());
    let minutes = hours.checked_mul(60)?.checked_add(span.get_minutes())?;
    Some(SignedDuration::from_secs(minutes.checked_mul(60)?.checked_add(span.get_seconds())?))
}

/// The moment as seconds, for comparing.
pub(super) fn instant(when: &When, reader: &TimeZone) -> Option<Timestamp> {
    when.zoned(reader).map(|at| at.timestamp())
}

const MOST_DATES: usize = 500;
const MOST_PEOPLE: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_escaped_and_quoted_lines_are_read() {
        let text = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Plan\\, review\r\n  and eat\r\n\
                    ATTENDEE;CN=\"Doe; Jane\":mailto:j@example.org\r\n\
                    DTSTART;TZID=\"Europe/Lisbon\":20261121T140000\r\nDURATION:PT1H30M\r\n\
                    BEGIN:VALARM\r\nSUMMARY:Not this\r\nEND:VALARM\r\nEND:VEVENT\r\n";
        let events = events(&String::from_utf8(unfolded(text.as_bytes())).unwrap());
        assert_eq!(events[0].summary, "Plan, review and eat");
        assert_eq!(events[0].people, ["Doe; Jane"]);
        assert_eq!(events[0].length, Length::For(SignedDuration::from_mins(90)));
        assert_eq!(events[0].start.zone(&TimeZone::UTC).iana_name(), Some("Europe/Lisbon"));
    }

    #[test]
    fn a_broken_line_costs_no_more_than_itself() {
        let text = "BEGIN:VEVENT\nDTSTART:20261121\n;;;\nnonsense\nDTEND:2026132\nSUMMARY:Fair\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:No start\nEND:VEVENT";
        let events = events(text);
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].summary.as_str(), &events[0].length), ("Fair", &Length::Days(1)));
    }

    #[test]
    fn a_line_that_is_broken_inside_a_letter_is_whole_again() {
        let text = "BEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:Caf".as_bytes();
        let folded = [text, &[0xc3], b"\r\n ", &[0xa9], b" Lisboa\nEND:VEVENT"].concat();
        let text = String::from_utf8(unfolded(&folded)).unwrap();
        assert_eq!(events(&text)[0].summary, "Café Lisboa");
    }

    #[test]
    fn a_zone_that_nobody_knows_is_remembered_as_unknown() {
        let event =
            |zone: &str| events(&format!("BEGIN:VEVENT\nDTSTART;TZID={zone}:20261122T090000\nEND:VEVENT")).remove(0);
        assert_eq!(event("Our Own Time").unknown_zone.as_deref(), Some("Our Own Time"));
        assert_eq!(event("Singapore Standard Time").unknown_zone, None);
    }

    #[test]
    fn lengths_in_days_and_weeks_are_read() {
        assert_eq!(weeks("P1W"), Some(SignedDuration::from_hours(168)));
        assert_eq!(weeks("P1DT2H"), Some(SignedDuration::from_hours(26)));
    }
}
