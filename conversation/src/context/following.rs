//! The look-up that stays open for as long as a call, in which our server tells what the user's subscriptions find.
//!
//! Where it ends although the call goes on, it is begun again: the later, the oftener it has ended without news.

use crate::effect::Effect;
use crate::input::LookUpId;
use crate::outbox::Outbox;
use crate::time::Ms;
use crate::timer::Timer;
use protocol::context::ContextRequest;

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Following {
    open: Option<LookUpId>,
    /// How often in a row it has ended without news.
    in_vain: u32,
}

impl Following {
    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, id: LookUpId) -> bool {
        self.open == Some(id)
    }

    pub(crate) fn begin(&mut self, id: LookUpId, mut request: ContextRequest, out: &mut Outbox) {
        self.open = Some(id);
        out.disarm(Timer::Follow);
        request.follow = true;
        out.perform(Effect::LookUp { id, request });
    }

    /// There is news.
    pub(crate) fn heard(&mut self) {
        self.in_vain = 0;
    }

    /// Its answer has ended. `again` is whether there will be more.
    pub(crate) fn ended(&mut self, again: bool, out: &mut Outbox) {
        self.open = None;
        if again {
            let spread = out.random.next() % SPREAD;
            out.arm(Timer::Follow, Ms((FIRST << self.in_vain) + spread));
            self.in_vain = (self.in_vain + 1).min(MOST_DOUBLED);
        }
    }

    /// The call is gone.
    pub(crate) fn end(&mut self, out: &mut Outbox) {
        self.in_vain = 0;
        out.disarm(Timer::Follow);
        if let Some(id) = self.open.take() {
            out.perform(Effect::CancelLookUp(id));
        }
    }
}

/// The wait before the next one, in milliseconds; doubled each time it ended without news, at most so often.
const FIRST: u64 = 1_000;
const MOST_DOUBLED: u32 = 6;
/// Up to so much is added, so that not everybody comes at once.
const SPREAD: u64 = 500;
