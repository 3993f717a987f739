//! What all requests share. Cloning it is cheap.

use crate::config::{Limits, Listen};
use crate::edge::Origins;
use crate::{Calls, Knowledge, Page, Upstream};
use protocol::api::{Status, UpstreamStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What all requests share.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    upstream: Upstream,
    page: Page,
    calls: Calls,
    knowledge: Knowledge,
    limits: Limits,
    origins: Origins,
    local: bool,
    notes: Vec<String>,
    started: Instant,
    turns: AtomicU64,
}

impl AppState {
    /// Puts together what requests need. `notes` say what the local engine can do here; a remote upstream has none.
    pub fn new(
        upstream: Upstream,
        page: Page,
        limits: Limits,
        listen: &Listen,
        notes: Vec<String>,
        knowledge: Knowledge,
    ) -> Self {
        Self(Arc::new(Shared {
            upstream,
            page,
            calls: Calls::default(),
            knowledge,
            limits,
            origins: listen.origins.clone(),
            local: listen.address.ip().is_loopback(),
            notes,
            started: Instant::now(),
            turns: AtomicU64::new(0),
        }))
    }

    /// The far end.
    pub fn upstream(&self) -> &Upstream {
        &self.0.upstream
    }

    /// The page and what it loads.
    pub fn page(&self) -> &Page {
        &self.0.page
    }

    /// The calls made through this server.
    pub fn calls(&self) -> &Calls {
        &self.0.calls
    }

    /// The sources of context and the long-term memory.
    pub fn knowledge(&self) -> &Knowledge {
        &self.0.knowledge
    }

    /// How much and how long.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Whether the server listens for this machine alone.
    pub(crate) fn is_local(&self) -> bool {
        self.0.local
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.0.origins
    }

    /// Counts a turn that a client reported.
    pub(crate) fn count_turn(&self) {
        self.0.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// What runs here.
    pub fn status(&self) -> Status {
        let upstream = self.upstream();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            upstream: UpstreamStatus {
                kind: upstream.kind().to_owned(),
                host: upstream.host().to_owned(),
                model: upstream.model().to_owned(),
                notes: self.0.notes.clone(),
            },
            uptime_s: self.0.started.elapsed().as_secs(),
            turns: self.0.turns.load(Ordering::Relaxed),
            presets: upstream.presets().names(),
            knowledge: self.0.knowledge.status(),
        }
    }
}
