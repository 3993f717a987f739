//! The call and the microphone: what their coming and going means for everything else.

use super::{Conversation, Hearing};
use crate::link::Outcome;
use crate::microphone;
use crate::notice::{self, Trouble};
use crate::timer::Timer;
use crate::wire::{Fault, Refusal};
use protocol::ItemId;

impl Conversation {
    pub(super) fn follow_link(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Began => self.retell(),
            Outcome::Connected => {
                self.notices.clear(Trouble::Link);
                self.context.follow(&mut self.out);
                self.signed_in();
                for unsent in self.transcript.take_unsent() {
                    match unsent.attachment {
                        Some(attachment) => self.give_attachment(unsent.item, &attachment),
                        None => self.tell(unsent.item, unsent.speaker, unsent.text),
                    }
                }
                if std::mem::take(&mut self.owed) {
                    if self.turns.current().is_none() {
                        self.turns.ask_again(&mut self.out);
                    }
                    let words = self.transcript.last_words();
                    self.open_gate(words.as_deref(), false);
                }
            }
            Outcome::Lost => {
                self.call_gone();
                if self.link.is_waiting() {
                    self.tell_of_loss(true);
                }
            }
            Outcome::GivenUp => {
                self.call_gone();
                self.turns.abandon(&mut self.out);
                self.microphone.release(&mut self.out);
                self.notices.clear(Trouble::Microphone);
                self.notices.clear(Trouble::Answer);
                self.notices.clear(Trouble::Service);
                self.notices.clear(Trouble::SignedOut);
                self.tell_of_loss(false);
            }
        }
    }

    fn tell_of_loss(&mut self, retrying: bool) {
        if let Some(loss) = self.link.loss() {
            self.notices.set(Trouble::Link, notice::of_loss(loss, retrying, self.page.online));
        }
    }

    /// A new call knows nothing: it is told what was heard, before anything else is said.
    fn retell(&mut self) {
        self.context.tell_rules(&mut self.out);
        self.owed |= self.transcript.has_unsent();
        let keep = &self.config.keep;
        let out = &mut self.out;
        let retold = self.transcript.retell(keep.retold_rows, keep.retold_bytes, || ItemId::new(out.fresh_id("item")));
        for row in retold {
            if let Some(attachment) = row.attachment {
                self.tell_attachment(row.item, &attachment);
            } else {
                self.tell(row.item, row.speaker, row.text);
            }
        }
    }

    /// The call is gone, and with it everything under way. An answer of which nothing was heard stays owed.
    pub(super) fn call_gone(&mut self) {
        let under_way = [self.playback.playing().cloned(), self.response.active().cloned()];
        for response in under_way.into_iter().flatten() {
            let heard = self.turns.heard_since(&response).map(|since| self.out.now - since);
            self.transcript.cut(&response, heard);
        }
        let item = self.turns.current().and_then(|turn| turn.item.clone());
        if self.turns.call_gone(&mut self.out) {
            if item.is_none_or(|item| self.transcript.knows(&item)) {
                self.owed = true;
            } else if !self.owed {
                self.turns.abandon(&mut self.out);
            }
        }
        self.transcript.call_gone();
        self.abandon_tools();
        self.context.call_gone(&mut self.out);
        self.response.reset(&mut self.out);
        self.playback.reset(&mut self.out);
        self.barge_in.reset(&mut self.out);
        self.hearing = Hearing::Silence;
        self.searching = false;
        self.cleared = None;
        self.rounds = 0;
        self.out.disarm(Timer::Cut);
        self.out.disarm(Timer::Commit);
    }

    pub(super) fn follow_microphone(&mut self, outcome: microphone::Outcome) {
        match outcome {
            microphone::Outcome::Nothing => {}
            microphone::Outcome::Opened => self.notices.clear(Trouble::Microphone),
            microphone::Outcome::Refused(error) => {
                self.notices.set(Trouble::Microphone, notice::of_microphone(&error));
            }
            microphone::Outcome::Ended => {
                self.barge_in.deafen();
                self.notices.set(Trouble::Microphone, notice::microphone_ended());
            }
        }
    }

    /// The service refused something, or has a fault.
    pub(super) fn refused(&mut self, refusal: &Refusal) {
        if refusal.fault == Fault::Expired {
            let outcome = self.link.expired(&mut self.out);
            return self.follow_link(outcome);
        }
        if let Some(outcome) = self.response.refused(refusal, &mut self.out) {
            return self.follow_response(outcome);
        }
        if let Some(cause) = &refusal.cause {
            let outcome = self.link.refused(cause, &mut self.out);
            if outcome != Outcome::Nothing {
                return self.follow_link(outcome);
            }
            if self.context.refused(cause) {
                return;
            }
            self.transcript.typed_refused(&ItemId::new(cause.as_str()));
        }
        match refusal.fault {
            Fault::Benign | Fault::Busy | Fault::Expired => {}
            fault @ (Fault::TooMuch | Fault::NoCredit | Fault::Other) => {
                self.notices.set(Trouble::Service, notice::of_fault(fault));
            }
        }
    }
}
