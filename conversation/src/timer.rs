//! The core's timers: a fixed table, one place for each.

use crate::time::Time;

/// Why the shell was asked to wake the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The attempt to connect took too long.
    Connect,
    /// The channel is open and the session does not begin.
    Session,
    /// The peer was silent for as long as may be.
    Grace,
    /// The next try begins.
    Retry,
    /// A response was awaited and did not begin.
    Response,
    /// A response began and nothing more comes of it.
    Stall,
    /// A cancel was asked for and the response did not end.
    Cancel,
    /// A response claims to speak, and nothing is heard.
    Silent,
    /// The answer has been silent for a moment.
    Quiet,
    /// The answer is turned down and nothing has confirmed that the user speaks.
    Restore,
    /// The answer was cut, and the service has not let go of it.
    Cut,
    /// The user's speech ended and was not committed.
    Commit,
    /// A turn waits for the last news of its answer.
    Drain,
    /// An answer has waited long enough for what is looked up.
    Gate,
    /// A tool has taken as long as it may.
    Tool,
    /// A tool takes long enough for the assistant to say so.
    Filler,
    /// Something that the model was given is no longer true.
    Expiry,
    /// Another sentence is heard.
    Light,
    /// Nobody has said anything for a moment, and there is news to be told.
    Pause,
    /// What the user's subscriptions find is followed again.
    Follow,
}

impl Timer {
    const ALL: [Self; 20] = [
        Self::Connect,
        Self::Session,
        Self::Grace,
        Self::Retry,
        Self::Response,
        Self::Stall,
        Self::Cancel,
        Self::Silent,
        Self::Quiet,
        Self::Restore,
        Self::Cut,
        Self::Commit,
        Self::Drain,
        Self::Gate,
        Self::Tool,
        Self::Filler,
        Self::Expiry,
        Self::Light,
        Self::Pause,
        Self::Follow,
    ];
}

/// When each timer rings, where it is armed.
#[derive(Debug, Default)]
pub(crate) struct Timers([Option<Time>; Timer::ALL.len()]);

impl Timers {
    pub(crate) fn arm(&mut self, timer: Timer, at: Time) {
        self.0[timer as usize] = Some(at);
    }

    pub(crate) fn disarm(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(crate) fn is_armed(&self, timer: Timer) -> bool {
        self.0[timer as usize].is_some()
    }

    /// The first that rings.
    pub(crate) fn next(&self) -> Option<(Time, Timer)> {
        Timer::ALL.into_iter().filter_map(|timer| Some((self.0[timer as usize]?, timer))).min()
    }

    /// Takes the first that should have rung by `now`.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<Timer> {
        let (_, timer) = self.next().filter(|(at, _)| *at <= now)?;
        self.disarm(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::{Timer, Timers};
    use crate::time::{Ms, Time};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_earliest_rings_first_and_only_once() {
        let mut timers = Timers::default();
        timers.arm(Timer::Quiet, Time::ZERO + Ms(20));
        timers.arm(Timer::Connect, Time::ZERO + Ms(10));
        timers.arm(Timer::Cut, Time::ZERO + Ms(5));
        timers.disarm(Timer::Cut);
        assert_eq!(timers.next(), Some((Time::ZERO + Ms(10), Timer::Connect)));
        let now = Time::ZERO + Ms(15);
        assert_eq!(timers.take_due(now), Some(Timer::Connect));
        assert_eq!(timers.take_due(now), None);
        assert!(timers.is_armed(Timer::Quiet));
    }

    #[test]
    fn every_timer_has_its_own_place() {
        for (place, timer) in Timer::ALL.into_iter().enumerate() {
            assert_eq!(timer as usize, place);
        }
    }
}
