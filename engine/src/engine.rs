//! The engine as a whole: set up, listening, shut down.

use crate::calls::Calls;
use crate::config::{Config, RecogniserChoice, VoiceChoice};
use crate::http::{Shared, router};
use crate::peer::{Identity, NoCertificate};
use crate::recogniser::{Http, PocketSphinx, PocketSphinxError, Recogniser, RecogniserError, Scripted};
use crate::secrets::Secrets;
use crate::speech::Speaker;
use crate::voice::{Builtin, Espeak, Voice};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Why an engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The chosen recogniser cannot be used.
    #[error("the recogniser cannot be used: {0}")]
    PocketSphinx(#[from] PocketSphinxError),
    /// The chosen recogniser cannot be used.
    #[error("the recogniser cannot be used: {0}")]
    Recogniser(#[from] RecogniserError),
    /// The chosen voice is not installed.
    #[error("espeak-ng is not installed")]
    NoEspeak,
    /// A part of the engine could not be made.
    #[error("the engine could not be set up: {0}")]
    Setup(String),
}

/// A running engine. Dropping it leaves it running until the runtime ends; [`Engine::shutdown`] ends it well.
#[derive(Debug)]
#[must_use]
pub struct Engine {
    address: SocketAddr,
    parts: Arc<Parts>,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

struct Parts {
    calls: Arc<Calls>,
    notes: Vec<String>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("calls", &self.calls.count()).field("notes", &self.notes).finish()
    }
}

impl Engine {
    /// Starts an engine that listens on `config.listen`.
    ///
    /// # Errors
    /// The address is taken, or what was chosen explicitly is not installed.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let address = config.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
        let (router, parts) = assemble(config).await?;
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "the engine's HTTP side broke");
            }
        });
        tracing::info!(%address, notes = ?parts.notes, "engine listening");
        Ok(Self { address, parts: Arc::new(parts), stop, server })
    }

    /// Where the engine listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address for clients, such as `http://127.0.0.1:4000/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What the engine can and cannot do on this machine, in a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.parts.notes
    }

    /// How many calls are in progress.
    pub fn calls(&self) -> usize {
        self.parts.calls.count()
    }

    /// Hangs up every call, takes no new ones, and ends.
    pub async fn shutdown(self) {
        self.parts.calls.close().await;
        self.stop.cancel();
        let abort = self.server.abort_handle();
        match tokio::time::timeout(LAST_REQUESTS, self.server).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the engine's HTTP side ended badly"),
            Err(_) => abort.abort(),
        }
    }
}

/// How long requests in progress have when the engine ends.
const LAST_REQUESTS: Duration = Duration::from_secs(2);

async fn assemble(config: Config) -> Result<(axum::Router, Parts), StartError> {
    let voice = choose_voice(config.voice)?;
    let recogniser = choose_recogniser(&config).await?;
    let speaker = Arc::new(Speaker::new(voice));
    let mut notes = vec!["The local engine answers without a language model.".to_owned()];
    notes.push(match &recogniser {
        Some(recogniser) => format!("Speech is recognised by {}.", recogniser.name()),
        None => "No speech recogniser is installed: it hears, but only understands what is typed.".to_owned(),
    });
    notes.push(format!("It speaks with the voice {}.", speaker.voice_name()));
    let setup = |error: &dyn std::fmt::Display| StartError::Setup(error.to_string());
    let identity = tokio::task::spawn_blocking(warm_identity).await.map_err(|e| setup(&e))?.map_err(|e| setup(&e))?;
    let silence = crate::encode::silence().map_err(|e| setup(&e))?;
    let longest_call = config.longest_call;
    let calls = Arc::new(Calls::new(config, identity, silence, speaker, recogniser));
    let router = router(Arc::new(Shared { calls: Arc::clone(&calls), secrets: Secrets::default(), longest_call }));
    Ok((router, Parts { calls, notes }))
}

/// Makes the certificate and one connection that is thrown away: the first use of the crypto is slow, and should not
/// be the first call.
fn warm_identity() -> Result<Identity, NoCertificate> {
    let identity = Identity::generate()?;
    drop(identity.rtc(Instant::now()));
    Ok(identity)
}

fn choose_voice(choice: VoiceChoice) -> Result<Arc<dyn Voice>, StartError> {
    match (choice, Espeak::find()) {
        (VoiceChoice::Builtin, _) | (VoiceChoice::Auto, None) => Ok(Arc::new(Builtin)),
        (VoiceChoice::Auto | VoiceChoice::Espeak, Some(espeak)) => Ok(Arc::new(espeak)),
        (VoiceChoice::Espeak, None) => Err(StartError::NoEspeak),
    }
}

async fn choose_recogniser(config: &Config) -> Result<Option<Arc<dyn Recogniser>>, StartError> {
    match &config.recogniser {
        RecogniserChoice::None => Ok(None),
        RecogniserChoice::Scripted(texts) => Ok(Some(Arc::new(Scripted::new(texts.clone())))),
        RecogniserChoice::Http(base) => {
            let key = config.recogniser_key.as_ref().map(|key| key.expose().to_owned());
            Ok(Some(Arc::new(Http::new(base, config.recogniser_model.clone(), key)?)))
        }
        RecogniserChoice::PocketSphinx => Ok(Some(Arc::new(PocketSphinx::start().await?))),
        RecogniserChoice::Auto => match PocketSphinx::start().await {
            Ok(recogniser) => Ok(Some(Arc::new(recogniser))),
            Err(reason) => {
                tracing::info!(%reason, "no speech recogniser");
                Ok(None)
            }
        },
    }
}
