//! Takes over a changed configuration while the server runs: tokens, limits, prices, the kill switch, presets and where
//! the key comes from. It is checked first; one that is wrong changes nothing. The audit log's file is begun anew, as
//! whoever has moved it away expects.

use crate::{AppState, Command, ConfigError};

/// Reads the configuration again and takes over what may change.
///
/// # Errors
/// The configuration is wrong; everything stays as it was.
pub fn reload(state: &AppState, load: impl FnOnce() -> Result<Command, ConfigError>) -> Result<(), ConfigError> {
    if let Command::Serve(config) = load()? {
        state.entrance().change(config.auth, config.quota.rules);
        state.upstream().change(config.presets, config.upstream.key);
    }
    Ok(())
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
            match reload(&state, &load) {
                Ok(()) => tracing::info!(
                    "read the configuration again: who may talk, limits, presets, the key and the audit log are new"
                ),
                Err(error) => tracing::error!(%error, "the configuration is wrong, and stays as it was"),
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
