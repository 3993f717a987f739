//! The time zones of a calendar: by the names that calendars use, else as the calendar itself describes them.

use std::collections::BTreeMap;

use jiff::{
    civil::{DateTime, Weekday},
    tz::{Offset, TimeZone},
};

use super::ics::{Line, When, moment};

/// The zones that a calendar describes.
#[derive(Debug, Default)]
pub(super) struct Zones {
    described: BTreeMap<String, TimeZone>,
}

impl Zones {
    /// Reads the `VTIMEZONE`s of a calendar.
    pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut zones = Self::default();
        let mut open: Option<Description> = None;
        for line in lines.filter_map(Line::read) {
            match (line.name.as_str(), line.value.to_ascii_uppercase().as_str()) {
                ("BEGIN", "VTIMEZONE") => open = Some(Description::default()),
                ("END", "VTIMEZONE") => {
                    let described = open.take().and_then(|zone| Some((zone.name.clone(), zone.clock()?)));
                    zones.described.extend(described);
                }
                _ => {
                    if let Some(zone) = &mut open {
                        zone.put(&line);
                    }
                }
            }
        }
        zones
    }

    /// The zone of this name: of IANA, of IANA behind a prefix, of Windows, else as the calendar describes it.
    pub(super) fn named(&self, name: &str) -> Option<TimeZone> {
        known(name).or_else(|| self.described.get(name).cloned())
    }
}

fn known(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    if let Ok(zone) = TimeZone::get(name) {
        return Some(zone);
    }
    let parts: Vec<&str> = name.trim_matches('/').rsplit('/').take(3).collect();
    let last = |count: usize| {
        let tail: Vec<&str> = parts.iter().take(count).rev().copied().collect();
        TimeZone::get(&tail.join("/")).ok()
    };
    // From Unicode's CLDR.
    let windows = || {
        let mut rows = include_str!("windows.txt").lines().filter_map(|line| line.split_once('\t'));
        TimeZone::get(rows.find(|(other, _)| *other == name)?.1).ok()
    };
    last(2).or_else(|| last(3)).or_else(windows)
}

/// A `VTIMEZONE` as it is read.
#[derive(Default)]
struct Description {
    name: String,
    phases: Vec<Phase>,
}

/// One of its `STANDARD` and `DAYLIGHT`.
#[derive(Clone, Default)]
struct Phase {
    summer: bool,
    start: Option<DateTime>,
    offset: Option<Offset>,
    rule: Option<String>,
}

impl Description {
    fn put(&mut self, line: &Line) {
        match (line.name.as_str(), line.value.to_ascii_uppercase().as_str()) {
            ("TZID", _) => self.name.clone_from(&line.value),
            ("BEGIN", kind) => self.phases.push(Phase { summer: kind == "DAYLIGHT", ..Phase::default() }),
            (name, value) => {
                let Some(phase) = self.phases.last_mut() else { return };
                match name {
                    "DTSTART" => phase.start = moment(value, None).as_ref().map(When::civil),
                    "TZOFFSETTO" => phase.offset = offset(value),
                    "RRULE" => phase.rule = Some(value.to_owned()),
                    _ => {}
                }
            }
        }
    }

    /// The rules that hold today; of rules that ended, the last offset. A rule that cannot be followed makes no clock:
    /// better none than a wrong one.
    fn clock(&self) -> Option<TimeZone> {
        let holds = |phase: &&Phase| {
            phase.rule.as_ref().is_some_and(|rule| !rule.contains("UNTIL=") && !rule.contains("COUNT="))
        };
        let newest = |summer: bool| {
            let phases = self.phases.iter().filter(holds).filter(|phase| phase.summer == summer);
            phases.max_by_key(|phase| phase.start)
        };
        let (Some(winter), Some(summer)) = (newest(false), newest(true)) else {
            let last = self.phases.iter().max_by_key(|phase| phase.start)?;
            return Some(TimeZone::fixed(last.offset?));
        };
        let name = format!(
            "WIN{}SUM{},{},{}",
            behind(winter.offset?),
            behind(summer.offset?),
            summer.begins()?,
            winter.begins()?
        );
        TimeZone::posix(&name).ok()
    }
}

impl Phase {
    /// When in the year it begins, as POSIX writes it: month, week and day of the week, hour.
    fn begins(&self) -> Option<String> {
        let (rule, start) = (self.rule.as_deref()?, self.start?);
        let part = |name: &str| rule.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        if part("FREQ")? != "YEARLY" || part("INTERVAL").is_some_and(|often| often != "1") {
            return None;
        }
        let month: i8 = part("BYMONTH").map_or(Some(start.month()), |month| month.parse().ok())?;
        let by_day = part("BYDAY")?;
        let (which, day) = by_day.split_at_checked(by_day.len().checked_sub(2)?)?;
        let day = DAYS.iter().find(|(name, _)| *name == day)?.1.to_sunday_zero_offset();
        let week = match (which, part("BYMONTHDAY")) {
            ("-1", None) => 5,
            ("", Some(days)) => {
                // "The Sunday on or after the eighth" is the second one.
                let first: i8 = days.split(',').next()?.parse().ok()?;
                (first >= 1 && first % 7 == 1).then_some(first / 7 + 1)?
            }
            (which, None) => which.trim_start_matches('+').parse().ok().filter(|week| (1..=4).contains(week))?,
            _ => return None,
        };
        Some(format!("M{month}.{week}.{day}/{}:{:02}", start.hour(), start.minute()))
    }
}

/// `+0530`, `-083000`.
fn offset(value: &str) -> Option<Offset> {
    let (sign, digits) = match value.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, value),
    };
    let number = |from: usize| digits.get(from..from + 2)?.parse::<i32>().ok();
    Offset::from_seconds(sign * (number(0)? * 3_600 + number(2)? * 60 + number(4).unwrap_or(0))).ok()
}

/// POSIX counts westward.
fn behind(offset: Offset) -> String {
    let seconds = -offset.seconds();
    let sign = if seconds < 0 { "-" } else { "" };
    format!("{sign}{}:{:02}", seconds.abs() / 3_600, seconds.abs() % 3_600 / 60)
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(zone: &str) -> Option<String> {
        Zones::default().named(zone).and_then(|zone| zone.iana_name().map(str::to_owned))
    }

    #[test]
    fn zones_are_found_under_the_names_calendars_use() {
        for (given, zone) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("Singapore Standard Time", "Asia/Singapore"),
            ("Pacific SA Standard Time", "America/Santiago"),
            ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
            ("/example.org/20240101/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ] {
            assert_eq!(name(given).as_deref(), Some(zone));
        }
        assert_eq!(name("Customized Time Zone"), None);
    }

    #[test]
    fn every_zone_of_windows_exists() {
        let rows: Vec<_> = include_str!("windows.txt").lines().filter_map(|line| line.split_once('\t')).collect();
        assert!(rows.len() > 130);
        for (windows, iana) in rows {
            assert!(TimeZone::get(iana).is_ok(), "{windows}: {iana}");
        }
    }

    fn offsets(description: &str) -> Option<(i32, i32)> {
        let text = format!("BEGIN:VTIMEZONE\nTZID:Ours\n{description}\nEND:VTIMEZONE");
        let zone = Zones::read(text.lines()).named("Ours")?;
        let at = |when: &str| zone.to_offset(when.parse().unwrap()).seconds() / 60;
        Some((at("2026-01-15T12:00:00Z"), at("2026-07-15T12:00:00Z")))
    }

    #[test]
    fn a_zone_that_the_calendar_describes_is_followed() {
        let fixed = "BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD";
        assert_eq!(offsets(fixed), Some((330, 330)));
        let both = "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n\
                    BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT";
        assert_eq!(offsets(both), Some((60, 120)));
        let american = "BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\n\
                        BEGIN:STANDARD\nDTSTART:20071104T020000\nTZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7\nEND:STANDARD";
        assert_eq!(offsets(american), Some((-300, -240)));
        let abolished = "BEGIN:DAYLIGHT\nDTSTART:20000326T020000\nTZOFFSETTO:+0400\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20100328T000000Z\nEND:DAYLIGHT\n\
                         BEGIN:STANDARD\nDTSTART:20141026T020000\nTZOFFSETTO:+0300\nEND:STANDARD";
        assert_eq!(offsets(abolished), Some((180, 180)));
        let strange = both.replace("-1SU;BYMONTH=3", "20SU");
        assert_eq!(offsets(&strange), None);
    }
}
