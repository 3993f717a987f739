//! Every way in which a request can fail, with its status, its stable word and a sentence for the user.
//!
//! A handler returns an [`ApiError`]; the boundary adds the request's name and renders it. What the user must not see
//! is logged there, once.

use crate::config::ChoiceError;
use crate::edge::RequestId;
use crate::troubles::Troubles;
use crate::upstream::{Purpose, UpstreamError};
use admission::{LoginError, Quantity, Refusal};
use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use memory::MemoryError;
use protocol::api::{ErrorBody, error_code as code};
use protocol::memory::{CONFIRM_HEADER, FORGET_EVERYTHING, error_code as memory_code};
use std::error::Error;
use std::time::Instant;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There is nothing at this address.
    #[error("There is nothing at this address.")]
    NotFound,
    /// The method does not fit the address.
    #[error("This address does not take this method.")]
    MethodNotAllowed,
    /// The body is not what the route takes.
    #[error("The request is malformed: {0}.")]
    BadRequest(String),
    /// The content type is not what the route takes.
    #[error("The body must be {0}.")]
    WrongType(&'static str),
    /// The body is larger than allowed.
    #[error("The body is larger than this server takes.")]
    TooLarge,
    /// The client took too long.
    #[error("The request took too long.")]
    TooSlow,
    /// The page that asks may not.
    #[error(
        "Pages of this origin may not use this server. If they should, add the origin to its setting `origins`, and if \
         a proxy stands in front, its public address."
    )]
    OriginRefused,
    /// The server is for this machine alone, and the request may come from anywhere.
    #[error(
        "This server was set up for this machine alone, and this request came by another name or through a proxy. If \
         others are meant to reach it, say who may talk (COLLOQUY_TOKENS, --openid-issuer, --proxy-user-header or \
         --auth-open), its address (--public-url), and the proxy (--proxy-trusted)."
    )]
    ThisMachineAlone,
    /// Whoever asks has to say who they are.
    #[error(
        "This server talks only to those it knows: open /login in a browser, or send `Authorization: Bearer` with a token."
    )]
    LoginRequired,
    /// Somebody who talks was taken off the list of those who may.
    #[error("Your access to this server was taken away. Its operator can give it back.")]
    AccessRevoked,
    /// Somebody was not logged in.
    #[error("You are not logged in: {}", login_message(.0))]
    Login(LoginError),
    /// A visitor is kept out: a limit is reached, or the operator has closed the server.
    #[error("{}", kept_message(.0))]
    Kept(Refusal),
    /// A call was asked for with a key that was not given to who asks.
    #[error("This key was not given to you here. Ask for a new one with POST /session.")]
    KeyUnknown,
    /// A call was to be hung up that is not theirs who ask, or none.
    #[error("No call of this name was made here by you. Only whoever made a call hangs it up.")]
    CallUnknown,
    /// The address is longer than any of ours.
    #[error("The address is longer than this server takes.")]
    UriTooLong,
    /// A call was asked for without a key.
    #[error("A call needs the short-lived key that POST /session gives, as `Authorization: Bearer ek_…`.")]
    KeyRequired,
    /// A call was asked for with something that is no ephemeral key.
    #[error(
        "Only short-lived keys (ek_…) are taken here. If a lasting key was sent, it has travelled through a browser: \
         replace it."
    )]
    LastingKeyRefused,
    /// The talk that was asked for is not offered.
    #[error(transparent)]
    Choice(ChoiceError),
    /// The upstream failed.
    #[error("{}", .error.message(*.purpose))]
    Upstream {
        /// What was asked of it.
        purpose: Purpose,
        /// What happened.
        error: UpstreamError,
    },
    /// The memory did not do what was asked.
    #[error("{}", memory_message(.0))]
    Memory(#[from] MemoryError),
    /// There is no memory.
    #[error("This server remembers nothing: {0}.")]
    MemoryUnavailable(String),
    /// Memories were asked for by somebody who may be anybody.
    #[error(
        "Memories are given only to those the server knows: to somebody who is logged in, or on the machine itself at \
         its own address. This server can be reached from elsewhere, or the request came through a proxy."
    )]
    MemoryLocalOnly,
    /// Something was to be watched that cannot be, for this reason.
    #[error("{0}")]
    Unwatchable(&'static str),
    /// More was to be watched, or more talks told of it, than a user may have.
    #[error("{0}")]
    TooMuchWatched(&'static str),
    /// Something was to be remembered of a private talk.
    #[error("This talk is private: nothing of it is remembered.")]
    PrivateTalk,
    /// Forgetting everything was not confirmed.
    #[error("Nothing was forgotten. To forget everything, send the header `{CONFIRM_HEADER}: {FORGET_EVERYTHING}`.")]
    Unconfirmed,
    /// The server begins nothing any more.
    #[error("The server is ending. Try again in a moment.")]
    Ending,
    /// A fault of our own.
    #[error("Something went wrong in the server. Its log tells more under the request's name.")]
    Internal,
}

impl ApiError {
    /// The answer's status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::CallUnknown => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::OriginRefused
            | Self::ThisMachineAlone
            | Self::LastingKeyRefused
            | Self::MemoryLocalOnly
            | Self::Choice(ChoiceError::Refused { .. }) => StatusCode::FORBIDDEN,
            Self::BadRequest(_) | Self::Choice(_) | Self::Unwatchable(_) => StatusCode::BAD_REQUEST,
            Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::KeyRequired | Self::KeyUnknown | Self::LoginRequired | Self::AccessRevoked => {
                StatusCode::UNAUTHORIZED
            }
            Self::Kept(Refusal::Limit { .. }) | Self::TooMuchWatched(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Login(error) => login_status(error),
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::Upstream { purpose, error } => error.status(*purpose),
            Self::Memory(error) => memory_status(error),
            Self::MemoryUnavailable(_) | Self::Ending | Self::Kept(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::PrivateTalk => StatusCode::CONFLICT,
            Self::Unconfirmed => StatusCode::PRECONDITION_REQUIRED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => code::NOT_FOUND,
            Self::MethodNotAllowed => code::METHOD_NOT_ALLOWED,
            Self::BadRequest(_) | Self::WrongType(_) | Self::Choice(ChoiceError::Wrong(_)) | Self::Unwatchable(_) => {
                code::BAD_REQUEST
            }
            Self::Choice(ChoiceError::UnknownPreset { .. }) => code::UNKNOWN_PRESET,
            Self::Choice(ChoiceError::Refused { .. }) => code::FIELD_REFUSED,
            Self::TooLarge => code::TOO_LARGE,
            Self::TooSlow => code::REQUEST_TIMEOUT,
            Self::OriginRefused => code::ORIGIN_REFUSED,
            Self::KeyRequired => code::KEY_REQUIRED,
            Self::KeyUnknown => code::KEY_UNKNOWN,
            Self::ThisMachineAlone => code::THIS_MACHINE_ALONE,
            Self::LoginRequired | Self::AccessRevoked => code::LOGIN_REQUIRED,
            Self::Login(_) => code::LOGIN_FAILED,
            Self::TooMuchWatched(_) => code::TOO_MUCH_WATCHED,
            Self::Kept(refusal) => kept_word(refusal),
            Self::CallUnknown => code::CALL_UNKNOWN,
            Self::UriTooLong => code::URI_TOO_LONG,
            Self::LastingKeyRefused => code::LASTING_KEY_REFUSED,
            Self::Upstream { error, .. } => error.code(),
            Self::Memory(error) => memory_word(error),
            Self::MemoryUnavailable(_) => memory_code::MEMORY_UNAVAILABLE,
            Self::MemoryLocalOnly => memory_code::MEMORY_LOCAL_ONLY,
            Self::PrivateTalk => memory_code::PRIVATE_TALK,
            Self::Unconfirmed => memory_code::CONFIRMATION_REQUIRED,
            Self::Ending => code::ENDING,
            Self::Internal => code::INTERNAL,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Upstream { error, .. } => error.retry_after(),
            Self::Kept(Refusal::Limit { retry_after, .. }) => Some(*retry_after),
            Self::Kept(Refusal::Closed | Refusal::Uncounted(_)) => Some(RETRY_CLOSED),
            Self::TooMuchWatched(_) => Some(RETRY_WATCHING),
            Self::Ending => Some(RETRY_ENDED),
            _ => None,
        }
    }
}

fn kept_word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Closed => code::CLOSED,
        Refusal::Unseen => code::CALL_UNSEEN,
        Refusal::Uncounted(_) => code::LIMITS_UNAVAILABLE,
        Refusal::Limit { quantity, .. } => match quantity {
            Quantity::Mints => code::TOO_MANY_KEYS,
            Quantity::Calls => code::TOO_MANY_CALLS,
            Quantity::LookUps => code::TOO_MANY_LOOKUPS,
            Quantity::Logins => code::TOO_MANY_LOGINS,
            Quantity::Time => code::MINUTES_USED_UP,
            Quantity::DayMoney | Quantity::MonthMoney => code::MONEY_USED_UP,
        },
    }
}

fn kept_message(refusal: &Refusal) -> String {
    let (quantity, seconds) = match refusal {
        Refusal::Closed => return "The operator has closed this server for now.".to_owned(),
        Refusal::Uncounted(_) => return "The server cannot count its limits now, so it lets nobody in.".to_owned(),
        Refusal::Unseen => return "Nothing was heard of this call for minutes, so it was ended.".to_owned(),
        Refusal::Limit { quantity, retry_after, .. } => (quantity, retry_after),
    };
    let what = match quantity {
        Quantity::Mints => "Too many talks were begun within a minute",
        Quantity::Calls => "Too many talks go on at the same time",
        Quantity::LookUps => "Too much was looked up within a minute",
        Quantity::Logins => "Too many logins were tried from this address within a minute",
        Quantity::Time => "The minutes of talk for today are used up",
        Quantity::DayMoney => "What talks may cost today is used up",
        Quantity::MonthMoney => "What talks may cost this month is used up",
    };
    format!("{what}. It can be tried again in {}.", readable(*seconds))
}

fn readable(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        7_200..=172_799 => format!("{} hours", seconds.div_ceil(3_600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}

fn login_status(error: &LoginError) -> StatusCode {
    match error {
        LoginError::NotBegun => StatusCode::BAD_REQUEST,
        LoginError::Denied | LoginError::NotAllowed => StatusCode::FORBIDDEN,
        LoginError::NoRandomness => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_GATEWAY,
    }
}

fn login_message(error: &LoginError) -> &'static str {
    match error {
        LoginError::NotBegun => {
            "this browser has not begun to, or too long ago, or has done so already. Open /login once more."
        }
        LoginError::Denied => "the provider did not agree. Open /login to try again.",
        LoginError::Misconfigured { .. } => {
            "the provider does not take what this server asks it for. Its operator can mend that."
        }
        LoginError::NotAllowed => "this server does not let you in. Its operator can.",
        LoginError::Unreachable(_) => "the provider cannot be reached. Try again later.",
        _ => "the provider's answer cannot be trusted. The server's log tells more.",
    }
}

fn memory_status(error: &MemoryError) -> StatusCode {
    match error {
        MemoryError::NotFound => StatusCode::NOT_FOUND,
        MemoryError::Invalid(_) | MemoryError::UnknownLink(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn memory_word(error: &MemoryError) -> &'static str {
    match error {
        MemoryError::NotFound => memory_code::UNKNOWN_MEMORY,
        MemoryError::Invalid(_) | MemoryError::UnknownLink(_) => code::BAD_REQUEST,
        _ => memory_code::MEMORY_UNAVAILABLE,
    }
}

fn memory_message(error: &MemoryError) -> String {
    match error {
        MemoryError::NotFound => "There is no such memory; it may have been forgotten.".to_owned(),
        MemoryError::Invalid(rule) => format!("The request is malformed: {rule}."),
        MemoryError::UnknownLink(id) => format!("The request is malformed: there is no memory {id} to link to."),
        _ => "The memory's database failed. Trying again later may help.".to_owned(),
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::BadRequest(rejection.source().map_or_else(|| rejection.body_text(), ToString::to_string))
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::BadRequest(rejection.body_text())
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::BadRequest("its body broke off".into()),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::WrongType("application/json"),
            other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            other => Self::BadRequest(other.source().map_or_else(|| other.body_text(), ToString::to_string)),
        }
    }
}

impl IntoResponse for ApiError {
    /// An answer without a body yet; the boundary knows the request's name and writes it.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Problem::of(&self));
        response
    }
}

/// When to ask again a server that lets nobody in, in seconds. Nobody knows when it will.
const RETRY_CLOSED: u64 = 30;

/// When to ask again for what others of a user's talks may give up, in seconds.
const RETRY_WATCHING: u64 = 60;

/// When to ask again after a server has ended, in seconds. Another one usually takes its place soon.
const RETRY_ENDED: u64 = 5;

/// What the boundary writes and logs about a failed request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: &'static str,
    message: String,
    /// For the log alone: the causes.
    detail: String,
    /// Whether it is the upstream's, and to be told to those who run the server.
    upstreams: bool,
}

impl Problem {
    fn of(error: &ApiError) -> Self {
        let detail = match error {
            ApiError::Upstream { error, .. } => causes(error),
            ApiError::Memory(error) => causes(error),
            ApiError::Login(error) => causes(error),
            ApiError::Kept(refusal) => causes(refusal),
            _ => String::new(),
        };
        let upstreams = matches!(error, ApiError::Upstream { purpose, error } if error.concerns_the_operator(*purpose));
        Self { code: error.code(), message: error.to_string(), detail, upstreams }
    }

    /// The stable word for programs.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// Logs once: what is the server's fault as a warning, what is the upstream's as one that names the cure, as often
    /// as it is worth telling, and the rest for those who look.
    pub(crate) fn log(&self, status: StatusCode, troubles: &Troubles, now: Instant) {
        let (code, detail) = (self.code, self.detail.as_str());
        if self.upstreams {
            if troubles.is_news(code, &self.message, now) {
                tracing::warn!(code, detail, "{}", self.message);
            } else {
                tracing::debug!(code, detail, "the same again");
            }
        } else if status.is_server_error() {
            tracing::warn!(code, detail, "failed");
        } else {
            tracing::debug!(code, detail, "refused");
        }
    }

    /// Writes the body.
    pub(crate) fn render(self, response: Response, id: &RequestId) -> Response {
        let body =
            ErrorBody { code: self.code.to_owned(), message: self.message, request_id: Some(id.as_str().to_owned()) };
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        (parts.status, parts.headers, Json(body)).into_response()
    }
}

/// An error with its causes, for the log.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let reason = cause.to_string();
        // Some errors say what their cause says.
        if !text.ends_with(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
        next = cause.source();
    }
    text
}
