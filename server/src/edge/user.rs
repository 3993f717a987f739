//! Who asks.
//!
//! Somebody who has proven a name is its user. Where nobody has to, and nobody else can reach the server, whoever sits at
//! this machine is the one user there is; a proxy that passes on what others ask makes nobody anybody.

use crate::entrance::Known;
use crate::{ApiError, AppState};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use memory::UserId;
use std::convert::Infallible;

/// Whose memories may be seen and changed.
#[derive(Clone, Debug)]
pub(crate) struct User(pub(crate) UserId);

impl User {
    fn of(parts: &Parts) -> Option<Self> {
        let identity = parts.extensions.get::<Known>()?.visitor.identity.as_ref()?;
        UserId::new(identity.as_str()).ok().map(Self)
    }
}

impl FromRequestParts<AppState> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        Self::of(parts).ok_or(ApiError::MemoryLocalOnly)
    }
}

impl OptionalFromRequestParts<AppState> for User {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}
