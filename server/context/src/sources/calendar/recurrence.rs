//! When an event takes place between two moments.
//!
//! A rule is expanded on the event's own clock, as if that clock were UTC, and each result is then put back on it: nine
//! o'clock stays nine o'clock when summer time begins.

use std::collections::BTreeSet;

use chrono::TimeZone as _;
use jiff::{SignedDuration, Span, Timestamp, Zoned, civil::DateTime, tz::TimeZone};
use rrule::{RRuleSet, Tz};

use super::ics::{Event, Length, When, instant, moment};

/// One time at which an event takes place.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    pub(super) start: Zoned,
    pub(super) end: Zoned,
    pub(super) all_day: bool,
    pub(super) event: usize,
}

/// All of the wanted events that take place between two moments, in order, for a reader in a zone.
pub(super) fn between(
    events: &[Event],
    wanted: impl Fn(usize) -> bool,
    from: Timestamp,
    to: Timestamp,
    reader: &TimeZone,
) -> Vec<Occurrence> {
    let replaced: BTreeSet<(&str, Timestamp)> = events
        .iter()
        .filter_map(|event| Some((event.uid.as_str(), instant(event.replaces.as_ref()?, reader)?)))
        .collect();
    let mut all = Vec::new();
    let candidates = events.iter().enumerate().filter(|(index, event)| !event.cancelled && wanted(*index));
    for (index, event) in candidates.filter(|(_, event)| may_fall(event, from, to)) {
        for start in starts(event, from, to, reader) {
            let Some(occurrence) = occurrence(index, event, &start, reader) else { continue };
            let at = occurrence.start.timestamp();
            let moved = event.replaces.is_none() && replaced.contains(&(event.uid.as_str(), at));
            let inside = at < to && (occurrence.end.timestamp() > from || at >= from);
            if inside && !moved {
                all.push(occurrence);
            }
        }
    }
    all.sort_by_key(|occurrence| (occurrence.start.timestamp(), occurrence.event));
    all.truncate(MOST);
    all
}

/// Whether an event that does not recur may fall between the moments, by its dates alone: most of a long calendar does
/// not.
fn may_fall(event: &Event, from: Timestamp, to: Timestamp) -> bool {
    if event.rule.is_some() || !event.more.is_empty() {
        return true;
    }
    let days = match event.length {
        Length::For(length) => length.as_hours() / 24,
        Length::Days(days) => i64::from(days),
    };
    let from_utc = |at: Timestamp| at.to_zoned(TimeZone::UTC).datetime().date();
    let start = event.start.civil().date();
    let last = start.saturating_add(Span::new().try_days(days.saturating_add(2)).unwrap_or_default());
    let early = start.saturating_sub(Span::new().days(2));
    last >= from_utc(from) && early <= from_utc(to)
}

fn occurrence(index: usize, event: &Event, start: &When, reader: &TimeZone) -> Option<Occurrence> {
    let from = start.zoned(reader)?;
    let end = match event.length {
        Length::For(length) => from.checked_add(length).ok()?,
        Length::Days(days) => from.checked_add(Span::new().try_days(days).ok()?).ok()?,
    };
    let (start, end) = (from.with_time_zone(reader.clone()), end.with_time_zone(reader.clone()));
    Some(Occurrence { start, end, all_day: event.start.is_day(), event: index })
}

/// The beginnings that may fall between the two moments; a few outside of them are harmless.
fn starts(event: &Event, from: Timestamp, to: Timestamp, reader: &TimeZone) -> Vec<When> {
    let mut starts: Vec<When> = event.more.clone();
    match event.rule.as_deref() {
        Some(rule) => starts.extend(expanded(event, rule, from, to, reader)),
        None => starts.push(event.start.clone()),
    }
    let except: BTreeSet<DateTime> = event
        .except
        .iter()
        .filter_map(|except| Some(except.zoned(reader)?.with_time_zone(event.start.zone(reader).clone()).datetime()))
        .collect();
    let days: BTreeSet<_> = event.except.iter().filter(|except| except.is_day()).map(|e| e.civil().date()).collect();
    starts.retain(|start| !except.contains(&start.civil()) && !days.contains(&start.civil().date()));
    starts
}

fn expanded(event: &Event, rule: &str, from: Timestamp, to: Timestamp, reader: &TimeZone) -> Vec<When> {
    let first = event.start.civil();
    // Rules by the hour or finer are no appointments, and cost as much as one likes.
    let upper = rule.to_ascii_uppercase();
    if ["HOURLY", "MINUTELY", "SECONDLY"].iter().any(|often| upper.contains(often)) {
        return vec![event.start.clone()];
    }
    let text = format!("DTSTART:{}\nRRULE:{}", written(first), on_own_clock(rule, &event.start, reader));
    let Ok(set) = text.parse::<RRuleSet>() else { return vec![event.start.clone()] };
    let around = match event.length {
        Length::For(length) => length,
        Length::Days(days) => SignedDuration::from_hours(24 * i64::from(days)),
    };
    let early = from.as_second().saturating_sub(around.as_secs()).saturating_sub(2 * DAY_S);
    let late = to.as_second().saturating_add(2 * DAY_S);
    let (Some(early), Some(late)) = (point(early), point(late)) else { return Vec::new() };
    let found = set.after(early).before(late).all(MOST_OF_ONE);
    let civil = |at: chrono::DateTime<Tz>| {
        let at = Timestamp::from_second(at.timestamp()).ok()?;
        Some(event.start.at(at.to_zoned(TimeZone::UTC).datetime()))
    };
    found.dates.into_iter().filter_map(civil).collect()
}

/// The rule with its end on the event's own clock, written as if that were UTC.
fn on_own_clock(rule: &str, start: &When, reader: &TimeZone) -> String {
    let part = |part: &str| {
        let Some(until) = part.get(..6).filter(|name| name.eq_ignore_ascii_case("UNTIL=")) else {
            return part.to_owned();
        };
        let value = part.get(until.len()..).unwrap_or_default();
        match moment(value, None) {
            Some(When::Day(date)) => format!("UNTIL={}", written(date.at(23, 59, 59, 0))),
            Some(when @ When::Zoned(..)) => {
                let own = when.zoned(reader).map(|at| at.with_time_zone(start.zone(reader).clone()).datetime());
                format!("UNTIL={}", written(own.unwrap_or_else(|| when.civil())))
            }
            Some(When::Floating(at)) => format!("UNTIL={}", written(at)),
            None => part.to_owned(),
        }
    };
    rule.split(';').map(part).collect::<Vec<_>>().join(";")
}

fn written(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn point(seconds: i64) -> Option<chrono::DateTime<Tz>> {
    Tz::UTC.timestamp_opt(seconds, 0).single()
}

const DAY_S: i64 = 86_400;
const MOST: usize = 500;
const MOST_OF_ONE: u16 = 400;

#[cfg(test)]
mod tests {
    use super::{super::ics::events, *};

    fn expand(properties: &str, from: &str, to: &str) -> Vec<String> {
        let text = format!("BEGIN:VEVENT\nUID:1\n{properties}\nEND:VEVENT");
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let found = between(&events(&text), |_| true, from.parse().unwrap(), to.parse().unwrap(), &zone);
        found.iter().map(|occurrence| occurrence.start.strftime("%m-%d %H:%M").to_string()).collect()
    }

    #[test]
    fn the_hour_stays_the_same_over_the_change_to_summer_time() {
        let weekly =
            "DTSTART;TZID=Europe/Berlin:20260316T090000\nDTEND;TZID=Europe/Berlin:20260316T093000\nRRULE:FREQ=WEEKLY";
        let found = expand(weekly, "2026-03-22T00:00:00Z", "2026-04-06T00:00:00Z");
        assert_eq!(found, ["03-23 09:00", "03-30 09:00"]);
    }

    #[test]
    fn exceptions_additions_and_the_end_are_kept() {
        let daily = "DTSTART;TZID=Europe/Berlin:20261101T180000\nRRULE:FREQ=DAILY;UNTIL=20261105T170000Z\n\
                     EXDATE;TZID=Europe/Berlin:20261103T180000\nRDATE;TZID=Europe/Berlin:20261109T120000";
        let found = expand(daily, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
        assert_eq!(found, ["11-01 18:00", "11-02 18:00", "11-04 18:00", "11-05 18:00", "11-09 12:00"]);
    }

    #[test]
    fn the_last_friday_of_each_month_is_found() {
        let monthly = "DTSTART:20260130T150000Z\nRRULE:FREQ=MONTHLY;BYDAY=-1FR";
        assert_eq!(expand(monthly, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"), ["10-30 16:00", "11-27 16:00"]);
    }

    #[test]
    fn a_moved_occurrence_is_found_where_it_was_moved_to() {
        let text = "BEGIN:VEVENT\nUID:a\nDTSTART:20261102T090000Z\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n\
                    BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20261109T090000Z\nDTSTART:20261110T110000Z\nEND:VEVENT\n\
                    BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20261116T090000Z\nDTSTART:20261116T090000Z\nSTATUS:CANCELLED\nEND:VEVENT";
        let (from, to) = ("2026-11-08T00:00:00Z".parse().unwrap(), "2026-11-30T00:00:00Z".parse().unwrap());
        let found = between(&events(text), |_| true, from, to, &TimeZone::UTC);
        let found: Vec<_> = found.iter().map(|at| at.start.strftime("%d %H").to_string()).collect();
        assert_eq!(found, ["10 11", "23 09"]);
    }

    #[test]
    fn an_event_of_whole_days_lasts_until_its_end() {
        let fair = "DTSTART;VALUE=DATE:20261120\nDTEND;VALUE=DATE:20261123";
        assert_eq!(expand(fair, "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z").len(), 1);
        assert_eq!(expand(fair, "2026-11-22T23:00:00Z", "2026-11-23T10:00:00Z").len(), 0);
    }

    #[test]
    fn a_birthday_of_long_ago_comes_every_year() {
        let birthday = "DTSTART;VALUE=DATE:19481123\nRRULE:FREQ=YEARLY";
        assert_eq!(expand(birthday, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), ["11-23 00:00"]);
        let weekly = "DTSTART;TZID=Europe/Berlin:19600104T090000\nRRULE:FREQ=WEEKLY";
        assert_eq!(expand(weekly, "2026-11-22T00:00:00Z", "2026-11-28T00:00:00Z"), ["11-23 09:00"]);
    }

    #[test]
    fn a_rule_that_would_never_end_ends() {
        let flood = "DTSTART:19700101T000000Z\nRRULE:FREQ=SECONDLY;BYSETPOS=1";
        assert!(expand(flood, "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z").is_empty());
        let never = "DTSTART:20200101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
        assert!(expand(never, "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z").is_empty());
    }
}
