//! The transcript: what was said, in spoken order whatever the order of arrival; and of answers, what was heard.
//!
//! A row's place follows the service's chain of items. A row exists as soon as somebody is known to speak; the user's
//! words fill it when they come. An utterance without words is taken out again, and so is an answer of which nothing
//! was heard.

mod cited;
mod heard;
mod order;
mod retelling;

use crate::citation::{Citable, Mark};
use crate::input::Attachment;
use crate::letters::{first, is_letter};
use crate::list::List;
use crate::time::Ms;
use crate::view::{Row, RowState, Speaker};
use crate::wire::{Ending, Placed, Words};
use heard::{Pace, whole_words};
use order::Order;
use protocol::{ItemId, ResponseId};
use std::sync::Arc;

/// The machine.
#[derive(Debug)]
pub(crate) struct Transcript {
    rows: List<Row>,
    order: Order,
    keep: usize,
    next_key: u64,
    pace: Pace,
    /// Whether any answer cites anything.
    cites: bool,
    /// Whether that has changed since the last look.
    cited_anew: bool,
}

/// What the transcript knows of a row beside what is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) item: Option<ItemId>,
    pub(crate) previous: Option<ItemId>,
    pub(crate) response: Option<ResponseId>,
    /// Whether the answer is spoken, not only written.
    spoken: bool,
    /// Whether it is part of the conversation, so that it stays even without words.
    committed: bool,
    /// Whether it was typed and waits for a call.
    unsent: bool,
    /// The end of the words, which may be the beginning of a mark.
    held: String,
    /// The marks that were taken out of the words.
    marks: Vec<Mark>,
}

impl Transcript {
    pub(crate) fn new(keep: usize) -> Self {
        Self {
            rows: List::default(),
            order: Order::default(),
            keep: keep.max(1),
            next_key: 0,
            pace: Pace::default(),
            cites: false,
            cited_anew: false,
        }
    }

    pub(crate) fn rows(&self) -> List<Row> {
        self.rows.clone()
    }

    /// Whether anything was asked that could be asked again.
    pub(crate) fn has_user(&self) -> bool {
        self.rows.iter().any(|row| row.speaker == Speaker::User)
    }

    /// A new talk begins.
    pub(crate) fn clear(&mut self) {
        self.rows = List::default();
        self.order = Order::default();
        self.cites = false;
    }

    /// The service hears the user.
    pub(crate) fn user_begins(&mut self, item: ItemId) {
        if self.order.find(&item).is_none() && !self.order.is_rowless(&item) {
            self.drop_uncommitted();
            self.append(Speaker::User, false, Entry { item: Some(item), ..Entry::default() });
        }
    }

    /// What the service heard was thrown away.
    pub(crate) fn drop_uncommitted(&mut self) {
        let lost = |entry: &Entry, row: &Row| !entry.committed && row.state == RowState::Waiting && !row.typed;
        while let Some(at) = self.position(|entry, row| row.speaker == Speaker::User && lost(entry, row)) {
            self.remove(at);
        }
    }

    /// The user's speech is part of the conversation.
    pub(crate) fn committed(&mut self, item: &ItemId, previous: Option<ItemId>) {
        if let Some(at) = self.row_for(item, Speaker::User, previous) {
            self.order.entry_mut(at).committed = true;
        }
    }

    /// An item has its place.
    pub(crate) fn placed(&mut self, placed: Placed) {
        let Placed { item, previous, speaker, typed, text, complete } = placed;
        let Some(speaker) = speaker.filter(|_| !self.order.is_rowless(&item)) else {
            if self.order.find(&item).is_none() {
                self.order.add_rowless(item.clone(), previous);
                self.order.place_after_rowless(&item, &mut self.rows);
            }
            return;
        };
        let Some(at) = self.row_for(&item, speaker, previous) else { return };
        self.order.entry_mut(at).committed = true;
        let Some(row) = self.rows.get(at) else { return };
        // An item tells its words only where nothing else has.
        if has_words(&text) && row.text.is_empty() && matches!(row.state, RowState::Waiting) {
            self.write(at, |row| {
                row.text = text;
                row.typed |= typed;
                row.state = if complete { RowState::Done } else { RowState::Streaming };
            });
        }
    }

    /// More of the user's words.
    pub(crate) fn user_words(&mut self, item: &ItemId, words: &str) {
        if let Some(at) = self.order.find(item)
            && !words.is_empty()
        {
            self.write(at, |row| {
                if row.state != RowState::Done && row.text.len() + words.len() <= MAX_TEXT {
                    row.text.push_str(words);
                    row.state = RowState::Streaming;
                }
            });
        }
    }

    /// The user's words, whole. Says whether there are any.
    pub(crate) fn user_said(&mut self, item: &ItemId, words: &str) -> bool {
        let Some(at) = self.order.find(item) else { return has_words(words) };
        if !has_words(words) {
            self.remove(at);
            return false;
        }
        let words = words.trim();
        let words = first(words, MAX_TEXT);
        self.write(at, |row| {
            words.clone_into(&mut row.text);
            row.state = RowState::Done;
        });
        true
    }

    /// The user's words could not be had, or did not come in time; words that come later still fill the row.
    pub(crate) fn user_unclear(&mut self, item: &ItemId) {
        if let Some(at) = self.order.find(item)
            && self.rows.get(at).is_some_and(|row| matches!(row.state, RowState::Waiting | RowState::Streaming))
        {
            self.write(at, |row| row.state = RowState::Failed);
        }
    }

    /// A typed turn.
    pub(crate) fn typed(&mut self, item: ItemId, text: &str, sent: bool) {
        let entry = Entry { item: Some(item), committed: true, unsent: !sent, ..Entry::default() };
        let at = self.append(Speaker::User, true, entry);
        self.write(at, |row| {
            text.clone_into(&mut row.text);
            row.state = RowState::Done;
        });
    }

    /// Something that the user gave.
    pub(crate) fn attached(&mut self, item: ItemId, attachment: Arc<Attachment>, sent: bool) {
        let entry = Entry { item: Some(item), committed: true, unsent: !sent, ..Entry::default() };
        let at = self.append(Speaker::User, true, entry);
        self.write(at, |row| {
            row.attachment = Some(attachment);
            row.state = RowState::Done;
        });
    }

    /// The service did not take what was typed.
    pub(crate) fn typed_refused(&mut self, item: &ItemId) -> bool {
        let Some(at) = self.order.find(item) else { return false };
        self.write(at, |row| row.state = RowState::Failed);
        true
    }

    /// An answer has an item that will hold words.
    pub(crate) fn answer_item(&mut self, response: ResponseId, item: &ItemId) {
        if let Some(at) = self.row_for(item, Speaker::Assistant, None) {
            let entry = self.order.entry_mut(at);
            entry.response = Some(response);
            entry.committed = true;
        }
    }

    /// An item of an answer that nobody is to hear.
    pub(crate) fn hide(&mut self, item: ItemId) {
        match self.order.find(&item) {
            Some(at) => self.remove(at),
            None => self.order.add_rowless(item, None),
        }
    }

    /// More words of an answer.
    pub(crate) fn answer_words(&mut self, words: &Words, citable: &Citable) {
        let Some(at) = self.answer_row(words) else { return };
        let fits = |row: &Row| {
            matches!(row.state, RowState::Waiting | RowState::Streaming)
                && row.text.len() + words.text.len() <= MAX_TEXT
        };
        if words.text.is_empty() || !self.rows.get(at).is_some_and(fits) {
            return;
        }
        self.write(at, |row| {
            if citable.is_empty() {
                row.text.push_str(&words.text);
            }
            row.state = RowState::Streaming;
        });
        if !citable.is_empty() {
            self.append_cited(at, words, citable);
        }
    }

    /// The words of an answer, whole.
    pub(crate) fn answer_said(&mut self, words: &Words, citable: &Citable) {
        let Some(at) = self.answer_row(words) else { return };
        let whole = first(&words.text, MAX_TEXT);
        let row = self.rows.get(at);
        let open = row.is_some_and(|row| matches!(row.state, RowState::Waiting | RowState::Streaming));
        if open && has_words(whole) && !citable.is_empty() {
            self.write(at, |row| row.state = RowState::Streaming);
            self.set_cited(at, whole, citable);
        } else if open && has_words(whole) && row.is_some_and(|row| row.text != whole) {
            self.write(at, |row| {
                whole.clone_into(&mut row.text);
                row.state = RowState::Streaming;
            });
        }
    }

    fn answer_row(&mut self, words: &Words) -> Option<usize> {
        let at = match self.order.find(&words.item) {
            Some(at) => at,
            None => self.row_for(&words.item, Speaker::Assistant, None)?,
        };
        let entry = self.order.entry_mut(at);
        entry.spoken |= words.spoken;
        entry.committed = true;
        if entry.response.is_none() {
            entry.response = Some(words.response.clone());
        }
        Some(at)
    }

    /// The response is made; its sound may still be playing.
    pub(crate) fn answer_ended(&mut self, response: &ResponseId, ending: Ending) {
        let state = match ending {
            Ending::Completed | Ending::TooLong => RowState::Done,
            Ending::Cancelled => RowState::Interrupted,
            Ending::Filtered | Ending::Failed(_) => RowState::Failed,
        };
        let mut at = 0;
        while let Some(found) = self.order.next_of(response, at) {
            at = found + 1;
            match self.rows.get(found).map(|row| row.state) {
                Some(RowState::Waiting) => {
                    self.remove(found);
                    at = found;
                }
                Some(RowState::Streaming) => self.write(found, |row| row.state = state),
                _ => {}
            }
        }
    }

    /// The response was cut after it had been heard for `heard`; `None` is not at all.
    pub(crate) fn cut(&mut self, response: &ResponseId, heard: Option<Ms>) {
        let mut budget = heard.map_or(0, |heard| self.pace.chars(heard));
        let mut at = 0;
        while let Some(found) = self.order.next_of(response, at) {
            at = found + 1;
            let spoken = self.order.entry_mut(found).spoken;
            let Some(row) = self.rows.get(found) else { return };
            let bytes = if spoken { whole_words(&row.text, budget) } else { row.text.len() };
            budget = budget.saturating_sub(row.text.chars().count());
            if bytes == 0 && row.state != RowState::Failed {
                self.remove(found);
                at = found;
            } else if matches!(row.state, RowState::Streaming) || bytes < row.text.len() {
                self.write(found, |row| {
                    row.state = RowState::Interrupted;
                    row.heard = bytes;
                });
                self.forget_unheard(found);
            }
        }
    }

    /// The service shortened an answer to what it had played. Used only where nothing was measured here.
    pub(crate) fn shortened(&mut self, item: &ItemId, played: Ms) {
        let Some(at) = self.order.find(item) else { return };
        let budget = self.pace.chars(played);
        if let Some(row) = self.rows.get(at)
            && row.speaker == Speaker::Assistant
            && matches!(row.state, RowState::Streaming | RowState::Done)
        {
            let bytes = whole_words(&row.text, budget);
            if bytes < row.text.len() {
                self.write(at, |row| {
                    row.state = RowState::Interrupted;
                    row.heard = bytes;
                });
                self.forget_unheard(at);
            }
        }
    }

    /// The response was heard to its end within `heard`: the pace of this voice is learnt from it.
    pub(crate) fn heard_whole(&mut self, response: &ResponseId, heard: Ms) {
        let mut chars = 0;
        let mut at = 0;
        while let Some(found) = self.order.next_of(response, at) {
            at = found + 1;
            chars += self.rows.get(found).map_or(0, |row| row.text.chars().count());
        }
        self.pace.learn(chars, heard);
    }

    /// The call is gone: what was being said is all there will be of it.
    pub(crate) fn call_gone(&mut self) {
        self.drop_uncommitted();
        for at in (0..self.rows.len()).rev() {
            match self.rows.get(at).map(|row| (row.state, row.speaker)) {
                Some((RowState::Waiting, Speaker::Assistant)) => self.remove(at),
                Some((RowState::Waiting | RowState::Streaming, Speaker::User)) => {
                    self.write(at, |row| row.state = RowState::Failed);
                }
                Some((RowState::Streaming, Speaker::Assistant)) => {
                    self.write(at, |row| row.state = RowState::Interrupted);
                }
                _ => {}
            }
        }
    }

    /// Whether the user's words of this item are known.
    pub(crate) fn knows(&self, item: &ItemId) -> bool {
        self.order.find(item).and_then(|at| self.rows.get(at)).is_some_and(|row| has_words(&row.text))
    }

    /// The row of an item, made if there is none, at its place. None for an item that has no row any more.
    fn row_for(&mut self, item: &ItemId, speaker: Speaker, previous: Option<ItemId>) -> Option<usize> {
        let at = match self.order.find(item) {
            Some(at) => at,
            None if self.order.is_rowless(item) => return None,
            None => self.append(speaker, false, Entry { item: Some(item.clone()), ..Entry::default() }),
        };
        Some(self.order.place(at, previous, &mut self.rows))
    }

    fn append(&mut self, speaker: Speaker, typed: bool, entry: Entry) -> usize {
        while self.rows.len() >= self.keep {
            self.rows.remove(0);
            self.order.forget_first();
        }
        let key = self.next_key;
        self.next_key += 1;
        let (text, state) = (String::new(), RowState::Waiting);
        let (citations, attachment) = (List::default(), None);
        self.rows.push(Row { key, speaker, typed, text, heard: 0, state, citations, attachment });
        self.order.push(entry);
        self.rows.len() - 1
    }

    fn write(&mut self, at: usize, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(at) {
            change(row);
            if row.state != RowState::Interrupted {
                row.heard = row.text.len();
            }
        }
    }

    fn remove(&mut self, at: usize) {
        let _: Option<Arc<Row>> = self.rows.remove(at);
        self.order.remove(at);
    }

    fn position(&self, found: impl Fn(&Entry, &Row) -> bool) -> Option<usize> {
        self.order.entries().zip(self.rows.iter()).position(|(entry, row)| found(entry, row))
    }
}

fn has_words(text: &str) -> bool {
    text.contains(is_letter)
}

/// The longest text of a row, in bytes.
const MAX_TEXT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::Transcript;
    use crate::citation::Citable;
    use crate::time::Ms;
    use crate::view::Speaker;
    use crate::wire::{Ending, Fault, Placed, Words};
    use protocol::ItemId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn place(transcript: &mut Transcript, item: &str, previous: Option<&str>, speaker: Option<Speaker>) {
        let (item, previous) = (item.into(), previous.map(ItemId::from));
        transcript.placed(Placed { item, previous, speaker, typed: false, text: String::new(), complete: false });
    }

    fn words(response: &str, item: &str, text: &str) -> Words {
        Words { response: response.into(), item: item.into(), text: text.into(), spoken: true }
    }

    fn rows(transcript: &Transcript) -> Vec<String> {
        let rows = transcript.rows();
        rows.iter().map(|row| format!("{}|{:?}", row.text.get(..row.heard).unwrap_or("?"), row.state)).collect()
    }

    fn talk() -> Transcript {
        let mut transcript = Transcript::new(100);
        transcript.user_begins("u1".into());
        transcript.committed(&"u1".into(), None);
        transcript.answer_item("r1".into(), &"a1".into());
        place(&mut transcript, "a1", Some("u1"), Some(Speaker::Assistant));
        transcript.answer_words(&words("r1", "a1", "one two three four"), &Citable::default());
        transcript
    }

    #[test]
    fn late_words_fill_the_row_that_waits_for_them() {
        let mut transcript = talk();
        assert_eq!(rows(&transcript), ["|Waiting", "one two three four|Streaming"]);
        transcript.user_words(&"u1".into(), "coun");
        transcript.user_said(&"u1".into(), " count ");
        assert_eq!(rows(&transcript), ["count|Done", "one two three four|Streaming"]);
    }

    #[test]
    fn an_utterance_without_words_is_taken_out_and_its_place_remembered() {
        let mut transcript = talk();
        transcript.user_begins("u2".into());
        transcript.committed(&"u2".into(), Some("a1".into()));
        assert!(!transcript.user_said(&"u2".into(), " ... "));
        transcript.typed("t".into(), "typed", true);
        place(&mut transcript, "a2", Some("u2"), Some(Speaker::Assistant));
        transcript.answer_words(&words("r2", "a2", "yes"), &Citable::default());
        assert_eq!(rows(&transcript)[1..], ["one two three four|Streaming", "yes|Streaming", "typed|Done"]);
    }

    #[test]
    fn words_that_could_not_be_had_may_still_come() {
        let mut transcript = talk();
        transcript.user_unclear(&"u1".into());
        assert_eq!(rows(&transcript)[0], "|Failed");
        transcript.user_said(&"u1".into(), "count");
        assert_eq!(rows(&transcript)[0], "count|Done");
    }

    #[test]
    fn an_answer_that_was_cut_shows_whole_words_that_were_heard() {
        let mut transcript = talk();
        transcript.cut(&"r1".into(), Some(Ms(600)));
        transcript.answer_words(&words("r1", "a1", " five"), &Citable::default());
        transcript.answer_ended(&"r1".into(), Ending::Cancelled);
        assert_eq!(rows(&transcript)[1], "one two|Interrupted");
    }

    #[test]
    fn an_answer_of_which_nothing_was_heard_is_taken_out() {
        let mut transcript = talk();
        transcript.cut(&"r1".into(), None);
        transcript.answer_words(&words("r1", "a1", " five"), &Citable::default());
        assert_eq!(rows(&transcript), ["|Waiting"]);
    }

    #[test]
    fn a_failed_answer_keeps_what_it_said() {
        let mut transcript = talk();
        transcript.answer_ended(&"r1".into(), Ending::Failed(Fault::Other));
        assert_eq!(rows(&transcript)[1], "one two three four|Failed");
    }

    #[test]
    fn rows_stand_in_the_order_of_the_chain_whatever_the_order_of_arrival() {
        // The chain is u1 f1 a1 u2 a2 u3; f1 has no row.
        let chain: [(&str, Option<&str>, Option<Speaker>); 6] = [
            ("u1", None, Some(Speaker::User)),
            ("f1", Some("u1"), None),
            ("a1", Some("f1"), Some(Speaker::Assistant)),
            ("u2", Some("a1"), Some(Speaker::User)),
            ("a2", Some("u2"), Some(Speaker::Assistant)),
            ("u3", Some("a2"), Some(Speaker::User)),
        ];
        let mut order = [0, 1, 2, 3, 4, 5];
        permute(&mut order, 6, &mut |order| {
            let mut transcript = Transcript::new(100);
            for at in order {
                let (item, previous, speaker) = chain[*at];
                place(&mut transcript, item, previous, speaker);
            }
            let found: Vec<_> =
                transcript.order.entries().filter_map(|entry| Some(entry.item.as_ref()?.as_str().to_owned())).collect();
            assert_eq!(found, ["u1", "a1", "u2", "a2", "u3"], "arrived as {order:?}");
        });
    }

    fn permute(order: &mut [usize; 6], left: usize, found: &mut impl FnMut(&[usize; 6])) {
        if left == 1 {
            return found(order);
        }
        for at in 0..left {
            permute(order, left - 1, found);
            order.swap(if left.is_multiple_of(2) { at } else { 0 }, left - 1);
        }
    }

    #[test]
    fn the_oldest_rows_go_first() {
        let mut transcript = Transcript::new(3);
        (0..5).for_each(|at| transcript.typed(ItemId::new(format!("t{at}")), "x", true));
        let keys: Vec<_> = transcript.rows().iter().map(|row| row.key).collect();
        assert_eq!(keys, [2, 3, 4]);
        assert!(!transcript.knows(&"t1".into()) && transcript.knows(&"t2".into()));
    }
}
