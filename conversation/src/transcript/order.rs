//! The spoken order of the transcript's rows, from the service's chain of items.

use super::Entry;
use crate::list::List;
use crate::view::Row;
use protocol::{ItemId, ResponseId};
use std::sync::Arc;

/// The entries beside the rows, in the same order; and the items that have no row.
#[derive(Debug, Default)]
pub(crate) struct Order {
    entries: Vec<Entry>,
    /// Items without a row and what they stand after, newest last.
    rowless: Vec<(ItemId, Option<ItemId>)>,
    /// Items that a row stands after and that are not known yet, newest last.
    missing: Vec<ItemId>,
}

impl Order {
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The entry of a row that exists.
    pub(crate) fn entry_mut(&mut self, at: usize) -> &mut Entry {
        &mut self.entries[at]
    }

    /// The row of an item; the newest are looked at first.
    pub(crate) fn find(&self, item: &ItemId) -> Option<usize> {
        self.entries.iter().rposition(|entry| entry.item.as_ref() == Some(item))
    }

    /// The next row of a response, from `start`.
    pub(crate) fn next_of(&self, response: &ResponseId, start: usize) -> Option<usize> {
        (start..self.entries.len()).find(|at| self.entries[*at].response.as_ref() == Some(response))
    }

    /// Whether a row is of a response.
    pub(crate) fn is_of(&self, at: usize, response: &ResponseId) -> bool {
        self.entries.get(at).is_some_and(|entry| entry.response.as_ref() == Some(response))
    }

    pub(crate) fn is_rowless(&self, item: &ItemId) -> bool {
        self.rowless.iter().any(|(rowless, _)| rowless == item)
    }

    /// An item of which nothing is shown.
    pub(crate) fn add_rowless(&mut self, item: ItemId, previous: Option<ItemId>) {
        match self.rowless.iter_mut().find(|(rowless, _)| *rowless == item) {
            Some(known) => known.1 = previous.or(known.1.take()),
            None => push_bounded(&mut self.rowless, (item, previous)),
        }
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(crate) fn forget_first(&mut self) {
        if !self.entries.is_empty() {
            self.entries.remove(0);
        }
    }

    /// A row is taken out; what stands after its item stands after the one before it.
    pub(crate) fn remove(&mut self, at: usize) {
        let before = at.checked_sub(1).and_then(|before| self.entries.get(before)?.item.clone());
        if at < self.entries.len()
            && let Entry { item: Some(item), previous, .. } = self.entries.remove(at)
        {
            self.add_rowless(item, previous.or(before));
        }
    }

    /// A new call knows none of the items.
    pub(crate) fn forget_items(&mut self) {
        self.rowless.clear();
        self.missing.clear();
        for entry in &mut self.entries {
            (entry.item, entry.previous, entry.response) = (None, None, None);
        }
    }

    /// Puts a row to its place: after the item before it and before the one after it, as far as they are known. Says
    /// where it is.
    pub(crate) fn place(&mut self, at: usize, previous: Option<ItemId>, rows: &mut List<Row>) -> usize {
        let Some(item) = self.entries[at].item.clone() else { return at };
        let mut at = at;
        if let Some(previous) = previous {
            match self.anchor(&previous) {
                Ok(anchor) if anchor != at => at = self.shift(at, anchor + 1, rows),
                Ok(_) => {}
                Err(missing) => self.miss(missing),
            }
            self.entries[at].previous = Some(previous);
        }
        if self.found(&item) { self.bring_followers(&item, at, rows) } else { at }
    }

    /// An item without a row is known: what stands after it finds its place.
    pub(crate) fn place_after_rowless(&mut self, item: &ItemId, rows: &mut List<Row>) {
        if !self.found(item) {
            return;
        }
        let Some(follower) = self.follower(item) else { return };
        match self.anchor(item) {
            Ok(anchor) => {
                let Some(item) = self.entries[anchor].item.clone() else { return };
                self.bring_followers(&item, anchor, rows);
            }
            Err(missing) => {
                self.miss(missing);
                let Some(item) = self.entries[follower].item.clone() else { return };
                self.bring_followers(&item, follower, rows);
            }
        }
    }

    fn miss(&mut self, item: ItemId) {
        if !self.missing.contains(&item) {
            push_bounded(&mut self.missing, item);
        }
    }

    /// Whether the item was missing; it is no more.
    fn found(&mut self, item: &ItemId) -> bool {
        let missing = self.missing.iter().position(|missing| missing == item);
        missing.map(|at| self.missing.remove(at)).is_some()
    }

    /// What stands after an item that was not known is brought there, and what stands after that. Says where the item
    /// is.
    fn bring_followers(&mut self, item: &ItemId, mut at: usize, rows: &mut List<Row>) -> usize {
        let known = self.entries[at].previous.as_ref().is_some_and(|previous| self.anchor(previous).is_ok());
        if !known && let Some(follower) = self.follower(item) {
            at = self.shift(at, follower, rows);
        }
        let (mut last, mut last_at) = (item.clone(), at);
        for _ in 0..self.entries.len() {
            let Some(follower) = self.follower(&last) else { break };
            last_at = self.shift(follower, last_at + 1, rows);
            match self.entries[last_at].item.clone() {
                Some(next) => last = next,
                None => break,
            }
        }
        self.find(item).unwrap_or(at)
    }

    /// The row that stands after an item, directly or after items without a row.
    fn follower(&self, item: &ItemId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.previous.as_ref().is_some_and(|previous| self.leads(previous, item)))
    }

    /// Whether the way back from `from`, over items without a row, leads to `item`.
    fn leads(&self, from: &ItemId, item: &ItemId) -> bool {
        let mut from = from;
        for _ in 0..=self.rowless.len() {
            if from == item {
                return true;
            }
            match self.rowless.iter().find(|(rowless, _)| rowless == from) {
                Some((_, Some(before))) => from = before,
                _ => return false,
            }
        }
        false
    }

    /// The row of an item, or of the nearest item before it that has one; else the item at which the way back ends.
    fn anchor(&self, item: &ItemId) -> Result<usize, ItemId> {
        let mut item = item;
        for _ in 0..=self.rowless.len() {
            if let Some(at) = self.find(item) {
                return Ok(at);
            }
            match self.rowless.iter().find(|(rowless, _)| rowless == item) {
                Some((_, Some(before))) => item = before,
                _ => break,
            }
        }
        Err(item.clone())
    }

    /// Moves a row so that it stands before the one that is at `to` now. Says where it is.
    fn shift(&mut self, from: usize, to: usize, rows: &mut List<Row>) -> usize {
        if from == to || from + 1 == to {
            return from;
        }
        let to = if from < to { to - 1 } else { to };
        if from < self.entries.len()
            && let Some(row) = rows.remove(from)
        {
            let entry = self.entries.remove(from);
            self.entries.insert(to, entry);
            rows.insert(to, Arc::unwrap_or_clone(row));
        }
        to
    }
}

fn push_bounded<T>(list: &mut Vec<T>, element: T) {
    if list.len() >= REMEMBERED {
        list.remove(0);
    }
    list.push(element);
}

/// Items without a row, and items not known yet, that are remembered.
const REMEMBERED: usize = 64;
