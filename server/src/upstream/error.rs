//! What can go wrong at the far end, and what that means for who asked.

use axum::http::StatusCode;
use protocol::api::error_code as code;

/// What was asked of the upstream; the same refusal means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A key, with the server's own.
    Key,
    /// A call, with the browser's key.
    Call,
    /// The end of a call, with the server's own key.
    HangUp,
}

/// Why the upstream did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody answers at its address, or the connection broke.
    #[error("unreachable")]
    Unreachable(#[source] reqwest::Error),
    /// It did not answer in time.
    #[error("no answer in time")]
    Timeout,
    /// It does not know the key, or not any more.
    #[error("the key was refused")]
    KeyRefused,
    /// It has too much to do, or the account has nothing left.
    #[error("too busy")]
    Busy {
        /// When to ask again, in seconds, if it said so.
        retry_after: Option<u64>,
        /// Whether the account has run out of credit, so that waiting does not help.
        no_credit: bool,
    },
    /// It refused for another reason.
    #[error("refused with {status}: {message}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Its reason, fit to be shown.
        message: String,
    },
    /// It failed.
    #[error("failed with {0}")]
    Failed(StatusCode),
    /// It answered what it should not.
    #[error("malformed: {0}")]
    Malformed(&'static str),
}

impl UpstreamError {
    /// The status for who asked us.
    ///
    /// A refused key is the browser's for a call, so that it fetches a new one, and the server's own trouble otherwise.
    pub fn status(&self, purpose: Purpose) -> StatusCode {
        match self {
            Self::KeyRefused if purpose == Purpose::Call => StatusCode::UNAUTHORIZED,
            Self::Refused { status, .. } if purpose != Purpose::Key => *status,
            Self::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unreachable(_) | Self::KeyRefused | Self::Refused { .. } | Self::Failed(_) | Self::Malformed(_) => {
                StatusCode::BAD_GATEWAY
            }
        }
    }

    /// The stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => code::UPSTREAM_UNREACHABLE,
            Self::Timeout => code::UPSTREAM_TIMEOUT,
            Self::KeyRefused => code::UPSTREAM_KEY_REFUSED,
            Self::Busy { .. } => code::UPSTREAM_BUSY,
            Self::Refused { .. } => code::UPSTREAM_REFUSED,
            Self::Failed(_) => code::UPSTREAM_FAILED,
            Self::Malformed(_) => code::UPSTREAM_MALFORMED,
        }
    }

    /// When to ask again, in seconds.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy { no_credit: false, retry_after } => Some(retry_after.unwrap_or(DEFAULT_RETRY_AFTER)),
            _ => None,
        }
    }

    /// What to tell the user.
    pub fn message(&self, purpose: Purpose) -> String {
        let text = match self {
            Self::Unreachable(_) => "The AI service cannot be reached. It may be down, or the server has no network.",
            Self::Timeout => "The AI service did not answer in time. Try again.",
            Self::KeyRefused if purpose == Purpose::Call => "This key has expired. Ask for a new one.",
            Self::KeyRefused => "The AI service refused the server's key. Whoever runs the server must check it.",
            Self::Busy { no_credit: true, .. } => "The account at the AI service has no credit left.",
            Self::Busy { .. } => "The AI service has too much to do just now. Try again in a moment.",
            Self::Refused { message, .. } if message.is_empty() => "The AI service refused and gave no reason.",
            Self::Refused { message, .. } => return format!("The AI service refused: {message}"),
            Self::Failed(_) => "The AI service failed. Try again.",
            Self::Malformed(_) => "The AI service answered something that makes no sense. Is its address right?",
        };
        text.to_owned()
    }
}

impl From<reqwest::Error> for UpstreamError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() && !error.is_connect() { Self::Timeout } else { Self::Unreachable(error) }
    }
}

/// How long to wait when the upstream did not say, in seconds.
const DEFAULT_RETRY_AFTER: u64 = 2;
