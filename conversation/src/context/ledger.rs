//! The ledger: everything that was offered, with what became of it. Bounded; the oldest rows go first.

use super::fact::Fact;
use crate::list::List;
use crate::view::{ContextRow, Fate};

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    rows: List<ContextRow>,
    keep: usize,
    next_key: u64,
}

impl Ledger {
    pub(crate) fn new(keep: usize) -> Self {
        Self { rows: List::default(), keep: keep.max(1), next_key: 0 }
    }

    pub(crate) fn rows(&self) -> List<ContextRow> {
        self.rows.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.rows = List::default();
    }

    /// A key that no row has.
    pub(crate) fn fresh_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    pub(crate) fn enter(&mut self, row: ContextRow) {
        if self.rows.len() >= self.keep {
            self.rows.remove(0);
        }
        self.rows.push(row);
    }

    /// Changes the row of this key, if it is still there.
    pub(crate) fn change(&mut self, key: u64, change: impl FnOnce(&mut ContextRow)) {
        let at = self.rows.iter().rev().position(|row| row.key == key).map(|at| self.rows.len() - 1 - at);
        if let Some(row) = at.and_then(|at| self.rows.get_mut(at)) {
            change(row);
        }
    }

    pub(crate) fn judge(&mut self, key: u64, fate: Fate) {
        self.change(key, |row| row.fate = fate);
    }

    pub(crate) fn judge_all(&mut self, facts: &[Fact], fate: Fate) {
        for fact in facts {
            self.judge(fact.row.key, fate);
        }
    }
}
