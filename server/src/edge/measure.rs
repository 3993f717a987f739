//! Counts every answer.

use crate::Metrics;
use crate::error::Problem;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use std::time::{Duration, Instant};

/// A request whose answer is to be counted, by its route, and if it fails by the word of the error.
pub(super) struct Measured {
    started: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Measured {
    pub(super) fn begin(request: &Request) -> Self {
        let method = KNOWN.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
        Self { started: Instant::now(), method, route: request.extensions().get::<MatchedPath>().cloned() }
    }

    /// Counts the answer. Returns how long it took.
    pub(super) fn end(self, metrics: &Metrics, response: &Response) -> Duration {
        let after = self.started.elapsed();
        let route = self.route.as_ref().map_or("page", MatchedPath::as_str);
        metrics.answered(self.method, route, response.status().as_u16(), after);
        if let Some(problem) = response.extensions().get::<Problem>() {
            metrics.refused(problem.code());
        }
        after
    }
}

/// Anybody can make up another one.
const KNOWN: [&str; 6] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"];
