//! The log: one subscriber, to the standard error stream, and to a collector of traces where one is configured, whatever
//! the log leaves out.

use crate::config::{LogFormat, Logs};
use crate::traces::Traces;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

/// Starts the log. A second start in one process changes nothing. What it gives back is kept until the process ends.
pub fn start(logs: &Logs) -> Option<Traces> {
    let lines = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let lines = match logs.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = logs.traces.as_deref().map(Traces::start).transpose();
    let (traces, failure) = match traces {
        Ok(traces) => (traces, None),
        Err(error) => (None, Some(error)),
    };
    let spans = traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer()));
    // Fails only when there is a subscriber already, as in tests, which then is the one to keep.
    let _ = registry()
        .with(lines.with_filter(EnvFilter::new(&logs.filter)))
        .with(spans.map(|spans| spans.with_filter(LevelFilter::INFO)))
        .try_init();
    if let Some(error) = failure {
        tracing::error!(%error, "no traces are sent");
    }
    traces
}
