//! What stands in front: when others can reach a server it has to be said who may talk, and a server that was set up for
//! its own machine serves nothing that a proxy passes on.

use crate::app::{App, ask, config};
use crate::vendor::{Mood, Vendor};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Version};
use colloquy_server::Config;
use std::net::SocketAddr;

const TOKENS: (&str, &str) = ("COLLOQUY_TOKENS", "alice:0123456789abcdef01234567");

fn with(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = ask(method, path).body(Body::empty()).expect("a request");
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().expect("a name");
        request.headers_mut().insert(name, value.parse().expect("a value"));
    }
    request
}

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = format!("{address}:4711").parse().expect("an address");
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[test]
fn whatever_lets_others_reach_a_server_takes_a_choice_of_who_may_talk() {
    let read = |settings: &[(&str, &str)]| {
        let owned = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_variables(owned.collect())
    };
    for (sign, named) in [
        (("COLLOQUY_LISTEN", "0.0.0.0:3003"), "0.0.0.0:3003"),
        (("COLLOQUY_PUBLIC_URL", "https://talk.example.com"), "https://talk.example.com"),
        (("COLLOQUY_ORIGINS", "http://localhost:8080, https://talk.example.com:8443"), "https://talk.example.com:8443"),
        (("COLLOQUY_PROXY_TRUSTED", "127.0.0.1"), "proxy.trusted"),
    ] {
        let message = read(&[sign]).expect_err("nobody was chosen").to_string();
        assert!(message.contains(named) && message.contains("--auth-open"), "{message}");
        read(&[sign, TOKENS]).expect("chosen");
        read(&[sign, ("COLLOQUY_AUTH_OPEN", "true")]).expect("meant");
    }
    read(&[("COLLOQUY_ORIGINS", "http://localhost:8080,http://127.0.0.1:9")]).expect("of this machine");
    read(&[("COLLOQUY_PUBLIC_URL", "http://localhost:3003")]).expect("of this machine");
}

#[tokio::test]
async fn a_server_for_its_own_machine_serves_nothing_that_a_proxy_passes_on() {
    let app = App::with(Mood::Well, &[("COLLOQUY_MEMORY", ":memory:")]).await;
    let public = "talk.example.com";
    let own = ("origin", "https://talk.example.com");
    for headers in [
        &[("x-forwarded-for", "203.0.113.9")][..],
        &[("forwarded", "for=203.0.113.9")],
        &[("via", "1.1 front")],
        &[("cf-connecting-ip", "203.0.113.9")],
        &[("x-forwarded-proto", "https")],
        &[("x-forwarded-host", public), ("x-forwarded-proto", "https")],
        &[("x-forwarded-host", "localhost"), ("x-forwarded-for", "127.0.0.1")],
        &[("host", public), own],
        &[("host", public), own, ("x-forwarded-for", "203.0.113.9")],
    ] {
        for (method, path) in [("POST", "/session"), ("GET", "/session"), ("GET", "/memory/export"), ("GET", "/status")]
        {
            let answer = app.send(with(method, path, headers)).await;
            answer.assert_error(403, "this_machine_alone");
            assert!(answer.error().message.contains("--proxy-trusted"), "{headers:?}");
        }
    }
    let mut old = with("POST", "/session", &[]);
    *old.version_mut() = Version::HTTP_10;
    app.send(old).await.assert_error(403, "this_machine_alone");
    assert!(app.vendor.seen().is_empty(), "nothing was asked for at the operator's expense");
    assert_eq!(app.get("/session").await.status, 200);
}

#[tokio::test]
async fn everybody_may_come_through_a_proxy_where_that_is_meant_and_nobody_is_its_user() {
    let settings = [("COLLOQUY_AUTH_OPEN", "true"), ("COLLOQUY_MEMORY", ":memory:")];
    let app = App::with(Mood::Well, &settings).await;
    assert_eq!(app.send(with("POST", "/session", &[("x-forwarded-for", "203.0.113.9")])).await.status, 200);
    app.get("/memory/export").await.assert_error(403, "memory_local_only");
}

#[tokio::test]
async fn a_development_server_of_this_machine_is_no_proxy() {
    let app = App::with(Mood::Well, &[("COLLOQUY_MEMORY", ":memory:")]).await;
    // What `trunk serve` makes of a request of its page.
    let front = [
        ("host", "127.0.0.1"),
        ("x-forwarded-host", "localhost:8080"),
        ("x-forwarded-proto", "http"),
        ("sec-fetch-site", "same-origin"),
    ];
    let sent =
        [&front[..], &[("origin", "http://localhost:8080"), ("x-colloquy-confirm", "forget-everything")]].concat();
    assert_eq!(app.send(with("POST", "/session", &sent)).await.status, 200);
    assert_eq!(app.send(with("GET", "/memory", &front)).await.status, 200);
    assert_eq!(app.send(with("DELETE", "/memory", &sent)).await.status, 200);
}

#[tokio::test]
async fn numbers_are_not_shown_to_what_a_proxy_hides() {
    let local = App::start().await;
    let seen = async |app: &App, peer: &str, headers: &[(&str, &str)]| {
        app.send(from(peer, with("GET", "/metrics", headers))).await.status.as_u16()
    };
    assert_eq!(seen(&local, "127.0.0.1", &[]).await, 200);
    assert_eq!(seen(&local, "127.0.0.1", &[("x-forwarded-for", "203.0.113.9")]).await, 404);
    let settings =
        [TOKENS, ("COLLOQUY_PROXY_TRUSTED", "127.0.0.1"), ("COLLOQUY_METRICS_FROM", "127.0.0.1,192.0.2.0/24")];
    let behind = App::with(Mood::Well, &settings).await;
    assert_eq!(seen(&behind, "127.0.0.1", &[]).await, 200);
    assert_eq!(seen(&behind, "127.0.0.1", &[("via", "1.1 front")]).await, 404, "the proxy says not for whom");
    assert_eq!(seen(&behind, "127.0.0.1", &[("x-forwarded-for", "203.0.113.9")]).await, 404);
    assert_eq!(seen(&behind, "127.0.0.1", &[("x-forwarded-for", "192.0.2.7")]).await, 200);
    assert_eq!(seen(&behind, "192.0.2.7", &[("x-forwarded-for", "192.0.2.7")]).await, 404, "no proxy of ours");
}

#[tokio::test]
async fn a_public_server_from_which_all_proofs_are_taken_serves_nobody() {
    let vendor = Vendor::start(Mood::Well).await;
    let app = App::with(Mood::Well, &[TOKENS, ("COLLOQUY_PUBLIC_URL", "https://talk.example.com")]).await;
    let changed = config(&vendor.base_url, &[]);
    let entrance = app.state.entrance();
    entrance.change(entrance.prepare(changed.auth, changed.quota.rules).expect("a client"));
    app.get("/session").await.assert_error(403, "this_machine_alone");
    assert!(app.vendor.seen().is_empty());
}
