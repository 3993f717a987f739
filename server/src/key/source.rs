//! Where the lasting key comes from.

use super::{Doppler, ServerKey};
use std::path::PathBuf;
use std::time::Duration;

/// Where the lasting key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// From the environment, as `doppler run` fills it, too: it is the same for as long as the server runs.
    Given(ServerKey),
    /// From a file, which is read again when the key is refused.
    File(PathBuf),
    /// From Doppler, which is asked again when the key is refused.
    Doppler(Doppler),
}

/// Why there is no key. It says what to do, and never repeats what was found instead of a key.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key file {path} cannot be read: {kind}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        kind: std::io::ErrorKind,
    },
    /// What was found is no key.
    #[error("{0} does not hold one key")]
    NotAKey(String),
    /// The program is not installed.
    #[error("`{0}` cannot be run; install the Doppler CLI, or name it with --doppler-program")]
    NoProgram(String),
    /// The program ended without a secret.
    #[error(
        "`doppler secrets get` gave no key (exit code {}); try it by hand: it may need `doppler login`, `doppler setup` \
         or DOPPLER_TOKEN",
        .0.map_or_else(|| "none".to_owned(), |code| code.to_string())
    )]
    Program(Option<i32>),
    /// The service refused the token.
    #[error("Doppler refused DOPPLER_TOKEN with {0}; it may have been revoked, or not be for this project")]
    Token(u16),
    /// The service failed.
    #[error("Doppler answered {0}")]
    Service(u16),
    /// The service cannot be reached.
    #[error("Doppler cannot be reached")]
    Unreachable,
    /// The secret was not given in time.
    #[error("Doppler gave no answer within {} s", TIMEOUT.as_secs())]
    TimedOut,
}

impl KeySource {
    /// Gets the key.
    ///
    /// # Errors
    /// As [`KeyError`] tells.
    pub async fn fetch(&self) -> Result<ServerKey, KeyError> {
        match self {
            Self::Given(key) => Ok(key.clone()),
            Self::File(path) => {
                let name = path.display().to_string();
                let text = tokio::fs::read_to_string(path)
                    .await
                    .map_err(|error| KeyError::Unreadable { path: name.clone(), kind: error.kind() })?;
                ServerKey::new(&text).ok_or(KeyError::NotAKey(name))
            }
            Self::Doppler(doppler) => {
                tokio::time::timeout(TIMEOUT, doppler.fetch()).await.unwrap_or(Err(KeyError::TimedOut))
            }
        }
    }

    /// Whether asking again may give another key.
    pub(crate) fn may_change(&self) -> bool {
        !matches!(self, Self::Given(_))
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
