//! Counting in this process. What lasts longer than an hour is written to a file as well, so that a restart does not
//! forget who has used up a day; and so are kept words, so that sessions that were ended stay so, and calls that
//! go on, so that they are looked after again.

use super::durable::Durable;
use super::{CounterError, Counters, Hold, Holding, LASTING, Place, Step, Taken};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counters in this process.
#[derive(Debug, Default)]
pub struct Embedded {
    state: Mutex<State>,
    durable: Option<Durable>,
}

#[derive(Debug, Default)]
struct State {
    counters: BTreeMap<String, Kept<u64>>,
    seats: BTreeMap<String, BTreeMap<String, u64>>,
    notes: BTreeMap<String, Kept<String>>,
    calls: BTreeMap<String, Going>,
}

/// A call that goes on.
#[derive(Debug)]
struct Going {
    /// None once it has ended.
    word: Option<String>,
    holder: String,
    until: u64,
}

#[derive(Clone, Debug)]
struct Kept<T> {
    value: T,
    until: u64,
}

impl Embedded {
    /// The most of each that is kept.
    pub const MOST: usize = 50_000;

    /// Counters that end with the process.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counters with a file, which is made if it is not there.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub async fn open(path: &Path, now: u64) -> Result<Self, CounterError> {
        let durable = Durable::open(path).await?;
        let mut state = State::default();
        for (key, value, until) in durable.load(now).await? {
            state.counters.insert(key, Kept { value, until });
        }
        for (key, value, until) in durable.load_notes(now, Self::MOST).await? {
            state.notes.insert(key, Kept { value, until });
        }
        for (call, word) in durable.load_calls().await? {
            // Whoever held it is gone.
            state.calls.insert(call, Going { word: Some(word), holder: String::new(), until: 0 });
        }
        Ok(Self { state: Mutex::new(state), durable: Some(durable) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        let state = self.lock();
        state.counters.len() + state.notes.len()
    }
}

#[async_trait]
impl Counters for Embedded {
    async fn take(&self, steps: &[Step], now: u64) -> Result<Taken, CounterError> {
        let taken = self.lock().take(steps, now)?;
        if let (Taken::All(values), Some(durable)) = (&taken, &self.durable) {
            let changed = steps.iter().zip(values);
            let lasting = changed.filter(|(step, _)| step.amount > 0 && step.until > now + LASTING);
            let rows: Vec<_> = lasting.map(|(step, value)| (step.key.as_str(), *value, step.until)).collect();
            if let Err(error) = durable.save(&rows, now).await {
                self.lock().give_back(steps);
                return Err(error);
            }
        }
        Ok(taken)
    }

    async fn lease(&self, places: &[Place], member: &str, now: u64, until: u64) -> Result<Option<usize>, CounterError> {
        Ok(self.lock().lease(places, member, now, until))
    }

    async fn release(&self, places: &[Place], member: &str) -> Result<(), CounterError> {
        self.lock().release(places, member);
        Ok(())
    }

    async fn note(&self, key: &str, word: &str, now: u64, until: u64) -> Result<(), CounterError> {
        {
            let notes = &mut self.lock().notes;
            make_room(notes, usize::from(!notes.contains_key(key)), now)?;
            notes.insert(key.to_owned(), Kept { value: word.to_owned(), until });
        }
        match &self.durable {
            Some(durable) => durable.note(key, word, now, until).await,
            None => Ok(()),
        }
    }

    async fn noted(&self, key: &str, now: u64) -> Result<Option<String>, CounterError> {
        Ok(self.lock().notes.get(key).filter(|kept| now < kept.until).map(|kept| kept.value.clone()))
    }

    async fn keep(&self, call: &str, word: &str, hold: &Hold<'_>) -> Result<(), CounterError> {
        {
            let calls = &mut self.lock().calls;
            if calls.len() >= Self::MOST && !calls.contains_key(call) {
                return Err(CounterError::Full);
            }
            let going = Going { word: Some(word.to_owned()), holder: hold.holder.to_owned(), until: hold.until };
            calls.insert(call.to_owned(), going);
        }
        match &self.durable {
            Some(durable) => durable.keep(call, word).await,
            None => Ok(()),
        }
    }

    async fn hold(&self, calls: &[&str], hold: &Hold<'_>) -> Result<Vec<Holding>, CounterError> {
        let mut state = self.lock();
        Ok(calls.iter().map(|call| state.hold(call, hold)).collect())
    }

    async fn take_up(&self, now: u64, hold: &Hold<'_>) -> Result<Vec<(String, String)>, CounterError> {
        Ok(self.lock().take_up(now, hold))
    }

    async fn end(&self, call: &str, hold: &Hold<'_>) -> Result<Option<String>, CounterError> {
        let word = self.lock().end(call, hold);
        if let (Some(_), Some(durable)) = (&word, &self.durable) {
            durable.end(call).await?;
        }
        Ok(word)
    }

    async fn check(&self) -> Result<(), CounterError> {
        match &self.durable {
            Some(durable) => durable.check().await,
            None => Ok(()),
        }
    }
}

impl State {
    fn take(&mut self, steps: &[Step], now: u64) -> Result<Taken, CounterError> {
        let mut values = Vec::with_capacity(steps.len());
        for (number, step) in steps.iter().enumerate() {
            let kept = self.counters.get(&step.key).filter(|kept| now < kept.until);
            let value = kept.map_or(0, |kept| kept.value).saturating_add(step.amount);
            if step.ceiling.is_some_and(|ceiling| value > ceiling) {
                return Ok(Taken::Refused(number));
            }
            values.push(value);
        }
        let added = || steps.iter().zip(&values).filter(|(step, _)| step.amount > 0);
        let more = added().filter(|(step, _)| !self.counters.contains_key(&step.key)).count();
        make_room(&mut self.counters, more, now)?;
        for (step, value) in added() {
            self.counters.insert(step.key.clone(), Kept { value: *value, until: step.until });
        }
        Ok(Taken::All(values))
    }

    /// Undoes what was added.
    fn give_back(&mut self, steps: &[Step]) {
        for step in steps {
            if let Some(kept) = self.counters.get_mut(&step.key) {
                kept.value = kept.value.saturating_sub(step.amount);
            }
        }
    }

    fn lease(&mut self, places: &[Place], member: &str, now: u64, until: u64) -> Option<usize> {
        for (number, place) in places.iter().enumerate() {
            let Some(taken) = self.seats.get_mut(&place.key) else { continue };
            taken.retain(|_, until| now < *until);
            if !taken.contains_key(member) && taken.len() as u64 >= place.seats {
                return Some(number);
            }
        }
        if let Some(number) = places.iter().position(|place| place.seats == 0) {
            return Some(number);
        }
        for place in places {
            self.seats.entry(place.key.clone()).or_default().insert(member.to_owned(), until);
        }
        None
    }

    fn hold(&mut self, call: &str, hold: &Hold<'_>) -> Holding {
        let Some(going) = self.calls.get_mut(call) else { return Holding::Unknown };
        if going.word.is_none() {
            self.calls.remove(call);
            return Holding::Gone;
        }
        if going.holder != hold.holder {
            return Holding::Gone;
        }
        going.until = hold.until;
        Holding::Ours
    }

    fn take_up(&mut self, now: u64, hold: &Hold<'_>) -> Vec<(String, String)> {
        self.calls.retain(|_, going| now < going.until || going.word.is_some());
        let free = self.calls.iter_mut().filter(|(_, going)| going.until <= now);
        free.filter_map(|(call, going)| {
            (going.holder, going.until) = (hold.holder.to_owned(), hold.until);
            Some((call.clone(), going.word.clone()?))
        })
        .collect()
    }

    fn end(&mut self, call: &str, hold: &Hold<'_>) -> Option<String> {
        let going = self.calls.get_mut(call)?;
        if going.holder == hold.holder {
            return self.calls.remove(call)?.word;
        }
        going.word.take()
    }

    fn release(&mut self, places: &[Place], member: &str) {
        for place in places {
            if let Some(taken) = self.seats.get_mut(&place.key) {
                taken.remove(member);
                if taken.is_empty() {
                    self.seats.remove(&place.key);
                }
            }
        }
    }
}

/// Makes room for some more: forgets what is over and, if that does not suffice, what is over soonest; never what lasts.
fn make_room<T>(kept: &mut BTreeMap<String, Kept<T>>, more: usize, now: u64) -> Result<(), CounterError> {
    let excess = |kept: &BTreeMap<String, Kept<T>>| (kept.len() + more).saturating_sub(Embedded::MOST);
    if more == 0 || excess(kept) == 0 {
        return Ok(());
    }
    kept.retain(|_, kept| now < kept.until);
    let needed = excess(kept);
    if needed == 0 {
        return Ok(());
    }
    let mut ends: Vec<u64> = kept.values().map(|kept| kept.until).filter(|until| *until <= now + LASTING).collect();
    if ends.len() < needed {
        return Err(CounterError::Full);
    }
    ends.sort_unstable();
    // More than needed, so that not every further one looks through all of them.
    let mut going = ends.len().min(needed.max(Embedded::MOST / 10));
    let last = ends.get(going - 1).copied().unwrap_or_default();
    kept.retain(|_, kept| {
        let goes = going > 0 && kept.until <= last;
        going -= usize::from(goes);
        !goes
    });
    Ok(())
}
