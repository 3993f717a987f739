//! The vector indexes of the users that were active lately.
//!
//! An index is loaded from the stored vectors in the background and then kept in step by versions: it asks the database
//! what changed since it last looked, so writes of other processes and other servers arrive as well.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    UserId,
    backend::{Backend, Place, User},
    error::StorageError,
    sign_index::SignIndex,
    term::Filter,
};

/// All indexes of a store.
#[derive(Debug, Clone)]
pub(crate) struct Indexes<B> {
    backend: B,
    model: i64,
    dims: usize,
    budget: usize,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Debug, Default)]
struct Shelf {
    slots: HashMap<i64, Arc<Slot>>,
    /// Counts the uses, so that the least recently used is known without a clock.
    uses: u64,
}

/// The index of one user.
#[derive(Debug)]
pub(crate) struct Slot {
    index: RwLock<SignIndex>,
    /// The version up to which it is complete; [`NEVER`] before the first load is done.
    version: AtomicI64,
    /// Held by whoever reads changes into it.
    turn: tokio::sync::Mutex<()>,
    /// Whether somebody holds the turn or waits for it in the background.
    busy: AtomicBool,
    last_use: AtomicU64,
}

impl Slot {
    fn new(dims: usize) -> Self {
        Self {
            index: RwLock::new(SignIndex::with_capacity(dims, 0)),
            version: AtomicI64::new(NEVER),
            turn: tokio::sync::Mutex::new(()),
            busy: AtomicBool::new(false),
            last_use: AtomicU64::new(0),
        }
    }

    /// The numbers of the memories that probably lie nearest to the query.
    pub(crate) fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Vec<i64> {
        self.index.read().unwrap_or_else(PoisonError::into_inner).nearest(query, filter, limit)
    }

    fn change(&self, change: impl FnOnce(&mut SignIndex)) {
        change(&mut self.index.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Changes it in a thread of its own: turning thousands of vectors takes milliseconds that other tasks should not
    /// wait. What is half done is loaded anew.
    async fn change_apart(
        self: &Arc<Self>,
        change: impl FnOnce(&mut SignIndex) + Send + 'static,
    ) -> Result<(), StorageError> {
        let slot = self.clone();
        tokio::task::spawn_blocking(move || slot.change(change)).await.map_err(|_| {
            self.version.store(NEVER, Ordering::Release);
            StorageError::half_done()
        })
    }

    fn bytes(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).bytes()
    }

    fn version(&self) -> i64 {
        self.version.load(Ordering::Acquire)
    }
}

/// A slot that somebody is at until this is gone, however that ends.
struct Busy(Arc<Slot>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

impl<B: Backend> Indexes<B> {
    /// No index yet; together they will take at most `budget` bytes, or one index if that is larger.
    pub(crate) fn new(backend: B, model: i64, dims: usize, budget: usize) -> Self {
        Self { backend, model, dims, budget, shelf: Arc::default() }
    }

    /// The user's index if it is there or nearly so. If not, it is being loaded from now on.
    pub(crate) async fn ready(&self, user: &User) -> Option<Arc<Slot>> {
        let slot = self.slot(user);
        if slot.version() < user.version {
            if slot.busy.swap(true, Ordering::AcqRel) {
                // Somebody is at it. An index that was loaded once is good enough meanwhile.
                if slot.version() == NEVER {
                    let _done = tokio::time::timeout(GRACE, slot.turn.lock()).await;
                }
            } else {
                self.catch_up_in_background(slot.clone(), *user).await;
            }
        }
        (slot.version() != NEVER).then_some(slot)
    }

    /// Loads the user's index and waits for it.
    pub(crate) async fn load(&self, user: &User) -> Result<(), StorageError> {
        let slot = self.slot(user);
        self.catch_up(&slot, user).await
    }

    /// After a write: brings the index in step, if there is one. What it misses, the next recall catches up with.
    pub(crate) async fn written(&self, user: &UserId) {
        if self.lock().slots.is_empty() {
            return;
        }
        let user = match self.backend.user(user).await {
            Ok(Some(user)) => user,
            Ok(None) => return,
            Err(error) => {
                tracing::debug!(%error, "an index is not brought in step yet");
                return;
            }
        };
        let slot = self.lock().slots.get(&user.key).cloned();
        if let Some(slot) = slot.filter(|slot| slot.version() != NEVER)
            && let Err(error) = self.catch_up(&slot, &user).await
        {
            tracing::debug!(%error, "an index is not brought in step yet");
        }
    }

    /// After forgetting: returns when nothing of it is left in the index.
    pub(crate) async fn forgotten(&self, user: i64, version: i64) -> Result<(), StorageError> {
        let slot = self.lock().slots.get(&user).cloned();
        if let Some(slot) = slot
            && (slot.version() != NEVER || slot.busy.load(Ordering::Acquire))
        {
            self.catch_up(&slot, &User { key: user, salt: 0, version, memories: 0 }).await?;
        }
        Ok(())
    }

    /// Drops the index of a user who is forgotten.
    pub(crate) fn drop_user(&self, user: i64) {
        self.lock().slots.remove(&user);
    }

    /// The memory that the user's index takes, when it is loaded.
    pub(crate) fn bytes_of(&self, user: i64) -> Option<u64> {
        let slot = self.lock().slots.get(&user).cloned();
        slot.filter(|slot| slot.version() != NEVER).map(|slot| slot.bytes() as u64)
    }

    /// Reads on in a task of its own, which goes on when the caller stops waiting.
    async fn catch_up_in_background(&self, slot: Arc<Slot>, user: User) {
        let indexes = self.clone();
        let busy = Busy(slot);
        let task = tokio::spawn(async move {
            if let Err(error) = indexes.catch_up(&busy.0, &user).await {
                tracing::warn!(%error, "a vector index cannot be loaded");
            }
        });
        let _done = tokio::time::timeout(GRACE, task).await;
    }

    async fn catch_up(&self, slot: &Arc<Slot>, user: &User) -> Result<(), StorageError> {
        let _turn = slot.turn.lock().await;
        let from = slot.version();
        if from >= user.version {
            return Ok(());
        }
        if from == NEVER {
            let room = SignIndex::with_capacity(self.dims, usize::try_from(user.memories).unwrap_or(0));
            slot.change(|index| *index = room);
        } else {
            let removed = self.backend.removals(user.key, from).await?;
            slot.change(|index| index.remove(&removed));
        }
        let mut place = Place { version: from, seq: i64::MAX };
        loop {
            let changes = self.backend.changes(user.key, self.model, place, PAGE).await?;
            let Some((last, _)) = changes.last() else { break };
            place = *last;
            let full = changes.len() == PAGE;
            let entries = changes.into_iter().map(|(_, entry)| entry).collect();
            slot.change_apart(|index| index.apply(entries)).await?;
            if !full {
                break;
            }
        }
        // What was written while reading is read again next time; that is harmless.
        slot.version.store(user.version, Ordering::Release);
        if from == NEVER {
            self.make_room(user.key);
        }
        Ok(())
    }

    fn slot(&self, user: &User) -> Arc<Slot> {
        let mut all = self.lock();
        all.uses += 1;
        let (now, dims) = (all.uses, self.dims);
        let found = all.slots.entry(user.key).or_insert_with(|| Arc::new(Slot::new(dims)));
        found.last_use.store(now, Ordering::Relaxed);
        found.clone()
    }

    /// Drops the indexes that were not used for longest, until the rest fits. The one of `keep` stays.
    fn make_room(&self, keep: i64) {
        let mut all = self.lock();
        let mut total: usize = all.slots.values().map(|slot| slot.bytes()).sum();
        let mut others: Vec<(u64, i64)> = Vec::new();
        others.extend(all.slots.iter().map(|(user, slot)| (slot.last_use.load(Ordering::Relaxed), *user)));
        others.sort_unstable();
        for (_, user) in others.into_iter().filter(|(_, user)| *user != keep) {
            if total <= self.budget {
                break;
            }
            total -= all.slots.remove(&user).map_or(0, |slot| slot.bytes());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The version of an index that was never loaded to its end.
const NEVER: i64 = -1;
/// How long a recall waits for an index that is nearly there.
const GRACE: Duration = Duration::from_millis(15);
/// Changes that are read together.
const PAGE: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_index_that_breaks_off_counts_as_never_loaded() {
        let slot = Arc::new(Slot::new(64));
        slot.version.store(7, Ordering::Release);
        assert!(slot.change_apart(|_| panic!("as it should")).await.is_err());
        assert_eq!(slot.version(), NEVER);
        slot.change_apart(|index| index.remove(&[1])).await.unwrap();
    }

    #[tokio::test]
    async fn an_index_whose_loading_panics_is_not_busy_for_ever() {
        let slot = Arc::new(Slot::new(64));
        slot.busy.store(true, Ordering::Release);
        let busy = Busy(slot.clone());
        let task = tokio::spawn(async move {
            assert!(!busy.0.busy.load(Ordering::Acquire), "it breaks off here");
        });
        task.await.unwrap_err();
        assert!(!slot.busy.load(Ordering::Acquire));
    }
}
