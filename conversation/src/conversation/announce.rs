//! News that the user wants to be told of: told at a pause, when nobody has said anything for a moment. It interrupts
//! nobody; where the user speaks or writes first, it goes with that turn.

use super::{Conversation, Hearing};
use crate::time::Ms;
use crate::timer::Timer;
use crate::turn::Stamp;

impl Conversation {
    /// Waits for as long as a pause takes, while there is one and something to tell.
    pub(super) fn await_pause(&mut self) {
        let after = self.context.policy.announce_after;
        let Some(after) = after.filter(|_| self.context.has_news(self.out.now) && self.is_pause()) else {
            return self.out.disarm(Timer::Pause);
        };
        if !self.out.timers.is_armed(Timer::Pause) {
            let at = (self.out.now + after).max(self.typed + TYPING);
            self.out.timers.arm(Timer::Pause, at);
        }
    }

    /// Whether nobody says anything, and nothing is under way.
    fn is_pause(&self) -> bool {
        self.link.is_connected()
            && !self.page.audio_blocked
            && self.hearing == Hearing::Silence
            && !self.user_speaks()
            && !self.playback.is_speaking()
            && self.response.is_idle()
            && !self.answer_is_pending()
            && self.turns.is_quiet()
    }

    /// The pause has lasted: the assistant tells what is new, in a turn of its own.
    pub(super) fn announce(&mut self) {
        let turn = self.turns.next_number();
        if self.is_pause() && self.context.give(turn, &mut self.out) {
            self.turns.announce(&mut self.out);
            self.context.answered(turn);
            self.turns.stamp(Stamp::Gate, self.out.now);
            self.response.announce(&mut self.out);
        }
    }
}

/// Who has typed this recently has not finished.
const TYPING: Ms = Ms(4_000);
