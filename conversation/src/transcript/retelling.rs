//! What a new call is told: the talk so far as it was heard, and what was typed while there was no call.

use super::Transcript;
use crate::input::{Attachment, AttachmentKind};
use crate::view::{RowState, Speaker};
use protocol::ItemId;
use std::sync::Arc;

/// A row told to a new call.
#[derive(Debug, PartialEq)]
pub(crate) struct Retold {
    pub(crate) item: ItemId,
    pub(crate) speaker: Speaker,
    pub(crate) text: String,
    pub(crate) attachment: Option<Arc<Attachment>>,
}

impl Transcript {
    /// What a new call has to be told, oldest first: the newest rows within the bounds, as they were heard. Each has a
    /// new identifier, and the old ones are forgotten.
    pub(crate) fn retell(&mut self, rows: usize, bytes: usize, mut fresh: impl FnMut() -> ItemId) -> Vec<Retold> {
        self.order.forget_items();
        let mut retold = Vec::new();
        let mut left = bytes;
        for at in (0..self.rows.len()).rev() {
            let Some(row) = self.rows.get(at) else { break };
            let text = row.text.get(..row.heard).unwrap_or_default().trim();
            let attachment = row.attachment.clone();
            if (text.is_empty() && attachment.is_none()) || (row.typed && row.state == RowState::Failed) {
                continue;
            }
            let size = text.len() + attachment.as_deref().map_or(0, |attachment| size(attachment, bytes));
            if retold.len() >= rows || size > left {
                break;
            }
            left -= size;
            let item = fresh();
            retold.push(Retold { item: item.clone(), speaker: row.speaker, text: text.to_owned(), attachment });
            let entry = self.order.entry_mut(at);
            entry.item = Some(item);
            entry.unsent = false;
        }
        retold.reverse();
        retold
    }

    /// Whether something typed waits for a call.
    pub(crate) fn has_unsent(&self) -> bool {
        self.position(|entry, row| entry.unsent && row.attachment.is_none()).is_some()
    }

    /// What was typed while there was no call, in order; sent now.
    pub(crate) fn take_unsent(&mut self) -> Vec<Retold> {
        let mut unsent = Vec::new();
        for at in 0..self.rows.len() {
            let entry = self.order.entry_mut(at);
            if let (true, Some(item), Some(row)) = (entry.unsent, entry.item.clone(), self.rows.get(at)) {
                entry.unsent = false;
                let (text, attachment) = (row.text.clone(), row.attachment.clone());
                unsent.push(Retold { item, speaker: Speaker::User, text, attachment });
            }
        }
        unsent
    }

    /// The talk ends: what was not sent never will be.
    pub(crate) fn give_up_unsent(&mut self) {
        for at in 0..self.rows.len() {
            if std::mem::take(&mut self.order.entry_mut(at).unsent) {
                self.write(at, |row| row.state = RowState::Failed);
            }
        }
    }
}

/// The bytes that an attachment counts for, of so many: at most a third of them, and a picture always that.
fn size(attachment: &Attachment, bytes: usize) -> usize {
    match &attachment.kind {
        AttachmentKind::Image { .. } => bytes / 3,
        AttachmentKind::Text { text } => text.len().min(bytes / 3),
    }
}

#[cfg(test)]
mod tests {
    use super::Transcript;
    use crate::citation::Citable;
    use crate::time::Ms;
    use crate::wire::Words;
    use protocol::ItemId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_new_call_is_told_what_was_heard_and_knows_it_by_new_names() {
        let mut transcript = Transcript::new(100);
        transcript.user_begins("u1".into());
        transcript.committed(&"u1".into(), None);
        let text = "one two three four".into();
        let words = Words { response: "r1".into(), item: "a1".into(), text, spoken: true };
        transcript.answer_words(&words, &Citable::default());
        transcript.user_said(&"u1".into(), "count");
        transcript.cut(&"r1".into(), Some(Ms(600)));
        transcript.typed("t1".into(), "and then?", false);
        let mut count = 0;
        let retold = transcript.retell(10, 1_000, || {
            count += 1;
            ItemId::new(format!("new{count}"))
        });
        let texts: Vec<_> = retold.iter().map(|row| (row.item.as_str(), row.text.as_str())).collect();
        assert_eq!(texts, [("new3", "count"), ("new2", "one two"), ("new1", "and then?")]);
        assert!(!transcript.has_unsent() && transcript.knows(&"new1".into()) && !transcript.knows(&"t1".into()));
    }

    #[test]
    fn a_new_call_is_told_no_more_than_it_should() {
        let mut transcript = Transcript::new(100);
        (0..50).for_each(|at| transcript.typed(ItemId::new(format!("t{at}")), "ten bytes!", true));
        let fresh = || ItemId::new("x");
        assert_eq!(transcript.retell(8, 1_000, fresh).len(), 8);
        assert_eq!(transcript.retell(40, 55, fresh).len(), 5);
    }
}
