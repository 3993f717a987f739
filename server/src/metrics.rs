//! Numbers to watch, in the form that Prometheus reads.

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use protocol::Usage;
use std::time::Duration;

/// Numbers to watch.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    seconds: Family<Route, Histogram>,
    refusals: Family<Reason, Counter>,
    tokens: Family<Kind, Counter>,
    turns: Family<Outcome, Counter>,
    calls: Gauge,
    audit_incomplete: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    direction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("colloquy");
        let requests = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register_with_unit("request", "Time to the head of an answer", Unit::Seconds, seconds.clone());
        let refusals = Family::default();
        registry.register("refusals", "Requests that failed, by the word of the error", refusals.clone());
        let tokens = Family::default();
        registry.register("tokens", "Tokens that clients report", tokens.clone());
        let turns = Family::default();
        registry.register("turns", "Turns that clients report", turns.clone());
        let calls = Gauge::default();
        registry.register("calls", "Calls that go on", calls.clone());
        let audit_incomplete = Gauge::default();
        registry.register(
            "audit_incomplete",
            "1 while lines of the audit log wait or are lost",
            audit_incomplete.clone(),
        );
        Self { registry, requests, seconds, refusals, tokens, turns, calls, audit_incomplete }
    }

    /// A request was answered. The route is a pattern, so that nobody can make up new ones.
    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, after: Duration) {
        let asked = Asked { method, route: route.to_owned(), status };
        self.requests.get_or_create(&asked).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(after.as_secs_f64());
    }

    /// A request failed.
    pub(crate) fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&Reason { code }).inc();
    }

    /// A client reported a turn.
    pub(crate) fn turn(&self, outcome: &str, usage: Option<&Usage>) {
        let known = OUTCOMES.into_iter().find(|known| *known == outcome).unwrap_or("other");
        self.turns.get_or_create(&Outcome { outcome: known }).inc();
        if let Some(usage) = usage {
            self.tokens.get_or_create(&Kind { direction: "in" }).inc_by(usage.input_tokens.min(MOST_TOKENS));
            self.tokens.get_or_create(&Kind { direction: "out" }).inc_by(usage.output_tokens.min(MOST_TOKENS));
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self, calls: usize, audit_is_complete: bool) -> String {
        self.calls.set(calls as i64);
        self.audit_incomplete.set(i64::from(!audit_is_complete));
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

const OUTCOMES: [&str; 4] = ["answered", "interrupted", "failed", "unanswered"];

/// No honest turn has more; a client's word must not wrap the sum around.
const MOST_TOKENS: u64 = 10_000_000;

const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
