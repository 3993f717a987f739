//! The event log: what travelled and what changed, without secrets and without what was said.

use crate::letters::first;
use crate::list::List;
use crate::time::Time;
use crate::view::{Direction, LogLine};

/// The newest lines. Equal lines that follow one another are one line with a count.
#[derive(Debug)]
pub(crate) struct Log {
    lines: List<LogLine>,
    keep: usize,
    next_key: u64,
}

impl Log {
    pub(crate) fn new(keep: usize) -> Self {
        Self { lines: List::default(), keep: keep.max(1), next_key: 0 }
    }

    pub(crate) fn lines(&self) -> List<LogLine> {
        self.lines.clone()
    }

    /// Adds a line. Neither `name` nor `detail` may hold a secret or what was said.
    pub(crate) fn note(&mut self, at: Time, direction: Direction, name: &str, detail: &str) {
        let name = first(name, MAX_CHARS);
        let detail = first(detail, MAX_CHARS);
        let last = self.lines.len().wrapping_sub(1);
        let repeats = self
            .lines
            .get(last)
            .is_some_and(|line| line.direction == direction && line.name == name && line.detail == detail);
        if repeats && let Some(line) = self.lines.get_mut(last) {
            line.count = line.count.saturating_add(1);
            return;
        }
        if self.lines.len() >= self.keep {
            self.lines.remove(0);
        }
        let (name, detail) = (name.to_owned(), detail.to_owned());
        self.lines.push(LogLine { key: self.next_key, at, direction, name, detail, count: 1 });
        self.next_key += 1;
    }
}

/// Names come from outside, so their length is limited.
const MAX_CHARS: usize = 120;

#[cfg(test)]
mod tests {
    use super::Log;
    use crate::time::Time;
    use crate::view::Direction::{Note, Received};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_same_line_again_is_counted() {
        let mut log = Log::new(10);
        for _ in 0..5 {
            log.note(Time::ZERO, Received, "delta", "");
        }
        log.note(Time::ZERO, Received, "done", "");
        let counts: Vec<_> = log.lines().iter().map(|line| (line.key, line.count)).collect();
        assert_eq!(counts, [(0, 5), (1, 1)]);
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let mut log = Log::new(3);
        for name in ["a", "b", "c", "d", "e"] {
            log.note(Time::ZERO, Note, name, "");
        }
        let names: Vec<_> = log.lines().iter().map(|line| line.name.clone()).collect();
        assert_eq!(names, ["c", "d", "e"]);
    }

    #[test]
    fn a_long_name_is_shortened_at_a_character() {
        let mut log = Log::new(3);
        log.note(Time::ZERO, Received, &"ä".repeat(500), "");
        assert!(log.lines().last().is_some_and(|line| line.name.len() <= 120 && line.name.ends_with('ä')));
    }
}
