//! `GET /login`, `GET /login/callback`, `POST /login/token` and `POST /logout`: how a browser comes to a session.
//!
//! With an OpenID provider the browser is sent there and comes back to the callback; with static tokens a small page asks
//! for one. Either way the browser gets a signed cookie, and its page never sees what it stands for. A page of another
//! origin that is listed may ask for a session of its own instead, by `?back=` with its address.

use crate::config::LOGIN_CALLBACK;
use crate::edge::never_store;
use crate::entrance::{Known, now};
use crate::{ApiError, AppState};
use admission::{Login, LoginError, OpenId};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, Query, RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use reqwest::Url;
use serde::Deserialize;

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

async fn begin_login(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    Query(wish): Query<Wish>,
) -> Result<Response, ApiError> {
    let entrance = state.entrance();
    if !entrance.has_login() {
        return Err(ApiError::NotFound);
    }
    let back = wish.back(&state)?;
    if let Some(openid) = entrance.openid() {
        entrance.gate().try_login(&known.visitor, now()).await.map_err(ApiError::Kept)?;
        let began = openid.begin(back.map(String::from), now()).await.map_err(ApiError::Login)?;
        let cookie = entrance.login_cookie().set(&began.cookie, OpenId::PATIENCE);
        return Ok((cookies([cookie]), sent_to(began.location.as_str())).into_response());
    }
    Ok((page_policy(back.as_ref()), Html(token_page(back.as_ref()))).into_response())
}

async fn finish_login(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let entrance = state.entrance();
    let openid = entrance.openid().ok_or(ApiError::NotFound)?;
    let cookie = entrance.login_cookie();
    let begun = cookie.find(&headers).unwrap_or_default();
    let returned = openid.recognise(begun, &query.unwrap_or_default(), now()).map_err(ApiError::Login)?;
    entrance.gate().try_login(&known.visitor, now()).await.map_err(ApiError::Kept)?;
    let (name, until) = returned.name();
    // The cookie may be sent again and again, and each time the provider would be asked.
    let is_first = entrance.gate().is_first(&format!("login:{name}"), now(), until).await;
    if !is_first.map_err(|error| ApiError::Kept(error.into()))? {
        return Err(ApiError::Login(LoginError::NotBegun));
    }
    let back = Wish { back: returned.back().map(str::to_owned) }.back(&state)?;
    let login = openid.finish(returned, now()).await.map_err(ApiError::Login)?;
    welcome(&state, &login, back, [cookie.set("", 0)])
}

async fn log_in_with_token(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    Query(wish): Query<Wish>,
    form: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    state.entrance().gate().try_login(&known.visitor, now()).await.map_err(ApiError::Kept)?;
    let back = wish.back(&state)?;
    let form = form?;
    let text = std::str::from_utf8(&form).unwrap_or_default();
    let form = Url::parse(&format!("http://localhost/?{text}")).ok();
    let token = form.as_ref().and_then(|form| form.query_pairs().find(|(name, _)| name == "token"));
    let login = token.and_then(|(_, token)| state.entrance().login_by_token(token.trim()));
    welcome(&state, &login.ok_or(ApiError::LoginRequired)?, back, [])
}

async fn log_out(State(state): State<AppState>, Extension(known): Extension<Known>) -> Result<Response, ApiError> {
    if let Some(session) = &known.session {
        let ended = state.entrance().gate().end_session(session, now()).await;
        ended.map_err(|error| ApiError::Kept(error.into()))?;
    }
    Ok((cookies([state.entrance().cookie().set("", 0)]), StatusCode::NO_CONTENT).into_response())
}

/// What a browser wants that comes to log in.
#[derive(Default, Deserialize)]
struct Wish {
    /// The page of a listed origin to go back to, if not our own.
    back: Option<String>,
}

impl Wish {
    /// The page, if sessions may be given to its origin.
    fn back(self, state: &AppState) -> Result<Option<Url>, ApiError> {
        let Some(text) = self.back else { return Ok(None) };
        let page = Url::parse(&text).ok().filter(|page| text.len() <= LONGEST_PAGE && state.origins().lists(page));
        page.map(Some).ok_or(ApiError::OriginRefused)
    }
}

/// A new session: as a cookie for our own page; for one of another origin, to which browsers may send no cookie of ours,
/// behind the `#` of its address, which is never sent anywhere. That session is of use to that origin alone.
fn welcome<const N: usize>(
    state: &AppState,
    login: &Login,
    back: Option<Url>,
    also: [Option<HeaderValue>; N],
) -> Result<Response, ApiError> {
    let sessions = state.entrance().sessions();
    let page = back.as_ref().map(|back| back.origin().ascii_serialization());
    let session = sessions.begin(login, page, now()).ok_or(ApiError::Internal)?;
    tracing::info!(who = %login.identity, "logged in");
    // For the audit log: who it was that came in.
    let who = Extension(login.identity.clone());
    let Some(mut back) = back else {
        let cookie = state.entrance().cookie().set(&session, sessions.seconds());
        return Ok((cookies(also.into_iter().chain([cookie])), who, sent_to("/")).into_response());
    };
    back.set_fragment(Some(&[back.fragment().unwrap_or_default(), &session].concat()));
    Ok((cookies(also), who, sent_to(back.as_str())).into_response())
}

fn cookies(list: impl IntoIterator<Item = Option<HeaderValue>>) -> HeaderMap {
    list.into_iter().flatten().map(|cookie| (SET_COOKIE, cookie)).collect()
}

fn sent_to(place: &str) -> Response {
    let place = HeaderValue::try_from(place).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

/// `back` is where a browser goes from the form, which has to be allowed as well as the form's own address.
fn page_policy(back: Option<&Url>) -> HeaderMap {
    let back = back.map(|back| back.origin().ascii_serialization()).unwrap_or_default();
    let policy = format!("default-src 'none'; form-action 'self' {back}; base-uri 'none'; frame-ancestors 'none'");
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    // Without a referrer policy of its own the form would be sent without its origin.
    HeaderMap::from_iter([
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ])
}

fn token_page(back: Option<&Url>) -> String {
    // What is escaped for a query holds nothing that means something in HTML.
    let query = back.and_then(|back| Url::parse_with_params("http://localhost", [("back", back)]).ok());
    let query = query.as_ref().and_then(Url::query).map(|query| format!("?{query}"));
    TOKEN_PAGE.replace("{back}", &query.unwrap_or_default())
}

/// A form holds one token.
const LARGEST_FORM: usize = 4 * 1024;

/// The address of a page is no longer.
const LONGEST_PAGE: usize = 512;

const TOKEN_PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Colloquy: log in</title>
<h1>Log in</h1>
<form method=\"post\" action=\"/login/token{back}\">
<label>Your token <input type=\"password\" name=\"token\" autocomplete=\"current-password\" required autofocus></label>
<button>Log in</button>
</form>
</html>
";
