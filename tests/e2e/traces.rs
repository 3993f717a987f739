//! Everything that a call asks of the server is found under one trace, which the page began.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use e2e_support::{Options, Page, Server, Speech, wait_for};
use std::sync::{Arc, Mutex, PoisonError};

const ASKED: [&str; 4] = ["/session", "/v1/realtime/calls", "/context", "/turns"];

#[tokio::test]
async fn what_a_call_asks_of_the_server_has_one_trace_that_the_page_began() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "traces";
    let collector = Collector::start().await?;
    let settings = [("COLLOQUY_TRACES_ENDPOINT", collector.endpoint.as_str()), ("COLLOQUY_ENGINE_RECOGNISER", "none")];
    let server = Server::start(name, &settings).await?;
    let quiet = Speech::new().silence(5.0).write(name)?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    page.evaluate::<bool>(
        "(() => {
            const { fetch } = window;
            window.__asked = [];
            window.fetch = (address, options) => {
                const path = new URL(address, location).pathname;
                window.__asked.push([path, options?.headers?.get?.('traceparent') ?? '']);
                return fetch(address, options);
            };
            return true;
        })()",
    )
    .await?;
    page.connect().await?;
    page.say("what time is it in Tokyo").await?;
    page.wait_for_answer(0).await?;
    page.wait("the turn to be reported", 10, "window.__asked.some(([path]) => path === '/turns')").await?;

    let asked: Vec<(String, String)> = page.evaluate("window.__asked").await?;
    let parent = asked.first().map(|(_, parent)| parent.clone()).unwrap_or_default();
    let pieces: Vec<&str> = parent.split('-').collect();
    let lengths: Vec<usize> = pieces.iter().map(|piece| piece.len()).collect();
    ensure!(lengths == [2, 32, 16, 2], "no `traceparent`: {asked:?}");
    for path in ASKED {
        let own: Vec<_> = asked.iter().filter(|(asked, _)| asked == path).collect();
        ensure!(!own.is_empty() && own.iter().all(|(_, own)| *own == parent), "{path} is not of the trace: {asked:?}");
    }
    collector.wait_for(pieces[1]).await?;
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}

/// Takes spans as an OpenTelemetry collector does.
struct Collector {
    endpoint: String,
    taken: Taken,
}

type Taken = Arc<Mutex<Vec<Bytes>>>;

impl Collector {
    async fn start() -> anyhow::Result<Self> {
        let taken = Taken::default();
        let take = async |State(taken): State<Taken>, body: Bytes| {
            taken.lock().unwrap_or_else(PoisonError::into_inner).push(body);
        };
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&taken));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}/v1/traces", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, taken })
    }

    /// Waits until a span of the trace has come for each of the paths.
    async fn wait_for(&self, trace: &str) -> Outcome {
        let trace: Vec<u8> = (0..trace.len() / 2)
            .map(|at| u8::from_str_radix(trace.get(at * 2..at * 2 + 2).unwrap_or_default(), 16))
            .collect::<Result<_, _>>()?;
        for path in ASKED {
            let span = async || Ok(self.has_span(&trace, path).then_some(()));
            wait_for(&format!("a span of the trace for {path}"), 30, span).await?;
        }
        Ok(())
    }

    fn has_span(&self, trace: &[u8], path: &str) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().flat_map(|body| spans(body, trace)).any(|span| span.contains(path))
    }
}

/// The texts of a trace's spans. A span begins with its trace, field 1 of 16 bytes, and its own name, field 2 of 8.
fn spans(body: &[u8], trace: &[u8]) -> Vec<String> {
    let is_span = |head: &[u8]| matches!(head, [0x0a, 0x10, .., 0x12, 0x08]);
    let begins: Vec<usize> = body.windows(20).enumerate().filter(|(_, head)| is_span(head)).map(|(at, _)| at).collect();
    let ends = begins.iter().skip(1).copied().chain([body.len()]);
    begins
        .iter()
        .zip(ends)
        .filter_map(|(begin, end)| body.get(begin + 2..end)?.strip_prefix(trace))
        .map(|rest| String::from_utf8_lossy(rest).into_owned())
        .collect()
}
