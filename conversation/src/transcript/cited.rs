//! Citations of answers: marks are taken out of what is shown, and the sentence that is being heard is lit.

use super::Transcript;
use crate::citation::{self, Citable};
use crate::letters::between;
use crate::list::List;
use crate::time::Ms;
use crate::view::{RowState, Speaker};
use crate::wire::Words;
use protocol::{ItemId, ResponseId};

impl Transcript {
    /// Whether any answer cites anything.
    pub(crate) fn cites(&self) -> bool {
        self.cites
    }

    /// Whether citations have changed since the last look.
    pub(crate) fn take_cited_anew(&mut self) -> bool {
        std::mem::take(&mut self.cited_anew)
    }

    /// More words of an answer, of which the marks are taken out.
    pub(super) fn append_cited(&mut self, at: usize, words: &Words, citable: &Citable) {
        let entry = self.order.entry_mut(at);
        let (mut held, mut marks) = (std::mem::take(&mut entry.held), std::mem::take(&mut entry.marks));
        let marked = marks.len();
        self.write(at, |row| citation::append_unmarked(&mut row.text, &mut held, &words.text, citable, &mut marks));
        let news = marks.len() > marked || words.text.contains(citation::is_end);
        let entry = self.order.entry_mut(at);
        (entry.held, entry.marks) = (held, marks);
        if news {
            self.cite(at, citable, false);
        }
    }

    /// The words of an answer, whole, without marks; and its citations.
    pub(super) fn set_cited(&mut self, at: usize, whole: &str, citable: &Citable) {
        let (mut text, mut held, mut marks) = (String::new(), String::new(), Vec::new());
        citation::append_unmarked(&mut text, &mut held, whole, citable, &mut marks);
        text.push_str(&held);
        let entry = self.order.entry_mut(at);
        entry.held.clear();
        entry.marks = marks;
        if self.rows.get(at).is_some_and(|row| row.text != text) {
            self.write(at, |row| row.text = text);
        }
        self.cite(at, citable, true);
    }

    fn cite(&mut self, at: usize, citable: &Citable, whole: bool) {
        let question = self.question_before(at);
        let marks = std::mem::take(&mut self.order.entry_mut(at).marks);
        let Some(row) = self.rows.get(at) else { return };
        let text = between(&row.text, 0, row.heard);
        let citations = citation::citations(text, &marks, citable, &question, whole);
        let changed = !same(&citations, &row.citations);
        self.order.entry_mut(at).marks = marks;
        if changed {
            (self.cites, self.cited_anew) = (true, true);
            self.write(at, |row| row.citations = citations);
        }
    }

    /// The user's words before a row.
    fn question_before(&self, at: usize) -> String {
        let mut before = (0..at).rev().filter_map(|at| self.rows.get(at));
        before.find(|row| row.speaker == Speaker::User).map(|row| row.text.clone()).unwrap_or_default()
    }

    /// What was not heard cites nothing.
    pub(super) fn forget_unheard(&mut self, at: usize) {
        let Some(row) = self.rows.get(at).filter(|row| !row.citations.is_empty()) else { return };
        let mut citations: List<_> = List::default();
        row.citations.iter().filter(|cited| cited.end <= row.heard).for_each(|cited| citations.push(cited.clone()));
        self.write(at, |row| row.citations = citations);
    }

    /// Lights the sentences that are heard when a response has been heard for so long, and none where nothing is
    /// heard. Says after what time there is something to change.
    pub(crate) fn light(&mut self, heard: Option<&(ResponseId, Ms)>) -> Option<Ms> {
        let mut place = None;
        let mut next: Option<usize> = None;
        if let Some((response, length)) = heard {
            let total = self.chars_of(response);
            place = Some(self.pace.chars(*length).min(total.saturating_sub(1)));
        }
        let mut before = 0;
        for at in 0..self.rows.len() {
            let Some(row) = self.rows.get(at) else { break };
            let ours = heard.is_some_and(|(response, _)| self.order.is_of(at, response));
            if row.citations.is_empty() && !ours {
                continue;
            }
            let mut changed = false;
            let mut citations: List<_> = List::default();
            for cited in row.citations.iter() {
                let chars = |end: usize| row.text.get(..end).map_or(0, |text| text.chars().count());
                let (start, end) = (before + chars(cited.start), before + chars(cited.end));
                let lit = ours && place.is_some_and(|place| (start..end).contains(&place));
                changed |= lit != cited.lit;
                for edge in [start, end].into_iter().filter(|edge| ours && place.is_some_and(|place| *edge > place)) {
                    next = Some(next.map_or(edge, |next| next.min(edge)));
                }
                let mut cited = cited.clone();
                cited.lit = lit;
                citations.push(cited);
            }
            if ours {
                before += row.text.chars().count();
            }
            if changed {
                self.write(at, |row| row.citations = citations);
            }
        }
        let (_, length) = heard?;
        let next = self.pace.time(next?);
        Some(Ms(next.0.saturating_sub(length.0).max(SOONEST)))
    }

    fn chars_of(&self, response: &ResponseId) -> usize {
        let rows = (0..self.rows.len()).filter(|at| self.order.is_of(*at, response));
        rows.filter_map(|at| self.rows.get(at)).map(|row| row.text.chars().count()).sum()
    }

    /// The user's words of an item, as far as they are known; or only if they are whole.
    pub(crate) fn words(&self, item: &ItemId, whole: bool) -> Option<String> {
        let row = self.rows.get(self.order.find(item)?)?;
        (!row.text.is_empty() && (!whole || row.state == RowState::Done)).then(|| row.text.clone())
    }

    /// The words that the user said or typed last.
    pub(crate) fn last_words(&self) -> Option<String> {
        let mut rows = self.rows.iter().rev();
        rows.find(|row| row.speaker == Speaker::User && !row.text.is_empty()).map(|row| row.text.clone())
    }

    /// What the user said in an item, and what was heard in answer to it, but for sentences that rest on what holds for a
    /// time only.
    pub(crate) fn exchange(&self, item: Option<&ItemId>) -> (String, String) {
        let Some(at) = item.and_then(|item| self.order.find(item)) else { return Default::default() };
        let said = self.rows.get(at).map(|row| row.text.clone()).unwrap_or_default();
        let mut heard = String::new();
        let after = (at + 1..self.rows.len()).filter_map(|at| self.rows.get(at));
        let answers = after.filter(|row| row.attachment.is_none());
        let mut hear = |sentences: &str| {
            let sentences = sentences.trim();
            if !heard.is_empty() && !sentences.is_empty() {
                heard.push(' ');
            }
            heard.push_str(sentences);
        };
        for row in answers.take_while(|row| row.speaker == Speaker::Assistant) {
            let (text, mut from) = (between(&row.text, 0, row.heard), 0);
            for cited in row.citations.iter().filter(|cited| cited.ages) {
                hear(between(text, from, cited.start));
                from = cited.end;
            }
            hear(between(text, from, text.len()));
        }
        (said, heard)
    }
}

/// Whether both cite the same, lit or not.
fn same(one: &List<crate::view::Citation>, other: &List<crate::view::Citation>) -> bool {
    let place = |cited: &crate::view::Citation| (cited.start, cited.end, cited.label);
    one.len() == other.len() && one.iter().zip(other.iter()).all(|(one, other)| place(one) == place(other))
}

/// The light is looked after at most so often, in milliseconds.
const SOONEST: u64 = 20;
