//! `POST /v1/realtime/calls` and `POST /v1/realtime`: a browser's offer goes to the upstream with the short-lived key for
//! which the browser has a handle, and the answer comes back. Of a form the offer alone is passed on, and of the address
//! no query: the key already says what the session is, and that is not the browser's to choose here.

use crate::edge::Caller;
use crate::{ApiError, AppState, CallAnswer, Purpose};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, FromRequest, FromRequestParts, Multipart, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

pub(super) fn router(largest_offer: usize) -> Router<AppState> {
    Router::new()
        .route("/v1/realtime/calls", post(exchange_sdp))
        .route("/v1/realtime", post(exchange_sdp))
        .layer(DefaultBodyLimit::max(largest_offer))
}

async fn exchange_sdp(
    State(state): State<AppState>,
    Extension(Caller { visitor, key }): Extension<Caller>,
    written: OfferType,
    offer: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let offer = match written {
        OfferType::Plain => offer?,
        OfferType::Form(kind) => offer_in(kind, offer?).await?,
    };
    if offer.is_empty() {
        return Err(ApiError::BadRequest("the offer is empty".into()));
    }
    let answer = state
        .upstream()
        .open_call(&key, offer, state.entrance().safety_identifier(&visitor))
        .await
        .map_err(|error| ApiError::Upstream { purpose: Purpose::Call, error })?;
    tracing::info!(call = %answer.call, "opened a call");
    Ok(passed_on(answer))
}

/// The offer in a form.
async fn offer_in(kind: HeaderValue, form: Bytes) -> Result<Bytes, ApiError> {
    let request = Request::builder().header(CONTENT_TYPE, kind).body(Body::from(form));
    let request = request.map_err(|_| ApiError::Internal)?;
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
        if part.name() == Some("sdp") {
            return part.bytes().await.map_err(|error| unreadable(&error));
        }
    }
    Err(ApiError::BadRequest("its form has no part `sdp`".into()))
}

fn unreadable(error: &MultipartError) -> ApiError {
    ApiError::BadRequest(error.body_text())
}

fn passed_on(answer: CallAnswer) -> Response {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, answer.content_type), (LOCATION, answer.location)]);
    // Whoever counts calls learns by the extension which one it is.
    (answer.status, headers, Extension(answer.call), answer.sdp).into_response()
}

/// How an offer is written: bare, or in the form of the official clients.
enum OfferType {
    Plain,
    /// With the type, which tells where the parts end.
    Form(HeaderValue),
}

impl<S: Sync> FromRequestParts<S> for OfferType {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let value = parts.headers.get(CONTENT_TYPE).ok_or(ApiError::WrongType(OFFER_TYPES))?;
        let text = value.to_str().unwrap_or_default();
        let kind = text.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/sdp") {
            Ok(Self::Plain)
        } else if kind.eq_ignore_ascii_case("multipart/form-data") {
            Ok(Self::Form(value.clone()))
        } else {
            Err(ApiError::WrongType(OFFER_TYPES))
        }
    }
}

const OFFER_TYPES: &str = "application/sdp or multipart/form-data";
