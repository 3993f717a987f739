//! `POST /v1/realtime/calls/{call_id}/hangup`: ends a call that was made here, or on a server that counts in the same
//! store. Where visitors have to say who they are, only whoever made a call ends it; elsewhere its name, which is known
//! only to those who made it, is enough, so that a page that is being closed can still send it. A call that has ended
//! already is as it should be: the answer is the same. What was never made here does not reach the upstream.

use crate::calls;
use crate::entrance::{Known, now};
use crate::upstream::is_call_id;
use crate::{ApiError, AppState, Purpose};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use protocol::CallId;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/v1/realtime/calls/{call_id}/hangup", post(hang_up))
}

async fn hang_up(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    call: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let call = call.ok().filter(|Path(call)| is_call_id(call)).map(|Path(call)| CallId::new(call));
    let call = call.ok_or(ApiError::NotFound)?;
    check_owner(&state, &known, &headers, &call).await?;
    let result = calls::hang_up(&state, &call).await;
    let was_on = result.map_err(|error| ApiError::Upstream { purpose: Purpose::HangUp, error })?;
    tracing::info!(%call, was_on, "hung up");
    Ok(StatusCode::OK)
}

async fn check_owner(state: &AppState, known: &Known, headers: &HeaderMap, call: &CallId) -> Result<(), ApiError> {
    let (entrance, asker) = (state.entrance(), &known.visitor.identity);
    let asks_who = entrance.asks_who();
    if asks_who && asker.is_none() {
        return Err(ApiError::LoginRequired);
    }
    if asks_who && known.ambient && !state.origins().vouch(headers) {
        return Err(ApiError::OriginRefused);
    }
    let owner = entrance.gate().owner_of_call(call, now()).await.map_err(|error| ApiError::Kept(error.into()))?;
    let owner = owner.ok_or(ApiError::CallUnknown)?;
    // A call of nobody in particular was made while nobody had to say who they are.
    if asks_who && owner.is_some() && owner != *asker { Err(ApiError::CallUnknown) } else { Ok(()) }
}
