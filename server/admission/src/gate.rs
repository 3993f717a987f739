//! The gate: what a visitor wants, against what the visitor has used.
//!
//! A key is asked for, then a call is opened with it, then time and money go by. Each is counted under the person, the
//! address and everybody. Whoever has used up the time or the money gets no further key, and calls that go on are named
//! by [`Gate::overdrawn`] so that they are hung up.
//!
//! Calls that go on are kept in the store as well, each held by the server that opened it. One that ends elsewhere is
//! told to its holder; one whose holder is gone is taken up by another server, or by the same one started again.

use crate::random;
use crate::running::{Running, Sight};
use crate::spending::{SPENDABLE, Spent, limits, scopes};
use crate::{
    CounterError, Counters, Hold, Holding, Identity, Place, Prices, Quantity, Quotas, Scope, Session, Step, Taken,
    Visitor,
};
use async_trait::async_trait;
use protocol::{CallId, TranscriptionUsage, Usage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// What lets visitors in. Times are seconds of Unix time.
#[derive(Debug)]
pub struct Gate {
    counters: Arc<dyn Counters>,
    rules: RwLock<Arc<Rules>>,
    running: Mutex<BTreeMap<CallId, Running>>,
    /// What was spent while the store did not answer, by what it is counted under.
    owed: Mutex<BTreeMap<Vec<(Scope, String)>, Spent>>,
    /// Until when the store is believed to be writable.
    writable_until: AtomicU64,
    /// Whether it cannot be seen if the file is there that closes the gate.
    blind: AtomicBool,
    /// What this server holds calls as.
    holder: String,
}

/// What holds until the configuration changes.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// How much may be used.
    pub quotas: Quotas,
    /// What tokens cost.
    pub prices: Prices,
    /// Whether nobody may talk.
    pub closed: bool,
    /// A file whose being there means the same.
    pub closed_by: Option<PathBuf>,
}

/// Why a visitor does not get what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The operator has closed the gate.
    #[error("closed by its operator")]
    Closed,
    /// A limit is reached.
    #[error("the limit {} for {} is reached", .quantity.word(), .scope.word())]
    Limit {
        /// Of what.
        quantity: Quantity,
        /// Whose.
        scope: Scope,
        /// In how many seconds it can be asked again.
        retry_after: u64,
    },
    /// It cannot be counted, so it cannot be allowed.
    #[error("limits cannot be counted")]
    Uncounted(#[from] CounterError),
    /// A call that is counted is not seen any more.
    #[error("nothing is heard of the call")]
    Unseen,
}

/// A seat for a call that is about to be opened.
#[derive(Debug)]
#[must_use = "a seat is kept for a while unless the call is opened or abandoned"]
pub struct Lease {
    visitor: Visitor,
    member: String,
}

/// A call that goes on past a limit.
#[derive(Debug)]
pub struct Overdrawn {
    /// Which.
    pub call: CallId,
    /// Whose.
    pub visitor: Visitor,
    /// Why it must end.
    pub why: Refusal,
}

/// Hears what responses cost from the upstream itself, so that no client has to be believed.
#[async_trait]
pub trait UsageSink: Send + Sync {
    /// A response of a call used this.
    async fn used(&self, call: &CallId, usage: &Usage, now: u64);
    /// Writing down what was heard in a call used this.
    async fn transcribed(&self, call: &CallId, usage: &TranscriptionUsage, now: u64);
    /// A call has ended.
    async fn ended(&self, call: &CallId, now: u64);
}

impl Gate {
    /// A gate with a store and rules.
    pub fn new(counters: Arc<dyn Counters>, rules: Rules) -> Self {
        let holder = random::word().unwrap_or_default();
        Self {
            counters,
            rules: RwLock::new(Arc::new(rules)),
            running: Mutex::default(),
            owed: Mutex::default(),
            writable_until: AtomicU64::new(0),
            blind: AtomicBool::new(false),
            holder,
        }
    }

    /// Changes the rules from now on.
    pub fn set_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// Lets a visitor have a key.
    ///
    /// # Errors
    /// As [`Refusal`] tells.
    pub async fn mint(&self, visitor: &Visitor, now: u64) -> Result<(), Refusal> {
        self.pass(visitor, Some(Quantity::Mints), now).await?;
        self.will_count(now).await
    }

    /// Lets a visitor look something up.
    ///
    /// # Errors
    /// As [`Refusal`] tells.
    pub async fn look_up(&self, visitor: &Visitor, now: u64) -> Result<(), Refusal> {
        self.pass(visitor, Some(Quantity::LookUps), now).await
    }

    /// Lets a visitor open a call.
    ///
    /// # Errors
    /// As [`Refusal`] tells.
    pub async fn open(&self, visitor: &Visitor, now: u64) -> Result<Lease, Refusal> {
        self.pass(visitor, None, now).await?;
        self.will_count(now).await?;
        let lease = Lease { visitor: visitor.clone(), member: random::word().unwrap_or_default() };
        let (scopes, places) = self.seats(&lease.visitor);
        if places.is_empty() {
            return Ok(lease);
        }
        match self.counters.lease(&places, &lease.member, now, now + SEAT).await? {
            None => Ok(lease),
            Some(full) => Err(Refusal::Limit {
                quantity: Quantity::Calls,
                scope: scopes.get(full).copied().unwrap_or(Scope::All),
                retry_after: SEAT_AGAIN,
            }),
        }
    }

    /// A call was opened with a seat.
    pub async fn opened(&self, lease: Lease, call: CallId, now: u64) {
        let owner = lease.visitor.identity.as_ref().map_or("", Identity::as_str);
        if let Err(error) = self.counters.note(&call_name(&call), owner, now, now + NAMED).await {
            tracing::warn!(%error, "no other server hangs up a call: whose it is cannot be noted");
        }
        let running = Running::new(lease.visitor, lease.member, now);
        let word = running.written();
        if self.enter(&call, running) {
            self.keep(&call, &word, now).await;
        }
    }

    /// A call was not opened after all.
    pub async fn abandoned(&self, lease: &Lease) {
        self.leave(&lease.visitor, &lease.member).await;
    }

    /// How many calls go on.
    pub fn count(&self) -> usize {
        self.running().len()
    }

    /// Whether a call goes on, and here.
    pub fn has(&self, call: &CallId) -> bool {
        self.running().contains_key(call)
    }

    /// The upstream lets a call be watched from now on.
    pub fn watched(&self, call: &CallId) {
        if let Some(running) = self.running().get_mut(call) {
            running.sight = Sight::Watched;
        }
    }

    /// Nobody watches a call any more, and what it costs is not heard from the upstream.
    pub fn unwatched(&self, call: &CallId, now: u64) {
        if let Some(running) = self.running().get_mut(call) {
            running.sight = Sight::Lost(now);
        }
    }

    /// Tells the store that calls go on here, and names those that another server has ended or taken up.
    pub async fn hold(&self, now: u64) -> Vec<CallId> {
        let calls: Vec<CallId> = self.running().keys().cloned().collect();
        let names: Vec<&str> = calls.iter().map(CallId::as_str).collect();
        let holdings = if names.is_empty() { Ok(Vec::new()) } else { self.counters.hold(&names, &self.own(now)).await };
        let holdings = holdings.unwrap_or_else(|error| {
            tracing::warn!(%error, "calls are not kept");
            Vec::new()
        });
        let mut gone = Vec::new();
        for (call, holding) in calls.into_iter().zip(holdings) {
            match holding {
                Holding::Ours => {}
                Holding::Unknown => {
                    let word = self.running().get(&call).map(Running::written);
                    if let Some(word) = word {
                        self.keep(&call, &word, now).await;
                    }
                }
                Holding::Gone => {
                    let settled = self.settle(&call, now);
                    self.running().remove(&call);
                    if let Some((running, spent)) = settled {
                        self.spend(scopes(&running.visitor), spent, now).await;
                    }
                    gone.push(call);
                }
            }
        }
        gone
    }

    /// Takes up the calls that go on and that no server holds any more.
    pub async fn take_up(&self, now: u64) -> Vec<CallId> {
        let found = self.counters.take_up(now, &self.own(now)).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "calls are not taken up");
            Vec::new()
        });
        let mut taken = Vec::new();
        for (name, word) in found {
            let call = CallId::new(name);
            match Running::read(&word, now).filter(|running| !running.is_over(now)) {
                Some(running) => {
                    if self.enter(&call, running) {
                        taken.push(call);
                    }
                }
                None => self.ended(&call, now).await,
            }
        }
        taken
    }

    /// Counts what calls have used until now, and names those that must end. Each is named until it has ended; one that
    /// nobody sees, every few minutes.
    pub async fn overdrawn(&self, now: u64) -> Vec<Overdrawn> {
        let mut overdrawn = Vec::new();
        let closed = self.is_closed();
        self.pay_what_is_owed(now).await;
        let calls: Vec<CallId> = self.running().keys().cloned().collect();
        for call in calls {
            let Some((running, spent)) = self.settle(&call, now) else { continue };
            let reached = self.spend(scopes(&running.visitor), spent, now).await;
            if running.is_over(now) {
                self.ended(&call, now).await;
                continue;
            }
            let unseen = self.unseen(&call, now);
            if unseen.is_none() && running.is_believed(now) {
                self.renew(&running, now).await;
            }
            let closed = closed.then_some(Refusal::Closed);
            if let Some(why) = closed.or(reached).or(unseen) {
                overdrawn.push(Overdrawn { call, visitor: running.visitor, why });
            }
        }
        overdrawn
    }

    /// The calls that go on here, and whose they are.
    pub fn calls(&self) -> BTreeMap<CallId, Visitor> {
        self.running().iter().map(|(call, running)| (call.clone(), running.visitor.clone())).collect()
    }

    /// Whose a call is, if it was made here or on a server that counts in the same store; somebody unknown is none
    /// within. A call that has ended is still known for a while.
    ///
    /// # Errors
    /// It cannot be looked up.
    pub async fn owner_of_call(&self, call: &CallId, now: u64) -> Result<Option<Option<Identity>>, CounterError> {
        let running = self.running().get(call).map(|running| running.visitor.identity.clone());
        if running.is_some() {
            return Ok(running);
        }
        let word = self.counters.noted(&call_name(call), now).await?;
        Ok(word.map(|word| (!word.is_empty()).then(|| Identity::written(word))))
    }

    /// Lets somebody try to log in.
    ///
    /// # Errors
    /// Too much was tried from this address, or it cannot be counted.
    pub async fn try_login(&self, visitor: &Visitor, now: u64) -> Result<(), Refusal> {
        self.take(&Visitor::stranger(visitor.address), [(Quantity::Logins, 1)], now).await
    }

    /// Whether something that may happen once happens for the first time, on any server.
    ///
    /// # Errors
    /// It cannot be counted.
    pub async fn is_first(&self, what: &str, now: u64, until: u64) -> Result<bool, CounterError> {
        let step = Step { key: format!("once:{what}"), amount: 1, ceiling: Some(1), until };
        Ok(matches!(self.counters.take(&[step], now).await?, Taken::All(_)))
    }

    /// Ends a session before its time, on every server.
    ///
    /// # Errors
    /// It cannot be noted.
    pub async fn end_session(&self, session: &Session, now: u64) -> Result<(), CounterError> {
        self.counters.note(&format!("ended:{}", session.id), "1", now, session.expires_at).await
    }

    /// Whether a session was ended before its time.
    ///
    /// # Errors
    /// It cannot be looked up.
    pub async fn has_ended(&self, session: &Session, now: u64) -> Result<bool, CounterError> {
        Ok(self.counters.noted(&format!("ended:{}", session.id), now).await?.is_some())
    }

    /// Counts what a client says that it used. It is believed only where the upstream says nothing, and only against
    /// itself: a lie must not use up what others have. Of a stranger there has to be a call: anybody could be any number
    /// of strangers.
    pub async fn reported(&self, visitor: &Visitor, usage: &Usage, now: u64) {
        let counts = {
            let mut calls = self.running();
            let theirs = calls.values_mut().filter(|running| running.visitor == *visitor);
            match theirs.max_by_key(|running| running.since).map(|running| &mut running.sight) {
                Some(Sight::Metered) => false,
                Some(Sight::Lost(at)) => {
                    *at = now;
                    true
                }
                Some(Sight::Watched) => true,
                None => visitor.identity.is_some(),
            }
        };
        if counts {
            let itself = scopes(visitor).into_iter().take(1).collect();
            self.pay(itself, self.rules().prices.cost(usage), now).await;
        }
    }

    /// Whether the operator has closed the gate. Where that cannot be seen, it is closed.
    pub fn is_closed(&self) -> bool {
        let rules = self.rules();
        rules.closed || rules.closed_by.as_ref().is_some_and(|file| self.is_there(file))
    }

    fn is_there(&self, file: &Path) -> bool {
        let found = file.try_exists();
        let blind = found.is_err();
        if self.blind.swap(blind, Ordering::Relaxed) != blind
            && let Err(error) = &found
        {
            tracing::warn!(file = %file.display(), %error, "closed: whether the file that closes is there cannot be seen");
        }
        found.unwrap_or(true)
    }

    /// Whether it can be counted.
    ///
    /// # Errors
    /// It cannot.
    pub async fn check(&self) -> Result<(), CounterError> {
        self.counters.check().await
    }

    /// One more of a quantity, if there is one, for somebody who has time and money left.
    async fn pass(&self, visitor: &Visitor, one: Option<Quantity>, now: u64) -> Result<(), Refusal> {
        if self.is_closed() {
            return Err(Refusal::Closed);
        }
        self.take(visitor, one.map(|one| (one, 1)).into_iter().chain(SPENDABLE.map(|quantity| (quantity, 0))), now)
            .await
    }

    /// Nobody is let in whose call could not be written down. The store is asked now and then.
    async fn will_count(&self, now: u64) -> Result<(), Refusal> {
        if now >= self.writable_until.load(Ordering::Relaxed) {
            self.counters.check().await?;
            self.writable_until.store(now + WRITABLE, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Amounts of quantities, if there are all of them; of an amount of nothing, there has to be something left.
    async fn take(
        &self,
        visitor: &Visitor,
        amounts: impl IntoIterator<Item = (Quantity, u64)>,
        now: u64,
    ) -> Result<(), Refusal> {
        let (limits, mut steps) = limits(&self.rules().quotas, &scopes(visitor), amounts, now);
        for (limit, step) in limits.iter().zip(&mut steps) {
            // Whoever has used up exactly the limit has nothing left.
            step.ceiling = Some((limit.most + step.amount).checked_sub(1).ok_or_else(|| limit.refusal())?);
        }
        if steps.is_empty() {
            return Ok(());
        }
        match self.counters.take(&steps, now).await? {
            Taken::All(_) => Ok(()),
            Taken::Refused(number) => limits.get(number).map_or(Ok(()), |limit| Err(limit.refusal())),
        }
    }

    /// Counts what was spent, and says which limit is reached now, if one is. What cannot be counted is owed; and while
    /// something is owed, so is all that follows.
    async fn spend(&self, scopes: Vec<(Scope, String)>, spent: Spent, now: u64) -> Option<Refusal> {
        let amounts = SPENDABLE.map(|quantity| (quantity, spent.of(quantity)));
        let (limits, steps) = limits(&self.rules().quotas, &scopes, amounts, now);
        if steps.is_empty() {
            return None;
        }
        if self.owed().is_empty() {
            match self.counters.take(&steps, now).await {
                Ok(Taken::All(values)) => {
                    let reached = limits.iter().zip(values).find(|(limit, value)| *value >= limit.most);
                    return reached.map(|(limit, _)| limit.refusal());
                }
                Ok(Taken::Refused(_)) => return None,
                Err(error) => tracing::warn!(%error, "what talks use is counted later"),
            }
        }
        let mut owed = self.owed();
        if owed.len() < MOST || owed.contains_key(&scopes) {
            *owed.entry(scopes).or_default() += spent;
        }
        None
    }

    /// Counts what is owed once the store can be written to again. Until then it is asked for nothing else: a store that
    /// hangs may do later all that it was asked for.
    async fn pay_what_is_owed(&self, now: u64) {
        if self.owed().is_empty() {
            return;
        }
        if let Err(error) = self.counters.check().await {
            tracing::warn!(%error, "what talks use is not counted yet");
            return;
        }
        let owed = std::mem::take(&mut *self.owed());
        for (scopes, spent) in owed {
            self.spend(scopes, spent, now).await;
        }
    }

    async fn pay(&self, scopes: Vec<(Scope, String)>, millionths: u64, now: u64) {
        if millionths > 0 {
            self.spend(scopes, Spent { seconds: 0, millionths }, now).await;
        }
    }

    /// A call must end that counts against a limit and that nobody sees: it may have ended long ago, or go on past any
    /// limit. Until it is hung up it counts as on.
    fn unseen(&self, call: &CallId, now: u64) -> Option<Refusal> {
        let quotas = self.rules().quotas;
        let mut calls = self.running();
        let running = calls.get_mut(call).filter(|running| !running.is_believed(now))?;
        let scopes = scopes(&running.visitor);
        let is_limited = |quantity| scopes.iter().any(|(scope, _)| quotas.of(quantity).of(*scope).is_some());
        if !SPENDABLE.into_iter().chain([Quantity::Calls]).any(is_limited) {
            return None;
        }
        running.sight = Sight::Lost(now);
        Some(Refusal::Unseen)
    }

    /// Marks a call's time as counted, and says how much it was.
    fn settle(&self, call: &CallId, now: u64) -> Option<(Running, Spent)> {
        let mut calls = self.running();
        let running = calls.get_mut(call)?;
        let seconds = running.settle(now);
        Some((running.clone(), Spent { seconds, millionths: 0 }))
    }

    /// Has a call among those that go on, if there is room.
    fn enter(&self, call: &CallId, running: Running) -> bool {
        let mut calls = self.running();
        let room = calls.len() < MOST;
        if room {
            calls.insert(call.clone(), running);
        }
        room
    }

    async fn keep(&self, call: &CallId, word: &str, now: u64) {
        if let Err(error) = self.counters.keep(call.as_str(), word, &self.own(now)).await {
            tracing::warn!(%error, "a call is not kept");
        }
    }

    fn own(&self, now: u64) -> Hold<'_> {
        Hold { holder: &self.holder, until: now + HELD }
    }

    async fn renew(&self, running: &Running, now: u64) {
        let (_, places) = self.seats(&running.visitor);
        // A store that does not answer would keep every call waiting.
        if places.is_empty() || !self.owed().is_empty() {
            return;
        }
        if let Err(error) = self.counters.lease(&places, &running.member, now, now + SEAT).await {
            tracing::warn!(%error, "a seat is not kept");
        }
    }

    async fn leave(&self, visitor: &Visitor, member: &str) {
        let (_, places) = self.seats(visitor);
        if !places.is_empty()
            && let Err(error) = self.counters.release(&places, member).await
        {
            tracing::warn!(%error, "a seat is kept until its time is over");
        }
    }

    /// The places in which a visitor takes a seat, and whose each is.
    fn seats(&self, visitor: &Visitor) -> (Vec<Scope>, Vec<Place>) {
        let quota = self.rules().quotas.calls;
        let place = |(scope, name): (Scope, String)| {
            Some((scope, Place { key: format!("calls:{name}"), seats: quota.of(scope)? }))
        };
        scopes(visitor).into_iter().filter_map(place).unzip()
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn owed(&self) -> MutexGuard<'_, BTreeMap<Vec<(Scope, String)>, Spent>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<CallId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl UsageSink for Gate {
    async fn used(&self, call: &CallId, usage: &Usage, now: u64) {
        let visitor = self.running().get_mut(call).map(|running| {
            running.sight = Sight::Metered;
            running.visitor.clone()
        });
        if let Some(visitor) = visitor {
            self.pay(scopes(&visitor), self.rules().prices.cost(usage), now).await;
        }
    }

    async fn transcribed(&self, call: &CallId, usage: &TranscriptionUsage, now: u64) {
        let visitor = self.running().get(call).map(|running| running.visitor.clone());
        if let Some(visitor) = visitor {
            self.pay(scopes(&visitor), self.rules().prices.cost_of_transcription(usage), now).await;
        }
    }

    async fn ended(&self, call: &CallId, now: u64) {
        let settled = self.settle(call, now);
        self.running().remove(call);
        let kept = self.counters.end(call.as_str(), &self.own(now)).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the end of a call is not noted");
            None
        });
        if let Some((running, spent)) = settled {
            self.spend(scopes(&running.visitor), spent, now).await;
            self.leave(&running.visitor, &running.member).await;
        } else if let Some(running) = kept.and_then(|word| Running::read(&word, now)) {
            self.leave(&running.visitor, &running.member).await;
        }
    }
}

fn call_name(call: &CallId) -> String {
    format!("call:{call}")
}

/// How long it is known whose a call is, in seconds: for longer than a call lasts.
const NAMED: u64 = 2 * 3_600;

/// How long a seat is kept for a call of which nothing is heard: of a server that was killed.
const SEAT: u64 = 90;

/// When to ask again for a seat. Nobody knows when a call ends.
const SEAT_AGAIN: u64 = 15;

/// How long a store that could be written to is believed to be writable.
const WRITABLE: u64 = 2;

/// How long a call is held for a server of which nothing is heard.
const HELD: u64 = 20;

/// Bounds the memory of a server that makes more calls than anybody expected.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::{Gate, Refusal, Rules, UsageSink};
    use crate::{Embedded, Identity, Prices, Quantity, Quota, Quotas, Scope, Visitor, Way};
    use protocol::{CallId, Usage};
    use std::sync::Arc;

    fn gate(quotas: &Quotas) -> Gate {
        let prices = Prices { audio_in: 1.0, audio_out: 1.0, ..Prices::default() };
        Gate::new(Arc::new(Embedded::new()), Rules { quotas: *quotas, prices, ..Rules::default() })
    }

    fn visitor(name: &str, address: &str) -> Visitor {
        Visitor { address: address.parse().expect("an address"), identity: Identity::new(Way::Token, name) }
    }

    fn usage(tokens: u64) -> Usage {
        Usage { total_tokens: tokens, input_tokens: tokens, ..Usage::default() }
    }

    #[track_caller]
    fn assert_limit<T: std::fmt::Debug>(result: Result<T, Refusal>, quantity: Quantity, scope: Scope, seconds: u64) {
        match result {
            Err(Refusal::Limit { quantity: a, scope: b, retry_after }) => {
                assert_eq!((a, b, retry_after), (quantity, scope, seconds));
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn keys_are_counted_by_person_and_by_address_and_again_in_the_next_minute() {
        let mints = Quota { user: Some(2), address: Some(3), all: None };
        let gate = gate(&Quotas { mints, ..Quotas::default() });
        let (alice, bob) = (visitor("alice", "192.0.2.1"), visitor("bob", "192.0.2.1"));
        gate.mint(&alice, NOW).await.expect("one");
        gate.mint(&alice, NOW + 1).await.expect("two");
        assert_limit(gate.mint(&alice, NOW + 2).await, Quantity::Mints, Scope::User, 58);
        gate.mint(&visitor("alice", "192.0.2.2"), NOW).await.expect_err("the person counts wherever she is");
        gate.mint(&bob, NOW).await.expect("the third of the address");
        assert_limit(gate.mint(&bob, NOW).await, Quantity::Mints, Scope::Address, 60);
        gate.mint(&alice, NOW + 60).await.expect("a new minute");
    }

    #[tokio::test]
    async fn a_seat_is_free_again_when_its_call_ends_or_was_never_opened() {
        let gate = gate(&Quotas { calls: Quota { user: Some(1), ..Quota::default() }, ..Quotas::default() });
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        assert_limit(gate.open(&alice, NOW).await, Quantity::Calls, Scope::User, 15);
        gate.abandoned(&lease).await;
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.overdrawn(NOW + 80).await;
        assert!(gate.open(&alice, NOW + 100).await.is_err(), "a call that goes on keeps its seat");
        gate.ended(&CALL.into(), NOW + 101).await;
        let _lease = gate.open(&alice, NOW + 101).await.expect("a seat");
    }

    #[tokio::test]
    async fn a_call_past_its_minutes_is_named_and_no_key_is_given_until_the_next_day() {
        let time = Quota { user: Some(60), ..Quota::default() };
        let gate = gate(&Quotas { time, ..Quotas::default() });
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        assert!(gate.overdrawn(NOW + 59).await.is_empty());
        let overdrawn = gate.overdrawn(NOW + 60).await;
        let [only] = overdrawn.as_slice() else { panic!("{overdrawn:?}") };
        assert_eq!(only.call, CallId::from(CALL));
        gate.ended(&CALL.into(), NOW + 60).await;
        assert_eq!(gate.count(), 0);
        assert_limit(gate.mint(&alice, NOW + 61).await, Quantity::Time, Scope::User, 86_400 - 61);
        gate.mint(&alice, NOW + 86_400).await.expect("a new day");
    }

    #[tokio::test]
    async fn money_of_the_upstream_counts_and_then_the_client_is_not_believed_as_well() {
        let gate = gate(&Quotas { day_money: Quota { user: Some(100), ..Quota::default() }, ..Quotas::default() });
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.used(&CALL.into(), &usage(60), NOW).await;
        gate.reported(&alice, &usage(60), NOW).await;
        assert!(gate.overdrawn(NOW).await.is_empty());
        gate.reported(&visitor("bob", "192.0.2.1"), &usage(100), NOW).await;
        assert!(gate.mint(&visitor("bob", "192.0.2.1"), NOW).await.is_err(), "without a meter the client is believed");
        gate.used(&CALL.into(), &usage(40), NOW).await;
        assert_eq!(gate.overdrawn(NOW).await.len(), 1);
    }

    #[tokio::test]
    async fn a_client_is_believed_again_when_the_upstream_says_no_more_what_its_call_costs() {
        let gate = gate(&Quotas { day_money: Quota { user: Some(100), ..Quota::default() }, ..Quotas::default() });
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.watched(&CALL.into());
        gate.used(&CALL.into(), &usage(1), NOW).await;
        gate.unwatched(&CALL.into(), NOW + 1);
        gate.reported(&alice, &usage(99), NOW + 2).await;
        assert_limit(gate.mint(&alice, NOW + 2).await, Quantity::DayMoney, Scope::User, 86_398);
    }

    fn one_call_and_an_hour() -> Quotas {
        let calls = Quota { user: Some(1), ..Quota::default() };
        Quotas { calls, time: Quota { user: Some(3_600), ..Quota::default() }, ..Quotas::default() }
    }

    #[tokio::test]
    async fn a_call_of_which_nothing_is_heard_is_named_and_counts_until_it_has_ended() {
        let gate = gate(&one_call_and_an_hour());
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.overdrawn(NOW + 60).await;
        gate.reported(&alice, &usage(1), NOW + 100).await;
        assert!(gate.overdrawn(NOW + 400).await.is_empty(), "there was a sign of it not long ago");
        let named = gate.overdrawn(NOW + 401).await;
        assert!(matches!(named.as_slice(), [only] if matches!(only.why, Refusal::Unseen)), "{named:?}");
        // The upstream did not hang up.
        assert!(gate.overdrawn(NOW + 480).await.is_empty(), "it is not tried all the time");
        gate.open(&alice, NOW + 489).await.expect_err("it may go on");
        assert_eq!(gate.overdrawn(NOW + 702).await.len(), 1);
        gate.ended(&CALL.into(), NOW + 702).await;
        let lease = gate.open(&alice, NOW + 702).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW + 702).await;
        gate.watched(&CALL.into());
        assert!(gate.overdrawn(NOW + 3_599).await.is_empty());
        assert_eq!(gate.overdrawn(NOW + 3_600).await.len(), 1, "all of its time was counted");
    }

    #[tokio::test]
    async fn a_call_without_limits_may_be_as_quiet_as_it_likes() {
        let gate = gate(&Quotas::default());
        let lease = gate.open(&visitor("alice", "192.0.2.1"), NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        assert!(gate.overdrawn(NOW + 3_600).await.is_empty());
        assert_eq!(gate.count(), 1);
    }

    #[tokio::test]
    async fn a_call_that_is_watched_keeps_its_seat_however_quiet_it_is() {
        let gate = gate(&one_call_and_an_hour());
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.watched(&CALL.into());
        gate.overdrawn(NOW + 1_800).await;
        gate.open(&alice, NOW + 1_801).await.expect_err("it goes on");
        assert_eq!(gate.overdrawn(NOW + 3_600).await.len(), 1, "its time is counted");
    }

    /// Two servers with one store, the first of which has opened a call.
    async fn two_servers_and_a_call() -> ([Gate; 2], Visitor) {
        let counters: Arc<dyn crate::Counters> = Arc::new(Embedded::new());
        let rules = Rules { quotas: one_call_and_an_hour(), ..Rules::default() };
        let gates = [(); 2].map(|()| Gate::new(Arc::clone(&counters), rules.clone()));
        let alice = visitor("alice", "192.0.2.1");
        let lease = gates[0].open(&alice, NOW).await.expect("a seat");
        gates[0].opened(lease, CALL.into(), NOW).await;
        (gates, alice)
    }

    #[tokio::test]
    async fn a_call_that_was_hung_up_by_way_of_another_server_is_over_on_both() {
        let ([one, other], alice) = two_servers_and_a_call().await;
        other.ended(&CALL.into(), NOW + 10).await;
        let _lease = other.open(&alice, NOW + 10).await.expect("a seat");
        assert_eq!((one.hold(NOW + 12).await, one.count()), (vec![CALL.into()], 0));
        assert!(one.hold(NOW + 13).await.is_empty());
    }

    #[tokio::test]
    async fn a_call_whose_server_is_gone_is_taken_up_with_its_seat() {
        let ([one, other], alice) = two_servers_and_a_call().await;
        one.hold(NOW + 10).await;
        assert!(other.take_up(NOW + 29).await.is_empty(), "it is held");
        assert_eq!(other.take_up(NOW + 30).await, [CALL.into()]);
        other.overdrawn(NOW + 80).await;
        assert_limit(other.open(&alice, NOW + 100).await.map(drop), Quantity::Calls, Scope::User, 15);
        other.set_rules(Rules { closed: true, quotas: one_call_and_an_hour(), ..Rules::default() });
        assert_eq!(other.overdrawn(NOW + 100).await[0].visitor, alice);
        other.ended(&CALL.into(), NOW + 101).await;
        assert!(other.take_up(NOW + 200).await.is_empty());
    }

    #[tokio::test]
    async fn a_call_older_than_any_can_be_is_forgotten() {
        let counters: Arc<dyn crate::Counters> = Arc::new(Embedded::new());
        let [one, other] = [(); 2].map(|()| Gate::new(Arc::clone(&counters), Rules::default()));
        let lease = one.open(&visitor("alice", "192.0.2.1"), NOW).await.expect("a seat");
        one.opened(lease, CALL.into(), NOW).await;
        assert!(one.overdrawn(NOW + 3_660).await.is_empty());
        assert_eq!(one.count(), 1);
        assert!(other.take_up(NOW + 3_661).await.is_empty());
        assert!(one.overdrawn(NOW + 3_661).await.is_empty());
        assert_eq!((one.count(), other.count()), (0, 0));
    }

    #[tokio::test]
    async fn a_stranger_without_a_call_is_not_believed_about_anything() {
        let gate = gate(&Quotas { day_money: Quota { address: Some(100), ..Quota::default() }, ..Quotas::default() });
        let stranger = Visitor::stranger("192.0.2.1".parse().expect("an address"));
        gate.reported(&stranger, &usage(100), NOW).await;
        let lease = gate.open(&stranger, NOW).await.expect("nothing was counted");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.reported(&stranger, &usage(100), NOW).await;
        assert_limit(gate.mint(&stranger, NOW).await, Quantity::DayMoney, Scope::Address, 86_400);
    }

    /// A gate that counts in a file, and the file as it is seen from beside.
    async fn gate_with_a_file(quotas: &Quotas) -> (Gate, sqlx::SqlitePool, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("limits.sqlite");
        let counters = Arc::new(Embedded::open(&path, NOW).await.expect("a file"));
        let prices = Prices { audio_out: 1.0, ..Prices::default() };
        let gate = Gate::new(counters, Rules { quotas: *quotas, prices, ..Rules::default() });
        let beside = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("a file");
        (gate, beside, folder)
    }

    async fn run(beside: &sqlx::SqlitePool, command: &'static str) {
        sqlx::query(command).execute(beside).await.expect("done");
    }

    #[tokio::test]
    async fn what_is_used_while_the_store_is_away_is_counted_once_when_it_is_back() {
        let one = |most| Quota { user: Some(most), ..Quota::default() };
        let (gate, beside, _folder) =
            gate_with_a_file(&Quotas { time: one(90), day_money: one(1_000), ..Quotas::default() }).await;
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.watched(&CALL.into());
        run(&beside, "ALTER TABLE counters RENAME TO away").await;
        run(&beside, "ALTER TABLE notes RENAME TO notes_away").await;
        for seconds in [10, 20, 30] {
            assert!(gate.overdrawn(NOW + seconds).await.is_empty());
            gate.used(&CALL.into(), &Usage { total_tokens: 100, ..Usage::default() }, NOW + seconds).await;
        }
        run(&beside, "ALTER TABLE notes_away RENAME TO notes").await;
        run(&beside, "ALTER TABLE away RENAME TO counters").await;
        assert!(gate.overdrawn(NOW + 89).await.is_empty(), "nothing is counted twice");
        gate.used(&CALL.into(), &Usage { total_tokens: 699, ..Usage::default() }, NOW + 89).await;
        gate.mint(&alice, NOW + 89).await.expect("a second and a millionth are left");
        assert_eq!(gate.overdrawn(NOW + 90).await.len(), 1, "nothing is lost");
        gate.used(&CALL.into(), &Usage { total_tokens: 1, ..Usage::default() }, NOW + 90).await;
        gate.set_rules(Rules { quotas: Quotas { day_money: one(1_000), ..Quotas::default() }, ..Rules::default() });
        assert_limit(gate.mint(&alice, NOW + 90).await, Quantity::DayMoney, Scope::User, 86_400 - 90);
    }

    #[tokio::test]
    async fn nobody_is_let_in_while_nothing_can_be_written_down() {
        let (gate, beside, _folder) = gate_with_a_file(&Quotas::default()).await;
        let alice = visitor("alice", "192.0.2.1");
        gate.mint(&alice, NOW).await.expect("let in");
        run(&beside, "ALTER TABLE notes RENAME TO away").await;
        assert!(matches!(gate.mint(&alice, NOW + 10).await, Err(Refusal::Uncounted(_))));
        assert!(matches!(gate.open(&alice, NOW + 10).await, Err(Refusal::Uncounted(_))));
        run(&beside, "ALTER TABLE away RENAME TO notes").await;
        gate.mint(&alice, NOW + 10).await.expect("let in");
    }

    #[tokio::test]
    async fn where_it_cannot_be_seen_whether_the_gate_is_closed_it_is() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let gate = gate(&Quotas::default());
        let closed_by = |path| gate.set_rules(Rules { closed_by: Some(path), ..Rules::default() });
        closed_by(file.path().join("closed"));
        assert!(gate.is_closed(), "what should be a folder is none");
        closed_by(file.path().with_extension("closed"));
        assert!(!gate.is_closed());
    }

    #[tokio::test]
    async fn months_have_their_own_lengths() {
        let gate = gate(&Quotas { month_money: Quota { all: Some(0), ..Quota::default() }, ..Quotas::default() });
        // The last second of February 2028.
        assert_limit(gate.mint(&visitor("a", "::1"), 1_835_481_599).await, Quantity::MonthMoney, Scope::All, 1);
    }

    #[tokio::test]
    async fn a_closed_gate_lets_nobody_in_and_names_every_call() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let gate = gate(&Quotas::default());
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.set_rules(Rules { closed_by: Some(file.path().to_owned()), ..Rules::default() });
        assert!(matches!(gate.mint(&alice, NOW).await, Err(Refusal::Closed)));
        assert!(
            matches!(gate.overdrawn(NOW).await.as_slice(), [overdrawn] if matches!(overdrawn.why, Refusal::Closed))
        );
        file.close().expect("deleted");
        gate.mint(&alice, NOW).await.expect("open again");
    }

    const CALL: &str = "rtc_1";
    /// The first second of a day.
    const NOW: u64 = 1_800_057_600;
}
