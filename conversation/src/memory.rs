//! What is stored in the long-term memory: what the model asks for, what it notes, and every turn that was answered.

use crate::effect::Errand;
use crate::input::{ErrandId, HttpFailure};
use crate::letters::first;
use crate::outbox::Outbox;
use protocol::memory::{MemoryKind, MemoryOrigin, NewMemory, RememberRequest};

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Remembering {
    /// Whether the server said that it stores nothing.
    refused: bool,
    /// Turns up to this one were private, at least in part.
    private: u32,
}

impl Remembering {
    /// Turns up to this one are not stored.
    pub(crate) fn skip(&mut self, turn: u32) {
        self.private = self.private.max(turn);
    }

    /// Stores something, in the turn of this talk.
    pub(crate) fn store(mut new: NewMemory, (talk, turn): (&str, u32), out: &mut Outbox) -> ErrandId {
        new.id = Some(out.fresh_id("mem"));
        new.origin = Some(MemoryOrigin { talk: talk.to_owned(), turn: turn.to_string() });
        let memory = RememberRequest { memories: vec![new], links: Vec::new(), private: false };
        out.run(Errand::Remember(memory))
    }

    /// Stores what nobody asked to be remembered, unless it may not be.
    pub(crate) fn store_unasked(&self, new: NewMemory, origin: (&str, u32), out: &mut Outbox) {
        if !self.refused && origin.1 > self.private {
            Self::store(new, origin, out);
        }
    }

    /// Stores what was said in a turn and what was heard in answer.
    pub(crate) fn store_turn(&self, said: &str, heard: &str, origin: (&str, u32), out: &mut Outbox) {
        if said.is_empty() || heard.is_empty() {
            return;
        }
        let cut = |text: &str| first(text, LONGEST).to_owned();
        let text = ["User: ", &cut(said), "\nAssistant: ", &cut(heard)].concat();
        self.store_unasked(NewMemory::new(MemoryKind::Turn, text), origin, out);
    }

    /// Something could not be stored. Where the server says that this is how it is, turns are not sent any more.
    pub(crate) fn failed(&mut self, failure: &HttpFailure, out: &mut Outbox) {
        out.note("not remembered", "");
        let refused = matches!(failure, HttpFailure::Status { status: 400..=428 | 501 | 503, .. });
        self.refused |= refused && !failure.is_signed_out();
    }
}

/// The longest text of each side that is stored of a turn, in bytes.
const LONGEST: usize = 2_000;
