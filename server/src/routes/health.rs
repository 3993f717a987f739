//! `GET /healthz`: whether the process answers at all, for whoever watches over it.

use crate::AppState;
use crate::edge::never_store;
use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/healthz", get(async || "ok\n")).layer(map_response(never_store))
}
