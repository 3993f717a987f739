//! Traces: what a collector is told of a request, and of what the upstream was asked for it.

use crate::app::App;
use crate::secrets::capture;
use crate::vendor::Mood;
use crate::waiting::wait_until;
use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use std::sync::{Arc, Mutex};
use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

const ENDPOINT: (&str, &str) = ("COLLOQUY_TRACES_ENDPOINT", "http://127.0.0.1:9/v1/traces");

/// What a collector would be told.
#[derive(Clone, Debug, Default)]
struct Collected(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Collected {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("no panic").extend(batch);
        Ok(())
    }
}

impl Collected {
    /// Collects the spans of this thread, on which all tasks of such a test run. As in the tests of logs, a second
    /// subscriber keeps other threads from deciding for this one.
    fn begin() -> (Self, (DefaultGuard, tracing::Dispatch, SdkTracerProvider)) {
        let collected = Self::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(collected.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test")).with_filter(LevelFilter::INFO);
        let guard = set_default(tracing_subscriber::registry().with(layer));
        (collected, (guard, tracing::Dispatch::new(NoSubscriber::new()), provider))
    }

    /// The spans of a name, as soon as there are so many.
    async fn spans(&self, name: &str, count: usize) -> Vec<SpanData> {
        let named = || {
            let spans = self.0.lock().expect("no panic").clone();
            spans.into_iter().filter(|span| span.name == name).collect::<Vec<_>>()
        };
        wait_until(&format!("there are {count} spans `{name}`"), async || named().len() >= count).await;
        named()
    }
}

fn attribute<'a>(span: &'a SpanData, name: &str) -> Option<&'a Value> {
    let mut values = span.attributes.iter().filter(|pair| pair.key.as_str() == name).map(|pair| &pair.value);
    let value = values.next();
    assert!(values.next().is_none(), "{name} is said twice: {span:#?}");
    value
}

#[tokio::test]
async fn a_request_is_a_span_named_by_its_route_and_the_upstreams_part_is_one_within() {
    let (collected, _guard) = Collected::begin();
    let app = App::with(Mood::Well, &[ENDPOINT, ("COLLOQUY_SIDEBAND", "false")]).await;
    assert_eq!(app.offer("/v1/realtime/calls?a=b").await.status, 201);
    let ours = collected.spans("POST /v1/realtime/calls", 1).await.remove(0);
    let theirs = collected.spans("POST /realtime/calls", 1).await.remove(0);
    assert_eq!((&ours.span_kind, &ours.status), (&SpanKind::Server, &Status::Unset));
    assert_eq!(attribute(&ours, "http.request.method"), Some(&Value::from("POST")));
    assert_eq!(attribute(&ours, "http.route"), Some(&Value::from("/v1/realtime/calls")));
    assert_eq!(attribute(&ours, "url.path"), Some(&Value::from("/v1/realtime/calls")));
    assert_eq!(attribute(&ours, "http.response.status_code"), Some(&Value::I64(201)));
    assert_eq!((&theirs.span_kind, &theirs.status), (&SpanKind::Client, &Status::Unset));
    assert_eq!(theirs.parent_span_id, ours.span_context.span_id());
    assert_eq!(attribute(&theirs, "server.address"), Some(&Value::from("127.0.0.1")));
    assert_eq!(attribute(&theirs, "http.response.status_code"), Some(&Value::I64(201)));
}

#[tokio::test]
async fn a_request_that_failed_is_told_from_a_good_one_and_so_is_each_attempt_at_the_upstream() {
    let (collected, _guard) = Collected::begin();
    let app = App::with(Mood::fails(500, "server_error"), &[ENDPOINT]).await;
    app.get("/session").await.assert_error(502, "upstream_failed");
    let ours = collected.spans("GET /session", 1).await.remove(0);
    assert_eq!(ours.status, Status::error(""));
    assert_eq!(attribute(&ours, "error.type"), Some(&Value::from("upstream_failed")));
    let attempts = collected.spans("POST /realtime/client_secrets", 3).await;
    for attempt in &attempts {
        assert_eq!(attempt.status, Status::error(""));
        assert_eq!(attribute(attempt, "http.response.status_code"), Some(&Value::I64(500)));
        assert_eq!(attempt.parent_span_id, ours.span_context.span_id());
    }
    app.get("/nothing").await.assert_error(404, "not_found");
    let lost = collected.spans("GET", 1).await.remove(0);
    assert_eq!((&lost.status, attribute(&lost, "http.route")), (&Status::Unset, None), "it is the client's mistake");
}

#[tokio::test]
async fn where_no_traces_are_sent_the_log_says_nothing_of_them() {
    let (log, _guard) = capture();
    let app = App::start().await;
    assert_eq!(app.get("/session").await.status, 200);
    let text = log.text();
    let ours: Vec<_> = text.lines().filter(|line| line.contains("request{")).collect();
    assert!(
        !ours.is_empty() && ours.iter().all(|line| !line.contains("otel.") && !line.contains("http.")),
        "{ours:#?}"
    );
}
