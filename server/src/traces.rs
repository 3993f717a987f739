//! Traces for an OpenTelemetry collector: every request is a span, what is asked of the upstream for it is one within, and
//! a trace that a browser or a proxy began goes on. Names are those of OpenTelemetry's conventions for HTTP.

use axum::http::{HeaderMap, StatusCode};
use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter as Exporter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Sends spans to a collector, until it is dropped; then it sends what is left.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans to a collector's address, such as `http://127.0.0.1:4318/v1/traces`.
    pub(crate) fn start(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name("colloquy").with_attribute(version).build();
        let exporter = Telling { exporter, is_failing: AtomicBool::new(false) };
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.0.tracer("colloquy")
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_SPANS) {
            tracing::debug!(%error, "the last spans are not sent");
        }
    }
}

/// Tells once that the collector does not take what it is sent, and once that it does again.
#[derive(Debug)]
struct Telling {
    exporter: SpanExporter,
    is_failing: AtomicBool,
}

impl Exporter for Telling {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        match (&result, self.is_failing.swap(result.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => tracing::warn!(%error, "the collector takes no traces"),
            (Ok(()), true) => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// Makes a request's span go on from the one that its `traceparent` names, if it names one.
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        let parent = TraceContextPropagator::new().extract(&Carried(headers));
        // Without a collector there is nothing to go on from.
        let _ = span.set_parent(parent);
    }
}

/// Notes on a request's span what it was answered with.
pub(crate) fn note_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
}

/// Marks a request's span as failed, with the word of the error.
pub(crate) fn note_failure(span: &Span, code: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", code);
}

struct Carried<'a>(&'a HeaderMap);

impl Extractor for Carried<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}

/// How long the last spans may take when the server ends.
const LAST_SPANS: Duration = Duration::from_secs(1);
