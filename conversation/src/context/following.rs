//! The look-up that stays open for as long as a call, in which our server tells what the user's subscriptions find.
//!
//! Where it ends although the call goes on, it is begun again: the sooner, the longer it lasted.

use crate::effect::Effect;
use crate::input::LookUpId;
use crate::outbox::Outbox;
use crate::time::{Ms, Time};
use crate::timer::Timer;
use protocol::context::ContextRequest;

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Following {
    open: Option<(LookUpId, Time)>,
    /// How often in a row it has ended soon.
    ended_soon: u32,
}

impl Following {
    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, id: LookUpId) -> bool {
        self.open.is_some_and(|(open, _)| open == id)
    }

    pub(crate) fn begin(&mut self, id: LookUpId, talk: &str, out: &mut Outbox) {
        self.open = Some((id, out.now));
        out.disarm(Timer::Follow);
        let request = ContextRequest { talk: talk.to_owned(), follow: true, ..ContextRequest::default() };
        out.perform(Effect::LookUp { id, request });
    }

    /// Its answer has ended. `again` is whether there will be more.
    pub(crate) fn ended(&mut self, again: bool, out: &mut Outbox) {
        let lasted = self.open.take().is_some_and(|(_, since)| out.now - since >= LASTING);
        self.ended_soon = if lasted { 0 } else { self.ended_soon.saturating_add(1).min(MOST_DOUBLED) };
        if again {
            let spread = out.random.next() % SPREAD;
            out.arm(Timer::Follow, Ms((FIRST << self.ended_soon) + spread));
        }
    }

    /// The call is gone.
    pub(crate) fn end(&mut self, out: &mut Outbox) {
        self.ended_soon = 0;
        out.disarm(Timer::Follow);
        if let Some((id, _)) = self.open.take() {
            out.perform(Effect::CancelLookUp(id));
        }
    }
}

/// The wait before the next one, in milliseconds; doubled each time it ended soon, at most so often.
const FIRST: u64 = 500;
const MOST_DOUBLED: u32 = 7;
/// Up to so much is added, so that not everybody comes at once.
const SPREAD: u64 = 500;
/// One that lasted this long did not end soon.
const LASTING: Ms = Ms(60_000);
