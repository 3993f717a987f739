//! The gate: how long an answer waits for what is looked up.
//!
//! It opens at the end of the user's turn, and the answer goes as soon as nothing is awaited any more, at the latest at
//! the deadline. Two things can be awaited: the user's words, without which nothing fitting can be looked up, and the
//! look-up of the turn.
//!
//! **The rule of patience**: where the words of two turns in a row were not there at the deadline, later turns do not
//! wait for words, only for what is being looked up; as soon as the words of a turn come within the deadline again, so
//! do the next turns wait again.

use crate::config::Strategy;
use crate::outbox::Outbox;
use crate::time::{Ms, Time};
use crate::timer::Timer;

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: State,
    /// Turns in a row whose words were not there at the deadline.
    late: u8,
    /// When the newest turn ended.
    opened: Option<Time>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// No answer is held back.
    #[default]
    Closed,
    /// The words are awaited before the deadline begins to run.
    Words,
    /// The deadline runs. `words` is whether the words are awaited.
    Open { words: bool },
}

impl Gate {
    /// Whether an answer is held back.
    pub(crate) fn holds(&self) -> bool {
        self.state != State::Closed
    }

    /// The user's turn is over. `words` is whether its words are still to come. Says whether the deadline runs.
    pub(crate) fn open(&mut self, strategy: Strategy, words: bool, limits: (Ms, Ms), out: &mut Outbox) -> bool {
        let (deadline, words_within) = limits;
        self.opened = Some(out.now);
        let (state, limit) = match strategy {
            Strategy::Sequential if words => (State::Words, words_within),
            _ => (State::Open { words: words && self.late < IMPATIENT }, deadline),
        };
        self.state = state;
        out.arm(Timer::Gate, limit);
        state != State::Words
    }

    /// The words of the turn are known, or known not to come. Says whether the deadline begins to run now.
    pub(crate) fn words_known(&mut self, deadline: Ms, out: &mut Outbox) -> bool {
        if self.opened.is_none_or(|opened| out.now - opened <= deadline) {
            self.late = 0;
        }
        match &mut self.state {
            State::Closed => {}
            State::Open { words } => *words = false,
            State::Words => {
                self.state = State::Open { words: false };
                out.arm(Timer::Gate, deadline);
                return true;
            }
        }
        false
    }

    /// Whether the answer may go, given whether something is being looked up for it.
    pub(crate) fn is_ready(&self, asking: bool) -> bool {
        self.state == State::Open { words: false } && !asking
    }

    /// The deadline has passed.
    pub(crate) fn ring(&mut self) {
        if matches!(self.state, State::Open { words: true } | State::Words) {
            self.late = self.late.saturating_add(1);
        }
    }

    /// The answer goes, or is not wanted any more.
    pub(crate) fn close(&mut self, out: &mut Outbox) {
        self.state = State::Closed;
        out.disarm(Timer::Gate);
    }

    /// The user begins another turn.
    pub(crate) fn begin(&mut self) {
        self.opened = None;
    }
}

/// So many turns without words at the deadline, and words are awaited no more.
const IMPATIENT: u8 = 2;

#[cfg(test)]
mod tests {
    use super::Gate;
    use crate::config::{Config, Strategy};
    use crate::outbox::Outbox;
    use crate::time::{Ms, Time};
    use crate::timer::Timer;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const LIMITS: (Ms, Ms) = (Ms(200), Ms(2_000));

    #[test]
    fn with_the_words_and_nothing_asked_it_does_not_hold() {
        let (mut gate, mut out) = (Gate::default(), Outbox::new(&Config::default(), 1));
        assert!(gate.open(Strategy::Hybrid, false, LIMITS, &mut out) && gate.is_ready(false) && !gate.is_ready(true));
        gate.close(&mut out);
        assert!(!gate.holds() && !out.timers.is_armed(Timer::Gate));
    }

    #[test]
    fn one_after_the_other_first_waits_for_the_words() {
        let (mut gate, mut out) = (Gate::default(), Outbox::new(&Config::default(), 1));
        assert!(!gate.open(Strategy::Sequential, true, LIMITS, &mut out) && !gate.is_ready(false));
        out.now = Time::ZERO + Ms(700);
        assert!(gate.words_known(Ms(200), &mut out) && gate.is_ready(false));
        assert_eq!(out.timers.next(), Some((Time::ZERO + Ms(900), Timer::Gate)));
    }

    #[test]
    fn words_that_are_always_late_are_awaited_no_more_until_they_are_in_time() {
        let (mut gate, mut out) = (Gate::default(), Outbox::new(&Config::default(), 1));
        for _ in 0..2 {
            gate.open(Strategy::Hybrid, true, LIMITS, &mut out);
            assert!(!gate.is_ready(false));
            gate.ring();
            out.now = out.now + Ms(900);
            gate.words_known(Ms(200), &mut out);
            gate.close(&mut out);
        }
        gate.open(Strategy::Hybrid, true, LIMITS, &mut out);
        assert!(gate.is_ready(false), "words were late twice");
        gate.close(&mut out);
        out.now = out.now + Ms(100);
        gate.words_known(Ms(200), &mut out);
        gate.open(Strategy::Hybrid, true, LIMITS, &mut out);
        assert!(!gate.is_ready(false), "words were in time once");
    }
}
