//! Headers that every answer carries, and those of the API alone.

use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;

/// Tells browsers not to guess types, not to tell others where the user was, and who may use the microphone.
pub(crate) async fn secure(mut response: Response) -> Response {
    for (name, value) in SECURE {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Answers of the API are for the one who asked, once.
pub(crate) async fn never_store(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

const SECURE: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), "microphone=(self)"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];
