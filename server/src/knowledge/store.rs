//! The long-term memory as this server has it: open, not wanted, or not to be had. A talk works without it.

use super::scratch::Scratch;
use crate::ApiError;
use crate::config::{MemoryChoice, MemoryPlace};
use crate::error::causes;
use memory::{
    Embedder, HashingEmbedder, HttpEmbedder, HttpEmbedderOptions, MemoryError, MemoryStore, SqliteOptions, UserId,
    open_postgres, open_sqlite,
};
use protocol::memory::MemoryStatus;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;

/// The long-term memory as this server has it.
#[derive(Debug)]
pub struct Store(State);

#[derive(Debug)]
enum State {
    Open(Open),
    Off,
    /// Why, for people.
    Unavailable(String),
}

#[derive(Debug)]
struct Open {
    store: Arc<dyn MemoryStore>,
    kind: &'static str,
    upkeep: AbortHandle,
    /// Where a memory lies that ends with the server.
    folder: Mutex<Option<Scratch>>,
}

/// The memory does not open where it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the memory cannot be opened in {place}: {reason}. Choose another place with --memory, or --memory off")]
pub struct StoreError {
    place: String,
    reason: String,
}

impl Store {
    /// A server that remembers nothing.
    pub fn off() -> Self {
        Self(State::Off)
    }

    /// Opens what was chosen.
    ///
    /// # Errors
    /// It cannot be opened and was asked for; otherwise that is logged, and there is no memory.
    pub async fn open(choice: &MemoryChoice) -> Result<Self, StoreError> {
        match try_open(choice).await {
            Ok(state) => Ok(Self(state)),
            Err(error) if choice.asked_for => Err(error),
            Err(error) => {
                tracing::warn!(place = error.place, reason = error.reason, "nothing is remembered");
                let why = "the memory could not be opened; the server's log says why".to_owned();
                Ok(Self(State::Unavailable(why)))
            }
        }
    }

    /// The memory, if it is open.
    ///
    /// # Errors
    /// It is not; the error says why.
    pub fn get(&self) -> Result<Arc<dyn MemoryStore>, ApiError> {
        match &self.0 {
            State::Open(open) => Ok(Arc::clone(&open.store)),
            State::Off => Err(ApiError::MemoryUnavailable("it is switched off".into())),
            State::Unavailable(why) => Err(ApiError::MemoryUnavailable(why.clone())),
        }
    }

    /// Whether it can be written. One that is not there does not keep anybody from talking.
    ///
    /// # Errors
    /// It cannot.
    pub(crate) async fn check(&self) -> Result<(), MemoryError> {
        match &self.0 {
            State::Open(open) => open.store.check().await,
            State::Off | State::Unavailable(_) => Ok(()),
        }
    }

    /// How it is, for people.
    pub fn status(&self) -> MemoryStatus {
        let (kind, note) = match &self.0 {
            State::Open(open) => (open.kind, None),
            State::Off => ("off", None),
            State::Unavailable(why) => ("unavailable", Some(why.clone())),
        };
        MemoryStatus { kind: kind.to_owned(), note }
    }

    /// Ends what is open, after what is running, and deletes what was to end with the server.
    pub async fn close(&self) {
        if let State::Open(open) = &self.0 {
            open.upkeep.abort();
            open.store.close().await;
            open.folder.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

async fn try_open(choice: &MemoryChoice) -> Result<State, StoreError> {
    let failed = |place: &dyn std::fmt::Display, reason: String| StoreError { place: place.to_string(), reason };
    let embedder = embedder(choice.embeddings.as_ref());
    match &choice.place {
        MemoryPlace::Off => Ok(State::Off),
        MemoryPlace::Nowhere => Ok(State::Unavailable(NO_FOLDER.to_owned())),
        MemoryPlace::File(path) => {
            let store = within(sqlite(path, embedder)).await.map_err(|reason| failed(&path.display(), reason))?;
            Ok(State::Open(Open::new(store, "sqlite", None)))
        }
        MemoryPlace::Temporary => {
            let folder = Scratch::inside(&std::env::temp_dir());
            let folder = folder.map_err(|error| failed(&"a temporary folder", error.to_string()))?;
            let path = folder.path().join("memory.sqlite");
            let store = within(sqlite(&path, embedder)).await;
            let store = store.map_err(|reason| failed(&"a temporary folder", reason))?;
            Ok(State::Open(Open::new(store, "temporary", Some(folder))))
        }
        MemoryPlace::Postgres(options) => {
            let store = within(open_postgres(options.clone(), embedder)).await;
            let store = store.map_err(|reason| failed(&"the PostgreSQL database", reason))?;
            Ok(State::Open(Open::new(store, "postgres", None)))
        }
    }
}

async fn sqlite(path: &Path, embedder: Arc<dyn Embedder>) -> Result<Arc<dyn MemoryStore>, MemoryError> {
    open_sqlite(SqliteOptions::new(path), embedder).await
}

/// A database that does not answer must not keep the server from starting.
async fn within(
    opening: impl Future<Output = Result<Arc<dyn MemoryStore>, MemoryError>>,
) -> Result<Arc<dyn MemoryStore>, String> {
    match tokio::time::timeout(OPENING, opening).await {
        Ok(Ok(store)) => Ok(store),
        Ok(Err(error)) => Err(causes(&error)),
        Err(_) => Err("it took too long".to_owned()),
    }
}

/// The configured service was checked when the settings were read; what is wrong with it later shows as memories
/// without vectors.
fn embedder(options: Option<&HttpEmbedderOptions>) -> Arc<dyn Embedder> {
    match options.map(|options| HttpEmbedder::new(options.clone())) {
        Some(Ok(embedder)) => Arc::new(embedder),
        Some(Err(error)) => {
            tracing::warn!(%error, "embeddings are made here");
            Arc::new(HashingEmbedder::new())
        }
        None => Arc::new(HashingEmbedder::new()),
    }
}

impl Open {
    fn new(store: Arc<dyn MemoryStore>, kind: &'static str, folder: Option<Scratch>) -> Self {
        let upkeep = tokio::spawn(keep_up(Arc::clone(&store))).abort_handle();
        Self { store, kind, upkeep, folder: Mutex::new(folder) }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.upkeep.abort();
    }
}

/// Loads the indexes of those who were here lately, so that their first recall has them, and gives vectors to memories
/// that got none when they came.
async fn keep_up(store: Arc<dyn MemoryStore>) {
    // The latest last: if not all fit, theirs stay.
    for user in users(&*store, LATELY).await.iter().rev() {
        if let Err(error) = store.warm(user).await {
            tracing::warn!(error = causes(&error), "the memory's index is not loaded");
        }
    }
    for round in 0_u32.. {
        // Everybody now and then: also who was not here lately is found by meaning after a change of the model.
        let whom = if round.is_multiple_of(EVERYBODY_EVERY) { EVERYBODY } else { LATELY };
        for user in users(&*store, whom).await {
            while let Ok(AT_ONCE..) = store.embed_missing(&user, AT_ONCE).await.inspect_err(|error| {
                tracing::debug!(error = causes(error), "no vectors were made");
            }) {}
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn users(store: &dyn MemoryStore, limit: usize) -> Vec<UserId> {
    store.recent_users(limit).await.unwrap_or_else(|error| {
        tracing::warn!(error = causes(&error), "it is not known who was here lately");
        Vec::new()
    })
}

const NO_FOLDER: &str = "there is no home folder to keep memories in; name a place with --memory";

/// How long opening may take.
const OPENING: Duration = Duration::from_secs(15);
/// How many users count as having been here lately.
const LATELY: usize = 32;
/// How many rounds pass until everybody is looked after again, not only who was here lately.
const EVERYBODY_EVERY: u32 = 60;
const EVERYBODY: usize = 1 << 31;
/// How many vectors are made in one go, and how often it is looked whether some are missing.
const AT_ONCE: usize = 64;
const AGAIN: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::{State, Store};
    use crate::config::{MemoryChoice, MemoryPlace};
    use memory::{Batch, Kind, MemoryId, NewMemory, Timestamp};

    #[tokio::test]
    async fn a_temporary_memory_leaves_nothing_behind_and_answers_no_more() {
        let choice =
            MemoryChoice { place: MemoryPlace::Temporary, asked_for: true, restricted: false, embeddings: None };
        let store = Store::open(&choice).await.expect("a memory");
        let State::Open(open) = &store.0 else { panic!("{store:?}") };
        let folder = open.folder.lock().expect("no panic").as_ref().expect("a folder").path().to_owned();
        let user = super::UserId::new("local").expect("a user");
        let new = NewMemory {
            id: MemoryId::new("m").expect("an id"),
            kind: Kind::Fact,
            text: "soon gone".to_owned(),
            subject: None,
            restricted: false,
            origin: None,
            at: Timestamp(1),
        };
        open.store.remember(&user, Batch::from(new)).await.expect("remembered");
        assert!(folder.join("memory.sqlite").is_file());
        store.close().await;
        assert!(!folder.exists());
        assert!(open.store.stats(&user).await.is_err());
    }
}
