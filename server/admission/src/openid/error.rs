//! Why somebody is not logged in.

/// Why somebody is not logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// This browser has not begun it, or too long ago, or has finished it already.
    #[error("this browser has not begun to log in, or too long ago, or has done so already")]
    NotBegun,
    /// The person or the provider said no.
    #[error("the provider did not agree")]
    Denied,
    /// The provider does not know what it is asked for, or not who asks: a setting is wrong.
    #[error("the provider answered {status}, so {setting} may be wrong")]
    Misconfigured {
        /// Which.
        setting: &'static str,
        /// What it answered.
        status: u16,
    },
    /// The provider knows the person, but this server does not let the person in.
    #[error("not among those who may come in")]
    NotAllowed,
    /// The provider cannot be reached.
    #[error("the provider cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// The provider's answers are not what they should be.
    #[error("the provider is not to be trusted: {0}")]
    Untrusted(&'static str),
    /// The token is signed with a key that the provider does not show.
    #[error("the provider does not show the key of its token")]
    UnknownKey,
    /// The token is not valid.
    #[error("the token is not valid")]
    Token(#[from] jsonwebtoken::errors::Error),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    NoRandomness,
}
