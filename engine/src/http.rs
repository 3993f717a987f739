//! The engine's HTTP side: keys, calls and hang-ups, as the real service has them.

mod sideband;

use crate::calls::{Calls, OpenError};
use crate::secrets::{Secrets, random};
use crate::session::effective_session;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use protocol::{
    CallId, ClientSecretReply, ClientSecretRequest, EphemeralKey, ServiceError, SessionConfig, SessionId, code,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// What the handlers share.
pub(crate) struct Shared {
    pub(crate) calls: Arc<Calls>,
    pub(crate) secrets: Secrets,
    pub(crate) longest_call: Duration,
}

type App = State<Arc<Shared>>;

/// The routes of an engine.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin, _| is_loopback(origin)))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([LOCATION]);
    Router::new()
        .route("/v1/realtime/client_secrets", post(make_secret))
        .route("/v1/realtime/calls", post(open_call))
        .route("/v1/realtime/calls/{id}/hangup", post(hang_up))
        .route("/v1/realtime", get(sideband::attach).post(beta))
        .route("/v1/realtime/sessions", post(beta))
        .route("/v1/realtime/transcription_sessions", post(beta))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(refuse_beta_header))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(cors)
        .with_state(shared)
}

async fn make_secret(State(shared): App, body: Bytes) -> Result<Response, Refusal> {
    let value = if body.is_empty() { json!({}) } else { read_json(&body)? };
    let request = ClientSecretRequest::from_value(&value).map_err(|error| Refusal::bad(error.into()))?;
    let internal = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "no key could be made");
        Refusal::internal()
    };
    let key = EphemeralKey::new(format!("ek_{}", random(24).map_err(|e| internal(&e))?));
    let valid = Duration::from_secs(u64::from(request.expires_after_seconds));
    let expires_at = unix_time() + valid.as_secs();
    let id = SessionId::new(format!("sess_{}", random(10).map_err(|e| internal(&e))?));
    let session = effective_session(id, unix_time() + shared.longest_call.as_secs(), request.session.as_ref());
    shared.secrets.keep(&key, Instant::now(), valid, request.session).map_err(|_| Refusal::busy())?;
    let reply = ClientSecretReply { value: key, expires_at, session };
    Ok(([(CACHE_CONTROL, "no-store")], Json(reply.expose())).into_response())
}

async fn open_call(State(shared): App, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let bearer = bearer(&parts.headers).ok_or_else(Refusal::no_key)?.to_owned();
    let kind = content_type(&parts.headers).to_owned();
    let granted = if bearer.starts_with("ek_") {
        shared.secrets.find(&bearer, Instant::now()).map_err(|_| Refusal::expired_key())?
    } else {
        None
    };
    let request = Request::from_parts(parts, body);
    let (offer, asked) = if kind == "multipart/form-data" {
        read_form(request).await?
    } else if kind == "application/sdp" {
        let body = Bytes::from_request(request, &()).await.map_err(|e| Refusal::unreadable(e.status()))?;
        (read_text(&body)?, None)
    } else {
        return Err(Refusal::wrong_kind());
    };
    let opened = shared.calls.open(&offer, asked.or(granted).as_ref()).map_err(Refusal::of_open)?;
    let location =
        HeaderValue::try_from(format!("/v1/realtime/calls/{}", opened.id)).map_err(|_| Refusal::internal())?;
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/sdp")), (LOCATION, location)];
    Ok((StatusCode::CREATED, headers, opened.answer).into_response())
}

async fn read_form(request: Request) -> Result<(String, Option<SessionConfig>), Refusal> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| Refusal::unreadable(e.status()))?;
    let (mut offer, mut session) = (None, None);
    while let Some(field) = form.next_field().await.map_err(|e| Refusal::unreadable(e.status()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|e| Refusal::unreadable(e.status()))?;
        match name.as_str() {
            "sdp" => offer = Some(read_text(&bytes)?),
            "session" => {
                let config = SessionConfig::from_value(&read_json(&bytes)?, "session");
                session = Some(config.map_err(|error| Refusal::bad(error.into()))?);
            }
            other => return Err(Refusal::invalid(code::UNKNOWN_PARAMETER, other, "This part is not known.")),
        }
    }
    let missing = || Refusal::invalid(code::MISSING_REQUIRED_PARAMETER, "sdp", "The part 'sdp' is missing.");
    Ok((offer.ok_or_else(missing)?, session))
}

async fn hang_up(State(shared): App, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    if shared.calls.hang_up(&CallId::new(id)) { Ok(StatusCode::OK) } else { Err(Refusal::no_call()) }
}

async fn beta() -> Refusal {
    Refusal::beta()
}

async fn nothing_here() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found", "", "There is nothing at this address.")
}

async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "", "This address takes another method.")
}

async fn refuse_beta_header(request: Request, next: Next) -> Response {
    let beta = request.headers().get("openai-beta").and_then(|value| value.to_str().ok());
    if beta.is_some_and(|value| value.contains("realtime")) {
        return Refusal::beta().into_response();
    }
    next.run(request).await
}

/// A refusal in the service's shape.
struct Refusal {
    status: StatusCode,
    error: Box<ServiceError>,
    retry_after: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, code: &str, param: &str, message: &str) -> Self {
        let kind = if status.is_server_error() { "server_error" } else { "invalid_request_error" };
        let error = ServiceError {
            kind: kind.into(),
            code: Some(code.into()),
            message: message.into(),
            param: (!param.is_empty()).then(|| param.to_owned()),
            event_id: None,
        };
        Self { status, error: Box::new(error), retry_after: None }
    }

    fn bad(error: ServiceError) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: Box::new(error), retry_after: None }
    }

    fn invalid(code: &str, param: &str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, param, message)
    }

    fn unreadable(status: StatusCode) -> Self {
        Self::new(status, "invalid_body", "", "The body could not be read, or is larger than allowed.")
    }

    fn wrong_kind() -> Self {
        let message = "The body must be an SDP offer (application/sdp) or a form (multipart/form-data).";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_type", "", message)
    }

    fn no_key() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code::INVALID_API_KEY, "", "A bearer key is required.")
    }

    fn expired_key() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code::INVALID_API_KEY, "", "The ephemeral key is unknown or has expired.")
    }

    fn no_upgrade() -> Self {
        let message = "This address takes a WebSocket to a call: ?call_id=rtc_… and nothing else.";
        Self::invalid("invalid_request", "call_id", message)
    }

    fn no_call() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::CALL_ID_NOT_FOUND, "call_id", "There is no call with this id.")
    }

    fn beta() -> Self {
        let message = "The beta shape of the Realtime API is retired. Use POST /v1/realtime/calls.";
        Self::invalid(code::BETA_API_SHAPE_DISABLED, "", message)
    }

    fn busy() -> Self {
        let message = "The engine serves as many calls as it can. Try again later.";
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, code::RATE_LIMIT_EXCEEDED, "", message);
        Self { retry_after: Some("5"), ..refusal }
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "", "The engine could not do that.")
    }

    fn of_open(error: OpenError) -> Self {
        match error {
            OpenError::Full => Self::busy(),
            OpenError::Closing => {
                let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "", "The engine is shutting down.");
                Self { retry_after: Some("5"), ..refusal }
            }
            OpenError::Offer(crate::peer::OfferError::Sdp(reason)) => {
                Self::invalid("invalid_offer", "sdp", &format!("The offer cannot be answered: {reason}"))
            }
            OpenError::Offer(crate::peer::OfferError::Socket(_)) | OpenError::Setup(_) => {
                tracing::error!(%error, "a call could not be set up");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "error": self.error }))).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty()).then(|| key.trim())
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn read_json(bytes: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(bytes).map_err(|_| Refusal::invalid("invalid_json", "", "The body is not JSON."))
}

fn read_text(bytes: &[u8]) -> Result<String, Refusal> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Refusal::invalid("invalid_offer", "sdp", "The offer is not text."))?;
    Ok(text.to_owned())
}

/// Pages of this machine may call the engine; others go through a server of their own.
fn is_loopback(origin: &HeaderValue) -> bool {
    let Some((_, host)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else { return false };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |p| p.0);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// The largest body: an offer with many candidates is a few kilobytes, a session with many tools some more.
const LARGEST_BODY: usize = 256 * 1024;
