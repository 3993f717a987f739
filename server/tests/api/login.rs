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
async fn what_somebody_has_watched_is_seen_by_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = ("COLLOQUY_DOCUMENTS", folder.path().to_str().expect("text"));
    let app = App::with(Mood::Well, &[TOKENS, documents]).await;
    let by = |token: &str, mut request: Request<Body>| {
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a value"));
        app.send(request)
    };
    let watch = json!({ "query": "gold for my divorce lawyer", "source": "documents" });
    assert_eq!(by(TOKEN, crate::app::json("POST", "/context/watch", &watch)).await.status, 201);
    let seen = async |token: &str| by(token, with("GET", "/status", &[])).await.text().contains("divorce");
    assert_eq!((seen(TOKEN).await, seen("abcdefabcdefabcdefabcdefabcdef").await), (true, false));
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

/// What a page of another origin is sent back with, behind the `#` of its address.
fn handed_over(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(cookies(answer), "", "another origin has no use for a cookie");
    let (page, session) = answer.header("location").split_once("#login=nonce.").expect("a session");
    (page.to_owned(), session.to_owned())
}

#[tokio::test]
async fn a_page_of_a_listed_origin_gets_a_session_of_its_own_and_no_other_page_can_use_it() {
    let settings = [TOKENS, ("COLLOQUY_ORIGINS", "https://page.example"), ("COLLOQUY_MEMORY", ":memory:")];
    let app = App::with(Mood::Well, &settings).await;
    let form = app.get("/login?back=https%3A%2F%2Fpage.example%2Ftalk%2F%23login%3Dnonce.").await;
    assert!(form.header("content-security-policy").contains("form-action 'self' https://page.example"));
    let action = form.text().split_once("action=\"").expect("a form").1.split_once('"').expect("its end").0.to_owned();
    let sent = ask("POST", &action).header("origin", "http://localhost:3003");
    let (page, session) =
        handed_over(&app.send(sent.body(Body::from(format!("token={TOKEN}"))).expect("a request")).await);
    assert_eq!(page, "https://page.example/talk/");

    let bearer = format!("Bearer {session}");
    let asked = |method: &str, path: &str, origin: &str| {
        with(method, path, &[("authorization", &bearer), ("origin", origin), ("sec-fetch-site", "cross-site")])
    };
    let answer = app.send(asked("POST", "/session", "https://page.example")).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, "https://page.example"));
    assert_eq!(app.send(asked("GET", "/memory", "https://page.example")).await.status, 200);
    app.send(asked("POST", "/session", "https://evil.example")).await.assert_error(403, "origin_refused");
    app.send(asked("POST", "/session", "http://localhost:3003")).await.assert_error(401, "login_required");
    app.send(with("GET", "/status", &[("authorization", &bearer)])).await.assert_error(401, "login_required");
    let cookie = format!("colloquy={session}");
    app.send(with("GET", "/status", &[("cookie", &cookie)])).await.assert_error(401, "login_required");
    let taken = cookies(&token_login(&app, TOKEN).await).replace("colloquy=", "Bearer ");
    let taken = [("authorization", taken.as_str()), ("origin", "https://page.example")];
    app.send(with("GET", "/status", &taken)).await.assert_error(401, "login_required");

    assert_eq!(app.send(asked("POST", "/logout", "https://page.example")).await.status, 204);
    app.send(asked("POST", "/session", "https://page.example")).await.assert_error(401, "login_required");
}

#[tokio::test]
async fn a_session_is_handed_to_no_page_that_is_not_listed() {
    let app = App::with(Mood::Well, &[TOKENS, ("COLLOQUY_ORIGINS", "https://page.example,http://plain.example")]).await;
    for back in [
        "https://evil.example/",
        "https://page.example.evil.example/",
        "https://page.example:8443/",
        "https://me@page.example/",
        "http://page.example/",
        "http://plain.example/",
        "http://localhost:9999/",
        "javascript:alert(1)",
        "//page.example/",
        "",
        &format!("https://page.example/{}", "a".repeat(600)),
    ] {
        let back: String = reqwest::Url::parse_with_params("http://a", [("back", back)])
            .expect("an address")
            .query()
            .expect("a query")
            .to_owned();
        app.get(&format!("/login?{back}")).await.assert_error(403, "origin_refused");
        let form = ask("POST", &format!("/login/token?{back}")).header("origin", "http://localhost:3003");
        let answer = app.send(form.body(Body::from(format!("token={TOKEN}"))).expect("a request")).await;
        answer.assert_error(403, "origin_refused");
    }
}

#[tokio::test]
async fn a_login_at_the_provider_leads_back_to_the_page_that_asked() {
    let login = Login::start().await;
    let answer = login.app.get("/login?back=https%3A%2F%2Ftalk.example.com%2F%23login%3Dnonce.").await;
    let query = login.provider.agree(answer.header("location"));
    let (page, session) = handed_over(&login.come_back(&query, &cookies(&answer)).await);
    assert_eq!(page, "https://talk.example.com/");
    let headers = [("authorization", format!("Bearer {session}")), ("origin", "https://talk.example.com".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(login.app.send(with("POST", "/session", &headers)).await.status, 200);
}

struct Login {
    app: App,
    provider: Provider,
}

fn provider_settings(provider: &Provider) -> [(&str, &str); 5] {
    [
        ("COLLOQUY_OPENID_ISSUER", provider.issuer.as_str()),
        ("COLLOQUY_OPENID_CLIENT_ID", CLIENT),
        ("COLLOQUY_OPENID_SECRET", SECRET),
        ("COLLOQUY_OPENID_ALLOW", "@example.com"),
        ("COLLOQUY_PUBLIC_URL", "https://talk.example.com"),
    ]
}

impl Login {
    async fn start() -> Self {
        let provider = Provider::start().await;
        Self { app: App::with(Mood::Well, &provider_settings(&provider)).await, provider }
    }

    /// Changes who may come in, as a reload does.
    fn allow(&self, list: &str) {
        self.configure("COLLOQUY_OPENID_ALLOW", list);
    }

    /// Changes one setting, as a reload does.
    fn configure(&self, name: &str, value: &str) {
        let settings = [&provider_settings(&self.provider)[..], &[(name, value)]].concat();
        let changed = crate::app::config(&self.app.vendor.base_url, &settings);
        let entrance = self.app.state.entrance();
        entrance.change(entrance.prepare(changed.auth, changed.quota.rules).expect("a client"));
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
    let asked = login.provider.exchanges();
    for _ in 0..3 {
        login.come_back(&query, &cookie).await.assert_error(400, "login_failed");
    }
    login.come_back("error=access_denied", &cookie).await.assert_error(400, "login_failed");
    assert_eq!(login.provider.exchanges(), asked, "nor is the provider asked again");
}

#[tokio::test]
async fn too_many_logins_of_one_address_are_kept_from_the_provider() {
    let login = Login::start().await;
    let mut refused = false;
    for _ in 0..100 {
        let answer = login.app.get("/login").await;
        refused = answer.status == 429;
        if refused {
            answer.assert_error(429, "too_many_logins");
            break;
        }
        let (location, cookie) = (answer.header("location").to_owned(), cookies(&answer));
        let state = login.provider.agree(&location).split_once('&').expect("two parts").1.to_owned();
        login.come_back(&format!("code=guessed&{state}"), &cookie).await.error();
    }
    assert!(refused && login.provider.exchanges() <= 60, "{}", login.provider.exchanges());
    let app = App::with(Mood::Well, &[TOKENS]).await;
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..130 {
        codes.insert(token_login(&app, "guessed").await.error().code);
    }
    assert!(codes.contains("too_many_logins"), "{codes:?}");
}

#[tokio::test]
async fn what_the_operator_has_set_wrong_is_not_blamed_on_who_logs_in() {
    let login = Login::start().await;
    let (location, cookie) = login.begin().await;
    let state = login.provider.agree(&location).split_once('&').expect("two parts").1.to_owned();
    let denied = login.come_back(&format!("code=spent&{state}"), &cookie).await;
    denied.assert_error(403, "login_failed");
    login.configure("COLLOQUY_OPENID_SECRET", "another");
    login.log_in().await.assert_error(502, "login_failed");
    login.configure("COLLOQUY_OPENID_ISSUER", &format!("{}/realms/none", login.provider.issuer));
    let answer = login.app.get("/login").await;
    answer.assert_error(502, "login_failed");
    assert!(answer.error().message.contains("operator"), "{}", answer.text());
}

#[tokio::test]
async fn the_longest_name_that_a_provider_may_give_has_a_memory() {
    let provider = Provider::start().await;
    let settings = [&provider_settings(&provider)[..], &[("COLLOQUY_MEMORY", ":memory:")]].concat();
    let login = Login { app: App::with(Mood::Well, &settings).await, provider };
    login.provider.claim(json!({ "sub": "s".repeat(255) }));
    let cookie = cookies(&login.log_in().await);
    let headers = [("cookie", cookie.as_str()), ("origin", "https://talk.example.com")];
    assert_eq!(login.app.send(with("GET", "/memory", &headers)).await.status, 200);
    login.provider.claim(json!({ "sub": "s".repeat(256) }));
    login.log_in().await.assert_error(502, "login_failed");
}

#[tokio::test]
async fn whoever_is_taken_off_the_list_is_out_with_every_cookie_and_key() {
    let login = Login::start().await;
    let cookie = cookies(&login.log_in().await);
    let status = || with("GET", "/status", &[("cookie", &cookie)]);
    let headers = [("cookie", cookie.as_str()), ("origin", "https://talk.example.com")];
    let minted = login.app.send(with("POST", "/session", &headers)).await.json();
    let key = format!("Bearer {}", minted["value"].as_str().expect("a key"));
    let call = || login.app.send(offer("/v1/realtime/calls", &key, "application/sdp", "v=0\r\n"));
    assert_eq!(login.app.send(status()).await.status, 200);
    login.allow("@example.com,bob@other.example");
    assert_eq!(login.app.send(status()).await.status, 200, "whoever is still on it stays in");
    assert_eq!(call().await.status, 201);
    login.allow("bob@other.example");
    login.app.send(status()).await.assert_error(401, "login_required");
    call().await.assert_error(401, "key_unknown");
    login.log_in().await.assert_error(403, "login_failed");
    login.allow("sub:1089");
    assert_eq!(login.log_in().await.status, 303);
}

#[tokio::test]
async fn a_token_that_is_taken_away_or_replaced_takes_its_sessions_with_it() {
    let app = App::with(Mood::Well, &[TOKENS]).await;
    let (alice, bob) =
        (cookies(&token_login(&app, TOKEN).await), cookies(&token_login(&app, "abcdefabcdefabcdefabcdefabcdef").await));
    let status = |cookie: &str| with("GET", "/status", &[("cookie", cookie)]);
    for tokens in [
        "bob:abcdefabcdefabcdefabcdefabcdef",
        "alice:another-token-0123456789abcdef,bob:abcdefabcdefabcdefabcdefabcdef",
    ] {
        let changed = crate::app::config(&app.vendor.base_url, &[("COLLOQUY_TOKENS", tokens)]);
        let entrance = app.state.entrance();
        entrance.change(entrance.prepare(changed.auth, changed.quota.rules).expect("a client"));
        app.send(status(&alice)).await.assert_error(401, "login_required");
        assert_eq!(app.send(status(&bob)).await.status, 200);
    }
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
    // Whoever may choose a name at the provider could choose somebody's address.
    login.provider.claim(json!({ "sub": "@example.com", "email": "@example.com", "email_verified": false }));
    login.log_in().await.assert_error(403, "login_failed");
    login.provider.claim(json!({ "email_verified": "false" }));
    login.log_in().await.assert_error(403, "login_failed");
    for verified in [json!("true"), json!(true)] {
        login.provider.claim(json!({ "email_verified": verified }));
        assert_eq!(login.log_in().await.status, 303, "{verified}");
    }
}

#[tokio::test]
async fn cookies_show_memories_to_our_own_pages_alone() {
    let app = App::with(Mood::Well, &[TOKENS, ("COLLOQUY_MEMORY", ":memory:")]).await;
    let cookie = cookies(&token_login(&app, TOKEN).await);
    let export = |name: &str, value: &str| with("GET", "/memory/export", &[("cookie", &cookie), (name, value)]);
    app.send(export("origin", "http://localhost:9999")).await.assert_error(403, "origin_refused");
    app.send(export("sec-fetch-site", "same-site")).await.assert_error(403, "origin_refused");
    assert_eq!(app.send(export("origin", "http://localhost:3003")).await.status, 200);
    assert_eq!(app.send(export("sec-fetch-site", "none")).await.status, 200);
}
