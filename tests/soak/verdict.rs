//! What is promised, how often it was looked at, and where it did not hold.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    /// No request waits for ever, and none is broken off but by the kill.
    Answered,
    /// Every answer is a documented one.
    Documented,
    /// Every memory that was acknowledged is there, and every forgotten one is gone.
    Memory,
    /// Everything that was answered has exactly one line in the audit log, which says the same.
    Audit,
    /// Who had used up minutes or money before the kill still has after it.
    Quota,
    /// A key that was given before the kill opens a call after it.
    Keys,
    /// A call that was hung up is over at the vendor, and in the end the server counts none.
    Calls,
    /// Nothing in the server panicked.
    Panics,
    /// Resident memory stays.
    Resident,
    /// Open file descriptors stay.
    Descriptors,
}

impl Promise {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Answered, "no request is stuck or broken off"),
        (Self::Documented, "every answer is a documented one"),
        (Self::Memory, "no acknowledged memory is lost"),
        (Self::Audit, "no audit line is lost, torn or doubled"),
        (Self::Quota, "what is used up stays used up"),
        (Self::Keys, "a key outlives the kill"),
        (Self::Calls, "no call is stuck"),
        (Self::Panics, "nothing panics"),
        (Self::Resident, "resident memory stays"),
        (Self::Descriptors, "file descriptors stay"),
    ];
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Verdict(Mutex<BTreeMap<Promise, Found>>);

#[derive(Debug, Default)]
struct Found {
    checked: u64,
    broken: u64,
    /// The first few, in words.
    examples: Vec<String>,
}

impl Verdict {
    /// A promise was looked at; a complaint says how it was broken.
    pub(crate) fn check(&self, promise: Promise, complaint: Option<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.entry(promise).or_default();
        found.checked += 1;
        if let Some(complaint) = complaint {
            found.broken += 1;
            if found.examples.len() < EXAMPLES {
                found.examples.push(complaint);
            }
        }
    }

    /// Whether a promise was broken.
    #[cfg(test)]
    pub(crate) fn is_broken(&self, promise: Promise) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&promise).is_some_and(|found| found.broken > 0)
    }

    /// Prints the table, and says whether every promise was looked at and held.
    pub(crate) fn print(&self) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = Found::default();
        let mut holds = true;
        println!("\n{:<42} {:>9} {:>9}", "promise", "checked", "broken");
        for (promise, words) in Promise::ALL {
            let found = all.get(&promise).unwrap_or(&nothing);
            println!("{words:<42} {:>9} {:>9}", found.checked, found.broken);
            found.examples.iter().for_each(|example| println!("    {example}"));
            holds &= found.checked > 0 && found.broken == 0;
        }
        holds
    }
}

const EXAMPLES: usize = 5;

#[cfg(test)]
mod tests {
    use super::{Promise, Verdict};

    #[test]
    fn a_promise_that_nobody_looked_at_does_not_hold() {
        let verdict = Verdict::default();
        for (promise, _) in Promise::ALL.into_iter().skip(1) {
            verdict.check(promise, None);
        }
        assert!(!verdict.print());
        verdict.check(Promise::Answered, None);
        assert!(verdict.print());
        verdict.check(Promise::Audit, Some("a line is missing".to_owned()));
        assert!(!verdict.print());
    }
}
