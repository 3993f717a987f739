//! What is counted against limits in the store, and what is owed to it while it does not answer.

use crate::spending::{Spent, limits, scopes};
use crate::{Counters, Quantity, Quotas, Refusal, Scope, Taken, Visitor};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts in a store.
#[derive(Debug)]
pub(crate) struct Ledger {
    counters: Arc<dyn Counters>,
    /// What was spent while the store did not answer, by what it is counted under.
    owed: Mutex<Owed>,
}

type Owed = BTreeMap<Vec<(Scope, String)>, Spent>;

impl Ledger {
    pub(crate) fn new(counters: Arc<dyn Counters>) -> Self {
        Self { counters, owed: Mutex::default() }
    }

    /// Amounts of quantities, if there are all of them; of an amount of nothing, there has to be something left.
    pub(crate) async fn take(
        &self,
        quotas: &Quotas,
        visitor: &Visitor,
        amounts: impl IntoIterator<Item = (Quantity, u64)>,
        now: u64,
    ) -> Result<(), Refusal> {
        let (limits, mut steps) = limits(quotas, &scopes(visitor), amounts, now);
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
    pub(crate) async fn spend(
        &self,
        quotas: &Quotas,
        scopes: Vec<(Scope, String)>,
        spent: Spent,
        now: u64,
    ) -> Option<Refusal> {
        let amounts = Spent::QUANTITIES.map(|quantity| (quantity, spent.of(quantity)));
        let (limits, steps) = limits(quotas, &scopes, amounts, now);
        if steps.is_empty() {
            return None;
        }
        if !self.owes() {
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
    pub(crate) async fn pay_what_is_owed(&self, quotas: &Quotas, now: u64) {
        if !self.owes() {
            return;
        }
        if let Err(error) = self.counters.check().await {
            tracing::warn!(%error, "what talks use is not counted yet");
            return;
        }
        let owed = std::mem::take(&mut *self.owed());
        for (scopes, spent) in owed {
            self.spend(quotas, scopes, spent, now).await;
        }
    }

    /// Whether something is owed.
    pub(crate) fn owes(&self) -> bool {
        !self.owed().is_empty()
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bounds the memory of a server that is used by more people than anybody expected.
const MOST: usize = 10_000;
