//! A configuration that changes while the server runs.

use crate::app::{App, config};
use crate::tls::Paper;
use crate::vendor::{LASTING_KEY, Mood, Vendor};
use colloquy_server::{Command, Config, ReloadError, Server, reload};

fn serve(config: Config) -> Command {
    Command::Serve(Box::new(config))
}

#[tokio::test]
async fn a_sound_configuration_is_taken_over_and_a_wrong_one_changes_nothing() {
    let app = App::start().await;
    let changed = |name: &str, value: &str| {
        let variables = [
            ("COLLOQUY_UPSTREAM".to_owned(), app.vendor.base_url.clone()),
            ("OPENAI_API_KEY".to_owned(), LASTING_KEY.to_owned()),
            (name.to_owned(), value.to_owned()),
        ];
        Config::from_variables(variables.into()).map(serve)
    };
    reload(&app.state, || changed("COLLOQUY_QUOTA_CLOSED", "perhaps")).await.expect_err("wrong");
    assert_eq!(app.get("/session").await.status, 200);
    reload(&app.state, || changed("COLLOQUY_QUOTA_CLOSED", "true")).await.expect("sound");
    app.get("/session").await.assert_error(503, "closed");
    reload(&app.state, || changed("COLLOQUY_TOKENS", "alice:0123456789abcdef01234567")).await.expect("sound");
    app.get("/session").await.assert_error(401, "login_required");
}

#[tokio::test]
async fn a_key_is_never_sent_to_an_upstream_that_it_was_not_meant_for() {
    let (app, other) = (App::start().await, Vendor::start(Mood::Well).await);
    let elsewhere =
        config(&other.base_url, &[("OPENAI_API_KEY", "sk-of-the-other"), ("COLLOQUY_QUOTA_CLOSED", "true")]);
    let error = reload(&app.state, || Ok(serve(elsewhere))).await.expect_err("another upstream");
    assert!(matches!(error, ReloadError::Upstream), "{error}");
    assert_eq!(app.get("/session").await.status, 200, "nothing of it is taken over");
    let seen = app.vendor.seen();
    assert!(seen.iter().all(|seen| !format!("{seen:?}").contains("sk-of-the-other")), "{seen:?}");
}

#[tokio::test]
async fn a_key_that_works_is_kept_where_the_new_one_cannot_be_had() {
    let app = App::start().await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "sk-soon-gone").expect("written");
    let path = file.path().to_str().expect("text").to_owned();
    let settings = [("OPENAI_API_KEY", ""), ("COLLOQUY_KEY_FILE", path.as_str()), ("COLLOQUY_QUOTA_CLOSED", "true")];
    let gone = config(&app.vendor.base_url, &settings);
    drop(file);
    let error = reload(&app.state, || Ok(serve(gone))).await.expect_err("no key");
    assert!(error.to_string().contains(&path), "{error}");
    assert_eq!(app.get("/session").await.status, 200);
}

#[tokio::test]
async fn the_model_is_offered_nothing_that_takes_a_restart() {
    let app = App::with(Mood::Well, &[("COLLOQUY_MEMORY", "off")]).await;
    let minted = async || {
        assert_eq!(app.get("/session").await.status, 200);
        app.vendor.last().json()["session"].clone()
    };
    let before = minted().await;
    let changed = config(&app.vendor.base_url, &[("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_VOICE", "cedar")]);
    assert_eq!(reload(&app.state, || Ok(serve(changed))).await.expect("sound"), ["memory"]);
    let after = minted().await;
    assert_eq!(after["audio"]["output"]["voice"], "cedar");
    assert_eq!(after["tools"], before["tools"]);
}

#[tokio::test]
async fn what_takes_a_restart_is_named() {
    let app = App::start().await;
    let settings = [("COLLOQUY_ORIGINS", "https://talk.example.com"), ("COLLOQUY_QUOTA_CALLS", "user=1")];
    let settings = [&settings[..], &[("COLLOQUY_AUTH_OPEN", "true"), ("COLLOQUY_SDP_BYTES", "4096")]].concat();
    let changed = config(&app.vendor.base_url, &settings);
    let fixed = reload(&app.state, || Ok(serve(changed))).await.expect("sound");
    assert_eq!(fixed, ["limits.sdp_bytes", "origins"]);
}

#[tokio::test]
async fn a_secret_that_is_another_in_the_same_file_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("text").to_owned();
    let settings = [("COLLOQUY_SESSION_SECRET_FILE", path.as_str())];
    std::fs::write(file.path(), "0123456789abcdef0123456789abcdef").expect("written");
    let app = App::with(Mood::Well, &settings).await;
    let fixed = async || {
        let config = config(&app.vendor.base_url, &settings);
        reload(&app.state, || Ok(serve(config))).await.expect("sound")
    };
    assert!(fixed().await.is_empty());
    std::fs::write(file.path(), "fedcba9876543210fedcba9876543210").expect("written");
    assert_eq!(fixed().await, ["auth.session_secret_file"]);
}

#[tokio::test]
async fn a_certificate_that_was_renewed_is_shown_from_then_on() {
    let (vendor, paper, renewed) = (Vendor::start(Mood::Well).await, Paper::new(), Paper::new());
    let settings = [
        ("COLLOQUY_MEMORY", "off"),
        ("COLLOQUY_TLS_CERTIFICATE", &paper.text("certificate.pem")),
        ("COLLOQUY_TLS_KEY", &paper.text("key.pem")),
    ];
    let config = config(&vendor.base_url, &settings);
    let server = Server::start(config.clone()).await.expect("a server");
    let (state, address) = (server.state().clone(), server.address());
    let ask = async |paper: &Paper| {
        let root = reqwest::Certificate::from_pem(paper.root.as_bytes()).expect("PEM");
        let client = reqwest::Client::builder().tls_certs_only([root]).no_proxy().build().expect("a client");
        client.get(format!("https://{address}/healthz")).send().await.is_ok()
    };
    let renewing = async {
        assert!(ask(&paper).await && !ask(&renewed).await);
        std::fs::copy(renewed.path("certificate.pem"), paper.path("certificate.pem")).expect("copied");
        reload(&state, || Ok(serve(config.clone()))).await.expect_err("a certificate without its key");
        assert!(ask(&paper).await, "the one that works is shown");
        std::fs::copy(renewed.path("key.pem"), paper.path("key.pem")).expect("copied");
        reload(&state, || Ok(serve(config.clone()))).await.expect("sound");
        assert!(ask(&renewed).await && !ask(&paper).await);
    };
    server.run(renewing).await.expect("an orderly end");
}
