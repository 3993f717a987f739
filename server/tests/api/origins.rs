//! Which pages may use the API.

use crate::app::{Answer, App, ask, offer};
use crate::vendor::{Mood, SHORT_KEY};
use axum::body::Body;

async fn from_origin(app: &App, method: &str, origin: &str) -> Answer {
    app.send(ask(method, "/session").header("origin", origin).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_strangers_page_is_refused_before_anything_is_minted() {
    let app = App::start().await;
    let answer = from_origin(&app, "POST", "https://evil.example").await;
    answer.assert_error(403, "origin_refused");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    from_origin(&app, "POST", "null").await.assert_error(403, "origin_refused");
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_name_made_to_point_at_this_machine_is_refused() {
    let app = App::start().await;
    let request = |origin: Option<&str>| {
        let request = axum::http::Request::get("/session").header("host", "evil.example:3003");
        let request = origin.iter().fold(request, |request, origin| request.header("origin", *origin));
        request.body(Body::empty()).expect("a request")
    };
    app.send(request(Some("http://evil.example:3003"))).await.assert_error(403, "origin_refused");
    app.send(request(None)).await.assert_error(403, "origin_refused");
    let picture = ask("GET", "/session").header("sec-fetch-site", "cross-site").body(Body::empty());
    app.send(picture.expect("a request")).await.assert_error(403, "origin_refused");
}

#[tokio::test]
async fn localhost_and_listed_origins_may_read_the_answer() {
    let settings = [("COLLOQUY_ORIGINS", "https://talk.example.com"), ("COLLOQUY_AUTH_OPEN", "true")];
    let app = App::with(Mood::Well, &settings).await;
    for origin in ["http://localhost:8080", "https://talk.example.com"] {
        let answer = from_origin(&app, "GET", origin).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
}

#[tokio::test]
async fn a_preflight_allows_what_the_official_client_sends() {
    let app = App::start().await;
    let preflight = ask("OPTIONS", "/v1/realtime/calls")
        .header("origin", "http://localhost:8080")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-openai-agents-sdk")
        .body(Body::empty());
    let answer = app.send(preflight.expect("a request")).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:8080");
    let headers = answer.header("access-control-allow-headers");
    for name in ["authorization", "content-type", "x-openai-agents-sdk"] {
        assert!(headers.contains(name), "{headers}");
    }
    let methods = answer.header("access-control-allow-methods");
    assert!(["POST", "PATCH", "DELETE"].iter().all(|method| methods.contains(method)), "{methods}");
    from_origin(&app, "OPTIONS", "https://evil.example").await.assert_error(403, "origin_refused");
}

#[tokio::test]
async fn a_page_of_another_origin_can_read_where_its_call_is_and_what_went_wrong() {
    let app = App::start().await;
    let call = |key: &str| offer("/v1/realtime/calls", &app.bearer(key), "application/sdp", "v=0");
    let mut too_large = call(SHORT_KEY);
    too_large.headers_mut().insert("content-length", "99999999".parse().expect("a value"));
    for mut request in [call(SHORT_KEY), call("ek_old"), too_large] {
        request.headers_mut().insert("origin", "http://localhost:8080".parse().expect("a value"));
        let answer = app.send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:8080", "{}", answer.status);
        assert!(answer.header("access-control-expose-headers").to_lowercase().contains("location"));
    }
}
