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
    answer_panic, ask_who, boundary, cors, count_call, count_end, count_key, count_look_up, deadline, guard,
    limit_size, measure, never_store, recognise, secure, write_down,
};
use crate::{ApiError, AppState};
use axum::Router;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::middleware::{from_fn, from_fn_with_state, map_response, map_response_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;

/// All routes in all layers. Layers that are added last see a request first.
pub fn router(state: AppState) -> Router {
    let routes = api(&state)
        .merge(watched(login::visits(), &state))
        .merge(health::router())
        .merge(openapi::router())
        .fallback(page::serve_page);
    within_the_edge(routes, &state).with_state(state)
}

/// Routes of which it is known who asks, and written down.
fn watched(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    routes.layer(from_fn_with_state(state.clone(), write_down)).layer(from_fn_with_state(state.clone(), recognise))
}

/// What every request passes, the page's as well as the API's.
fn within_the_edge(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    routes
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(map_response_with_state(state.clone(), secure))
        .layer(from_fn_with_state(state.clone(), limit_size))
        .layer(from_fn_with_state(state.clone(), measure))
        .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION, COOKIE]))
        .layer(from_fn(boundary))
}

fn api(state: &AppState) -> Router<AppState> {
    let limits = state.limits();
    let for_the_known = Router::new()
        .merge(session::router(limits.session_bytes).layer(from_fn_with_state(state.clone(), count_key)))
        .merge(turns::router(limits.turn_bytes))
        .merge(context::router(limits.context_bytes).layer(from_fn_with_state(state.clone(), count_look_up)))
        .merge(memory::router(limits.memory_bytes))
        .merge(status::router())
        .layer(from_fn_with_state(state.clone(), ask_who));
    // A call's key tells whose it is, and a call's name is known only to those who made it.
    let for_callers = Router::new()
        .merge(calls::router(limits.sdp_bytes).layer(from_fn_with_state(state.clone(), count_call)))
        .merge(hang_up::router().layer(from_fn_with_state(state.clone(), count_end)));
    let routes = Router::new()
        .merge(for_the_known)
        .merge(for_callers)
        .merge(login::forms())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn_with_state(state.clone(), deadline))
        .layer(cors(state))
        .layer(from_fn_with_state(state.clone(), guard))
        .layer(map_response(never_store));
    watched(routes, state)
}

#[cfg(test)]
mod tests {
    use crate::edge::{answer_panic, boundary};
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use protocol::api::{ErrorBody, error_code};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    #[tokio::test]
    async fn a_panic_becomes_a_typed_answer_that_tells_nothing_of_it() {
        let router: Router = Router::new()
            .route("/", get(async || -> &'static str { panic!("a secret") }))
            .layer(CatchPanicLayer::custom(answer_panic))
            .layer(from_fn(boundary));
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 10_000).await.expect("a body");
        let error: ErrorBody = serde_json::from_slice(&body).expect("an error body");
        assert_eq!(error.code, error_code::INTERNAL);
        assert!(!error.message.contains("secret"));
    }
}
