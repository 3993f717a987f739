//! The event log as text: what a filter looks at, and what is exported.

use conversation::{Direction, LogLine};
use serde::Serialize;
use std::sync::Arc;

/// The direction as a stable word.
pub(super) const fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Received => "received",
        Direction::Sent => "sent",
        Direction::Note => "note",
    }
}

/// Whether a line has this text, in small letters, in its name, detail or direction.
pub(super) fn matches(line: &LogLine, wanted: &str) -> bool {
    wanted.is_empty()
        || line.name.to_lowercase().contains(wanted)
        || line.detail.to_lowercase().contains(wanted)
        || direction_name(line.direction).contains(wanted)
}

#[derive(Serialize)]
struct Exported<'a> {
    at_ms: f64,
    direction: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    count: u32,
}

/// The lines as JSON, oldest first.
pub(super) fn to_json(newest_first: &[Arc<LogLine>]) -> String {
    let lines: Vec<_> = newest_first.iter().rev().map(|line| exported(line)).collect();
    // Plain numbers and strings always have a JSON form.
    serde_json::to_string_pretty(&lines).unwrap_or_default()
}

fn exported(line: &LogLine) -> Exported<'_> {
    Exported {
        at_ms: line.at.as_millis(),
        direction: direction_name(line.direction),
        name: &line.name,
        detail: &line.detail,
        count: line.count,
    }
}
