//! What the user wants: every intent is harmless when it does not fit, so that no control needs to be guarded.

use super::Conversation;
use super::speech::Who;
use crate::effect::Effect;
use crate::input::Intent;
use crate::letters::first;
use crate::memory::Remembering;
use crate::notice::{self, Notices, Trouble};
use crate::timer::Timer;
use crate::turns::Turns;
use crate::view::Speaker;
use crate::wire::Ask;
use protocol::{EventId, ItemId};

impl Conversation {
    pub(super) fn handle_intent(&mut self, intent: Intent) {
        match intent {
            Intent::Connect => self.connect(),
            Intent::Disconnect => self.disconnect(),
            Intent::Mute(muted) => {
                self.microphone.mute(muted, &mut self.out);
                if muted {
                    self.barge_in.deafen();
                }
            }
            Intent::Interrupt => {
                if self.link.is_connected() && (self.is_heard() || self.answer_is_pending()) {
                    self.cut(Who::User);
                }
            }
            Intent::Typing => {
                self.typed = self.out.now;
                self.out.disarm(Timer::Pause);
            }
            Intent::Say(text) => self.say(&text),
            Intent::RetryNow => {
                if !self.link.is_off() {
                    self.connect();
                }
            }
            Intent::AskAgain => self.ask_again(),
            Intent::StartAudio => self.out.perform(Effect::ResumeAudio),
            Intent::RetryMicrophone => {
                if self.link.is_wanted() {
                    self.notices.clear(Trouble::Microphone);
                    self.microphone.acquire(&mut self.out);
                }
            }
            Intent::SignIn => {
                self.out.perform(Effect::SignIn);
                self.notices.clear(Trouble::SignedOut);
                if self.link.is_given_up() {
                    self.notices.set(Trouble::Link, notice::signing_in());
                }
            }
            Intent::Dismiss => {
                self.notices.dismiss();
                if self.link.is_given_up() {
                    self.link.end(&mut self.out);
                }
            }
            Intent::KeepPrivate(private) => self.keep_private(private),
            Intent::DropRecalled => {
                // Nor is stored what is just being said of it.
                self.remembering.skip(self.turns.number());
                self.context.drop_recalled(&mut self.out);
            }
            Intent::CancelSearch => self.cancel_search(),
            Intent::Attach(attachment) => self.attach(attachment),
        }
    }

    fn connect(&mut self) {
        if self.link.is_wanted() {
            self.link.hurry(&mut self.out);
            return;
        }
        if std::mem::take(&mut self.over) {
            self.transcript.clear();
            self.turns = Turns::default();
            self.context.begin_talk(&mut self.out);
            self.remembering = Remembering::default();
        }
        self.notices.clear(Trouble::Link);
        self.notices.clear(Trouble::Answer);
        self.out.perform(Effect::ResumeAudio);
        self.link.begin(&mut self.out);
        self.microphone.acquire(&mut self.out);
    }

    fn disconnect(&mut self) {
        if self.link.is_off() {
            return;
        }
        self.turns.interrupted(self.out.now, None, &mut self.out);
        self.call_gone();
        self.context.end();
        self.transcript.give_up_unsent();
        self.owed = false;
        self.over = true;
        self.link.end(&mut self.out);
        self.microphone.release(&mut self.out);
        self.notices = Notices::default();
        self.out.note("ended", "");
    }

    fn say(&mut self, text: &str) {
        let text = text.trim();
        let text = first(text, LONGEST_TYPED);
        if text.is_empty() || !self.link.is_wanted() {
            return;
        }
        let item = ItemId::new(self.out.fresh_id("item"));
        let connected = self.link.is_connected();
        if connected && (self.is_heard() || self.answer_is_pending()) {
            self.cut(Who::Typist);
        }
        self.transcript.typed(item.clone(), text, connected);
        self.rounds = 0;
        self.notices.clear(Trouble::Service);
        self.turns.commit_typed(item.clone(), &mut self.out);
        if connected {
            self.tell(item, Speaker::User, text.to_owned());
            self.open_gate(Some(text), false);
        } else {
            self.owed = true;
        }
    }

    /// Adds a text to the service's conversation; an error about it will name the item.
    pub(super) fn tell(&mut self, item: ItemId, speaker: Speaker, text: String) {
        self.out.ask_as(&EventId::new(item.as_str()), Ask::Text { item, speaker, text });
    }

    fn ask_again(&mut self) {
        if self.can_ask_again() {
            self.notices.clear(Trouble::Answer);
            self.notices.clear(Trouble::Service);
            self.turns.ask_again(&mut self.out);
            self.answer_now();
        }
    }
}

/// The longest typed turn, in bytes.
const LONGEST_TYPED: usize = 16 * 1024;
