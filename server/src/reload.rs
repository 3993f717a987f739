//! Takes over a changed configuration while the server runs: tokens, limits, prices and the kill switch. It is checked
//! first; one that is wrong changes nothing. The audit log's file is begun anew, as whoever has moved it away expects.

use crate::{AppState, Command, ConfigError};

/// Reads the configuration again and takes over what may change.
///
/// # Errors
/// The configuration is wrong; everything stays as it was.
pub fn reload(state: &AppState, load: impl FnOnce() -> Result<Command, ConfigError>) -> Result<(), ConfigError> {
    if let Command::Serve(config) = load()? {
        state.entrance().change(config.auth, config.quota.rules);
    }
    Ok(())
}

/// Reloads whenever the system asks for it, for as long as it is polled.
#[cfg(unix)]
pub async fn reload_when_asked(state: AppState, load: impl Fn() -> Result<Command, ConfigError>) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut asked) = signal(SignalKind::hangup()) else { return };
    while asked.recv().await.is_some() {
        match reload(&state, &load) {
            Ok(()) => tracing::info!("read the configuration again: who may talk, limits and the audit log are new"),
            Err(error) => tracing::error!(%error, "the configuration is wrong, and stays as it was"),
        }
    }
}

/// Nothing asks for it here.
#[cfg(not(unix))]
pub async fn reload_when_asked(_: AppState, _: impl Fn() -> Result<Command, ConfigError>) {
    std::future::pending::<()>().await;
}
