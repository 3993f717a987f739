//! `POST /v1/realtime/calls/{call_id}/hangup`: ends a call. It needs no key, so that a page that is being closed can
//! still send it; a call's name is known only to those who made the call. A call that has ended already is as it should
//! be: the answer is the same.

use crate::upstream::is_call_id;
use crate::{ApiError, AppState, Purpose};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use protocol::CallId;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/v1/realtime/calls/{call_id}/hangup", post(hang_up))
}

async fn hang_up(
    State(state): State<AppState>,
    call: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let call = call.ok().filter(|Path(call)| is_call_id(call)).map(|Path(call)| CallId::new(call));
    let call = call.ok_or(ApiError::NotFound)?;
    let result = state.upstream().hang_up(&call).await;
    let was_on = result.map_err(|error| ApiError::Upstream { purpose: Purpose::HangUp, error })?;
    state.calls().remove(&call);
    tracing::info!(%call, was_on, "hung up");
    Ok(StatusCode::OK)
}
