//! Who asks.
//!
//! There are no accounts yet, so there is one user, and whoever sits at this machine is that user. That holds only
//! while nobody else can reach the server: when it listens beyond this machine, or a proxy passes on to it what others
//! ask, nobody is anybody.

use super::origin::is_for_this_machine;
use crate::{ApiError, AppState};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use memory::UserId;
use std::convert::Infallible;

/// Whose memories may be seen and changed.
#[derive(Clone, Debug)]
pub(crate) struct User(pub(crate) UserId);

impl User {
    /// The one user there is.
    pub(crate) fn local() -> Option<UserId> {
        UserId::new("local").ok()
    }

    fn of(parts: &Parts, state: &AppState) -> Option<Self> {
        let alone = state.is_local() && is_for_this_machine(&parts.headers) && !was_passed_on(&parts.headers);
        Self::local().filter(|_| alone).map(Self)
    }
}

impl FromRequestParts<AppState> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::of(parts, state).ok_or(ApiError::MemoryLocalOnly)
    }
}

impl OptionalFromRequestParts<AppState> for User {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts, state))
    }
}

/// Whether a proxy says that somebody else asks.
fn was_passed_on(headers: &HeaderMap) -> bool {
    PASSED_ON.iter().any(|name| headers.contains_key(name))
}

const PASSED_ON: [HeaderName; 5] = [
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("via"),
];
