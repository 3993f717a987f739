//! What is looked up for a turn, how long its answer waits for it, and what is stored of it.

use super::Conversation;
use crate::config::Starter;
use crate::context::Heard;
use crate::context::clean;
use crate::input::{ErrandId, HttpFailure, LookUpId};
use crate::notice::{self, Trouble};
use crate::timer::Timer;
use crate::tools::Work;
use crate::turn::Stamp;
use crate::turns::Over;
use protocol::context::{ContextEvent, WatchReply};
use protocol::{ItemId, ResponseId};

impl Conversation {
    /// The user's turn is over: the answer goes as soon as what is looked up for it is there. `coming` is whether the
    /// words of the turn are to come.
    pub(super) fn open_gate(&mut self, words: Option<&str>, coming: bool) {
        let turn = self.turns.number();
        if !self.context.is_on() {
            return self.answer_now();
        }
        if self.context.starter() == Starter::Upstream {
            self.context.look_up(turn, words.unwrap_or_default(), &mut self.out);
            return self.answer_now();
        }
        if self.context.open_gate(turn, words, coming, &mut self.out) {
            self.turns.stamp(Stamp::GateOpened, self.out.now);
        }
        self.pass_gate();
    }

    /// Lets the answer go if nothing is awaited for it any more.
    fn pass_gate(&mut self) {
        if self.context.is_ready(self.turns.number()) {
            self.answer_now();
        }
    }

    /// The answer has waited for as long as it may.
    pub(super) fn gate_is_due(&mut self) {
        self.context.ring_gate();
        self.turns.stamp(Stamp::GateOpened, self.out.now);
        self.answer_now();
    }

    /// The answer is asked for, with whatever was found for it.
    pub(super) fn answer_now(&mut self) {
        let turn = self.turns.number();
        if self.context.is_on() {
            self.context.give(turn, &mut self.out);
            self.context.answered(turn);
        }
        self.turns.stamp(Stamp::Gate, self.out.now);
        self.response.request(&mut self.out);
    }

    /// Whether an answer is wanted that is not heard yet: held back, searched for, or being made.
    pub(super) fn answer_is_pending(&self) -> bool {
        self.response.is_wanted() || self.context.holds() || self.tools.is_running()
    }

    /// What the user is adding comes first: the answer that has not begun is held back.
    pub(super) fn hold_back(&mut self) {
        self.response.stop(&mut self.out);
        self.context.close_gate(&mut self.out);
        self.abandon_tools();
        self.searching = false;
    }

    /// More of the user's words, or all of them.
    pub(super) fn words_arrived(&mut self, item: &ItemId, whole: Option<&str>) {
        let Some(turn) = self.turns.number_of(item).filter(|_| self.context.is_on()) else { return };
        if let Some(words) = whole {
            if self.context.words_known(turn, words, &mut self.out) {
                self.turns.stamp(Stamp::GateOpened, self.out.now);
            }
            self.pass_gate();
        } else if let Some(words) = self.transcript.words(item, false) {
            self.context.guess(turn, &words, &mut self.out);
        }
    }

    /// News of a look-up.
    pub(super) fn look_up_goes_on(&mut self, id: LookUpId, event: ContextEvent) {
        self.signed_in();
        let heard = self.context.hear(id, event, &mut self.out);
        self.follow_look_up(heard, false);
    }

    /// A look-up is over.
    pub(super) fn look_up_ended(&mut self, id: LookUpId, failure: Option<&HttpFailure>) {
        if let Some(failure) = failure {
            self.out.note("look-up failed", "");
            self.asked_in_vain(failure);
        }
        let heard = self.context.ended(id, failure, &mut self.out);
        self.follow_look_up(heard, failure.is_some());
    }

    /// Our server did not do what it was asked. Where that is because it does not know any more who asks, it is said
    /// once: the call itself goes on.
    fn asked_in_vain(&mut self, failure: &HttpFailure) {
        if failure.is_signed_out() && !std::mem::replace(&mut self.page.signed_out, true) {
            self.notices.set(Trouble::SignedOut, notice::signed_out());
        }
    }

    /// Our server knows who asks.
    pub(super) fn signed_in(&mut self) {
        if std::mem::take(&mut self.page.signed_out) {
            self.notices.clear(Trouble::SignedOut);
        }
    }

    fn follow_look_up(&mut self, heard: Heard, failed: bool) {
        match heard {
            Heard::Nothing => {}
            Heard::ForTurn => self.pass_gate(),
            Heard::ForTool(id) => self.search_is_over(id, failed),
        }
    }

    /// An errand was run, or not.
    pub(super) fn ran(&mut self, id: ErrandId, outcome: &Result<String, HttpFailure>) {
        if let Err(failure) = outcome {
            self.asked_in_vain(failure);
        }
        let said;
        let output = match (id, outcome) {
            (ErrandId::Remember(_), Ok(_)) => "It is remembered.",
            (ErrandId::Remember(_), Err(failure)) => {
                self.remembering.failed(failure, &mut self.out);
                NOT_STORED
            }
            (ErrandId::Watch(_), Ok(reply)) => {
                self.context.policy.watches = true;
                if self.link.is_connected() {
                    self.context.follow(&mut self.out);
                }
                said = WatchReply::told(reply);
                said.as_deref().unwrap_or("It is watched.")
            }
            (ErrandId::Unwatch(_), Ok(_)) => "It is watched no more.",
            (_, Err(HttpFailure::Status { message: Some(message), .. })) => message,
            (_, Err(_)) => NOT_DONE,
        };
        if let Some(running) = self.tools.take(Work::Errand(id)) {
            self.tool_gave(running.call, clean::line(output, LONGEST_OUTPUT));
        }
    }

    /// Nothing is stored of this talk, from now on or until now.
    pub(super) fn keep_private(&mut self, private: bool) {
        if self.context.is_private() {
            self.remembering.skip(self.turns.next_number());
        }
        self.context.keep_private(private, &mut self.out);
    }

    /// What follows from every change: turns that are over are stored, cited sentences are lit, and where nothing is
    /// said news can be.
    pub(super) fn follow_up(&mut self) {
        while let Some(over) = self.turns.take_over() {
            self.turn_is_over(&over);
        }
        if self.transcript.cites() && (self.transcript.take_cited_anew() || self.heard_response() != self.lit.as_ref())
        {
            self.light();
        }
        self.await_pause();
    }

    fn turn_is_over(&mut self, over: &Over) {
        if !self.context.is_on() {
            return;
        }
        if over.heard && !self.context.is_private() {
            let (said, heard) = self.transcript.exchange(over.item.as_ref());
            self.remembering.store_turn(&said, &heard, (self.context.talk(), over.number), &mut self.out);
        }
    }

    /// The response that is being heard.
    fn heard_response(&self) -> Option<&ResponseId> {
        let response = self.turns.current()?.response.as_ref()?;
        (self.is_heard() && self.turns.heard_since(response).is_some()).then_some(response)
    }

    /// Lights the sentence that is being heard.
    pub(super) fn light(&mut self) {
        self.lit = self.heard_response().cloned();
        let since = self.lit.as_ref().and_then(|response| self.turns.heard_since(response));
        let heard = self.lit.clone().zip(since.map(|since| self.out.now - since));
        match self.transcript.light(heard.as_ref()) {
            Some(next) => self.out.arm(Timer::Light, next),
            None => self.out.disarm(Timer::Light),
        }
    }
}

/// The longest text of our server's that the model is told, in characters.
const LONGEST_OUTPUT: usize = 400;
const NOT_DONE: &str = "It could not be done. Say so.";
const NOT_STORED: &str = "It could not be stored. Say so.";
