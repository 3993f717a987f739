//! Everything else is the page and what it loads, or nothing. Whoever has to log in is sent there from the page itself;
//! what it loads is no secret.

use crate::{ApiError, AppState};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, LOCATION};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

pub(super) async fn serve_page(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let asset = state.page().find(request.uri().path()).ok_or(ApiError::NotFound)?;
    let (parts, _) = request.into_parts();
    let entrance = state.entrance();
    if asset.is_page() && entrance.asks_who() && entrance.has_login() {
        let known = entrance.identify(&parts).await?;
        if known.visitor.identity.is_none() {
            return Ok((StatusCode::SEE_OTHER, [(LOCATION, "/login")]).into_response());
        }
    }
    match parts.method {
        Method::GET => Ok(asset.answer(&parts.headers, true)),
        Method::HEAD => Ok(asset.answer(&parts.headers, false)),
        _ => Ok(([(ALLOW, "GET, HEAD")], ApiError::MethodNotAllowed).into_response()),
    }
}
