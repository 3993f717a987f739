//! What the user can see of it all.

use super::{Conversation, Hearing};
use crate::view::{Can, Phase, View};

impl Conversation {
    pub(super) fn picture(&self) -> View {
        View {
            phase: self.phase(),
            link: self.link.view(),
            microphone: self.microphone.view(),
            muted: self.microphone.is_muted(),
            user_speaking: self.user_speaks(),
            ducked: self.barge_in.is_ducked(),
            audio_blocked: self.page.audio_blocked,
            can: self.can(),
            notice: self.notices.shown().cloned(),
            transcript: self.transcript.rows(),
            log: self.out.log.lines(),
            last_turn: self.turns.last(),
            odd_events: self.odd_events,
            context: self.context.ledger(),
            sources: self.context.sources(),
            notes: self.context.notes(),
            search: self.tools.search().cloned(),
            private: self.context.is_private(),
        }
    }

    fn phase(&self) -> Phase {
        if self.link.is_given_up() {
            Phase::Failed
        } else if self.link.is_off() {
            Phase::Idle
        } else if !self.link.is_connected() {
            Phase::Connecting
        } else if self.searching || self.tools.is_running() {
            Phase::Searching
        } else if self.is_heard() {
            Phase::Speaking
        } else if self.hearing == Hearing::Speech {
            Phase::Listening
        } else if self.hearing == Hearing::End || self.answer_is_awaited() {
            Phase::Thinking
        } else {
            Phase::Listening
        }
    }

    /// Whether the assistant is heard, and not cut.
    pub(super) fn is_heard(&self) -> bool {
        self.playback.is_speaking() && !self.barge_in.is_cut()
    }

    fn answer_is_awaited(&self) -> bool {
        let cut = self.response.active().is_some() && self.response.active() == self.barge_in.cut_response();
        self.context.holds()
            || self.tools.is_running()
            || self.response.is_wanted() && (!cut || self.response.is_next_wanted())
    }

    pub(super) fn user_speaks(&self) -> bool {
        let here = self.microphone.hears() && self.barge_in.is_speaking();
        self.link.is_connected() && (here || self.hearing == Hearing::Speech)
    }

    fn can(&self) -> Can {
        let connected = self.link.is_connected();
        let answering = self.is_heard() || self.answer_is_awaited();
        Can {
            connect: !self.link.is_wanted(),
            disconnect: self.link.is_wanted(),
            mute: self.link.is_wanted(),
            interrupt: connected && answering,
            say: self.link.is_wanted(),
            retry: self.link.is_waiting(),
            ask_again: connected && !answering && self.can_ask_again(),
            cancel_search: connected && self.tools.search().is_some(),
        }
    }

    pub(super) fn can_ask_again(&self) -> bool {
        self.link.is_connected() && !self.answer_is_pending() && !self.is_heard() && self.transcript.has_user()
    }
}
