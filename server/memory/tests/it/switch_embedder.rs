//! An embedder that can be switched off and made to hang, and one that calls itself otherwise.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use memory::{EmbedError, Embedder, HashingEmbedder, Model};

/// The local embedder under another name, with a switch.
#[derive(Debug)]
pub(crate) struct SwitchEmbedder {
    inner: HashingEmbedder,
    model: Model,
    on: AtomicBool,
    hangs: watch::Sender<bool>,
}

impl SwitchEmbedder {
    pub(crate) fn new(name: &str, on: bool) -> Self {
        let inner = HashingEmbedder::new();
        let model = Model { name: name.into(), ..inner.model().clone() };
        Self { inner, model, on: AtomicBool::new(on), hangs: watch::Sender::new(false) }
    }

    pub(crate) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::SeqCst);
    }

    /// Whoever asks waits from now on, or does not wait any more.
    pub(crate) fn hang(&self, hangs: bool) {
        self.hangs.send_replace(hangs);
    }
}

#[async_trait::async_trait]
impl Embedder for SwitchEmbedder {
    fn model(&self) -> &Model {
        &self.model
    }

    fn floor(&self) -> f32 {
        self.inner.floor()
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let _ = self.hangs.subscribe().wait_for(|hangs| !hangs).await;
        if self.on.load(Ordering::SeqCst) { self.inner.embed(texts).await } else { Err(EmbedError::Refused(503)) }
    }
}
