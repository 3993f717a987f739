//! Counts tests from what the runners print, while it passes by.

use std::fmt;
use std::ops::AddAssign;

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Ended well.
    pub(crate) passed: u64,
    /// Did not.
    pub(crate) failed: u64,
    /// Were not run because they say so themselves.
    pub(crate) ignored: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads a runner's output in pieces of any size and sums its result lines.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    tally: Tally,
    line: Vec<u8>,
}

impl Counter {
    /// Takes the next piece.
    pub(crate) fn read(&mut self, piece: &[u8]) {
        for byte in piece {
            if *byte == b'\n' {
                self.end_line();
            } else {
                self.line.push(*byte);
            }
        }
    }

    /// The sum of everything read.
    pub(crate) fn finish(mut self) -> Tally {
        self.end_line();
        self.tally
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        if let Some(counts) = result_of(&line) {
            self.tally += counts;
        }
        self.line.clear();
    }
}

/// `test result: FAILED. 3 passed; 1 failed; 0 ignored; …`, as both libtest and wasm-bindgen print it.
fn result_of(line: &str) -> Option<Tally> {
    let (_, counts) = line.split_once("test result: ")?;
    let (_, counts) = counts.split_once(". ")?;
    let mut tally = Tally::default();
    for part in counts.split(';') {
        let Some((number, kind)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        match kind {
            "passed" => tally.passed = number,
            "failed" => tally.failed = number,
            "ignored" => tally.ignored = number,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSING: &str =
        "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n";
    const FAILING: &str = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 filtered out; finished in 1.2s\n";

    fn count(pieces: &[&str]) -> Tally {
        let mut counter = Counter::default();
        for piece in pieces {
            counter.read(piece.as_bytes());
        }
        counter.finish()
    }

    #[test]
    fn results_of_several_binaries_are_summed() {
        let tally = count(&["running 12 tests\n", PASSING, "\n", FAILING]);
        assert_eq!(tally, Tally { passed: 15, failed: 2, ignored: 1 });
        assert_eq!(tally.to_string(), "15 passed, 2 failed");
    }

    #[test]
    fn pieces_may_be_cut_anywhere() {
        let (left, right) = FAILING.split_at(17);
        assert_eq!(count(&[left, right]).failed, 2);
    }

    #[test]
    fn a_last_line_without_an_end_counts() {
        assert_eq!(count(&[PASSING.trim_end()]).passed, 12);
    }

    #[test]
    fn colours_around_the_verdict_do_not_matter() {
        assert_eq!(count(&["test result: \u{1b}[32mok\u{1b}[0m. 4 passed; 0 failed\n"]).passed, 4);
    }

    #[test]
    fn a_test_that_only_talks_about_results_is_not_counted() {
        assert_eq!(count(&["test parses_the_line_test_result ... ok\n", "test result: none\n"]), Tally::default());
    }
}
