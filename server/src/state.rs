//! What all requests share. Cloning it is cheap.

use crate::config::{Asked, Config, Limits, Tls};
use crate::edge::Origins;
use crate::entrance::Known;
use crate::tls::Certificate;
use crate::troubles::Troubles;
use crate::vitals::{Lately, Vitals};
use crate::{Entrance, Knowledge, Metrics, Page, Sidebands, Upstream};
use admission::Networks;
use protocol::api::{Status, UpstreamStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// What all requests share.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    upstream: Upstream,
    page: Page,
    sidebands: Sidebands,
    knowledge: Knowledge,
    limits: Limits,
    origins: Origins,
    entrance: Entrance,
    https_for_good: bool,
    notes: Vec<String>,
    started: Instant,
    turns: AtomicU64,
    draining: AtomicBool,
    metrics: Metrics,
    metrics_from: Networks,
    troubles: Troubles,
    traced: bool,
    lately: Lately,
    certificate: Certificate,
    asked: Asked,
}

impl AppState {
    /// Puts together what requests need. `notes` say what the local engine can do here; a remote upstream has none.
    pub fn new(
        upstream: Upstream,
        page: Page,
        config: &Config,
        notes: Vec<String>,
        knowledge: Knowledge,
        entrance: Entrance,
        certificate: Certificate,
    ) -> Self {
        let metrics = Metrics::new(upstream.metrics());
        Self(Arc::new(Shared {
            upstream,
            page,
            sidebands: Sidebands::default(),
            knowledge,
            limits: config.limits.clone(),
            origins: config.listen.origins.clone(),
            entrance,
            https_for_good: config.is_https() && !matches!(config.tls, Tls::Automatic(_)),
            notes,
            started: Instant::now(),
            turns: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            metrics,
            metrics_from: config.operation.metrics.clone(),
            troubles: Troubles::default(),
            traced: config.logs.traces.is_some(),
            lately: Lately::default(),
            certificate,
            asked: config.asked.clone(),
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

    /// The calls that are watched.
    pub fn sidebands(&self) -> &Sidebands {
        &self.0.sidebands
    }

    /// The sources of context and the long-term memory.
    pub fn knowledge(&self) -> &Knowledge {
        &self.0.knowledge
    }

    /// The certificate that is shown, if the server speaks HTTPS.
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.0.certificate
    }

    /// What was asked for at the start.
    pub(crate) fn asked(&self) -> &Asked {
        &self.0.asked
    }

    /// How much and how long.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Who may come in, and what they have used.
    pub fn entrance(&self) -> &Entrance {
        &self.0.entrance
    }

    /// Whether browsers may be told never to come by plain HTTP again. With a certificate that its owner has to accept
    /// by hand they would not let the owner accept it any more.
    pub(crate) fn is_https_for_good(&self) -> bool {
        self.0.https_for_good
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.0.origins
    }

    /// Numbers to watch.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What those who run the server were told lately.
    pub(crate) fn troubles(&self) -> &Troubles {
        &self.0.troubles
    }

    /// Whether traces are sent.
    pub(crate) fn is_traced(&self) -> bool {
        self.0.traced
    }

    /// Whether somebody may see the numbers. What a proxy passes on comes from nowhere unless the proxy is believed.
    pub(crate) fn shows_metrics_to(&self, known: &Known) -> bool {
        !known.veiled && self.0.metrics_from.contains(known.visitor.address)
    }

    /// What a talk needs, and whether it is there.
    pub(crate) async fn vitals(&self) -> Vitals {
        self.0.lately.vitals(self).await
    }

    /// No more calls begin from now on.
    pub(crate) fn begin_draining(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Whether no more calls begin.
    pub(crate) fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// Counts a turn that a client reported.
    pub(crate) fn count_turn(&self) {
        self.0.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// What runs here, as far as it is this user's to know; nobody's where it is empty.
    pub fn status(&self, user: &str) -> Status {
        let upstream = self.upstream();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            upstream: UpstreamStatus {
                kind: upstream.kind().to_owned(),
                host: upstream.host().to_owned(),
                model: upstream.model(),
                notes: self.0.notes.clone(),
            },
            uptime_s: self.0.started.elapsed().as_secs(),
            turns: self.0.turns.load(Ordering::Relaxed),
            presets: upstream.presets().names(),
            knowledge: self.0.knowledge.status(user),
        }
    }
}
