//! Counts every answer.

use crate::Metrics;
use crate::error::Problem;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use std::time::{Duration, Instant};

/// A request whose answer is to be counted, by its route, and if it fails by the word of the error.
pub(super) struct Measured {
    started: Instant,
    /// None if it is none that is known: anybody can make up another one.
    method: Option<&'static str>,
    route: Option<MatchedPath>,
}

impl Measured {
    pub(super) fn begin(request: &Request) -> Self {
        let method = KNOWN.into_iter().find(|known| *known == request.method().as_str());
        Self { started: Instant::now(), method, route: request.extensions().get::<MatchedPath>().cloned() }
    }

    pub(super) fn method(&self) -> Option<&'static str> {
        self.method
    }

    /// The pattern, unless the request is for the page.
    pub(super) fn route(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
    }

    /// Counts the answer. Returns how long it took.
    pub(super) fn end(self, metrics: &Metrics, response: &Response) -> Duration {
        let after = self.started.elapsed();
        let (method, route) = (self.method.unwrap_or("other"), self.route().unwrap_or("page"));
        metrics.answered(method, route, response.status().as_u16(), after);
        if let Some(problem) = response.extensions().get::<Problem>() {
            metrics.refused(problem.code());
        }
        after
    }
}

const KNOWN: [&str; 6] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"];
