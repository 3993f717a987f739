//! The user's speech, as heard here and by the service; and what it does to an answer.

use super::{Conversation, Hearing};
use crate::config::{Cutter, Starter};
use crate::notice::Trouble;
use crate::playback::Playback;
use crate::time::Ms;
use crate::timer::Timer;
use crate::wire::Ask;
use protocol::{ItemId, ResponseId};

/// Who cuts an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The service has done it already, as it hears the user.
    Service,
    /// The user, by speaking for long enough.
    Speaker,
    /// The user, by the button.
    User,
    /// The user, by typing something else.
    Typist,
    /// A watchdog.
    Watchdog,
}

impl Conversation {
    /// A block of the microphone.
    pub(super) fn hear_user(&mut self, level: f32) {
        if !self.microphone.hears() || !self.link.is_connected() {
            return;
        }
        if self.barge_in.hear(level, self.out.now) && self.is_heard() {
            self.barge_in.duck(&mut self.out);
            if self.config.barge_in.cutter == Cutter::Client && self.barge_in.is_long() {
                self.cut(Who::Speaker);
            }
        }
    }

    /// The answer is turned down, and nothing confirmed in time that the user speaks.
    pub(super) fn nothing_confirmed(&mut self) {
        self.barge_in.restore(&mut self.out);
    }

    /// The service hears the user.
    pub(super) fn speech_began(&mut self, item: ItemId) {
        self.hearing = Hearing::Speech;
        self.out.disarm(Timer::Commit);
        let now = self.out.now;
        self.turns.speech_began(item.clone(), self.barge_in.onset(now), now);
        self.transcript.user_begins(item);
        self.context.speech_began(self.turns.next_number(), &mut self.out);
        match self.config.barge_in.cutter {
            Cutter::Upstream if self.is_heard() || self.answer_is_made() => self.cut(Who::Service),
            // It has not begun: what the user is adding comes first.
            Cutter::Upstream if self.answer_is_pending() => self.hold_back(),
            Cutter::Client if self.is_heard() && self.barge_in.measures() => self.barge_in.duck(&mut self.out),
            // Nothing is measured here, so the service's word is all there is.
            Cutter::Client if self.is_heard() => self.cut(Who::Speaker),
            Cutter::Upstream | Cutter::Client => {}
        }
    }

    /// The service hears the user no more.
    pub(super) fn speech_ended(&mut self) {
        if self.hearing == Hearing::Speech {
            self.hearing = Hearing::End;
            self.out.arm(Timer::Commit, COMMIT_WITHIN);
            let last = self.barge_in.last_loud(self.turns.speech_onset());
            self.turns.speech_ended(last, self.out.now);
        }
    }

    /// What the service heard was no turn.
    pub(super) fn speech_came_to_nothing(&mut self) {
        self.hearing = Hearing::Silence;
        self.out.disarm(Timer::Commit);
        self.turns.drop_speech();
        self.transcript.drop_uncommitted();
        // The answer that was held back for it is still wanted.
        if self.link.is_connected() && self.turns.is_waiting() && !self.answer_is_pending() {
            self.answer_now();
        }
    }

    /// Whether an answer is being made that was not cut.
    fn answer_is_made(&self) -> bool {
        self.response.active().is_some() && self.response.active() != self.barge_in.cut_response()
    }

    /// The user's turn is over.
    pub(super) fn committed(&mut self, item: ItemId, previous: Option<ItemId>) {
        self.hearing = Hearing::Silence;
        self.out.disarm(Timer::Commit);
        self.transcript.committed(&item, previous);
        if self.config.barge_in.cutter == Cutter::Client {
            if self.is_heard() {
                // Said beside the answer, too short to cut it: no turn of its own.
                self.turns.drop_speech();
                return;
            }
            if self.answer_is_pending() {
                // The answer under way does not know what was added.
                self.cut(Who::Speaker);
            }
        }
        self.rounds = 0;
        self.notices.clear(Trouble::Service);
        let words = self.transcript.words(&item, true);
        self.turns.commit_speech(item, &mut self.out);
        match self.context.starter() {
            Starter::Client => self.open_gate(words.as_deref(), true),
            Starter::Upstream => self.response.expect(&mut self.out),
        }
    }

    /// The user's words are known.
    pub(super) fn user_said(&mut self, item: &ItemId, words: &str) {
        self.turns.words_known(item, self.out.now);
        self.transcript.user_said(item, words);
        self.words_arrived(item, Some(words));
    }

    /// Cuts the answer: silent here at once; the service is told, unless it did it itself.
    pub(super) fn cut(&mut self, who: Who) {
        let playing = self.playback.playing().cloned();
        let active = self.response.active().cloned();
        let sounds = self.playback.is_speaking();
        if who == Who::Service {
            if self.response.is_awaited() {
                self.response.stop(&mut self.out);
            }
        } else {
            self.response.stop(&mut self.out);
            if sounds {
                self.clear_playback(playing.as_ref().or(active.as_ref()).cloned());
            }
        }
        let onset = match who {
            Who::Service | Who::Speaker => self.barge_in.onset(self.out.now),
            Who::User | Who::Typist | Who::Watchdog => None,
        };
        let since = self.barge_in.cut(playing.clone().or(active.clone()), &mut self.out);
        let active = active.filter(|active| playing.as_ref() != Some(active));
        if playing.is_some() || active.is_some() {
            self.out.arm(Timer::Cut, LET_GO_WITHIN);
        }
        for response in playing.into_iter().chain(active) {
            let heard = self.turns.heard_since(&response).map(|begin| since - begin);
            self.transcript.cut(&response, heard);
        }
        self.context.close_gate(&mut self.out);
        self.abandon_tools();
        self.searching = false;
        Playback::unclaim(&mut self.out);
        self.turns.interrupted(since, onset, &mut self.out);
    }

    /// Tells the service to stop the sound, once for each response.
    pub(super) fn clear_playback(&mut self, response: Option<ResponseId>) {
        if response.is_none() || self.cleared != response {
            self.out.ask(Ask::ClearPlayback);
            self.cleared = response;
        }
    }

    /// The service goes on with an answer that was cut.
    pub(super) fn cut_was_not_taken(&mut self) {
        let Some(cut) = self.barge_in.cut_response().cloned() else { return };
        let active = self.response.active() == Some(&cut);
        let playing = self.playback.playing() == Some(&cut);
        if active && !self.response.is_stopping() {
            self.out.note("watchdog", "cutting again");
            self.response.stop(&mut self.out);
            self.out.arm(Timer::Cut, LET_GO_WITHIN);
            if playing {
                self.out.ask(Ask::ClearPlayback);
            }
        } else if playing {
            self.out.note("watchdog", "cut unanswered");
            self.out.ask(Ask::ClearPlayback);
            self.playback.let_go(&mut self.out);
            self.turns.audio_ended(&cut, &mut self.out);
        }
    }
}

/// How long after the user's speech its commit may come.
const COMMIT_WITHIN: Ms = Ms(3_000);
/// How long the service may go on with what was cut.
const LET_GO_WITHIN: Ms = Ms(1_500);
