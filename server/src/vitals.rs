//! What a talk needs, and whether it is there: the upstream, what counts limits, the memory, the audit log.

use crate::AppState;
use crate::error::causes;
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// What a talk needs, and why it is not there if it is not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vitals {
    /// Whether something answers at the upstream's address.
    pub(crate) upstream: Option<Fault>,
    /// Whether limits can be counted.
    pub(crate) limits: Option<Fault>,
    /// Whether the memory can be written, if there is one.
    pub(crate) memory: Option<Fault>,
    /// Whether the audit log can be written, if there is one.
    pub(crate) audit: Option<Fault>,
}

/// Why something is not there.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// For everybody.
    pub(crate) plain: &'static str,
    /// For those who run the server: addresses and names may be in it.
    pub(crate) detail: String,
}

impl Vitals {
    async fn taken(state: &AppState) -> Self {
        let entrance = state.entrance();
        let (reachable, limits, memory) = tokio::join!(
            timeout(PATIENCE, state.upstream().is_reachable()),
            timeout(PATIENCE, entrance.gate().check()),
            timeout(PATIENCE, state.knowledge().store().check()),
        );
        let upstream = (!reachable.unwrap_or(false))
            .then(|| Fault { plain: "the upstream does not answer", detail: state.upstream().host().to_owned() });
        Self {
            upstream,
            limits: fault("limits cannot be counted", limits),
            memory: fault("the memory cannot be written", memory),
            audit: fault("the audit log cannot be written", Ok(entrance.audit().check())),
        }
    }

    /// All that is not there.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &Fault> {
        [&self.upstream, &self.limits, &self.memory, &self.audit].into_iter().flatten()
    }
}

fn fault<E: Error>(plain: &'static str, result: Result<Result<(), E>, tokio::time::error::Elapsed>) -> Option<Fault> {
    let detail = match result {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => causes(&error),
        Err(_) => "it took too long".to_owned(),
    };
    Some(Fault { plain, detail })
}

/// What was found lately, so that it is looked for no more often than every few seconds, however often that is asked.
#[derive(Debug, Default)]
pub(crate) struct Lately(Mutex<Option<(Instant, Vitals)>>);

impl Lately {
    /// What is there now, or was a moment ago.
    pub(crate) async fn vitals(&self, state: &AppState) -> Vitals {
        let mut known = self.0.lock().await;
        if let Some((at, vitals)) = known.as_ref()
            && at.elapsed() < FRESH
        {
            return vitals.clone();
        }
        let vitals = Vitals::taken(state).await;
        let was_well = known.as_ref().is_none_or(|(_, before)| before.faults().next().is_none());
        if was_well {
            for fault in vitals.faults() {
                tracing::warn!(why = fault.plain, detail = fault.detail, "not ready");
            }
        } else if vitals.faults().next().is_none() {
            tracing::info!("ready again");
        }
        *known = Some((Instant::now(), vitals.clone()));
        vitals
    }
}

/// How long it is believed that something is there, or is not.
const FRESH: Duration = Duration::from_secs(2);
/// How long each part is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
