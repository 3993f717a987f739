//! What every request passes on its way in: who it is from, whether that is enough, and whether limits allow it; and on
//! its way out the audit log.

use super::RequestId;
use crate::config::LOGIN_CALLBACK;
use crate::entrance::{Known, bearer, now};
use crate::error::Problem;
use crate::upstream::{is_call_id, is_ephemeral};
use crate::{ApiError, AppState};
use admission::{Entry, Identity, UsageSink, Visitor};
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::api::SessionReply;
use protocol::{CallId, EphemeralKey};

/// Finds out who asks, for everything inside.
pub(crate) async fn recognise(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let known = match state.entrance().identify(&parts).await {
        Ok(known) => known,
        Err(error) => return error.into_response(),
    };
    parts.extensions.insert(known);
    next.run(Request::from_parts(parts, body)).await
}

/// Writes down who did what, and what came of it.
pub(crate) async fn write_down(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let route = path.as_ref().map_or("", MatchedPath::as_str);
    if !method.is_safe() || KEYS.contains(&route) || route == LOGIN_CALLBACK {
        let call = opened_call(response.headers());
        let login = response.extensions().get::<Identity>().map(Identity::as_str);
        // A route with a place for a name shows which one it was.
        let name = || route.contains('{').then(|| uri.path());
        let object = call.as_ref().map(CallId::as_str).or(login).or_else(name);
        let result = response.extensions().get::<Problem>().map_or("ok", Problem::code);
        let what = format!("{method} {route}");
        let entry =
            Entry { visitor: &known.visitor, what: &what, object, result, request: id.as_ref().map(RequestId::as_str) };
        state.entrance().audit().record(&entry);
    }
    response
}

/// Keeps out whoever has to say who they are and does not; and a page of another site that uses somebody's cookie.
pub(crate) async fn ask_who(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    request: Request,
    next: Next,
) -> Response {
    if known.visitor.identity.is_none() && state.entrance().asks_who() {
        return ApiError::LoginRequired.into_response();
    }
    let changes = !request.method().is_safe() || KEYS.contains(&request.uri().path());
    if known.session.is_some() && changes && !state.origins().vouch(request.headers()) {
        return ApiError::OriginRefused.into_response();
    }
    next.run(request).await
}

/// Counts keys, and notes whose they are.
pub(crate) async fn count_key(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    request: Request,
    next: Next,
) -> Response {
    let gate = state.entrance().gate();
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    if state.is_draining() {
        return ApiError::Ending.into_response();
    }
    if let Err(refusal) = gate.mint(&known.visitor, now()).await {
        return ApiError::Kept(refusal).into_response();
    }
    let response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_KEY).await else { return ApiError::Internal.into_response() };
    if let Some(reply) = std::str::from_utf8(&body).ok().and_then(|text| SessionReply::parse(text).ok())
        && let Err(error) = gate.note_key(&reply.value, &known.visitor, now(), reply.expires_at).await
    {
        return ApiError::Kept(error.into()).into_response();
    }
    Response::from_parts(parts, Body::from(body))
}

/// Counts look-ups.
pub(crate) async fn count_look_up(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::POST
        && let Err(refusal) = state.entrance().gate().look_up(&known.visitor, now()).await
    {
        return ApiError::Kept(refusal).into_response();
    }
    next.run(request).await
}

/// Counts calls. Whoever has a key that was given here is the one whom it was given to.
pub(crate) async fn count_call(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    request: Request,
    next: Next,
) -> Response {
    let key = bearer(request.headers()).filter(|key| is_ephemeral(key)).map(EphemeralKey::new);
    let visitor = match caller(&state, known.visitor, key.as_ref()).await {
        Ok(visitor) => visitor,
        Err(error) => return error.into_response(),
    };
    let gate = state.entrance().gate();
    let lease = match gate.open(&visitor, now()).await {
        Ok(lease) => lease,
        Err(refusal) => return ApiError::Kept(refusal).into_response(),
    };
    let response = next.run(request).await;
    match opened_call(response.headers()).filter(|_| response.status().is_success()) {
        Some(call) => gate.opened(lease, call, now()),
        None => gate.abandoned(&lease).await,
    }
    response
}

/// Stops the clock of a call that was hung up.
pub(crate) async fn count_end(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let call = request.uri().path().rsplit('/').nth(1).filter(|name| is_call_id(name)).map(CallId::new);
    let response = next.run(request).await;
    if let Some(call) = call.filter(|_| response.status().is_success()) {
        state.entrance().gate().ended(&call, now()).await;
    }
    response
}

async fn caller(state: &AppState, visitor: Visitor, key: Option<&EphemeralKey>) -> Result<Visitor, ApiError> {
    let entrance = state.entrance();
    // Without a key the route says what is missing; where nobody has to say who they are, the upstream knows its keys.
    let Some(key) = key.filter(|_| entrance.asks_who()) else { return Ok(visitor) };
    let owner = entrance.gate().owner_of(key, now()).await.map_err(|error| ApiError::Kept(error.into()))?;
    match (owner, &visitor.identity) {
        (None, _) => Err(ApiError::KeyUnknown),
        (Some(owner), Some(_)) if owner != visitor.identity => Err(ApiError::KeyUnknown),
        (Some(owner), _) => Ok(Visitor { identity: owner, ..visitor }),
    }
}

/// The call that an answer says it has opened.
fn opened_call(headers: &HeaderMap) -> Option<CallId> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let name = location.rsplit('/').next()?;
    is_call_id(name).then(|| CallId::new(name))
}

/// Where keys are given, by whatever method.
const KEYS: [&str; 2] = ["/session", "/v1/realtime/client_secrets"];

/// An answer with a key and the session that it is for.
const LARGEST_KEY: usize = 1024 * 1024;
