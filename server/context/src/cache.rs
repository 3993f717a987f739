//! Keeps answers for a while, and asks once when several want the same.

use std::{future::Future, time::Duration};

use moka::future::Cache;
use tokio::time::Instant;

use crate::{Finding, SourceError};

/// The answers of all sources.
pub(crate) struct Answers {
    kept: Cache<Key, Entry>,
    negative: Duration,
}

/// Which source, and its own key for the question.
pub(crate) type Key = (usize, String);

#[derive(Clone)]
struct Entry {
    outcome: Result<Finding, SourceError>,
    until: Instant,
}

impl Answers {
    /// Keeps at most `most` answers, none longer than `longest`; nothing found and failures for `negative`.
    pub(crate) fn new(most: u64, longest: Duration, negative: Duration) -> Self {
        // Freshness is judged on tokio's clock by each entry; the cache's own time only bounds the memory.
        Self { kept: Cache::builder().max_capacity(most).time_to_live(longest).build(), negative }
    }

    /// The kept answer, or that of `ask`, and whether it was kept. Whoever comes while `ask` runs waits for it; when
    /// it is dropped, the next who waits asks.
    pub(crate) async fn get(
        &self,
        key: Key,
        keep: Duration,
        ask: impl Future<Output = Result<Finding, SourceError>>,
    ) -> (Result<Finding, SourceError>, bool) {
        let negative = self.negative.min(keep);
        let fill = async {
            let outcome = ask.await;
            let length = match &outcome {
                Ok(finding) if finding.items.is_empty() => negative,
                Ok(_) => keep,
                Err(error) if error.lasts() => negative,
                Err(_) => Duration::ZERO,
            };
            Entry { outcome, until: Instant::now() + length }
        };
        let entry = self.kept.entry(key).or_insert_with_if(fill, |entry| entry.until <= Instant::now()).await;
        let kept = !entry.is_fresh();
        (entry.into_value().outcome, kept)
    }
}
