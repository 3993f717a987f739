//! What every machine of the core writes to: effects to perform, timers to arm, lines for the log, fresh identifiers.

use crate::config::Config;
use crate::effect::{Effect, Errand};
use crate::input::{Attempt, ErrandId};
use crate::log::Log;
use crate::random::Random;
use crate::time::{Ms, Time};
use crate::timer::{Timer, Timers};
use crate::view::Direction;
use crate::wire::Ask;
use protocol::EventId;

/// The way out of the core.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// The time of the mutation that is under way.
    pub(crate) now: Time,
    /// The attempt that messages are sent in.
    pub(crate) attempt: Attempt,
    pub(crate) effects: Vec<Effect>,
    pub(crate) timers: Timers,
    pub(crate) log: Log,
    pub(crate) random: Random,
    prefix: u32,
    next_id: u32,
}

impl Outbox {
    pub(crate) fn new(config: &Config, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            now: Time::ZERO,
            attempt: Attempt::default(),
            effects: Vec::new(),
            timers: Timers::default(),
            log: Log::new(config.keep.log_lines),
            prefix: random.next() as u32,
            random,
            next_id: 0,
        }
    }

    pub(crate) fn perform(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Sends our server on an errand.
    pub(crate) fn run(&mut self, errand: Errand) -> ErrandId {
        self.next_id = self.next_id.wrapping_add(1);
        let id = match errand {
            Errand::Remember(_) => ErrandId::Remember(self.next_id),
            Errand::Watch(_) => ErrandId::Watch(self.next_id),
            Errand::Unwatch(_) => ErrandId::Unwatch(self.next_id),
        };
        self.perform(Effect::Run { id, errand });
        id
    }

    /// Sends on the present attempt's channel, with an event identifier that an error would name.
    pub(crate) fn ask(&mut self, ask: Ask) -> EventId {
        let id = EventId::new(self.fresh_id("evt"));
        self.ask_as(&id, ask);
        id
    }

    /// Sends with a chosen event identifier.
    pub(crate) fn ask_as(&mut self, id: &EventId, ask: Ask) {
        let (kind, event) = ask.into_event(id);
        self.log.note(self.now, Direction::Sent, kind, "");
        self.perform(Effect::Send(self.attempt, event));
    }

    /// An identifier of at most 32 characters that no other client and no earlier talk has used.
    pub(crate) fn fresh_id(&mut self, kind: &str) -> String {
        self.next_id = self.next_id.wrapping_add(1);
        [kind, "_", &self.prefix.to_string(), "_", &self.next_id.to_string()].concat()
    }

    pub(crate) fn note(&mut self, name: &str, detail: &str) {
        self.log.note(self.now, Direction::Note, name, detail);
    }

    /// Arms a timer to ring after `length`.
    pub(crate) fn arm(&mut self, timer: Timer, length: Ms) {
        self.timers.arm(timer, self.now + length);
    }

    pub(crate) fn disarm(&mut self, timer: Timer) {
        self.timers.disarm(timer);
    }
}

#[cfg(test)]
mod tests {
    use super::Outbox;
    use crate::config::Config;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn identifiers_differ_and_are_short_enough_for_the_service() {
        let mut out = Outbox::new(&Config::default(), u64::MAX);
        out.next_id = u32::MAX - 1;
        let (one, two) = (out.fresh_id("item"), out.fresh_id("item"));
        assert_ne!(one, two);
        assert!(one.len() <= protocol::MAX_CLIENT_ID_CHARS && two.len() <= protocol::MAX_CLIENT_ID_CHARS);
    }
}
