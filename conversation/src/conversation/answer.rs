//! The assistant's answer: made, written and heard, each in its own time.

use super::Conversation;
use super::speech::Who;
use crate::notice::{self, Trouble};
use crate::playback::Silence;
use crate::response::Outcome;
use crate::view::Notice;
use crate::wire::{Ending, Fault, Words};
use protocol::{ItemId, ResponseId, Usage};

impl Conversation {
    /// A block of the received track.
    pub(super) fn hear_answer(&mut self, level: f32) {
        if !self.link.is_connected() || !level.is_finite() {
            return;
        }
        self.playback.level(level, &mut self.out);
        self.note_sound();
    }

    /// The answer is heard: stamped, and heard in full if the one before was cut.
    fn note_sound(&mut self) {
        let Some(since) = self.playback.audible_since() else { return };
        let told = self.playback.is_told();
        if let Some(response) = self.turns.audible(since, told) {
            self.barge_in.answer_heard(response, &mut self.out);
        } else if !told
            && self.barge_in.is_cut()
            && let Some(response) = self.response.active()
            && !self.response.is_stopping()
        {
            self.barge_in.answer_heard(response, &mut self.out);
        }
    }

    pub(super) fn answer_began(&mut self, response: ResponseId) {
        self.searching = false;
        if self.response.began(response.clone(), &mut self.out) {
            self.notices.clear(Trouble::Answer);
            self.turns.response_began(&response, self.out.now);
            self.context.answered(self.turns.number());
        } else {
            self.barge_in.cut(Some(response), &mut self.out);
        }
    }

    /// Whether this response was cut, so that nothing more of it is to be heard or read.
    fn is_discarded(&self, response: &ResponseId) -> bool {
        self.barge_in.cut_response() == Some(response)
    }

    pub(super) fn answer_item(&mut self, response: ResponseId, item: ItemId) {
        self.response.goes_on(&mut self.out);
        if self.is_discarded(&response) {
            self.transcript.hide(item);
        } else {
            self.transcript.answer_item(response, &item);
        }
    }

    pub(super) fn answer_words(&mut self, words: &Words, whole: bool) {
        self.response.goes_on(&mut self.out);
        if self.is_discarded(&words.response) {
            return;
        }
        if words.spoken && self.response.active() == Some(&words.response) {
            self.turns.answer_is_spoken(&words.response);
            self.playback.claim(&mut self.out);
        }
        if whole {
            self.transcript.answer_said(words, self.context.citable());
        } else {
            self.transcript.answer_words(words, self.context.citable());
        }
    }

    pub(super) fn answer_ended(&mut self, response: &ResponseId, ending: Ending, usage: Option<Usage>) {
        let active = self.response.active() == Some(response);
        if active && ending == Ending::Cancelled && !self.is_discarded(response) {
            self.cut(Who::Service);
        }
        self.response.ended(response, &mut self.out);
        if !self.is_discarded(response) {
            self.transcript.answer_ended(response, ending);
        }
        if let Some(notice) = notice::of_ending(ending)
            && active
        {
            self.notices.set(Trouble::Answer, notice);
            if ending != Ending::TooLong {
                self.turns.failed(response);
            }
        }
        let item = self.turns.item_of(response);
        let more = self.tools.is_running() || (self.searching && self.response.is_wanted());
        self.turns.response_ended(response, more, usage, &mut self.out);
        // A written answer is over now; a spoken one when it has been heard.
        if !more && self.turns.item_of(response).is_none() {
            self.words_are_late(item);
        }
    }

    /// The answer is over, and the words it answers have not come.
    fn words_are_late(&mut self, item: Option<ItemId>) {
        if let Some(item) = item {
            self.transcript.user_unclear(&item);
        }
    }

    pub(super) fn playback_began(&mut self, response: &ResponseId) {
        self.playback.began(response.clone(), &mut self.out);
        self.turns.audio_began(response, self.out.now);
        if self.is_discarded(response) {
            self.clear_playback(Some(response.clone()));
        } else {
            self.barge_in.answer_heard(response, &mut self.out);
            self.note_sound();
        }
    }

    pub(super) fn playback_ended(&mut self, response: &ResponseId) {
        if !self.is_discarded(response)
            && let Some(since) = self.turns.heard_since(response)
        {
            self.transcript.heard_whole(response, self.out.now - since);
        }
        self.playback_over(response);
    }

    pub(super) fn playback_cleared(&mut self, response: &ResponseId) {
        if self.playback.playing() == Some(response) && !self.is_discarded(response) {
            self.cut(Who::Service);
        }
        self.playback_over(response);
    }

    fn playback_over(&mut self, response: &ResponseId) {
        let item = self.turns.item_of(response);
        self.playback.ended(response, &mut self.out);
        self.turns.audio_ended(response, &mut self.out);
        self.barge_in.restore(&mut self.out);
        self.words_are_late(item);
    }

    /// The service shortened an answer to what it had played.
    pub(super) fn shortened(&mut self, item: &ItemId, played: u32) {
        self.transcript.shortened(item, crate::time::Ms(u64::from(played)));
    }

    /// The received track has been silent for a moment.
    pub(super) fn sound_is_over(&mut self) {
        if self.playback.ring_quiet(&mut self.out) && !self.playback.is_told() && self.response.active().is_none() {
            let item = self.turns.current().and_then(|turn| turn.item.clone());
            self.turns.fell_silent(&mut self.out);
            self.playback.let_go(&mut self.out);
            self.barge_in.restore(&mut self.out);
            if self.turns.current().is_none() {
                self.words_are_late(item);
            }
        }
    }

    /// The answer claims to speak and was silent for long.
    pub(super) fn answer_is_silent(&mut self) {
        let silence = self.playback.ring_silent(&mut self.out);
        match silence {
            Silence::None => {}
            // What a hidden page or a browser without permission to play measures means nothing.
            _ if self.page.audio_blocked || !self.page.visible => self.playback.claim(&mut self.out),
            Silence::Since if self.response.active().is_none() => {
                if let Some(response) = self.playback.playing().cloned() {
                    self.playback_over(&response);
                }
            }
            Silence::Never | Silence::Since => {
                self.out.note("watchdog", "silent answer");
                self.give_up_answer(notice::silent_answer());
            }
        }
    }

    pub(super) fn follow_response(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Stuck => self.give_up_answer(notice::stalled_answer()),
            Outcome::NeverBegan(fault) => {
                self.searching = false;
                let unasked = self.turns.announces();
                self.turns.never_answered(&mut self.out);
                let notice = if fault == Fault::Other { notice::no_answer() } else { notice::of_fault(fault) };
                if !unasked {
                    self.notices.set(Trouble::Answer, notice);
                }
            }
        }
    }

    fn give_up_answer(&mut self, notice: Notice) {
        let response = self.playback.playing().or(self.response.active());
        if let Some(response) = response {
            self.turns.failed(response);
        }
        self.cut(Who::Watchdog);
        self.notices.set(Trouble::Answer, notice);
    }
}
