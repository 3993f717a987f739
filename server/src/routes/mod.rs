//! The whole HTTP surface: one route, one file.

mod calls;
mod context;
mod hang_up;
mod health;
mod login;
mod memory;
mod openapi;
mod page;
mod session;
mod status;
mod turns;

use crate::edge::{
    ask_who, boundary, cors, count_call, count_key, count_look_up, deadline, keep_personal, visit, visit_api,
};
use crate::{ApiError, AppState};
use axum::Router;
use axum::middleware::from_fn_with_state;

/// All routes in all layers. Layers that are added last see a request first.
pub fn router(state: AppState) -> Router {
    api(&state)
        .merge(login::visits().layer(from_fn_with_state(state.clone(), visit)))
        .merge(health::router())
        .merge(openapi::router())
        .fallback(page::serve_page)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(from_fn_with_state(state.clone(), boundary))
        .with_state(state)
}

fn api(state: &AppState) -> Router<AppState> {
    let limits = state.limits();
    let personal = Router::new()
        .merge(context::router(limits.context_bytes).layer(from_fn_with_state(state.clone(), count_look_up)))
        .merge(memory::router(limits.memory_bytes).layer(from_fn_with_state(state.clone(), count_look_up)))
        .layer(from_fn_with_state(state.clone(), keep_personal));
    let for_the_known = Router::new()
        .merge(session::router(limits.session_bytes).layer(from_fn_with_state(state.clone(), count_key)))
        .merge(turns::router(limits.turn_bytes))
        .merge(personal)
        .merge(status::router())
        .layer(from_fn_with_state(state.clone(), ask_who));
    // A call's key tells whose it is, and whose a call is was noted.
    let for_callers = Router::new()
        .merge(calls::router(limits.sdp_bytes).layer(from_fn_with_state(state.clone(), count_call)))
        .merge(hang_up::router());
    Router::new()
        .merge(for_the_known)
        .merge(for_callers)
        .merge(login::forms())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(from_fn_with_state(state.clone(), deadline))
        .layer(cors(state))
        .layer(from_fn_with_state(state.clone(), visit_api))
}
