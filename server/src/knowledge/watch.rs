//! A subscription as it is asked for, checked.

use crate::ApiError;
use ::context::{Lookup, Standing, Threshold};
use protocol::context::WatchRequest;
use std::ops::RangeInclusive;
use std::time::Duration;

/// What is to be watched for a user.
///
/// # Errors
/// Something of it makes no sense here; the error names the field.
pub(super) fn standing(lookup: &Lookup, user: &str, request: WatchRequest) -> Result<Standing, ApiError> {
    let wrong = |field: &str, problem: &str| Err(ApiError::BadRequest(format!("`{field}`: {problem}")));
    let WatchRequest { name, source, query, every_s, change, change_percent } = request;
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return wrong("name", &format!("it has 1 to {LONGEST_NAME} characters"));
    }
    if query.trim().is_empty() {
        return wrong("query", "it is empty");
    }
    if !EVERY_S.contains(&every_s) {
        return wrong("every_s", &format!("it is from {} to {}", EVERY_S.start(), EVERY_S.end()));
    }
    let Some(source) = lookup.source(&source) else { return wrong("source", "there is none of this name") };
    let threshold = match (change, change_percent) {
        (Some(_), Some(_)) => return wrong("change", "give either change or change_percent"),
        (Some(by), None) => Threshold::Number { pattern: None, by },
        (None, Some(by)) => Threshold::Percent { pattern: None, by },
        (None, None) => Threshold::Text,
    };
    let every = Duration::from_secs(every_s.into());
    Ok(Standing::new(name, source, query, every, threshold).for_user(user))
}

const LONGEST_NAME: usize = 80;

/// Oftener is a burden on whoever is asked.
const EVERY_S: RangeInclusive<u32> = 10..=86_400;
