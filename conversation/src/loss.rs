//! Why a call ended, and what to do about it.

use crate::input::HttpFailure;
use crate::time::Ms;
use protocol::code;

/// Why an attempt or a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Key(HttpFailure),
    Call(HttpFailure),
    ConnectTimeout,
    NoSession,
    RulesRefused,
    Peer,
    Channel,
    Expired,
    Browser,
}

/// What to do about a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Another key, at once and unnoticed.
    FreshKey,
    /// Another try, after the policy's delay or the one that was asked for.
    Again(Option<Ms>),
    /// Nothing helps.
    GiveUp,
}

impl Loss {
    pub(crate) fn remedy(&self) -> Remedy {
        match self {
            Self::Key(failure) | Self::Call(failure) => match failure {
                failure if failure.is_signed_out() => Remedy::GiveUp,
                HttpFailure::Status { code: Some(code), .. } if code == code::INSUFFICIENT_QUOTA => Remedy::GiveUp,
                HttpFailure::Status { status: 401, .. } => Remedy::FreshKey,
                HttpFailure::Status { code: Some(code), .. } if code == KEY_REFUSED => Remedy::FreshKey,
                HttpFailure::Status { retry_after: Some(wait), .. } if *wait > LONGEST_WAIT => Remedy::GiveUp,
                HttpFailure::Status { status: 408 | 425 | 429 | 500.., retry_after, .. } => Remedy::Again(*retry_after),
                HttpFailure::Status { .. } => Remedy::GiveUp,
                HttpFailure::Unreachable | HttpFailure::TimedOut | HttpFailure::Malformed(_) => Remedy::Again(None),
            },
            Self::RulesRefused | Self::Browser => Remedy::GiveUp,
            Self::ConnectTimeout | Self::NoSession | Self::Peer | Self::Channel | Self::Expired => Remedy::Again(None),
        }
    }

    /// A word for the log.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Key(_) => "key refused",
            Self::Call(_) => "call refused",
            Self::ConnectTimeout => "connect timeout",
            Self::NoSession => "no session",
            Self::RulesRefused => "rules refused",
            Self::Peer => "peer",
            Self::Channel => "channel closed",
            Self::Expired => "session expired",
            Self::Browser => "browser",
        }
    }
}

/// The longest that a server may have a page wait that is to go on by itself.
const LONGEST_WAIT: Ms = Ms(600_000);
const KEY_REFUSED: &str = protocol::api::error_code::UPSTREAM_KEY_REFUSED;
