//! What the server knows of its own: the sources of context, and the long-term memory, which is one of them.

mod context;
mod ids;
mod recall;
mod scratch;
mod store;
mod watch;
mod wire;

pub use context::Context;
pub use recall::MemorySource;
pub use store::{Store, StoreError};

pub(crate) use ids::fresh_id;
pub(crate) use watch::to_zone;
pub(crate) use wire::{correction, detail, entry, forgotten, page, to_batch, to_id, to_talk};

use crate::{Config, ConfigError};
use ::context::Source;
use protocol::memory::{KnowledgeStatus, SourceState};
use std::sync::Arc;

/// The sources of context and the long-term memory.
#[derive(Debug)]
pub struct Knowledge {
    context: Context,
    store: Store,
}

/// Why it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// The memory does not open where it was asked for.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source is configured wrongly.
    #[error(transparent)]
    Source(#[from] ConfigError),
}

impl Knowledge {
    /// Opens the memory and the sources, and starts what they do in the background; must be called inside a tokio
    /// runtime. A memory that nobody asked for may fail to open: then there is none, and the status says so.
    ///
    /// # Errors
    /// The memory does not open where it was asked for, or a source is configured wrongly.
    pub async fn open(config: &Config) -> Result<Self, KnowledgeError> {
        let store = Store::open(&config.memory).await?;
        let recall = store.get().ok().map(|store| MemorySource::new(store, config.memory.restricted));
        let further = recall.map(|recall| Arc::new(recall) as Arc<dyn Source>).into_iter().collect();
        Ok(Self { context: Context::new(config.context.open(further)?), store })
    }

    /// Puts together what was made elsewhere.
    pub fn new(context: Context, store: Store) -> Self {
        Self { context, store }
    }

    /// The sources of context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The long-term memory.
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn status(&self, user: &str) -> KnowledgeStatus {
        let state = |source: ::context::SourceStatus| SourceState {
            name: source.name,
            kind: source.kind,
            resting: source.resting,
            note: source.note,
        };
        let sources = self.context.status(user).into_iter().map(state).collect();
        KnowledgeStatus { sources, memory: self.store.status() }
    }
}
