//! A subscription as it is asked for, checked.

use crate::ApiError;
use ::context::{Lookup, Standing, Threshold, clean_line, zone_named};
use jiff::tz::TimeZone;
use protocol::context::{WatchReply, WatchRequest};
use std::ops::RangeInclusive;
use std::time::Duration;

/// What is to be watched for a user, and how that is told.
///
/// # Errors
/// Something of it makes no sense here, and the error names the field; or nothing here fits what is asked.
pub(super) fn standing(lookup: &Lookup, user: &str, request: WatchRequest) -> Result<(Standing, WatchReply), ApiError> {
    let wrong = |field: &str, problem: &str| Err(ApiError::BadRequest(format!("`{field}`: {problem}")));
    let WatchRequest { name, source, query, every_s, change, change_percent, zone } = request;
    let name = name.unwrap_or_else(|| clean_line(&query, LONGEST_NAME));
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return wrong("name", &format!("it has 1 to {LONGEST_NAME} characters"));
    }
    if query.trim().is_empty() {
        return wrong("query", "it is empty");
    }
    if every_s.is_some_and(|every_s| !EVERY_S.contains(&every_s)) {
        return wrong("every_s", &format!("it is from {} to {}", EVERY_S.start(), EVERY_S.end()));
    }
    let found = source.as_ref().map_or_else(|| lookup.fitting(&query), |name| lookup.source(name));
    if found.as_ref().is_some_and(|found| !found.profile().is_watchable()) {
        return wrong("source", "the memory changes by what is said alone, and the time without end");
    }
    let Some(found) = found else {
        return match source {
            Some(_) => wrong("source", "there is none of this name"),
            None => Err(ApiError::Unwatchable("None of the sources here fits that, so it cannot be watched.")),
        };
    };
    let threshold = match (change, change_percent) {
        (Some(_), Some(_)) => return wrong("change", "give either change or change_percent"),
        (Some(by), None) => Threshold::Number { pattern: None, by },
        (None, Some(by)) => Threshold::Percent { pattern: None, by },
        (None, None) => Threshold::Text,
    };
    let chosen = u32::try_from(lookup.settings().watch_every.as_secs()).unwrap_or(u32::MAX);
    let every_s = every_s.unwrap_or(chosen.clamp(*EVERY_S.start(), *EVERY_S.end()));
    let zone = to_zone(zone.as_deref())?;
    let source = found.profile().name.clone();
    let often = if every_s == 60 { "minute".to_owned() } else { format!("{every_s} seconds") };
    let told = format!("Watching “{name}” in {source} every {often}. What changes is told by itself.");
    let reply = WatchReply { name: name.clone(), source, every_s, told };
    let every = Duration::from_secs(every_s.into());
    Ok((Standing::new(name, found, query, every, threshold).for_user(user).in_zone(zone), reply))
}

/// The zone of somebody's clock; UTC for nobody's.
///
/// # Errors
/// There is none of this name.
pub(crate) fn to_zone(name: Option<&str>) -> Result<TimeZone, ApiError> {
    let problem = || ApiError::BadRequest("`zone`: there is no such time zone; name it as in `Europe/Lisbon`".into());
    name.filter(|name| !name.is_empty()).map_or(Some(TimeZone::UTC), zone_named).ok_or_else(problem)
}

const LONGEST_NAME: usize = 80;

/// Oftener is a burden on whoever is asked.
const EVERY_S: RangeInclusive<u32> = 10..=86_400;
