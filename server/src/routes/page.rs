//! Everything else is the page and what it loads, or nothing.

use crate::{ApiError, AppState};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;

pub(super) async fn serve_page(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let asset = state.page().find(uri.path()).ok_or(ApiError::NotFound)?;
    match method {
        Method::GET => Ok(asset.answer(&headers, true)),
        Method::HEAD => Ok(asset.answer(&headers, false)),
        _ => Err(ApiError::MethodNotAllowed),
    }
}
