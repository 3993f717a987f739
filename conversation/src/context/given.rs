//! What the model has been given: the items that stand in the service's conversation, and what can be cited.

use super::clean;
use super::fact::Fact;
use super::injection::{self, WORD};
use super::ledger::Ledger;
use crate::citation::Citable;
use crate::digits::hex;
use crate::outbox::Outbox;
use crate::view::{Fate, Why};
use crate::wire::Ask;
use protocol::context::Lane;
use protocol::{EventId, ItemId};

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Given {
    standing: Vec<Standing>,
    /// What the model read in the outputs of its tools.
    read: Vec<Fact>,
    /// The outputs with something of the memory in them.
    recalled: Vec<ItemId>,
    labels: u32,
    citable: Citable,
}

/// An item in the service's conversation.
#[derive(Debug)]
struct Standing {
    item: ItemId,
    lane: Lane,
    turn: u32,
    tokens: u32,
    facts: Vec<Fact>,
}

impl Given {
    pub(crate) fn citable(&self) -> &Citable {
        &self.citable
    }

    /// Tells the model what was offered in one lane, the most important first, within the lane's budget. What stood
    /// there for an earlier turn is taken back; what stands there for this turn counts. Says whether there was anything
    /// new.
    pub(crate) fn give(
        &mut self,
        lane: Lane,
        turn: u32,
        offered: Vec<Fact>,
        budget: u32,
        ledger: &mut Ledger,
        out: &mut Outbox,
    ) -> bool {
        let mut fresh: Vec<Fact> = Vec::new();
        let mut known = 0;
        for fact in offered {
            let repeats = |other: &Fact| other.repeats(&fact);
            let stands = |standing: &Standing| standing.turn == turn && standing.facts.iter().any(repeats);
            if fresh.iter().any(repeats) || self.standing.iter().any(stands) {
                ledger.judge(fact.row.key, Fate::Dropped(Why::Duplicate));
            } else {
                known += usize::from(self.stands_before(lane, turn, &fact));
                fresh.push(fact);
            }
        }
        if fresh.is_empty() {
            return false;
        }
        if known == fresh.len() {
            // The model has it all: that stays, for this turn too.
            ledger.judge_all(&fresh, Fate::Dropped(Why::Duplicate));
            let before = self.standing.iter_mut().filter(|standing| standing.lane == lane);
            before.for_each(|standing| standing.turn = turn);
            return false;
        }
        self.take_back(ledger, out, |standing| standing.lane == lane && standing.turn < turn);
        let spent: u32 = self.standing.iter().filter(|there| there.lane == lane).map(|there| there.tokens).sum();
        let (mut given, dropped, cut) = injection::choose(lane, fresh, budget.saturating_sub(spent));
        self.enter(&mut given, dropped, (turn, cut), ledger, out);
        let new = !given.is_empty();
        self.stand(lane, turn, given, out);
        new
    }

    /// Whether the model has been given this for the turn.
    pub(crate) fn stands(&self, turn: u32, fact: &Fact) -> bool {
        let standing = self.standing.iter().filter(|standing| standing.turn == turn);
        standing.flat_map(|standing| &standing.facts).any(|other| other.is_same(fact))
    }

    /// Whether an item of an earlier turn says this in the same words.
    fn stands_before(&self, lane: Lane, turn: u32, fact: &Fact) -> bool {
        let before = self.standing.iter().filter(|standing| standing.lane == lane && standing.turn < turn);
        before.flat_map(|standing| &standing.facts).any(|other| other.row.text == fact.row.text)
    }

    /// Labels what is given, and writes it all down.
    fn enter(
        &mut self,
        given: &mut [Fact],
        dropped: Vec<(Fact, Why)>,
        (turn, cut): (u32, bool),
        ledger: &mut Ledger,
        out: &mut Outbox,
    ) {
        for (fact, why) in dropped {
            ledger.judge(fact.row.key, Fate::Dropped(why));
        }
        for (at, fact) in given.iter_mut().enumerate() {
            self.labels = self.labels % LARGEST_LABEL + 1;
            fact.label = self.labels;
            fact.row.turn = turn;
            fact.row.fate = Fate::Given { at: out.now, cut: cut && at == 0 };
            ledger.change(fact.row.key, |row| row.clone_from(&fact.row));
            self.citable.add(fact);
        }
    }

    fn stand(&mut self, lane: Lane, turn: u32, facts: Vec<Fact>, out: &mut Outbox) {
        if facts.is_empty() {
            return;
        }
        let text = injection::compose(lane, &fence_word(out), &facts);
        let item = ItemId::new(out.fresh_id(OURS));
        let tokens = clean::tokens(&text);
        out.ask_as(&EventId::new(item.as_str()), Ask::Inform { item: item.clone(), text });
        self.standing.push(Standing { item, lane, turn, tokens, facts });
    }

    /// The output of a tool that found these facts, each within the budget of its lane; none if there are none.
    pub(crate) fn tool_output(
        &mut self,
        (turn, item): (u32, &ItemId),
        found: Vec<Fact>,
        budget: impl Fn(Lane) -> u32,
        ledger: &mut Ledger,
        out: &mut Outbox,
    ) -> Option<String> {
        let found = Fact::ranked(found);
        let mut read = Vec::new();
        for lane in [Lane::Turn, Lane::Memory, Lane::Hint] {
            let mut facts: Vec<Fact> = Vec::new();
            for fact in found.iter().filter(|fact| fact.row.lane == lane) {
                if facts.iter().any(|other| other.repeats(fact)) {
                    ledger.judge(fact.row.key, Fate::Dropped(Why::Duplicate));
                } else {
                    facts.push(fact.clone());
                }
            }
            let (mut given, dropped, cut) = injection::choose(lane, facts, budget(lane));
            self.enter(&mut given, dropped, (turn, cut), ledger, out);
            read.append(&mut given);
        }
        let lane = read.first()?.row.lane;
        let output = injection::compose(lane, &fence_word(out), &read);
        if read.iter().any(|fact| fact.row.lane == Lane::Memory) {
            self.recalled.push(item.clone());
        }
        self.read.append(&mut read);
        let surplus = self.read.len().saturating_sub(MOST_READ);
        self.read.drain(..surplus);
        Some(output)
    }

    /// Takes back what has grown stale: items that two turns have passed since, and facts that are no longer true. An
    /// item that loses some of its facts is made anew with the others.
    pub(crate) fn take_back_stale(&mut self, turn: u32, unix: Option<i64>, ledger: &mut Ledger, out: &mut Outbox) {
        self.take_back(ledger, out, |standing| standing.turn.saturating_add(STALE_AFTER) <= turn);
        let expired = |standing: &Standing| standing.facts.iter().any(|fact| fact.is_expired(unix));
        while let Some(at) = self.standing.iter().position(expired) {
            let Standing { item, lane, turn, facts, .. } = self.standing.remove(at);
            forget(item, out);
            let (gone, left): (Vec<Fact>, Vec<Fact>) = facts.into_iter().partition(|fact| fact.is_expired(unix));
            ledger.judge_all(&gone, Fate::Expired);
            self.stand(lane, turn, left, out);
        }
    }

    /// Takes back all that comes from the memory.
    pub(crate) fn take_back_memory(&mut self, ledger: &mut Ledger, out: &mut Outbox) {
        self.take_back(ledger, out, |standing| standing.lane == Lane::Memory);
        for item in self.recalled.drain(..) {
            forget(item, out);
        }
    }

    fn take_back(&mut self, ledger: &mut Ledger, out: &mut Outbox, stale: impl Fn(&Standing) -> bool) {
        while let Some(at) = self.standing.iter().position(&stale) {
            let Standing { item, facts, .. } = self.standing.remove(at);
            ledger.judge_all(&facts, Fate::Expired);
            forget(item, out);
        }
    }

    /// When the first fact that stands is no longer true, in seconds of Unix time.
    pub(crate) fn next_expiry(&self) -> Option<i64> {
        self.standing.iter().flat_map(|standing| &standing.facts).filter_map(|fact| fact.expires_at).min()
    }

    /// The service refused an item of ours, or refused to delete one. Says whether it was one.
    pub(crate) fn refused(&mut self, cause: &EventId, ledger: &mut Ledger) -> bool {
        if let Some(at) = self.standing.iter().position(|standing| standing.item.as_str() == cause.as_str()) {
            let refused = self.standing.remove(at);
            ledger.judge_all(&refused.facts, Fate::Dropped(Why::Refused));
            return true;
        }
        cause.as_str().starts_with(OURS)
    }

    /// The call is gone, and with it all that the model was given.
    pub(crate) fn call_gone(&mut self, ledger: &mut Ledger) {
        for standing in self.standing.drain(..) {
            ledger.judge_all(&standing.facts, Fate::Lost);
        }
        ledger.judge_all(&std::mem::take(&mut self.read), Fate::Lost);
        self.recalled.clear();
        self.citable = Citable::default();
    }
}

fn forget(item: ItemId, out: &mut Outbox) {
    let id = EventId::new(out.fresh_id(OURS));
    out.ask_as(&id, Ask::Forget(item));
}

/// A word for a fence that nobody outside can know.
pub(crate) fn fence_word(out: &mut Outbox) -> String {
    let mut word = String::new();
    hex(&mut word, out.random.next(), WORD);
    word
}

/// Begins the names of our own items and of what we say about them.
pub(crate) const OURS: &str = "ctx";
/// Turns after which what was given for a turn is stale.
const STALE_AFTER: u32 = 2;
/// Labels begin again after this one.
const LARGEST_LABEL: u32 = 999;
/// Facts from tools that are remembered as given.
const MOST_READ: usize = 64;
