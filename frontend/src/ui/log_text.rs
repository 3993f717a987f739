//! The event log as text: what is shown of it, and what is exported.

use conversation::{Direction, List, LogLine, padded};
use protocol::to_json as json;

/// One line for each event that has this text in it, newest first.
pub(super) fn lines(log: &List<LogLine>, filter: &str) -> String {
    let mut text = String::new();
    for line in log.iter().rev().filter(|line| matches(line, filter)) {
        let seconds = seconds(line);
        let indent = "         ".get(seconds.len()..).unwrap_or_default();
        let count = if line.count > 1 { [" \u{d7}", &line.count.to_string()].concat() } else { String::new() };
        let gap = if line.detail.is_empty() { "" } else { "  " };
        let pieces = [indent, &seconds, " ", arrow(line.direction), " ", &line.name, &count, gap, &line.detail, "\n"];
        text.push_str(&pieces.concat());
    }
    text
}

/// The same events as JSON, oldest first.
pub(super) fn to_json(log: &List<LogLine>, filter: &str) -> String {
    let mut text = "[\n".to_owned();
    for line in log.iter().filter(|line| matches(line, filter)) {
        if text.ends_with('}') {
            text.push_str(",\n");
        }
        text.push_str(&exported(line));
    }
    text.push_str("\n]\n");
    text
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
    [&(millis / 1000).to_string(), ".", &padded(millis % 1000, 3)].concat()
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
