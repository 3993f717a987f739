//! What can go wrong at the far end, and what that means for who asked.

use crate::key::KeyError;
use axum::http::StatusCode;
use protocol::api::error_code as code;
use std::time::Duration;

/// What was asked of the upstream; the same refusal means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A key, with the server's own.
    Key,
    /// A call, with the browser's key.
    Call,
    /// The end of a call, with the server's own key.
    HangUp,
    /// The sideband of a call, with the server's own key.
    Watch,
}

impl Purpose {
    /// A word for programs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Call => "call",
            Self::HangUp => "hang_up",
            Self::Watch => "watch",
        }
    }

    /// The method and the path by which it is asked.
    pub(super) const fn asks(self) -> (&'static str, &'static str) {
        match self {
            Self::Key => ("POST", "/realtime/client_secrets"),
            Self::Call => ("POST", "/realtime/calls"),
            Self::HangUp => ("POST", "/realtime/calls/{call_id}/hangup"),
            Self::Watch => ("GET", "/realtime"),
        }
    }
}

/// Why the upstream did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody answers at its address, or the connection broke.
    #[error("unreachable")]
    Unreachable {
        /// Whether anything of the request may have reached it.
        sent: bool,
        /// Why.
        source: reqwest::Error,
    },
    /// It did not answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The server's own key cannot be had.
    #[error("there is no key")]
    NoKey(#[from] KeyError),
    /// It does not know the key, or not any more.
    #[error("the key was refused")]
    KeyRefused,
    /// The account has nothing left, so that waiting does not help.
    #[error("the account has no credit")]
    NoCredit,
    /// It has too much to do, or was asked too much.
    #[error("too busy")]
    Busy {
        /// When to ask again, if it said so.
        retry_after: Option<Duration>,
    },
    /// It does not offer the model, or not any more, or not to this account.
    #[error("the model is not offered")]
    ModelGone,
    /// It has ended the session that the key stands for.
    #[error("the session has expired")]
    SessionExpired,
    /// It or we speak the retired form of the protocol.
    #[error("the beta shape is not spoken")]
    BetaShape,
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
    /// What the operator has to mend is no passing failure: a client that sees 424 need not try again.
    pub fn status(&self, purpose: Purpose) -> StatusCode {
        match self {
            Self::KeyRefused | Self::SessionExpired if purpose == Purpose::Call => StatusCode::UNAUTHORIZED,
            Self::Refused { status, .. } if purpose != Purpose::Key => *status,
            Self::ModelGone | Self::BetaShape | Self::Refused { .. } => StatusCode::FAILED_DEPENDENCY,
            Self::Busy { .. } | Self::NoCredit => StatusCode::TOO_MANY_REQUESTS,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unreachable { .. }
            | Self::NoKey(_)
            | Self::KeyRefused
            | Self::SessionExpired
            | Self::Failed(_)
            | Self::Malformed(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// Whether it is to be told to those who run the server. A browser may well bring a key that is not good any more, or
    /// an offer that is wrong.
    pub(crate) fn concerns_the_operator(&self, purpose: Purpose) -> bool {
        let may_be_the_browsers = matches!(self, Self::KeyRefused | Self::SessionExpired | Self::Refused { .. });
        !may_be_the_browsers || purpose != Purpose::Call
    }

    /// The stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => code::UPSTREAM_UNREACHABLE,
            Self::Timeout => code::UPSTREAM_TIMEOUT,
            Self::NoKey(_) => code::KEY_UNAVAILABLE,
            Self::KeyRefused => code::UPSTREAM_KEY_REFUSED,
            Self::NoCredit => protocol::code::INSUFFICIENT_QUOTA,
            Self::Busy { .. } => code::UPSTREAM_BUSY,
            Self::ModelGone => code::UPSTREAM_MODEL_GONE,
            Self::SessionExpired => code::UPSTREAM_SESSION_EXPIRED,
            Self::BetaShape => code::UPSTREAM_BETA_SHAPE,
            Self::Refused { .. } => code::UPSTREAM_REFUSED,
            Self::Failed(_) => code::UPSTREAM_FAILED,
            Self::Malformed(_) => code::UPSTREAM_MALFORMED,
        }
    }

    /// When to ask again, in seconds.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy { retry_after } => {
                Some(retry_after.unwrap_or(DEFAULT_RETRY_AFTER).as_millis().div_ceil(1000) as u64)
            }
            _ => None,
        }
    }

    /// What to tell the user.
    pub fn message(&self, purpose: Purpose) -> String {
        let text = match self {
            Self::Unreachable { .. } => {
                "The AI service cannot be reached. It may be down, or the server has no network."
            }
            Self::Timeout => "The AI service did not answer in time. Try again.",
            Self::NoKey(_) => {
                "The server cannot get its key for the AI service. Whoever runs the server finds the reason in its log."
            }
            Self::KeyRefused if purpose == Purpose::Call => "This key has expired. Ask for a new one.",
            Self::KeyRefused => "The AI service refused the server's key. Whoever runs the server must check it.",
            Self::NoCredit => {
                "The account at the AI service has no credit left. Whoever runs the server must add some."
            }
            Self::Busy { .. } => "The AI service has too much to do just now. Try again in a moment.",
            Self::ModelGone => {
                "The AI service does not offer the chosen model, or not any more, or not to this account. Whoever runs \
                 the server must choose another (session.model)."
            }
            Self::SessionExpired => "This session has ended at the AI service. Start a new one.",
            Self::BetaShape => {
                "The AI service has retired the form of the protocol that was used. Whoever runs the server must check \
                 the upstream's address, which ends in /v1, and bring the server up to date."
            }
            Self::Refused { message, .. } if message.is_empty() => {
                "The AI service refused and gave no reason. Is its address right?"
            }
            Self::Refused { message, .. } => return format!("The AI service refused: {message}"),
            Self::Failed(_) => "The AI service failed. Try again.",
            Self::Malformed(_) => "The AI service answered something that makes no sense. Is its address right?",
        };
        text.to_owned()
    }
}

impl From<reqwest::Error> for UpstreamError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() && !error.is_connect() {
            return Self::Timeout;
        }
        if error.is_body() || error.is_decode() {
            return Self::Malformed("its answer broke off");
        }
        Self::Unreachable { sent: !error.is_connect(), source: error }
    }
}

/// How long to wait when the upstream did not say.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(2);
