//! `GET /login`, `GET /login/callback`, `POST /login/token` and `POST /logout`: how a browser comes to a session.
//!
//! With an OpenID provider the browser is sent there and comes back to the callback; with static tokens a small page asks
//! for one. Either way the browser gets a signed cookie, and its page never sees what it stands for.

use crate::config::LOGIN_CALLBACK;
use crate::edge::never_store;
use crate::entrance::{Known, now};
use crate::{ApiError, AppState};
use admission::{Identity, OpenId};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use reqwest::Url;

/// Where a browser comes to, from wherever; what protects the callback is the state that only this browser has.
pub(super) fn visits() -> Router<AppState> {
    Router::new()
        .route("/login", get(begin_login))
        .route(LOGIN_CALLBACK, get(finish_login))
        .layer(map_response(never_store))
}

/// What our own pages send.
pub(super) fn forms() -> Router<AppState> {
    Router::new()
        .route("/login/token", post(log_in_with_token))
        .route("/logout", post(log_out))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
}

async fn begin_login(State(state): State<AppState>) -> Result<Response, ApiError> {
    let entrance = state.entrance();
    if let Some(openid) = entrance.openid() {
        let began = openid.begin(now()).await.map_err(ApiError::Login)?;
        let cookie = entrance.login_cookie().set(&began.cookie, OpenId::PATIENCE);
        return Ok((cookies([cookie]), sent_to(began.location.as_str())).into_response());
    }
    if !entrance.has_login() {
        return Err(ApiError::NotFound);
    }
    Ok((page_policy(), Html(TOKEN_PAGE)).into_response())
}

async fn finish_login(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let entrance = state.entrance();
    let openid = entrance.openid().ok_or(ApiError::NotFound)?;
    let cookie = entrance.login_cookie();
    let begun = cookie.find(&headers).unwrap_or_default();
    let identity = openid.finish(begun, &query.unwrap_or_default(), now()).await.map_err(ApiError::Login)?;
    // What has begun is over: the same answer of the provider opens nothing a second time.
    welcome(&state, &identity, [cookie.set("", 0)])
}

async fn log_in_with_token(
    State(state): State<AppState>,
    form: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let form = form?;
    let text = std::str::from_utf8(&form).unwrap_or_default();
    let form = Url::parse(&format!("http://localhost/?{text}")).ok();
    let token = form.as_ref().and_then(|form| form.query_pairs().find(|(name, _)| name == "token"));
    let identity = token.and_then(|(_, token)| state.entrance().owner_of_token(token.trim()));
    welcome(&state, &identity.ok_or(ApiError::LoginRequired)?, [])
}

async fn log_out(State(state): State<AppState>, Extension(known): Extension<Known>) -> Result<Response, ApiError> {
    if let Some(session) = &known.session {
        let ended = state.entrance().gate().end_session(session, now()).await;
        ended.map_err(|error| ApiError::Kept(error.into()))?;
    }
    Ok((cookies([state.entrance().cookie().set("", 0)]), StatusCode::NO_CONTENT).into_response())
}

fn welcome<const N: usize>(
    state: &AppState,
    identity: &Identity,
    also: [Option<HeaderValue>; N],
) -> Result<Response, ApiError> {
    let entrance = state.entrance();
    let session = entrance.sessions().begin(identity, now()).ok_or(ApiError::Internal)?;
    let cookie = entrance.cookie().set(&session, entrance.sessions().seconds());
    tracing::info!(who = %identity, "logged in");
    // For the audit log: who it was that came in.
    let who = Extension(identity.clone());
    Ok((cookies(also.into_iter().chain([cookie])), who, sent_to("/")).into_response())
}

fn cookies(list: impl IntoIterator<Item = Option<HeaderValue>>) -> HeaderMap {
    list.into_iter().flatten().map(|cookie| (SET_COOKIE, cookie)).collect()
}

fn sent_to(place: &str) -> Response {
    let place = HeaderValue::try_from(place).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

fn page_policy() -> HeaderMap {
    let policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    // Without a referrer policy of its own the form would be sent without its origin.
    HeaderMap::from_iter([
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ])
}

/// A form holds one token.
const LARGEST_FORM: usize = 4 * 1024;

const TOKEN_PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Colloquy: log in</title>
<h1>Log in</h1>
<form method=\"post\" action=\"/login/token\">
<label>Your token <input type=\"password\" name=\"token\" autocomplete=\"current-password\" required autofocus></label>
<button>Log in</button>
</form>
</html>
";
