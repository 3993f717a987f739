//! `POST /v1/realtime/calls` and `POST /v1/realtime`: a browser's offer goes to the upstream with the browser's own
//! short-lived key, and the answer comes back. A query is not passed on: the key already says what the session is.

use crate::upstream::is_ephemeral;
use crate::{ApiError, AppState, CallAnswer, Purpose, Sidebands};
use admission::Visitor;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use protocol::EphemeralKey;

pub(super) fn router(largest_offer: usize) -> Router<AppState> {
    Router::new()
        .route("/v1/realtime/calls", post(exchange_sdp))
        .route("/v1/realtime", post(exchange_sdp))
        .layer(DefaultBodyLimit::max(largest_offer))
}

async fn exchange_sdp(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    BrowserKey(key): BrowserKey,
    OfferType(content_type): OfferType,
    offer: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let offer = offer?;
    if offer.is_empty() {
        return Err(ApiError::BadRequest("the offer is empty".into()));
    }
    let answer = state
        .upstream()
        .open_call(&key, content_type, offer, state.entrance().safety_identifier(&visitor))
        .await
        .map_err(|error| ApiError::Upstream { purpose: Purpose::Call, error })?;
    if let Some(call) = &answer.call {
        tracing::info!(%call, "opened a call");
        state.calls().add(call.clone());
        if state.upstream().watches() {
            Sidebands::watch(state.clone(), call.clone());
        }
    }
    Ok(passed_on(answer))
}

fn passed_on(answer: CallAnswer) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, answer.content_type);
    headers.extend(answer.location.map(|location| (LOCATION, location)));
    (answer.status, headers, answer.sdp).into_response()
}

/// The short-lived key that a browser sends.
struct BrowserKey(EphemeralKey);

impl<S: Sync> FromRequestParts<S> for BrowserKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let text = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, key) = text.and_then(|text| text.split_once(' ')).ok_or(ApiError::KeyRequired)?;
        let key = key.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
            return Err(ApiError::KeyRequired);
        }
        if is_ephemeral(key) { Ok(Self(EphemeralKey::new(key))) } else { Err(ApiError::LastingKeyRefused) }
    }
}

/// The type of an offer: SDP, or the form of the official clients that holds it.
struct OfferType(HeaderValue);

impl<S: Sync> FromRequestParts<S> for OfferType {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let value = parts.headers.get(CONTENT_TYPE).ok_or(ApiError::WrongType(OFFER_TYPES))?;
        let text = value.to_str().unwrap_or_default();
        let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/sdp" | "multipart/form-data" => Ok(Self(value.clone())),
            _ => Err(ApiError::WrongType(OFFER_TYPES)),
        }
    }
}

const OFFER_TYPES: &str = "application/sdp or multipart/form-data";
