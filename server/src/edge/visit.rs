//! What every request passes on its way in: who it is from, whether that is enough, and whether limits allow it; and on
//! its way out the audit log.

use super::{RequestId, cors, never_store};
use crate::calls::{hang_up, look_after};
use crate::config::LOGIN_CALLBACK;
use crate::entrance::{Known, bearer, now};
use crate::error::Problem;
use crate::{ApiError, AppState};
use admission::{Entry, Granted, Identity, Lease, Visitor};
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::{CallId, EphemeralKey};
use std::future::ready;
use tokio::sync::oneshot;
use tower::{Layer, ServiceExt, service_fn};
use tracing::Instrument;

/// What every request of the API passes on its way in and out.
pub(crate) async fn visit_api(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let inside = |request: Request| async {
        let known = request.extensions().get::<Known>();
        let response = if !state.origins().allow(request.headers()) {
            ApiError::OriginRefused.into_response()
        } else if known.is_none_or(|known| !state.entrance().serves(known)) {
            refuse(&state, request, ApiError::ThisMachineAlone).await
        } else {
            next.run(request).await
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
    let (known, refused) = match state.entrance().identify(&parts).await {
        Ok(known) => (known, None),
        Err(error) => (state.entrance().stranger(&parts), Some(error)),
    };
    let deed = Deed::of(state, &known.visitor, &parts);
    parts.extensions.insert(known.clone());
    let request = Request::from_parts(parts, body);
    let response = match refused {
        None => inside(request).await,
        Some(error) => refuse(state, request, error).await,
    };
    if let Some(deed) = deed {
        deed.done(&response);
    }
    response
}

/// Refuses what is refused before it is looked at, and writes that down.
pub(super) async fn turn_away(state: &AppState, request: Request, error: ApiError) -> Response {
    watched(state, request, |request| refuse(state, request, error)).await
}

/// Refuses a request before it comes to its route. Whoever could read the route's answer can read this one.
async fn refuse(state: &AppState, request: Request, error: ApiError) -> Response {
    let mut refusal = Some(error.into_response());
    let refusal = service_fn(move |_: Request| ready(refusal.take().ok_or(ApiError::Internal)));
    cors(state).layer(refusal).oneshot(request).await.into_response()
}

/// What is written down of a request, when it is answered or when whoever asked has gone away before.
struct Deed<'a> {
    state: &'a AppState,
    visitor: &'a Visitor,
    method: Method,
    uri: Uri,
    route: MatchedPath,
    request: Option<RequestId>,
    answered: bool,
}

impl<'a> Deed<'a> {
    /// None where a request only looks, or nothing is written down.
    fn of(state: &'a AppState, visitor: &'a Visitor, parts: &Parts) -> Option<Self> {
        let route = parts.extensions.get::<MatchedPath>().filter(|_| state.entrance().audit().is_on())?;
        let path = route.as_str();
        let counts = !parts.method.is_safe() || KEYS.contains(&path) || NOTED.contains(&path);
        counts.then(|| Self {
            state,
            visitor,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            route: route.clone(),
            request: parts.extensions.get::<RequestId>().cloned(),
            answered: false,
        })
    }

    fn done(mut self, response: &Response) {
        self.answered = true;
        let call = response.extensions().get::<CallId>();
        let login = response.extensions().get::<Identity>().map(Identity::as_str);
        let result = response.extensions().get::<Problem>().map_or("ok", Problem::code);
        // Whoever opens a call may be known by its key alone.
        let visitor = response.extensions().get::<Visitor>().unwrap_or(self.visitor);
        self.write_down(visitor, call.map(CallId::as_str).or(login), result);
    }

    fn write_down(&self, visitor: &Visitor, object: Option<&str>, result: &str) {
        let route = self.route.as_str();
        // A route with a place for a name shows which one it was, unless somebody said it.
        let object = object.or_else(|| (route.contains('{') && route != SAID).then(|| self.uri.path()));
        let what = format!("{} {route}", self.method);
        let request = self.request.as_ref().map(RequestId::as_str);
        self.state.entrance().audit().record(&Entry { visitor, what: &what, object, result, request });
    }
}

impl Drop for Deed<'_> {
    fn drop(&mut self) {
        if !self.answered {
            // What was begun may have been done all the same.
            self.write_down(self.visitor, None, "broken off");
        }
    }
}

/// Keeps out whoever has to say who they are and does not; and a page of another site that uses somebody's cookie, or a
/// proxy's word about somebody.
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
    if state.entrance().asks_who() && known.ambient && changes && !state.origins().vouch(request.headers()) {
        return ApiError::OriginRefused.into_response();
    }
    next.run(request).await
}

/// Keeps what is personal from pages that are not ours: those of other ports of this machine, too, and also where
/// nobody has to say who they are.
pub(crate) async fn keep_personal(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    request: Request,
    next: Next,
) -> Response {
    let origins = state.origins();
    let ours = match *request.method() {
        Method::GET | Method::HEAD => origins.vouch_for_reading(request.headers()),
        _ => origins.vouch(request.headers()),
    };
    if known.ambient && !ours {
        return ApiError::OriginRefused.into_response();
    }
    next.run(request).await
}

/// Counts keys.
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
    next.run(request).await
}

/// Counts look-ups, and what the memory is told: for both a service may be asked that costs.
pub(crate) async fn count_look_up(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::POST | Method::PATCH)
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
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let caller = match Caller::of(&state, known.visitor, request.headers()) {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let visitor = caller.visitor.clone();
    let mut response = begin_call(state, caller, request, next).await.unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(visitor);
    response
}

async fn begin_call(state: AppState, caller: Caller, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let entrance = state.entrance();
    if !entrance.still_takes(&caller.visitor) || (caller.visitor.identity.is_none() && entrance.asks_who()) {
        return Err(ApiError::KeyUnknown);
    }
    if state.is_draining() {
        return Err(ApiError::Ending);
    }
    let lease = entrance.gate().open(&caller.visitor, now()).await.map_err(ApiError::Kept)?;
    request.extensions_mut().insert(caller);
    let (tell, told) = oneshot::channel();
    // Not given up when whoever asked goes away: a call may be open by then.
    tokio::spawn(open(state, request, next, lease, tell).in_current_span());
    Ok(told.await.unwrap_or_else(|_| ApiError::Internal.into_response()))
}

/// Has a call opened and counts it; hangs it up again if nobody waits for the answer any more.
async fn open(state: AppState, request: Request, next: Next, lease: Lease, tell: oneshot::Sender<Response>) {
    let gate = state.entrance().gate();
    let response = next.run(request).await;
    let Some(call) = response.extensions().get::<CallId>().cloned() else {
        gate.abandoned(&lease).await;
        // Nobody may be left to be told.
        let _ = tell.send(response);
        return;
    };
    gate.opened(lease, call.clone(), now()).await;
    if tell.send(response).is_ok() {
        look_after(&state, call);
    } else if let Err(error) = hang_up(&state, &call).await {
        tracing::warn!(%call, %error, "a call for which nobody waited is not hung up");
    }
}

/// Who opens a call, and the upstream's key with which it is opened.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) visitor: Visitor,
    pub(crate) key: EphemeralKey,
}

impl Caller {
    /// # Errors
    /// There is no key, or it was not given to who asks.
    fn of(state: &AppState, visitor: Visitor, headers: &HeaderMap) -> Result<Self, ApiError> {
        let handle = bearer(headers).filter(|key| !key.is_empty()).ok_or(ApiError::KeyRequired)?;
        if !handle.starts_with("ek_") {
            return Err(ApiError::LastingKeyRefused);
        }
        let Granted { key, owner, mail } =
            state.entrance().handles().open(handle, now()).ok_or(ApiError::KeyUnknown)?;
        let is_theirs = owner.is_none() || visitor.identity.is_none() || owner == visitor.identity;
        let caller = match owner {
            Some(owner) => Visitor { identity: Some(owner), mail, ..visitor },
            None => visitor,
        };
        if is_theirs { Ok(Self { visitor: caller, key }) } else { Err(ApiError::KeyUnknown) }
    }
}

/// Where keys are given, by whatever method.
const KEYS: [&str; 2] = ["/session", "/v1/realtime/client_secrets"];

/// What else is written down although it changes nothing.
const NOTED: [&str; 2] = [LOGIN_CALLBACK, "/memory/export"];

/// The route that carries what somebody asked to be told of.
const SAID: &str = "/context/watch/{name}";
