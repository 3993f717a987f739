//! How long a connection has had nothing to do.

use axum::body::Body;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// How long a connection has had nothing to do.
#[derive(Debug)]
pub(super) struct Idleness(Mutex<State>);

#[derive(Debug)]
struct State {
    running: usize,
    since: Instant,
}

/// A request that goes on until this is dropped, with the body of its answer.
#[derive(Debug)]
pub(super) struct Busy(Arc<Idleness>);

impl Idleness {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { running: 0, since: Instant::now() }))
    }

    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.change(|state| state.running += 1);
        Busy(Arc::clone(self))
    }

    /// Is done when nothing was asked for so long.
    pub(super) async fn lasts(&self, long: Duration) {
        loop {
            let end = self.change(|state| if state.running > 0 { Instant::now() } else { state.since }) + long;
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Busy {
    /// The same body; the request goes on until it ends.
    pub(super) fn until_end(self, body: Body) -> Body {
        Body::new(Lasting { body, _busy: self })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(|state| {
            state.running = state.running.saturating_sub(1);
            state.since = Instant::now();
        });
    }
}

struct Lasting {
    body: Body,
    _busy: Busy,
}

impl hyper::body::Body for Lasting {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::Idleness;
    use axum::body::Body;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::timeout;

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_once_its_answers_have_ended() {
        let idleness = Arc::new(Idleness::new());
        let body = idleness.begin().until_end(Body::empty());
        assert!(timeout(10 * LONG, idleness.lasts(LONG)).await.is_err(), "an answer goes on");
        drop(body);
        assert!(timeout(LONG / 2, idleness.lasts(LONG)).await.is_err(), "it has just ended");
        assert!(timeout(2 * LONG, idleness.lasts(LONG)).await.is_ok());
    }
}
