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
use crate::{
    CounterError, Counters, Hold, Holding, Identity, Place, Prices, Quantity, Quotas, Scope, Session, Step, Taken,
    Visitor,
};
use async_trait::async_trait;
use protocol::{CallId, TranscriptionUsage, Usage};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// What lets visitors in.
#[derive(Debug)]
pub struct Gate {
    counters: Arc<dyn Counters>,
    rules: RwLock<Arc<Rules>>,
    running: Mutex<BTreeMap<CallId, Running>>,
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
        Self { counters, rules: RwLock::new(Arc::new(rules)), running: Mutex::default(), holder }
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
        self.pass(visitor, Some(Quantity::Mints), now).await
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
        let lease = Lease { visitor: visitor.clone(), member: random::word().unwrap_or_default() };
        let seats = self.seats(&lease.visitor);
        let places: Vec<_> = seats.iter().map(|(_, place)| place.clone()).collect();
        if places.is_empty() {
            return Ok(lease);
        }
        match self.counters.lease(&places, &lease.member, now, now + SEAT).await? {
            None => Ok(lease),
            Some(full) => Err(Refusal::Limit {
                quantity: Quantity::Calls,
                scope: seats.get(full).map_or(Scope::All, |(scope, _)| *scope),
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
                    if let Some((running, seconds)) = settled {
                        self.note_time(&running.visitor, seconds, now).await;
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

    /// Counts what calls have used until now, and names those that must end. Each is named until it has ended.
    pub async fn overdrawn(&self, now: u64) -> Vec<Overdrawn> {
        let mut overdrawn = Vec::new();
        let closed = self.is_closed();
        let calls: Vec<CallId> = self.running().keys().cloned().collect();
        for call in calls {
            let Some((running, seconds)) = self.settle(&call, now) else { continue };
            if running.is_over(now) {
                self.note_time(&running.visitor, seconds, now).await;
                self.ended(&call, now).await;
                continue;
            }
            // Whoever has left without a word is not kept out by the seat of a call that nobody sees.
            let renewed = if running.is_believed(now) { self.renew(&running, now).await } else { Ok(()) };
            let why = match self.count_time(&running.visitor, seconds, now).await {
                _ if closed => Some(Refusal::Closed),
                Ok(why) => why,
                Err(error) => {
                    tracing::warn!(%error, "time is not counted");
                    None
                }
            };
            if let Err(error) = renewed {
                tracing::warn!(%error, "a seat is not kept");
            }
            if let Some(why) = why {
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
    /// itself: a lie must not use up what others have.
    pub async fn reported(&self, visitor: &Visitor, usage: &Usage, now: u64) {
        let metered = {
            let mut calls = self.running();
            let theirs = calls.values_mut().filter(|running| running.visitor == *visitor);
            match theirs.max_by_key(|running| running.since).map(|running| &mut running.sight) {
                Some(Sight::Metered) => true,
                Some(Sight::Lost(at)) => {
                    *at = now;
                    false
                }
                Some(Sight::Watched) | None => false,
            }
        };
        if !metered {
            let itself = scopes(visitor).into_iter().take(1).collect();
            self.pay(itself, self.rules().prices.cost(usage), now).await;
        }
    }

    /// Whether the operator has closed the gate.
    pub fn is_closed(&self) -> bool {
        let rules = self.rules();
        rules.closed || rules.closed_by.as_ref().is_some_and(|file| file.exists())
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

    /// Amounts of quantities, if there are all of them; of an amount of nothing, there has to be something left.
    async fn take(
        &self,
        visitor: &Visitor,
        amounts: impl IntoIterator<Item = (Quantity, u64)>,
        now: u64,
    ) -> Result<(), Refusal> {
        let rules = self.rules();
        let scopes = scopes(visitor);
        let mut reasons = Vec::new();
        let mut steps = Vec::new();
        for (quantity, amount) in amounts {
            for &(scope, ref name) in &scopes {
                let Some(most) = rules.quotas.of(quantity).of(scope) else { continue };
                let until = period(quantity, now).1;
                let retry_after = until - now;
                // Whoever has used up exactly the limit has nothing left.
                let Some(ceiling) = (most + amount).checked_sub(1) else {
                    return Err(Refusal::Limit { quantity, scope, retry_after });
                };
                reasons.push((quantity, scope, retry_after));
                steps.push(Step { key: counter(quantity, name, now), amount, ceiling: Some(ceiling), until });
            }
        }
        if steps.is_empty() {
            return Ok(());
        }
        match self.counters.take(&steps, now).await? {
            Taken::All(_) => Ok(()),
            Taken::Refused(number) => match reasons.get(number) {
                Some(&(quantity, scope, retry_after)) => Err(Refusal::Limit { quantity, scope, retry_after }),
                None => Ok(()),
            },
        }
    }

    /// Adds time that went by, and says which limit is reached now, if one is.
    async fn count_time(&self, visitor: &Visitor, seconds: u64, now: u64) -> Result<Option<Refusal>, CounterError> {
        let rules = self.rules();
        let mut limits = Vec::new();
        let mut steps = Vec::new();
        for quantity in SPENDABLE {
            for (scope, name) in scopes(visitor) {
                let Some(most) = rules.quotas.of(quantity).of(scope) else { continue };
                let amount = if quantity == Quantity::Time { seconds } else { 0 };
                let until = period(quantity, now).1;
                steps.push(Step { key: counter(quantity, &name, now), amount, ceiling: None, until });
                limits.push((quantity, scope, most, until - now));
            }
        }
        if steps.is_empty() {
            return Ok(None);
        }
        let Taken::All(values) = self.counters.take(&steps, now).await? else { return Ok(None) };
        let passed = limits.into_iter().zip(values).find(|((_, _, most, _), value)| value >= most);
        Ok(passed.map(|((quantity, scope, _, retry_after), _)| Refusal::Limit { quantity, scope, retry_after }))
    }

    async fn pay(&self, scopes: Vec<(Scope, String)>, amount: u64, now: u64) {
        let rules = self.rules();
        let mut steps = Vec::new();
        for quantity in [Quantity::DayMoney, Quantity::MonthMoney] {
            let until = period(quantity, now).1;
            for (scope, name) in &scopes {
                if amount > 0 && rules.quotas.of(quantity).of(*scope).is_some() {
                    steps.push(Step { key: counter(quantity, name, now), amount, ceiling: None, until });
                }
            }
        }
        if !steps.is_empty()
            && let Err(error) = self.counters.take(&steps, now).await
        {
            tracing::warn!(%error, "money is not counted");
        }
    }

    /// Marks a call's time as counted, and says how much it was.
    fn settle(&self, call: &CallId, now: u64) -> Option<(Running, u64)> {
        let mut calls = self.running();
        let running = calls.get_mut(call)?;
        let seconds = running.settle(now);
        Some((running.clone(), seconds))
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

    async fn note_time(&self, visitor: &Visitor, seconds: u64, now: u64) {
        if let Err(error) = self.count_time(visitor, seconds, now).await {
            tracing::warn!(%error, "time is not counted");
        }
    }

    async fn renew(&self, running: &Running, now: u64) -> Result<(), CounterError> {
        let places: Vec<_> = self.seats(&running.visitor).into_iter().map(|(_, place)| place).collect();
        if places.is_empty() {
            return Ok(());
        }
        self.counters.lease(&places, &running.member, now, now + SEAT).await.map(drop)
    }

    async fn leave(&self, visitor: &Visitor, member: &str) {
        let places: Vec<_> = self.seats(visitor).into_iter().map(|(_, place)| place).collect();
        if !places.is_empty()
            && let Err(error) = self.counters.release(&places, member).await
        {
            tracing::warn!(%error, "a seat is kept until its time is over");
        }
    }

    fn seats(&self, visitor: &Visitor) -> Vec<(Scope, Place)> {
        let quota = self.rules().quotas.calls;
        let place = |(scope, name): (Scope, String)| {
            Some((scope, Place { key: format!("calls:{name}"), seats: quota.of(scope)? }))
        };
        scopes(visitor).into_iter().filter_map(place).collect()
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
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
        if let Some((running, seconds)) = settled {
            self.note_time(&running.visitor, seconds, now).await;
            self.leave(&running.visitor, &running.member).await;
        } else if let Some(running) = kept.and_then(|word| Running::read(&word, now)) {
            self.leave(&running.visitor, &running.member).await;
        }
    }
}

/// What a visitor is counted under, the narrowest first.
fn scopes(visitor: &Visitor) -> Vec<(Scope, String)> {
    let user = visitor.identity.as_ref().map(|identity| (Scope::User, format!("user:{identity}")));
    let others = [(Scope::Address, format!("address:{}", visitor.household())), (Scope::All, "all".to_owned())];
    user.into_iter().chain(others).collect()
}

fn counter(quantity: Quantity, name: &str, now: u64) -> String {
    format!("{}:{}:{name}", quantity.word(), period(quantity, now).0)
}

/// Which minute, day or month it is, and when it is over. All are those of UTC.
fn period(quantity: Quantity, now: u64) -> (u64, u64) {
    let of = |seconds: u64| (now / seconds, (now / seconds + 1) * seconds);
    match quantity {
        Quantity::Mints | Quantity::LookUps | Quantity::Calls | Quantity::Logins => of(60),
        Quantity::Time | Quantity::DayMoney => of(DAY),
        Quantity::MonthMoney => month(now).unwrap_or_else(|| of(30 * DAY)),
    }
}

fn month(now: u64) -> Option<(u64, u64)> {
    let at = jiff::Timestamp::from_second(i64::try_from(now).ok()?).ok()?;
    let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let next = date.first_of_month().checked_add(jiff::Span::new().months(1)).ok()?;
    let over = next.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    let number = u64::try_from(i64::from(date.year()) * 12 + i64::from(date.month())).ok()?;
    Some((number, u64::try_from(over).ok()?))
}

fn call_name(call: &CallId) -> String {
    format!("call:{call}")
}

/// How long it is known whose a call is, in seconds: for longer than a call lasts.
const NAMED: u64 = 2 * 3_600;

/// What goes by while a call goes on.
const SPENDABLE: [Quantity; 3] = [Quantity::Time, Quantity::DayMoney, Quantity::MonthMoney];

const DAY: u64 = 86_400;

/// How long a seat is kept for a call of which nothing is heard: of a server that was killed.
const SEAT: u64 = 90;

/// When to ask again for a seat. Nobody knows when a call ends.
const SEAT_AGAIN: u64 = 15;

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
    async fn a_call_that_nobody_sees_keeps_neither_its_seat_nor_the_clock_running() {
        let gate = gate(&one_call_and_an_hour());
        let alice = visitor("alice", "192.0.2.1");
        let lease = gate.open(&alice, NOW).await.expect("a seat");
        gate.opened(lease, CALL.into(), NOW).await;
        gate.overdrawn(NOW + 60).await;
        gate.reported(&alice, &usage(1), NOW + 100).await;
        gate.overdrawn(NOW + 400).await;
        gate.open(&alice, NOW + 489).await.expect_err("there was a sign of it not long ago");
        gate.overdrawn(NOW + 480).await;
        let _lease = gate.open(&alice, NOW + 490).await.expect("a seat");
        assert!(gate.overdrawn(NOW + 3_650).await.is_empty(), "400 seconds are counted");
        assert_eq!(gate.count(), 1, "it is hung up if the server is closed");
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
