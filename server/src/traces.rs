//! Traces for an OpenTelemetry collector: every request is a span, and one that a browser or a proxy began goes on.

use axum::http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Sends spans to a collector, until it is dropped; then it sends what is left.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans to a collector's address, such as `http://127.0.0.1:4318/v1/traces`.
    pub(crate) fn start(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
        let resource = Resource::builder().with_service_name("colloquy").build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.0.tracer("colloquy")
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::debug!(%error, "the last spans are not sent");
        }
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

struct Carried<'a>(&'a HeaderMap);

impl Extractor for Carried<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}
