//! What every request passes on its way in: who it is from, whether that is enough, and whether limits allow it; and on
//! its way out the audit log.

use super::{RequestId, never_store};
use crate::config::LOGIN_CALLBACK;
use crate::entrance::{Known, bearer, now};
use crate::error::Problem;
use crate::upstream::{is_call_id, is_ephemeral};
use crate::{ApiError, AppState};
use admission::{Entry, Identity, UsageSink, Visitor};
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::{CallId, EphemeralKey};

/// What every request of the API passes on its way in and out.
pub(crate) async fn visit_api(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let inside = |request: Request| async {
        let response = if state.origins().allow(request.headers()) {
            next.run(request).await
        } else {
            ApiError::OriginRefused.into_response()
        };
        never_store(response).await
    };
    watched(&state, request, inside).await
}

/// The same where a browser comes to from wherever, by following a link.
pub(crate) async fn visit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    watched(&state, request, |request| next.run(request)).await
}

/// Finds out who asks, for everything inside, and writes down what they did and what came of it.
async fn watched<F>(state: &AppState, request: Request, inside: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let (mut parts, body) = request.into_parts();
    let known = match state.entrance().identify(&parts).await {
        Ok(known) => known,
        Err(error) => return error.into_response(),
    };
    parts.extensions.insert(known.clone());
    let deed = Deed::of(&parts).filter(|_| state.entrance().audit().is_on());
    let response = inside(Request::from_parts(parts, body)).await;
    if let Some(deed) = deed {
        deed.write_down(state, &known.visitor, &response);
    }
    response
}

/// What is written down of a request.
struct Deed {
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
    request: Option<RequestId>,
}

impl Deed {
    /// None where a request only looks.
    fn of(parts: &Parts) -> Option<Self> {
        let route = parts.extensions.get::<MatchedPath>();
        let path = route.map_or("", MatchedPath::as_str);
        (!parts.method.is_safe() || KEYS.contains(&path) || path == LOGIN_CALLBACK).then(|| Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            route: route.cloned(),
            request: parts.extensions.get::<RequestId>().cloned(),
        })
    }

    fn write_down(&self, state: &AppState, visitor: &Visitor, response: &Response) {
        let route = self.route.as_ref().map_or("", MatchedPath::as_str);
        let call = opened_call(response.headers());
        let login = response.extensions().get::<Identity>().map(Identity::as_str);
        // A route with a place for a name shows which one it was.
        let name = || route.contains('{').then(|| self.uri.path());
        let object = call.as_ref().map(CallId::as_str).or(login).or_else(name);
        let result = response.extensions().get::<Problem>().map_or("ok", Problem::code);
        let what = format!("{} {route}", self.method);
        let request = self.request.as_ref().map(RequestId::as_str);
        state.entrance().audit().record(&Entry { visitor, what: &what, object, result, request });
    }
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
    let mut response = next.run(request).await;
    if let Some(MintedKey { key, until }) = response.extensions_mut().remove()
        && let Err(error) = gate.note_key(&key, &known.visitor, now(), until).await
    {
        return ApiError::Kept(error.into()).into_response();
    }
    response
}

/// Goes with the answer that carries it, so that it is noted whose it is.
#[derive(Clone)]
pub(crate) struct MintedKey {
    pub(crate) key: EphemeralKey,
    /// When it expires, in seconds of Unix time.
    pub(crate) until: u64,
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
    mut request: Request,
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
    request.extensions_mut().insert(visitor);
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
