//! Takes over a changed configuration while the server runs: tokens, limits, prices, the kill switch, presets, the key and
//! where it comes from, and a certificate that was renewed. All of it is tried first; what is wrong changes nothing. The
//! audit log's file is begun anew, as whoever has moved it away expects.

use crate::key::KeyError;
use crate::tls::TlsError;
use crate::{AppState, Command, ConfigError, EntranceError};

/// Why everything stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The certificate cannot be had.
    #[error("the certificate: {0}")]
    Tls(#[from] TlsError),
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Nobody could log in.
    #[error(transparent)]
    Entrance(#[from] EntranceError),
    /// A key is for the upstream that it was meant for, and for no other.
    #[error("the upstream is another one now, and that takes a restart")]
    Upstream,
}

/// Reads the configuration again and takes over what may change. Returns the settings that have changed and take a
/// restart.
///
/// # Errors
/// As [`ReloadError`] tells; everything stays as it was.
pub async fn reload(
    state: &AppState,
    load: impl FnOnce() -> Result<Command, ConfigError>,
) -> Result<Vec<&'static str>, ReloadError> {
    let Command::Serve(config) = load()? else { return Ok(Vec::new()) };
    if !config.asked.is_same_upstream(state.asked()) {
        return Err(ReloadError::Upstream);
    }
    let warnings = config.warnings();
    let certificate = state.certificate().read_again(&config.tls)?;
    let entrance = state.entrance().prepare(config.auth, config.quota.rules)?;
    let presets = config.presets.offering_as(&state.upstream().presets())?;
    state.upstream().change(presets, config.upstream.key).await?;
    state.entrance().change(entrance);
    state.certificate().renew(certificate);
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(config.asked.fixed_since(state.asked()))
}

/// What the system asks for a reload by. It is listened to from the moment this is made: a signal that nobody listens to
/// would end the process.
#[derive(Debug)]
pub struct ReloadSignal {
    #[cfg(unix)]
    asked: Option<tokio::signal::unix::Signal>,
}

impl ReloadSignal {
    /// Listens from now on; must be called inside a tokio runtime. Where there is no such signal, nothing is heard.
    pub fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Self { asked: signal(SignalKind::hangup()).ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Reloads whenever it is asked for, for as long as it is polled.
    pub async fn follow(mut self, state: AppState, load: impl Fn() -> Result<Command, ConfigError>) {
        while self.heard().await {
            match reload(&state, &load).await {
                Ok(fixed) => {
                    tracing::info!("read the configuration again: who may talk, limits, presets and the key are new");
                    if !fixed.is_empty() {
                        tracing::warn!(settings = fixed.join(", "), "these take a restart, and stay as they were");
                    }
                }
                Err(error) => tracing::error!(%error, "the configuration is not taken over; all stays as it was"),
            }
        }
    }

    #[cfg(unix)]
    async fn heard(&mut self) -> bool {
        match &mut self.asked {
            Some(asked) => asked.recv().await.is_some(),
            None => false,
        }
    }

    #[cfg(not(unix))]
    async fn heard(&mut self) -> bool {
        std::future::pending().await
    }
}
