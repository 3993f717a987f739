//! Rests a source that keeps failing and lets one question through now and then to see whether it is back.
//!
//! A pure machine: time comes in as an argument.

use std::time::Duration;

use tokio::time::Instant;

/// When a source is rested, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How many failures in a row are too many.
    pub failures: u32,
    /// How long the first rest is; each further one is twice as long.
    pub first: Duration,
    /// The longest rest.
    pub longest: Duration,
}

impl Default for Rest {
    fn default() -> Self {
        Self { failures: 3, first: Duration::from_secs(15), longest: Duration::from_secs(300) }
    }
}

impl Rest {
    /// How long the rest with this number, from 0, is.
    pub fn length(&self, number: u32) -> Duration {
        self.first.saturating_mul(1_u32.checked_shl(number).unwrap_or(u32::MAX)).min(self.longest)
    }
}

/// What the breaker knows about its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// The source works, or has failed less often than is too many.
    Closed {
        /// Failures in a row.
        failures: u32,
    },
    /// The source is resting.
    Open {
        /// Until when.
        until: Instant,
        /// Which rest in a row, from 0.
        rests: u32,
    },
    /// One question is out, to see whether the source is back.
    HalfOpen {
        /// Which rest it comes from.
        rests: u32,
    },
}

/// Whether a question may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Ask,
    /// Not before so much time has passed.
    Rest(Duration),
}

/// The breaker of one source.
#[derive(Clone, Debug)]
pub struct Breaker {
    rest: Rest,
    state: BreakerState,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(rest: Rest) -> Self {
        Self { rest, state: BreakerState::Closed { failures: 0 } }
    }

    /// What is known now.
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Whether a question may be asked now. Each [`Admission::Ask`] is followed by exactly one of
    /// [`succeeded`](Self::succeeded), [`failed`](Self::failed) and [`abandoned`](Self::abandoned).
    pub fn admit(&mut self, now: Instant) -> Admission {
        match self.state {
            BreakerState::Closed { .. } => Admission::Ask,
            BreakerState::Open { until, .. } if now < until => Admission::Rest(until - now),
            BreakerState::Open { rests, .. } => {
                self.state = BreakerState::HalfOpen { rests };
                Admission::Ask
            }
            BreakerState::HalfOpen { .. } => Admission::Rest(Duration::ZERO),
        }
    }

    /// The source answered.
    pub fn succeeded(&mut self) {
        self.state = BreakerState::Closed { failures: 0 };
    }

    /// The source failed.
    pub fn failed(&mut self, now: Instant) {
        self.state = match self.state {
            BreakerState::Closed { failures } if failures + 1 < self.rest.failures => {
                BreakerState::Closed { failures: failures + 1 }
            }
            BreakerState::Closed { .. } => self.open(now, 0),
            BreakerState::HalfOpen { rests } => self.open(now, rests.saturating_add(1)),
            // A question that was asked before the rest began.
            open @ BreakerState::Open { .. } => open,
        };
    }

    /// Nobody waited for the answer: nothing was learned, and the next question may try.
    pub fn abandoned(&mut self, now: Instant) {
        if let BreakerState::HalfOpen { rests } = self.state {
            self.state = BreakerState::Open { until: now, rests };
        }
    }

    fn open(&self, now: Instant, rests: u32) -> BreakerState {
        BreakerState::Open { until: now + self.rest.length(rests), rests }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Rest = Rest { failures: 2, first: Duration::from_secs(10), longest: Duration::from_secs(30) };

    fn rested(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(REST);
        breaker.failed(now);
        breaker.failed(now);
        breaker
    }

    #[test]
    fn one_failure_is_forgiven_and_a_success_forgets_it() {
        let now = Instant::now();
        let mut breaker = Breaker::new(REST);
        breaker.failed(now);
        assert_eq!(breaker.admit(now), Admission::Ask);
        breaker.succeeded();
        breaker.failed(now);
        assert_eq!(breaker.admit(now), Admission::Ask);
    }

    #[test]
    fn too_many_failures_rest_the_source_until_its_time_has_come() {
        let now = Instant::now();
        let mut breaker = rested(now);
        assert_eq!(breaker.admit(now + Duration::from_secs(4)), Admission::Rest(Duration::from_secs(6)));
        assert_eq!(breaker.admit(now + Duration::from_secs(10)), Admission::Ask);
    }

    #[test]
    fn after_a_rest_one_question_goes_out_at_a_time() {
        let now = Instant::now();
        let mut breaker = rested(now);
        let later = now + Duration::from_secs(10);
        assert_eq!(breaker.admit(later), Admission::Ask);
        assert_eq!(breaker.admit(later), Admission::Rest(Duration::ZERO));
        breaker.succeeded();
        assert_eq!(breaker.admit(later), Admission::Ask);
    }

    #[test]
    fn rests_grow_to_the_longest() {
        let mut now = Instant::now();
        let mut breaker = rested(now);
        for expected in [10, 20, 30, 30] {
            assert_eq!(breaker.admit(now), Admission::Rest(Duration::from_secs(expected)));
            now += Duration::from_secs(expected);
            assert_eq!(breaker.admit(now), Admission::Ask);
            breaker.failed(now);
        }
    }

    #[test]
    fn an_abandoned_try_lets_the_next_question_try() {
        let now = Instant::now();
        let mut breaker = rested(now);
        let later = now + Duration::from_secs(10);
        assert_eq!(breaker.admit(later), Admission::Ask);
        breaker.abandoned(later);
        assert_eq!(breaker.admit(later), Admission::Ask);
    }
}
