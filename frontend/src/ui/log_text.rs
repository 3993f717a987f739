//! The event log as text: what is shown of it, and what is exported.

use conversation::{Direction, List, LogLine};
use protocol::to_json as json;
use std::fmt::Write;

/// One line for each event that has this text in it, newest first.
pub(super) fn lines(log: &List<LogLine>, filter: &str) -> String {
    let mut text = String::new();
    for line in log.iter().rev().filter(|line| matches(line, filter)) {
        // Writing to a string does not fail.
        let _ = write!(text, "{:>9} {} {}", seconds(line), arrow(line.direction), line.name);
        if line.count > 1 {
            let _ = write!(text, " \u{d7}{}", line.count);
        }
        if !line.detail.is_empty() {
            let _ = write!(text, "  {}", line.detail);
        }
        text.push('\n');
    }
    text
}

/// The same events as JSON, oldest first.
pub(super) fn to_json(log: &List<LogLine>, filter: &str) -> String {
    let events: Vec<String> = log.iter().filter(|line| matches(line, filter)).map(exported).collect();
    ["[\n", &events.join(",\n"), "\n]\n"].concat()
}

fn exported(line: &LogLine) -> String {
    [
        "{\"at_ms\":",
        &json(&line.at.as_millis()),
        ",\"count\":",
        &line.count.to_string(),
        ",\"detail\":",
        &json(&line.detail),
        ",\"direction\":\"",
        direction_name(line.direction),
        "\",\"name\":",
        &json(&line.name),
        "}",
    ]
    .concat()
}

/// Names and details are the service's, which are in small letters.
fn matches(line: &LogLine, filter: &str) -> bool {
    let wanted = filter.trim();
    [line.name.as_str(), line.detail.as_str(), direction_name(line.direction)].iter().any(|text| {
        let mut parts = (0..=text.len()).filter_map(|start| text.as_bytes().get(start..start + wanted.len()));
        parts.any(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
    })
}

/// Seconds and thousandths, without the code that prints any number.
fn seconds(line: &LogLine) -> String {
    let millis = line.at.as_millis() as u64;
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

const fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Received => "\u{2190}",
        Direction::Sent => "\u{2192}",
        Direction::Note => "\u{b7}",
    }
}

const fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Received => "received",
        Direction::Sent => "sent",
        Direction::Note => "note",
    }
}
