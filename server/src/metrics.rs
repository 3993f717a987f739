//! Numbers to watch, in the form that Prometheus reads.

use admission::{Audit, Gate};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use protocol::Usage;
use std::sync::atomic::{AtomicU64, Ordering};
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
    upstream_tokens: Family<Priced, Counter>,
    spent: Counter<f64, AtomicU64>,
    call_seconds: Counter,
    calls: Gauge,
    audit_incomplete: Gauge,
}

/// What came of what was asked of the upstream, and how long that took. Cloning it is cheap.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamMetrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Purposed, Histogram>,
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
struct Priced {
    direction: &'static str,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    purpose: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Purposed {
    purpose: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Metrics {
    /// All at zero, but for those of the upstream.
    pub(crate) fn new(upstream: UpstreamMetrics) -> Self {
        let mut registry = Registry::with_prefix("colloquy");
        let requests = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register_with_unit("request", "Time to the head of an answer", Unit::Seconds, seconds.clone());
        let refusals = Family::default();
        registry.register("refusals", "Requests that failed, by the word of the error", refusals.clone());
        let tokens = Family::default();
        registry.register(
            "tokens",
            "Tokens that clients report; whoever talks can make them up, so see upstream_tokens",
            tokens.clone(),
        );
        let turns = Family::default();
        registry.register("turns", "Turns that clients report", turns.clone());
        registry.register(
            "upstream_requests",
            "What was asked of the upstream, by purpose and by what came of it after all attempts",
            upstream.requests,
        );
        registry.register_with_unit(
            "upstream_request",
            "How long the upstream took, with all attempts",
            Unit::Seconds,
            upstream.seconds,
        );
        let upstream_tokens = Family::default();
        registry.register(
            "upstream_tokens",
            "Tokens that the upstream itself says were used in calls, by what they are priced as",
            upstream_tokens.clone(),
        );
        let spent = Counter::default();
        registry.register_with_unit(
            "spent",
            "What the upstream says was used in calls, at the configured prices",
            Unit::Other("dollars".to_owned()),
            spent.clone(),
        );
        let call_seconds = Counter::default();
        registry.register_with_unit("call", "How long calls went on", Unit::Seconds, call_seconds.clone());
        registry.register("build", "What runs here", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        let calls = Gauge::default();
        registry.register("calls", "Calls that go on", calls.clone());
        let audit_incomplete = Gauge::default();
        registry.register(
            "audit_incomplete",
            "1 while lines of the audit log wait or are lost",
            audit_incomplete.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            refusals,
            tokens,
            turns,
            upstream_tokens,
            spent,
            call_seconds,
            calls,
            audit_incomplete,
        }
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
    pub(crate) fn text(&self, gate: &Gate, audit: &Audit) -> String {
        self.calls.set(gate.count() as i64);
        self.audit_incomplete.set(i64::from(!audit.is_complete()));
        let totals = gate.totals();
        for (direction, kind, tokens) in totals.tokens.by_kind() {
            raise(self.upstream_tokens.get_or_create(&Priced { direction, kind }).inner(), tokens);
        }
        // The bits of numbers that are not negative are in the order of the numbers.
        raise(self.spent.inner(), (totals.millionths as f64 / 1e6).to_bits());
        raise(self.call_seconds.inner(), totals.seconds);
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

/// Takes over a sum that is kept elsewhere. Of two who look at the same time, neither sees it fall.
fn raise(counter: &AtomicU64, sum: u64) {
    counter.fetch_max(sum, Ordering::Relaxed);
}

impl UpstreamMetrics {
    /// All at zero.
    pub(crate) fn new() -> Self {
        let seconds = Family::new_with_constructor((|| Histogram::new(UPSTREAM_BUCKETS)) as fn() -> Histogram);
        Self { requests: Family::default(), seconds }
    }

    /// Something was asked of the upstream, and this came of it: `ok`, or the word of the error.
    pub(crate) fn answered(&self, purpose: &'static str, outcome: &'static str, after: Duration) {
        self.requests.get_or_create(&Answered { purpose, outcome }).inc();
        self.seconds.get_or_create(&Purposed { purpose }).observe(after.as_secs_f64());
    }
}

const OUTCOMES: [&str; 4] = ["answered", "interrupted", "failed", "unanswered"];

/// No honest turn has more; a client's word must not wrap the sum around.
const MOST_TOKENS: u64 = 10_000_000;

const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// A service far away, up to the time after which it is given up on.
const UPSTREAM_BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
