//! Who may talk: static tokens, logins at a provider, names from a trusted proxy; and what stolen or forged proofs get.

use crate::app::{Answer, App, ask, offer};
use crate::provider::{CLIENT, Provider, SECRET};
use crate::vendor::Mood;
use axum::body::Body;
use axum::http::Request;
use colloquy_server::Config;
use serde_json::{Value, json};

const TOKEN: &str = "0123456789abcdef01234567";
const TOKENS: (&str, &str) = ("COLLOQUY_TOKENS", "alice:0123456789abcdef01234567,bob:abcdefabcdefabcdefabcdefabcdef");

fn with(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = headers.iter().fold(ask(method, path), |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).expect("a request")
}

/// The cookies that an answer sets and does not take away, as a request carries them.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter(|cookie| !cookie.contains("Max-Age=0")).filter_map(|cookie| cookie.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

async fn token_login(app: &App, token: &str) -> Answer {
    let form = ask("POST", "/login/token").header("content-type", "application/x-www-form-urlencoded");
    let form = form.header("origin", "http://localhost:3003");
    app.send(form.body(Body::from(format!("token={token}"))).expect("a request")).await
}

#[tokio::test]
async fn without_a_proof_nothing_of_the_api_is_given() {
    let app = App::with(Mood::Well, &[TOKENS]).await;
    for (method, path) in [("POST", "/session"), ("GET", "/session"), ("GET", "/status"), ("POST", "/turns")] {
        app.send(with(method, path, &[])).await.assert_error(401, "login_required");
    }
    app.send(with("POST", "/context", &[])).await.assert_error(401, "login_required");
    app.send(with("GET", "/memory", &[("authorization", "Bearer wrong")])).await.assert_error(401, "login_required");
    assert!(app.vendor.seen().is_empty());
    assert_eq!(app.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_token_opens_the_api_and_half_a_token_does_not() {
    let app = App::with(Mood::Well, &[TOKENS]).await;
    let mint = |token: &str| with("POST", "/session", &[("authorization", &format!("Bearer {token}"))]);
    assert_eq!(app.send(mint(TOKEN)).await.status, 200);
    app.send(mint(&TOKEN[..23])).await.assert_error(401, "login_required");
    app.send(mint(&format!("{TOKEN}8"))).await.assert_error(401, "login_required");
}

#[tokio::test]
async fn a_call_is_for_whom_the_key_was_given_to() {
    let app = App::with(Mood::Well, &[TOKENS]).await;
    app.offer("/v1/realtime/calls").await.assert_error(401, "key_unknown");
    let minted = app.send(with("POST", "/session", &[("authorization", &format!("Bearer {TOKEN}"))])).await.json();
    let key = format!("Bearer {}", minted["value"].as_str().expect("a key"));
    let call = || offer("/v1/realtime/calls", &key, "application/sdp", "v=0\r\n");
    assert_eq!(app.send(call()).await.status, 201, "the key alone tells whose it is");

    let bob = token_login(&app, "abcdefabcdefabcdefabcdefabcdef").await;
    let mut stolen = call();
    stolen.headers_mut().insert("cookie", cookies(&bob).parse().expect("a value"));
    app.send(stolen).await.assert_error(401, "key_unknown");
}

#[tokio::test]
async fn a_browser_gets_a_page_to_log_in_with_a_token_and_then_a_session() {
    let app = App::with(Mood::Well, &[TOKENS]).await;
    let page = app.get("/").await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/login"));
    let page = app.get("/login").await;
    assert!(page.text().contains("action=\"/login/token\""));
    assert!(page.header("content-security-policy").contains("form-action 'self'"));

    token_login(&app, "wrong").await.assert_error(401, "login_required");
    let answer = token_login(&app, TOKEN).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookies(&answer);
    assert_eq!(app.send(with("GET", "/", &[("cookie", &cookie)])).await.status, 200);
    let own = ("origin", "http://localhost:3003");
    assert_eq!(app.send(with("POST", "/session", &[("cookie", &cookie), own])).await.status, 200);
}

#[tokio::test]
async fn a_public_address_needs_a_choice_of_who_may_talk_even_behind_a_proxy_on_this_machine() {
    let variables = |more: &[(&str, &str)]| {
        let all = [&[("COLLOQUY_PUBLIC_URL", "https://talk.example.com")], more].concat();
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let error = Config::from_variables(variables(&[])).expect_err("nobody was chosen");
    assert!(error.to_string().contains("COLLOQUY_TOKENS"), "{error}");
    Config::from_variables(variables(&[TOKENS])).expect("chosen");
    Config::from_variables(variables(&[("COLLOQUY_AUTH_OPEN", "true")])).expect("meant");
    Config::from_variables(variables(&[TOKENS, ("COLLOQUY_AUTH_OPEN", "true")])).expect_err("not both");
}

#[tokio::test]
async fn a_session_works_on_every_server_with_the_same_secret_and_on_no_other() {
    let secret = ("COLLOQUY_SESSION_SECRET", "0123456789abcdef0123456789abcdef");
    let cookie = cookies(&token_login(&App::with(Mood::Well, &[TOKENS, secret]).await, TOKEN).await);
    let status = |cookie: &str| with("GET", "/status", &[("cookie", cookie)]);
    let second = App::with(Mood::Well, &[TOKENS, secret]).await;
    assert_eq!(second.send(status(&cookie)).await.status, 200);
    second.send(status(&cookie[..cookie.len() - 2])).await.assert_error(401, "login_required");
    let third = App::with(Mood::Well, &[TOKENS]).await;
    third.send(status(&cookie)).await.assert_error(401, "login_required");
}

#[tokio::test]
async fn another_site_cannot_use_somebodys_cookie() {
    let app = App::with(Mood::Well, &[TOKENS, ("COLLOQUY_ORIGINS", "https://talk.example.com")]).await;
    let cookie = cookies(&token_login(&app, TOKEN).await);
    let mint = |origin: (&str, &str)| with("POST", "/session", &[("cookie", &cookie), origin]);
    app.send(mint(("origin", "https://evil.example"))).await.assert_error(403, "origin_refused");
    app.send(mint(("origin", "http://localhost:8080"))).await.assert_error(403, "origin_refused");
    app.send(mint(("sec-fetch-site", "same-site"))).await.assert_error(403, "origin_refused");
    let visit = with("GET", "/session", &[("cookie", &cookie), ("sec-fetch-site", "none")]);
    app.send(visit).await.assert_error(403, "origin_refused");
    let answer = app.send(mint(("origin", "https://talk.example.com"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-credentials")), (200, "true"));
}

#[tokio::test]
async fn whoever_logs_out_is_out_even_with_a_copy_of_the_cookie() {
    let app = App::with(Mood::Well, &[TOKENS]).await;
    let cookie = cookies(&token_login(&app, TOKEN).await);
    let headers = [("cookie", cookie.as_str()), ("origin", "http://localhost:3003")];
    let answer = app.send(with("POST", "/logout", &headers)).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    app.send(with("GET", "/status", &headers)).await.assert_error(401, "login_required");
}

#[tokio::test]
async fn a_proxys_word_counts_only_from_where_the_proxy_is_and_once() {
    let settings = [("COLLOQUY_PROXY_USER_HEADER", "x-user"), ("COLLOQUY_PROXY_TRUSTED", "10.0.0.0/8")];
    let app = App::with(Mood::Well, &settings).await;
    let from = |address: &str, headers: &[(&str, &str)]| {
        let mut request = with("GET", "/status", headers);
        let address: std::net::SocketAddr = address.parse().expect("an address");
        request.extensions_mut().insert(axum::extract::ConnectInfo(address));
        request
    };
    assert_eq!(app.send(from("10.0.0.1:9", &[("x-user", "ann")])).await.status, 200);
    app.send(from("192.0.2.1:9", &[("x-user", "ann")])).await.assert_error(401, "login_required");
    app.send(from("10.0.0.1:9", &[("x-user", "ann"), ("x-user", "admin")])).await.assert_error(401, "login_required");
    app.send(with("GET", "/status", &[("x-user", "ann")])).await.assert_error(401, "login_required");
}

struct Login {
    app: App,
    provider: Provider,
}

impl Login {
    async fn start() -> Self {
        let provider = Provider::start().await;
        let settings = [
            ("COLLOQUY_OPENID_ISSUER", provider.issuer.as_str()),
            ("COLLOQUY_OPENID_CLIENT_ID", CLIENT),
            ("COLLOQUY_OPENID_SECRET", SECRET),
            ("COLLOQUY_OPENID_ALLOW", "@example.com"),
            ("COLLOQUY_PUBLIC_URL", "https://talk.example.com"),
        ];
        Self { app: App::with(Mood::Well, &settings).await, provider }
    }

    /// Begins a login: where the browser is sent, and its cookie.
    async fn begin(&self) -> (String, String) {
        let answer = self.app.get("/login").await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        (answer.header("location").to_owned(), cookies(&answer))
    }

    async fn come_back(&self, query: &str, cookie: &str) -> Answer {
        // The browser comes from the provider's site.
        let headers = [("cookie", cookie), ("sec-fetch-site", "cross-site")];
        self.app.send(with("GET", &format!("/login/callback?{query}"), &headers)).await
    }

    async fn log_in(&self) -> Answer {
        let (location, cookie) = self.begin().await;
        self.come_back(&self.provider.agree(&location), &cookie).await
    }
}

#[tokio::test]
async fn a_login_at_the_provider_gives_a_session() {
    let login = Login::start().await;
    let (location, _) = login.begin().await;
    assert!(location.contains("redirect_uri=https%3A%2F%2Ftalk.example.com%2Flogin%2Fcallback"), "{location}");
    let answer = login.log_in().await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"), "{}", answer.text());
    let cookie = cookies(&answer);
    assert!(cookie.starts_with("__Host-colloquy="), "{cookie}");
    let headers = [("cookie", cookie.as_str()), ("origin", "https://talk.example.com")];
    assert_eq!(login.app.send(with("POST", "/session", &headers)).await.status, 200);
}

#[tokio::test]
async fn a_login_that_another_browser_began_is_none() {
    let login = Login::start().await;
    let (location, _) = login.begin().await;
    let query = login.provider.agree(&location);
    let (_, other) = login.begin().await;
    login.come_back(&query, "").await.assert_error(400, "login_failed");
    login.come_back(&query, &other).await.assert_error(400, "login_failed");
}

#[tokio::test]
async fn an_answer_of_the_provider_opens_nothing_a_second_time() {
    let login = Login::start().await;
    let (location, cookie) = login.begin().await;
    let query = login.provider.agree(&location);
    assert_eq!(login.come_back(&query, &cookie).await.status, 303);
    login.come_back(&query, &cookie).await.assert_error(403, "login_failed");
    login.come_back("error=access_denied", &cookie).await.assert_error(400, "login_failed");
}

#[tokio::test]
async fn a_token_that_is_not_the_providers_for_us_and_now_is_refused() {
    let login = Login::start().await;
    let refused: [(Value, u16); 8] = [
        (json!({ "aud": "another" }), 502),
        (json!({ "aud": [CLIENT, "another"] }), 502),
        (json!({ "azp": "another" }), 502),
        (json!({ "iss": "https://evil.example" }), 502),
        (json!({ "exp": 1_000_000 }), 502),
        (json!({ "nonce": "another" }), 502),
        (json!({ "unsigned": true }), 502),
        (json!({ "email_verified": false }), 403),
    ];
    for (claims, status) in refused {
        login.provider.claim(claims.clone());
        let answer = login.log_in().await;
        assert_eq!(answer.status, status, "{claims}");
        assert_eq!(answer.error().code, "login_failed", "{claims}");
        assert_eq!(cookies(&answer), "", "{claims}");
    }
    login.provider.claim(json!({ "email": "ann@evil.example" }));
    login.log_in().await.assert_error(403, "login_failed");
    login.provider.claim(json!({}));
    assert_eq!(login.log_in().await.status, 303);
}
