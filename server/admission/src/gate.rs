//! The gate: what a visitor wants, against what the visitor has used.
//!
//! A key is asked for, then a call is opened with it, then time and money go by. Each is counted under the person, the
//! address and everybody. Whoever has used up the time or the money gets no further key, and calls that go on are named
//! by [`Gate::overdrawn`] so that they are hung up; all of them are to be when [`Gate::is_closed`].
//!
//! Calls that go on are kept in the store as well, each held by the server that opened it. One that ends elsewhere is
//! told to its holder; one whose holder is gone is taken up by another server, or by the same one started again.

use crate::ledger::Ledger;
use crate::random;
use crate::running::{Running, Sight};
use crate::spending::{Spent, scopes};
use crate::{
    CounterError, Counters, Hold, Holding, Identity, Place, Prices, Quantity, Quotas, Scope, Session, Step, Taken,
    TokenCounts, Totals, Visitor,
};
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
    ledger: Ledger,
    totals: Mutex<Totals>,
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

impl Gate {
    /// A gate with a store and rules.
    pub fn new(counters: Arc<dyn Counters>, rules: Rules) -> Self {
        let holder = random::word().unwrap_or_default();
        Self {
            ledger: Ledger::new(Arc::clone(&counters)),
            counters,
            rules: RwLock::new(Arc::new(rules)),
            running: Mutex::default(),
            totals: Mutex::default(),
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

    /// What all calls have used.
    pub fn totals(&self) -> Totals {
        *self.sum()
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

    /// A response of a call used this, as the upstream itself says: no client has to be believed.
    pub async fn used(&self, call: &CallId, usage: &Usage, now: u64) {
        let visitor = self.running().get_mut(call).map(|running| {
            running.sight = Sight::Metered;
            running.visitor.clone()
        });
        if let Some(visitor) = visitor {
            let tokens = TokenCounts::of(usage);
            self.charge(&visitor, tokens, self.rules().prices.of(&tokens), now).await;
        }
    }

    /// Writing down what was heard in a call used this.
    pub async fn transcribed(&self, call: &CallId, usage: &TranscriptionUsage, now: u64) {
        let visitor = self.running().get(call).map(|running| running.visitor.clone());
        if let Some(visitor) = visitor {
            let cost = self.rules().prices.cost_of_transcription(usage);
            self.charge(&visitor, TokenCounts::of_transcription(usage), cost, now).await;
        }
    }

    /// A call has ended.
    pub async fn ended(&self, call: &CallId, now: u64) {
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
        self.ledger.pay_what_is_owed(&self.rules().quotas, now).await;
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
            if let Some(why) = reached.or(unseen) {
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
        let stranger = Visitor::stranger(visitor.address);
        self.ledger.take(&self.rules().quotas, &stranger, [(Quantity::Logins, 1)], now).await
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
        let some_left = Spent::QUANTITIES.map(|quantity| (quantity, 0));
        let amounts = one.map(|one| (one, 1)).into_iter().chain(some_left);
        self.ledger.take(&self.rules().quotas, visitor, amounts, now).await
    }

    async fn spend(&self, scopes: Vec<(Scope, String)>, spent: Spent, now: u64) -> Option<Refusal> {
        self.ledger.spend(&self.rules().quotas, scopes, spent, now).await
    }

    /// Counts what the upstream itself says.
    async fn charge(&self, visitor: &Visitor, tokens: TokenCounts, millionths: u64, now: u64) {
        self.sum().charge(tokens, millionths);
        self.pay(scopes(visitor), millionths, now).await;
    }

    async fn pay(&self, scopes: Vec<(Scope, String)>, millionths: u64, now: u64) {
        if millionths > 0 {
            self.spend(scopes, Spent { seconds: 0, millionths }, now).await;
        }
    }

    /// Nobody is let in whose call could not be written down. The store is asked now and then.
    async fn will_count(&self, now: u64) -> Result<(), Refusal> {
        if now >= self.writable_until.load(Ordering::Relaxed) {
            self.counters.check().await?;
            self.writable_until.store(now + WRITABLE, Ordering::Relaxed);
        }
        Ok(())
    }

    /// A call must end that counts against a limit and that nobody sees: it may have ended long ago, or go on past any
    /// limit. Until it is hung up it counts as on.
    fn unseen(&self, call: &CallId, now: u64) -> Option<Refusal> {
        let quotas = self.rules().quotas;
        let mut calls = self.running();
        let running = calls.get_mut(call).filter(|running| !running.is_believed(now))?;
        let scopes = scopes(&running.visitor);
        let is_limited = |quantity| scopes.iter().any(|(scope, _)| quotas.of(quantity).of(*scope).is_some());
        if !Spent::QUANTITIES.into_iter().chain([Quantity::Calls]).any(is_limited) {
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
        self.sum().seconds += seconds;
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
        if places.is_empty() || self.ledger.owes() {
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

    fn sum(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<CallId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
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
mod tests;
