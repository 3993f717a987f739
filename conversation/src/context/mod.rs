//! What is looked up while the user speaks, and how the model is given it.
//!
//! The machine knows turns by their numbers only. What it finds waits for the gate of its turn; what comes later is
//! offered to the next. Nothing in a fact is ever obeyed: it is text between fences, in the lane of its source.

pub(crate) mod clean;
pub(crate) mod fact;
mod following;
mod gate;
mod given;
pub(crate) mod injection;
mod ledger;
mod lookups;
pub(crate) mod scratchpad;

use crate::citation::Citable;
use crate::config::{ContextPolicy, Starter, Strategy};
use crate::input::{HttpFailure, LookUpId};
use crate::letters::{first, is_letter};
use crate::list::List;
use crate::outbox::Outbox;
use crate::time::{Ms, Time};
use crate::timer::Timer;
use crate::view::{ContextRow, Fate, SourceRow, Why};
use crate::wire::Ask;
use fact::{Fact, unix_at};
use following::Following;
use gate::Gate;
use given::Given;
pub(crate) use given::fence_word;
use ledger::Ledger;
use lookups::LookUps;
use protocol::context::{ContextEvent, ContextItem, ContextRequest, Lane, Scratchpad};
use protocol::tools::NoteKind;
use protocol::{EventId, ItemId};
use std::sync::Arc;

/// The machine.
#[derive(Debug)]
pub(crate) struct ContextMachine {
    pub(crate) policy: ContextPolicy,
    /// Names the talk.
    talk: String,
    private: bool,
    scratchpad: Arc<Scratchpad>,
    lookups: LookUps,
    following: Following,
    gate: Gate,
    /// What was found and waits to be given.
    waiting: Vec<Fact>,
    given: Given,
    ledger: Ledger,
    /// The newest turn whose answer was asked for: what is found for it now is late.
    closed: u32,
    /// When the words of a turn were last looked up before they were whole.
    guessed: Option<Time>,
    /// Who starts answers where nothing is parallel.
    chosen: Starter,
    /// The rows of the house rules that this call was told.
    rules: Vec<u64>,
}

impl ContextMachine {
    pub(crate) fn new(policy: ContextPolicy, chosen: Starter, keep: usize) -> Self {
        Self {
            policy,
            talk: String::new(),
            private: false,
            scratchpad: Arc::default(),
            lookups: LookUps::default(),
            following: Following::default(),
            gate: Gate::default(),
            waiting: Vec::new(),
            given: Given::default(),
            ledger: Ledger::new(keep),
            closed: 0,
            guessed: None,
            chosen,
            rules: Vec::new(),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.policy.enabled
    }

    /// Who starts the answers.
    pub(crate) fn starter(&self) -> Starter {
        let parallel = self.is_on() && self.policy.strategy == Strategy::Parallel;
        if parallel { Starter::Upstream } else { self.chosen }
    }

    pub(crate) fn talk(&self) -> &str {
        &self.talk
    }

    pub(crate) fn is_private(&self) -> bool {
        self.private
    }

    /// In a private talk nothing is recalled, and what was recalled already is dropped.
    pub(crate) fn keep_private(&mut self, private: bool, out: &mut Outbox) {
        self.private = private;
        if private {
            self.drop_recalled(out);
        }
    }

    /// What is there of the memory, given or waiting, is taken back.
    pub(crate) fn drop_recalled(&mut self, out: &mut Outbox) {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting = self.without_memory(waiting);
        self.given.take_back_memory(&mut self.ledger, out);
    }

    fn without_memory(&mut self, mut facts: Vec<Fact>) -> Vec<Fact> {
        facts.retain(|fact| {
            let stays = fact.row.lane != Lane::Memory;
            if !stays {
                self.ledger.judge(fact.row.key, Fate::Dropped(Why::Refused));
            }
            stays
        });
        facts
    }

    pub(crate) fn ledger(&self) -> List<ContextRow> {
        self.ledger.rows()
    }

    pub(crate) fn sources(&self) -> List<SourceRow> {
        self.lookups.sources()
    }

    pub(crate) fn citable(&self) -> &Citable {
        self.given.citable()
    }

    pub(crate) fn notes(&self) -> Arc<Scratchpad> {
        self.scratchpad.clone()
    }

    pub(crate) fn note(&mut self, kind: NoteKind, text: &str) {
        let mut scratchpad = Scratchpad::clone(&self.scratchpad);
        scratchpad::note(&mut scratchpad, kind, text);
        self.scratchpad = Arc::new(scratchpad);
    }

    /// A new talk begins.
    pub(crate) fn begin_talk(&mut self, out: &mut Outbox) {
        self.talk = out.fresh_id("talk");
        self.scratchpad = Arc::default();
        self.waiting.clear();
        self.ledger.clear();
        self.lookups.begin_talk();
        self.closed = 0;
    }

    /// A new call has begun: before anything else it is told the house rules.
    pub(crate) fn tell_rules(&mut self, out: &mut Outbox) {
        if !self.is_on() || self.policy.house_rules.is_empty() {
            return;
        }
        let (text, fitting) = injection::rules(&self.policy.house_rules, self.policy.budgets.policy);
        let as_of = unix_at(self.policy.unix_at_zero, out.now).unwrap_or_default();
        self.rules.clear();
        for (at, rule) in self.policy.house_rules.iter().enumerate() {
            let fits = at < fitting;
            let row = ContextRow {
                key: self.ledger.fresh_key(),
                turn: 0,
                lane: Lane::Policy,
                source: "house rules".to_owned(),
                title: String::new(),
                url: None,
                attribution: String::new(),
                text: rule.clone(),
                tokens: clean::tokens(rule),
                as_of,
                fate: if fits { Fate::Given { at: out.now, cut: false } } else { Fate::Dropped(Why::Budget) },
            };
            if fits {
                self.rules.push(row.key);
            }
            self.ledger.enter(row);
        }
        if fitting > 0 {
            let item = ItemId::new(out.fresh_id(given::OURS));
            out.ask_as(&EventId::new(item.as_str()), Ask::Inform { item, text });
        }
    }

    /// The user begins to speak: what is known already is looked up with.
    pub(crate) fn speech_began(&mut self, turn: u32, out: &mut Outbox) {
        self.gate.begin();
        self.guessed = None;
        if self.is_on() && self.policy.strategy != Strategy::Sequential {
            self.ask(turn, "", false, out);
            self.speculate(turn, out);
        }
    }

    /// More words of a turn that are not whole.
    pub(crate) fn guess(&mut self, turn: u32, words: &str, out: &mut Outbox) {
        let soon = self.guessed.is_some_and(|at| out.now - at < GUESS_EVERY);
        let enough = words.split_whitespace().nth(1).is_some();
        let open = turn > self.closed && self.policy.strategy != Strategy::Sequential;
        if self.is_on() && open && !soon && enough {
            self.guessed = Some(out.now);
            self.ask(turn, words, false, out);
        }
    }

    /// The words of a turn are whole, or there are none. Says whether the deadline begins to run now.
    pub(crate) fn words_known(&mut self, turn: u32, words: &str, out: &mut Outbox) -> bool {
        self.look_up(turn, words, out);
        self.gate.words_known(self.policy.deadline, out)
    }

    /// Looks up the whole words of a turn.
    pub(crate) fn look_up(&mut self, turn: u32, words: &str, out: &mut Outbox) {
        if self.is_on() && words.contains(is_letter) {
            self.ask(turn, words, true, out);
        }
    }

    fn ask(&mut self, turn: u32, words: &str, complete: bool, out: &mut Outbox) {
        let request = self.request(turn, words, complete);
        self.lookups.ask(request, out);
    }

    fn request(&self, turn: u32, words: &str, complete: bool) -> ContextRequest {
        let words = words.trim();
        ContextRequest {
            talk: self.talk.clone(),
            turn: turn.max(1),
            query: first(words, LONGEST_QUERY).to_owned(),
            complete,
            scratchpad: Scratchpad::clone(&self.scratchpad),
            zone: self.policy.zone.clone(),
            sources: Vec::new(),
            private: self.private,
            follow: false,
        }
    }

    /// There is a call: what the user's subscriptions find is heard from now on, if there are any.
    pub(crate) fn follow(&mut self, out: &mut Outbox) {
        if self.is_on() && self.policy.watches && !self.following.is_open() {
            self.following.begin(self.lookups.fresh(), self.request(0, "", true), out);
        }
    }

    /// Looks something up for the model.
    pub(crate) fn search(&mut self, turn: u32, query: &str, source: Option<String>, out: &mut Outbox) -> LookUpId {
        let mut request = self.request(turn, query, true);
        request.sources.extend(source);
        self.lookups.ask_for_tool(request, out)
    }

    /// News of a look-up.
    pub(crate) fn hear(&mut self, id: LookUpId, event: ContextEvent, out: &mut Outbox) -> Heard {
        let follows = self.following.is(id);
        // What is followed belongs to the turn that comes next.
        let concerns = if follows { Some((self.closed + 1, false)) } else { self.lookups.note(id, &event) };
        let Some(concerns @ (turn, by_tool)) = concerns else { return Heard::Nothing };
        let items = match event {
            ContextEvent::Found { items, .. } | ContextEvent::Summary { items, .. } => items,
            ContextEvent::Started { .. } | ContextEvent::Failed { .. } | ContextEvent::Late { .. } => Vec::new(),
        };
        if follows {
            self.following.heard();
            self.supersede(&items);
        }
        if by_tool {
            let mut found = self.lookups.take_found(id);
            self.take(&items, concerns, id, &mut found, out.now);
            return if self.lookups.put_found(id, found) { Heard::ForTool(id) } else { Heard::Nothing };
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        self.take(&items, concerns, id, &mut waiting, out.now);
        self.waiting = waiting;
        if follows {
            return Heard::Nothing;
        }
        if turn > self.closed {
            self.speculate(turn, out);
        }
        Heard::ForTurn
    }

    /// What waits to be told is no longer true where there is something newer about the same.
    fn supersede(&mut self, items: &[ContextItem]) {
        let ledger = &mut self.ledger;
        self.waiting.retain(|fact| {
            let newer = |item: &ContextItem| {
                item.title == fact.row.title && item.source == fact.row.source && item.id != fact.id
            };
            let old = fact.row.lane == Lane::Hint && items.iter().any(newer);
            if old {
                ledger.judge(fact.row.key, Fate::Expired);
            }
            !old
        });
    }

    /// Whether there is something new that the user wants to be told of.
    pub(crate) fn has_news(&self, now: Time) -> bool {
        let is_news =
            |fact: &Fact| fact.row.lane == Lane::Hint && !fact.is_expired(unix_at(self.policy.unix_at_zero, now));
        self.waiting.iter().any(is_news)
    }

    /// A look-up's answer has ended.
    pub(crate) fn ended(&mut self, id: LookUpId, failure: Option<&HttpFailure>, out: &mut Outbox) -> Heard {
        if self.following.is(id) {
            // A server that does not want to tell is not asked again until something else is watched; one that does not
            // know who asks is, as that may change.
            let refused = matches!(failure, Some(HttpFailure::Status { status: 400..=428, .. }));
            self.policy.watches = !refused || failure.is_some_and(HttpFailure::is_signed_out);
            self.following.ended(self.policy.watches, out);
            return Heard::Nothing;
        }
        match self.lookups.ended(id) {
            None => Heard::Nothing,
            Some(true) => Heard::ForTool(id),
            Some(false) => Heard::ForTurn,
        }
    }

    /// Takes what was found into `facts`, unless it is there already, and enters it in the ledger.
    fn take(
        &mut self,
        items: &[ContextItem],
        (turn, by_tool): (u32, bool),
        id: LookUpId,
        facts: &mut Vec<Fact>,
        now: Time,
    ) {
        let unix = unix_at(self.policy.unix_at_zero, now);
        let late = turn <= self.closed && !by_tool;
        for item in items.iter().take(MOST_FOUND) {
            let fate = if late { Fate::Late } else { Fate::Waiting };
            let mut fact = Fact::of(item, 0, turn, id.0, fate);
            if self.private && fact.row.lane == Lane::Memory {
                continue;
            }
            if facts.iter().any(|known| known.is_same(&fact)) || self.given.stands(turn, &fact) {
                continue;
            }
            fact.row.key = self.ledger.fresh_key();
            let unfit = if fact.row.text.is_empty() {
                Some(Why::Empty)
            } else if fact.is_expired(unix) {
                Some(Why::Expired)
            } else if facts.len() >= MOST_WAITING {
                Some(Why::Budget)
            } else {
                None
            };
            if let Some(why) = unfit {
                fact.row.fate = Fate::Dropped(why);
            }
            self.ledger.enter(fact.row.clone());
            if unfit.is_none() {
                facts.push(fact);
            }
        }
    }

    /// The output of a tool's look-up, which is over, and is to stand in this item; none if nothing was found.
    pub(crate) fn tool_output(&mut self, id: LookUpId, turn: u32, item: &ItemId, out: &mut Outbox) -> Option<String> {
        let mut found = self.lookups.take_found(id);
        if self.private {
            found = self.without_memory(found);
        }
        self.lookups.cancel_one(id, out);
        let budgets = self.policy.budgets;
        self.given.tool_output((turn, item), found, |lane| budgets.of(lane), &mut self.ledger, out)
    }

    /// Nobody waits for a tool's look-up any more.
    pub(crate) fn forget_search(&mut self, id: LookUpId, out: &mut Outbox) {
        self.lookups.cancel_one(id, out);
    }

    /// Whether an answer is held back.
    pub(crate) fn holds(&self) -> bool {
        self.gate.holds()
    }

    /// The user's turn is over. `words` are its words, if they are known; `coming` is whether they will be. Says whether
    /// the deadline runs.
    pub(crate) fn open_gate(&mut self, turn: u32, words: Option<&str>, coming: bool, out: &mut Outbox) -> bool {
        self.look_up(turn, words.unwrap_or_default(), out);
        let limits = (self.policy.deadline, self.policy.words_within);
        self.gate.open(self.policy.strategy, words.is_none() && coming, limits, out)
    }

    /// Whether the answer that is held back may go.
    pub(crate) fn is_ready(&self, turn: u32) -> bool {
        self.gate.is_ready(self.lookups.is_asking(turn))
    }

    /// The deadline has passed.
    pub(crate) fn ring_gate(&mut self) {
        self.gate.ring();
    }

    /// The answer that is held back is not wanted any more, or not now.
    pub(crate) fn close_gate(&mut self, out: &mut Outbox) {
        self.gate.close(out);
    }

    /// The answer to a turn is asked for, or has begun: what is found for it now is late.
    pub(crate) fn answered(&mut self, turn: u32) {
        self.closed = self.closed.max(turn);
    }

    /// Where answers do not wait, the model is given at once what there is.
    fn speculate(&mut self, turn: u32, out: &mut Outbox) {
        if self.starter() == Starter::Upstream {
            self.give(turn, out);
        }
    }

    /// Gives the model everything that waits, within the budgets. Says whether there was news that the user wants to be
    /// told of.
    pub(crate) fn give(&mut self, turn: u32, out: &mut Outbox) -> bool {
        self.gate.close(out);
        let unix = unix_at(self.policy.unix_at_zero, out.now);
        self.given.take_back_stale(turn, unix, &mut self.ledger, out);
        let mut offered = std::mem::take(&mut self.waiting);
        offered.retain(|fact| {
            let why = if fact.is_expired(unix) {
                Why::Expired
            } else if fact.row.turn.saturating_add(1) < turn {
                Why::Late
            } else {
                return true;
            };
            self.ledger.judge(fact.row.key, Fate::Dropped(why));
            false
        });
        let mut offered = Fact::ranked(offered);
        let mut news = false;
        for lane in [Lane::Turn, Lane::Memory, Lane::Hint] {
            let rest = offered.iter().position(|fact| fact.row.lane > lane).unwrap_or(offered.len());
            let facts = offered.drain(..rest).collect();
            // The last lane is that of news.
            news = self.given.give(lane, turn, facts, self.policy.budgets.of(lane), &mut self.ledger, out);
        }
        self.arm_expiry(out);
        news
    }

    /// Something that the model has may be no longer true.
    pub(crate) fn ring_expiry(&mut self, turn: u32, out: &mut Outbox) {
        let unix = unix_at(self.policy.unix_at_zero, out.now);
        self.given.take_back_stale(turn, unix, &mut self.ledger, out);
        self.arm_expiry(out);
    }

    fn arm_expiry(&self, out: &mut Outbox) {
        out.disarm(Timer::Expiry);
        if let (Some(end), Some(zero)) = (self.given.next_expiry(), self.policy.unix_at_zero) {
            let after = u64::try_from(end.saturating_sub(zero)).unwrap_or(0);
            out.timers.arm(Timer::Expiry, Time::ZERO + Ms(after.saturating_mul(1_000)));
        }
    }

    /// The service refused something. Says whether it was an item of ours.
    pub(crate) fn refused(&mut self, cause: &EventId) -> bool {
        self.given.refused(cause, &mut self.ledger)
    }

    /// The call is gone, with everything that the model was given.
    pub(crate) fn call_gone(&mut self, out: &mut Outbox) {
        self.gate.close(out);
        self.lookups.cancel_all(out);
        self.following.end(out);
        self.given.call_gone(&mut self.ledger);
        for key in std::mem::take(&mut self.rules) {
            self.ledger.judge(key, Fate::Lost);
        }
        out.disarm(Timer::Expiry);
    }

    /// The talk has ended.
    pub(crate) fn end(&mut self) {
        for fact in std::mem::take(&mut self.waiting) {
            self.ledger.judge(fact.row.key, Fate::Dropped(Why::Late));
        }
    }
}

/// Whom news of a look-up concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nobody: the look-up is over.
    Nothing,
    /// The turn: perhaps its answer may go.
    ForTurn,
    /// A tool, which has found what it can.
    ForTool(LookUpId),
}

/// Words that are not whole are looked up at most so often.
const GUESS_EVERY: Ms = Ms(300);
/// The longest question, in bytes.
const LONGEST_QUERY: usize = 1_000;
/// The most facts that are taken of one event.
const MOST_FOUND: usize = 64;
/// The most facts that wait.
const MOST_WAITING: usize = 128;
