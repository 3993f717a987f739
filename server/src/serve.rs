//! The server as a whole: its listener, the engine if it is needed, and an orderly end.

use crate::calls::hang_up_all;
use crate::config::Target;
use crate::greeting::{greeting, warnings};
use crate::key::KeyError;
use crate::knowledge::KnowledgeError;
use crate::tls::{Certificate, TlsError};
use crate::watch::watch;
use crate::{AppState, Config, Entrance, EntranceError, Knowledge, Page, Upstream, connection, router};
use engine::Engine;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A server that listens and is ready to run.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    engine: Option<Engine>,
    state: AppState,
    /// How long calls may go on after the end was asked for.
    drain: Duration,
    warnings: Vec<&'static str>,
}

/// Why the server cannot start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another process has the address.
    #[error(
        "{0} is in use: another Colloquy may be running. Stop it, or choose another address with --listen, such as \
         --listen 127.0.0.1:{next}",
        next = next_port(*.0)
    )]
    InUse(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The HTTP client cannot be built.
    #[error("cannot prepare the connection to the upstream: {0}")]
    Client(#[from] reqwest::Error),
    /// The local engine does not start.
    #[error("the local engine does not start: {0}")]
    Engine(#[from] engine::StartError),
    /// The upstream's lasting key cannot be had.
    #[error("the key for the upstream cannot be had: {0}")]
    Key(#[from] KeyError),
    /// The memory or a source of context cannot be had.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// Nobody can be let in.
    #[error(transparent)]
    Entrance(#[from] EntranceError),
    /// HTTPS cannot be spoken.
    #[error("cannot speak HTTPS: {0}")]
    Tls(#[from] TlsError),
    /// Serving broke off.
    #[error("serving broke off: {0}")]
    Broken(#[from] std::io::Error),
}

impl Server {
    /// Takes the address, opens the memory and the sources, and starts the engine if it is the upstream.
    ///
    /// # Errors
    /// As [`ServeError`] tells, with the cure where there is one.
    pub async fn start(config: Config) -> Result<Self, ServeError> {
        Box::pin(Self::open(config)).await
    }

    async fn open(config: Config) -> Result<Self, ServeError> {
        let asked = config.listen.address;
        let listener = TcpListener::bind(asked).await.map_err(|source| cannot_listen(asked, source))?;
        let address = listener.local_addr()?;
        let certificate = Certificate::open(config.tls.clone())?;
        let entrance = Entrance::open(&config).await?;
        let knowledge = Knowledge::open(&config).await?;
        let engine = match config.upstream.target {
            Target::Engine => Some(Engine::start(config.engine.clone()).await?),
            Target::Remote { .. } => None,
        };
        let upstream = Upstream::new(&config, engine.as_ref().map(Engine::base_url).as_deref())?;
        upstream.prepare().await?;
        let notes = engine.as_ref().map(|engine| engine.notes().to_vec()).unwrap_or_default();
        let state = AppState::new(upstream, Page::embedded(), &config, notes, knowledge, entrance, certificate);
        let drain = Duration::from_secs(config.operation.drain);
        Ok(Self { listener, address, engine, state, drain, warnings: warnings(&config) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its requests share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `stop` is done; then begins no more calls and gives those that go on their time, takes no more
    /// requests, ends look-ups, lets other requests in flight end, hangs up all calls, stops the engine and closes the
    /// memory, each within a deadline.
    ///
    /// # Errors
    /// Serving broke off.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        self.greet();
        let ending = CancellationToken::new();
        let state = self.state.clone();
        let serving = connection::serve(self.listener, router(state.clone()), state.clone(), ending.clone());
        let mut serving = tokio::spawn(serving);
        tokio::select! {
            result = &mut serving => result.map_err(std::io::Error::other)?,
            () = watch(state.clone()) => {}
            () = async { stop.await; drain(&state, self.drain).await } => {
                tracing::info!("ending: no new requests");
                ending.cancel();
                self.state.knowledge().context().close();
                if tokio::time::timeout(DRAIN, &mut serving).await.is_err() {
                    serving.abort();
                }
            }
        }
        hang_up(&self.state).await;
        if let Some(engine) = self.engine
            && tokio::time::timeout(DRAIN, engine.shutdown()).await.is_err()
        {
            tracing::warn!("the local engine did not end in time");
        }
        if tokio::time::timeout(DRAIN, self.state.knowledge().store().close()).await.is_err() {
            tracing::warn!("the memory was not closed in time; nothing that was acknowledged is lost");
        }
        Ok(())
    }

    fn greet(&self) {
        let words = greeting(self.address, self.state.certificate().acceptor().is_some(), &self.state.status(""));
        // Nobody may be there to read it.
        let _ = writeln!(std::io::stdout(), "{words}");
        for warning in &self.warnings {
            tracing::warn!(address = %self.address, "{warning}");
        }
        if !self.state.page().is_built() {
            tracing::warn!("the client is not built into this server; `cargo xtask run` builds both");
        }
    }
}

/// Waits for the user or the system to ask for the end. Asked a second time, the process ends at once.
pub async fn stop_signal() {
    asked_to_end().await;
    tokio::spawn(async {
        asked_to_end().await;
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                () = interrupted() => {}
            }
        }
        Err(_) => interrupted().await,
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals the process is ended from outside.
        std::future::pending::<()>().await;
    }
}

/// Begins no more calls, and waits until those that go on have ended or their time is over.
async fn drain(state: &AppState, patience: Duration) {
    state.begin_draining();
    let calls = state.entrance().gate().count();
    if calls > 0 && !patience.is_zero() {
        tracing::info!(calls, seconds = patience.as_secs(), "ending: calls that go on have their time");
        let ended = async {
            while state.entrance().gate().count() > 0 {
                tokio::time::sleep(LOOK).await;
            }
        };
        let _ = tokio::time::timeout(patience, ended).await;
    }
}

async fn hang_up(state: &AppState) {
    let calls = state.entrance().gate().count();
    if calls > 0 {
        let ended = hang_up_all(state, state.limits().hang_up).await;
        tracing::info!(calls, ended, "hung up");
    }
}

fn cannot_listen(address: SocketAddr, source: std::io::Error) -> ServeError {
    if source.kind() == ErrorKind::AddrInUse {
        ServeError::InUse(address)
    } else {
        ServeError::Listen { address, source }
    }
}

/// A port to propose instead of one that is taken.
fn next_port(taken: SocketAddr) -> u16 {
    taken.port().wrapping_add(1).max(1024)
}

/// How often it is looked whether calls have ended.
const LOOK: Duration = Duration::from_millis(100);

/// How long requests in flight, after them the engine, and then the memory may take when the server ends.
const DRAIN: Duration = Duration::from_secs(3);
