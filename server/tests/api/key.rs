//! The lasting key: every place it can come from, and how it is replaced without a restart.

use crate::app::{App, serve};
use crate::vendor::{LASTING_KEY, Mood, Vendor};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use colloquy_server::config::Target;
use colloquy_server::{Config, Server, Upstream};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The token that the stand-in for Doppler knows.
pub(crate) const TOKEN: &str = "dp.st.prd.0123456789";

/// A stand-in for Doppler's HTTP API.
#[derive(Clone)]
pub(crate) struct Doppler {
    pub(crate) address: String,
    shared: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    secret: String,
    asked: usize,
    query: BTreeMap<String, String>,
}

impl Doppler {
    pub(crate) async fn start(secret: &str) -> Self {
        let shared = Arc::new(Mutex::new(Told { secret: secret.to_owned(), ..Told::default() }));
        let router =
            Router::new().route("/v3/configs/config/secrets/download", get(download)).with_state(Arc::clone(&shared));
        Self { address: serve(router).await, shared }
    }

    fn rotate(&self, secret: &str) {
        secret.clone_into(&mut self.shared.lock().expect("no panic").secret);
    }

    fn asked(&self) -> usize {
        self.shared.lock().expect("no panic").asked
    }
}

async fn download(
    State(shared): State<Arc<Mutex<Told>>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut told = shared.lock().expect("no panic");
    told.asked += 1;
    told.query = query;
    if headers.get("authorization").is_none_or(|value| value != format!("Bearer {TOKEN}").as_str()) {
        let messages = json!({ "messages": ["Invalid Service token"], "success": false });
        return (axum::http::StatusCode::UNAUTHORIZED, Json(messages)).into_response();
    }
    Json(json!({ "DOPPLER_CONFIG": "prd", "OPENAI_API_KEY": told.secret })).into_response()
}

/// A server whose key is not in the environment.
pub(crate) async fn app(settings: &[(&str, &str)]) -> App {
    let none = [("OPENAI_API_KEY", "")];
    App::with(Mood::Well, &[&none, settings].concat()).await
}

fn folder(secret: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("OPENAI_API_KEY"), secret).expect("written");
    folder
}

fn program() -> String {
    format!("{}/tests/api/doppler.sh", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn a_key_of_dopplers_api_is_fetched_once_and_again_when_it_is_refused() {
    let doppler = Doppler::start(LASTING_KEY).await;
    let app = app(&[
        ("COLLOQUY_KEY_FROM", "doppler"),
        ("COLLOQUY_DOPPLER_API", &doppler.address),
        ("COLLOQUY_DOPPLER_PROJECT", "talk"),
        ("COLLOQUY_DOPPLER_CONFIG", "prd"),
        ("DOPPLER_TOKEN", TOKEN),
    ])
    .await;
    for _ in 0..3 {
        assert_eq!(app.get("/session").await.status, 200);
    }
    assert_eq!(doppler.asked(), 1, "it is kept in memory");
    let query = doppler.shared.lock().expect("no panic").query.clone();
    let query: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [("config", "prd"), ("format", "json"), ("project", "talk"), ("secrets", "OPENAI_API_KEY")];
    assert_eq!(query, expected);

    app.vendor.replace_key("sk-rotated");
    doppler.rotate("sk-rotated");
    assert_eq!(app.get("/session").await.status, 200, "rotated without a restart, unnoticed");
    assert_eq!(doppler.asked(), 2);
    assert_eq!(app.vendor.last().header("authorization"), "Bearer sk-rotated");
}

#[tokio::test]
async fn a_key_that_stays_refused_is_asked_for_once_and_not_by_every_request() {
    let doppler = Doppler::start("sk-revoked").await;
    let settings = [
        ("COLLOQUY_KEY_FROM", "doppler"),
        ("COLLOQUY_DOPPLER_API", doppler.address.as_str()),
        ("DOPPLER_TOKEN", TOKEN),
    ];
    let app = app(&settings).await;
    for _ in 0..5 {
        let answer = app.get("/session").await;
        answer.assert_error(502, "upstream_key_refused");
        assert!(!answer.text().contains("revoked"), "{}", answer.text());
    }
    assert_eq!(doppler.asked(), 2, "once, and once more when it was refused");
}

#[tokio::test]
async fn a_key_of_dopplers_program_is_fetched_and_rotated() {
    let (folder, program) = (folder(LASTING_KEY), program());
    let app = app(&[
        ("COLLOQUY_KEY_FROM", "doppler-cli"),
        ("COLLOQUY_DOPPLER_PROGRAM", &program),
        ("COLLOQUY_DOPPLER_PROJECT", folder.path().to_str().expect("text")),
    ])
    .await;
    assert_eq!(app.get("/session").await.status, 200);
    app.vendor.replace_key("sk-rotated");
    std::fs::write(folder.path().join("OPENAI_API_KEY"), "sk-rotated\n").expect("written");
    assert_eq!(app.get("/session").await.status, 200);
}

#[tokio::test]
async fn a_key_file_is_read_again_when_the_key_is_refused() {
    let folder = folder("sk-old");
    let path = folder.path().join("OPENAI_API_KEY");
    let app = app(&[("COLLOQUY_KEY_FILE", path.to_str().expect("text"))]).await;
    app.get("/session").await.assert_error(502, "upstream_key_refused");
    app.vendor.replace_key("sk-old");
    assert_eq!(app.get("/session").await.status, 200);
}

#[tokio::test]
async fn a_key_that_cannot_be_had_is_the_servers_trouble_and_is_told_without_it() {
    let doppler = Doppler::start("two words").await;
    let nowhere = ("COLLOQUY_DOPPLER_PROGRAM", "/nowhere/doppler");
    let api = ("COLLOQUY_DOPPLER_API", doppler.address.as_str());
    for settings in [
        vec![("COLLOQUY_KEY_FROM", "doppler"), api, ("DOPPLER_TOKEN", "dp.st.wrong")],
        vec![("COLLOQUY_KEY_FROM", "doppler"), api, ("DOPPLER_TOKEN", TOKEN)],
        vec![("COLLOQUY_KEY_FROM", "doppler-cli"), nowhere],
    ] {
        let app = app(&settings).await;
        let answer = app.get("/session").await;
        answer.assert_error(502, "key_unavailable");
        assert!(!answer.text().contains("dp.st") && !answer.text().contains("words"), "{}", answer.text());
        assert!(app.vendor.seen().is_empty(), "nothing is sent without a key");
    }
}

#[tokio::test]
async fn a_server_whose_key_cannot_be_had_does_not_start_and_says_why() {
    let vendor = Vendor::start(Mood::Well).await;
    let settings = [
        ("COLLOQUY_LISTEN", "127.0.0.1:0"),
        ("COLLOQUY_UPSTREAM", vendor.base_url.as_str()),
        ("COLLOQUY_KEY_FROM", "doppler-cli"),
        ("COLLOQUY_DOPPLER_PROGRAM", "/nowhere/doppler"),
    ];
    let variables: BTreeMap<_, _> = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let config = Config::from_variables(variables).expect("sound settings");
    let message = Server::start(config).await.err().expect("no key").to_string();
    assert!(message.contains("/nowhere/doppler") && message.contains("--doppler-program"), "{message}");
}

#[tokio::test]
async fn azure_is_spoken_to_at_its_path_and_with_its_header() {
    let vendor = Vendor::start(Mood::Well).await;
    let base_url = vendor.base_url.replace("/v1", "/openai/v1");
    let settings = [("COLLOQUY_KEY_HEADER", "api-key"), ("COLLOQUY_API_VERSION", "preview 1")];
    let config = crate::app::config(&base_url, &settings);
    let upstream = Upstream::new(&config, None).expect("a client");
    upstream.mint_key(bytes(&config), None).await.expect("a key");
    let seen = vendor.last();
    assert_eq!((seen.header("api-key"), seen.header("authorization")), (LASTING_KEY, ""));
    assert_eq!(seen.path, "/openai/v1/realtime/client_secrets");
    assert_eq!(seen.query.as_deref(), Some("api-version=preview%201"));
}

#[test]
fn an_address_of_azure_needs_neither_path_nor_header_to_be_said() {
    for address in ["https://me.openai.azure.com", "https://me.openai.azure.com/openai/v1/"] {
        let upstream = crate::app::config(address, &[]).upstream;
        let Target::Remote { base_url, .. } = upstream.target else { panic!("an address") };
        assert_eq!(base_url, "https://me.openai.azure.com/openai/v1");
        assert_eq!(upstream.key_header, colloquy_server::config::KeyHeader::ApiKey);
    }
}

fn bytes(config: &Config) -> axum::body::Bytes {
    config.presets.standard().mint_body()
}
