//! The server under test, called without a socket, and its answers.

use crate::vendor::{LASTING_KEY, Mood, SHORT_KEY, Vendor};
use admission::Visitor;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use colloquy_server::{AppState, Certificate, Command, Config, Entrance, Knowledge, Page, Upstream, router};
use protocol::EphemeralKey;
use protocol::api::ErrorBody;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use tower::ServiceExt;

/// The page that tests serve.
pub(crate) const INDEX: &str = "<!doctype html><script type=\"module\">import init from './app.js';\ninit();</script>";

/// Where nobody answers.
pub(crate) const NOBODY: &str = "http://127.0.0.1:9/v1";

/// The server under test and the vendor behind it.
pub(crate) struct App {
    pub(crate) vendor: Vendor,
    pub(crate) state: AppState,
    router: Router,
    /// Everything that was answered, in words: what was asked, and the head and the body of the answer.
    answered: Mutex<Vec<(String, String)>>,
}

impl App {
    /// A server whose vendor behaves as documented.
    pub(crate) async fn start() -> Self {
        Self::with(Mood::Well, &[]).await
    }

    /// A server whose vendor has a mood, with settings as variables.
    pub(crate) async fn with(mood: Mood, settings: &[(&str, &str)]) -> Self {
        let vendor = Vendor::start(mood).await;
        let config = config(&vendor.base_url, settings);
        let knowledge = Knowledge::open(&config).await.expect("a memory and sources");
        Self::of(vendor, config, knowledge).await
    }

    /// A server with a file of settings.
    pub(crate) async fn with_file(text: &str, settings: &[(&str, &str)]) -> Self {
        let vendor = Vendor::start(Mood::Well).await;
        let config = config_with_file(&vendor.base_url, text, settings);
        let knowledge = Knowledge::open(&config).await.expect("a memory and sources");
        Self::of(vendor, config, knowledge).await
    }

    /// A server that knows what a test says.
    pub(crate) async fn knowing(knowledge: Knowledge) -> Self {
        let vendor = Vendor::start(Mood::Well).await;
        let config = config(&vendor.base_url, &[]);
        Self::of(vendor, config, knowledge).await
    }

    async fn of(vendor: Vendor, config: Config, knowledge: Knowledge) -> Self {
        let entrance = Entrance::open(&config).await.expect("an entrance");
        let upstream = Upstream::new(&config, None).expect("a client");
        let certificate = Certificate::open(config.tls.clone()).expect("a certificate, if any");
        let state = AppState::new(upstream, page(), &config, Vec::new(), knowledge, entrance, certificate);
        Self { router: router(state.clone()), vendor, state, answered: Mutex::default() }
    }

    /// A server whose upstream nobody answers for.
    pub(crate) async fn with_dead_upstream() -> Self {
        let vendor = Vendor::start(Mood::Well).await;
        let config = config(NOBODY, &[]);
        let knowledge = Knowledge::open(&config).await.expect("a memory and sources");
        Self::of(vendor, config, knowledge).await
    }

    /// Sends a request and gives the answer as soon as its head is there.
    pub(crate) async fn begin(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.expect("a router does not fail")
    }

    /// Sends a body in JSON.
    pub(crate) async fn send_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(json(method, path, body)).await
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        let (parts, body) = self.begin(request).await.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let answer = format!("{} {:?}\n{}", parts.status, parts.headers, String::from_utf8_lossy(&body));
        self.answered.lock().expect("no panic").push((asked, answer));
        Answer { status: parts.status, headers: parts.headers, body: body.to_vec() }
    }

    /// Everything that was answered so far: what was asked, and the head and the body of the answer.
    pub(crate) fn answered(&self) -> Vec<(String, String)> {
        self.answered.lock().expect("no panic").clone()
    }

    /// Asks for a path.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(ask("GET", path).body(Body::empty()).expect("a request")).await
    }

    /// The numbers to watch.
    pub(crate) async fn metrics(&self) -> String {
        let mut request = ask("GET", "/metrics").body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 4711))));
        self.send(request).await.text()
    }

    /// Sends an offer with a handle for the key that the vendor gave.
    pub(crate) async fn offer(&self, path: &str) -> Answer {
        self.send(offer(path, &self.bearer(SHORT_KEY), "application/sdp", "v=0\r\n")).await
    }

    /// What a browser calls with that was given a handle for a key of the vendor's.
    pub(crate) fn bearer(&self, key: &str) -> String {
        format!("Bearer {}", handle(&self.state, key))
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The typed error, whose request must be the one that the header names.
    #[track_caller]
    pub(crate) fn error(&self) -> ErrorBody {
        let error: ErrorBody = serde_json::from_slice(&self.body).expect("an error body");
        assert_eq!(error.request_id.as_deref(), Some(self.header("x-request-id")));
        assert!(!error.message.is_empty());
        error
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.error().code.as_str()), (status, code), "{}", self.text());
    }
}

/// A request as a browser on this machine sends it.
pub(crate) fn ask(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost:3003")
}

/// A request with a body in JSON.
pub(crate) fn json(method: &str, path: &str, body: &Value) -> Request<Body> {
    let request = ask(method, path).header("content-type", "application/json");
    request.body(Body::from(body.to_string())).expect("a request")
}

/// What a server gives a browser in place of a key of the vendor's, for nobody in particular.
pub(crate) fn handle(state: &AppState, key: &str) -> String {
    let nobody = Visitor::stranger(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let handle = state.entrance().handles().give(&EphemeralKey::new(key), &nobody, 1_900_000_000);
    handle.expect("randomness").expose().to_owned()
}

/// An offer.
pub(crate) fn offer(path: &str, authorization: &str, content_type: &str, body: &str) -> Request<Body> {
    ask("POST", path)
        .header("authorization", authorization)
        .header("content-type", content_type)
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

/// Serves routes on a port of their own, and gives the address.
pub(crate) async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(axum::serve(listener, routes).into_future());
    address
}

/// Settings for a vendor at an address, and a port that is free.
pub(crate) fn config(base_url: &str, settings: &[(&str, &str)]) -> Config {
    Config::from_variables(variables(base_url, settings)).expect("sound settings")
}

/// The same with a file.
pub(crate) fn config_with_file(base_url: &str, text: &str, settings: &[(&str, &str)]) -> Config {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    let line = ["colloquy".into(), "--config".into(), file.path().as_os_str().to_owned()];
    match Config::load(line, variables(base_url, settings)).expect("sound settings") {
        Command::Serve(config) => *config,
        other => panic!("this was not asked for: {other:?}"),
    }
}

fn variables(base_url: &str, settings: &[(&str, &str)]) -> BTreeMap<String, String> {
    let usual = [("OPENAI_API_KEY", LASTING_KEY), ("COLLOQUY_UPSTREAM", base_url), ("COLLOQUY_LISTEN", "127.0.0.1:0")];
    usual.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn page() -> Page {
    let file = |path: &str, body: String| (path.to_owned(), Cow::Owned(body.into_bytes()));
    Page::new([
        file("index.html", INDEX.to_owned()),
        file("app-0123456789abcdef.js", "export default () => {};\n".repeat(100)),
        file("app-0123456789abcdef_bg.wasm", "\0asm\u{1}\0\0\0".to_owned()),
        file("meter-worklet.js", "// small".to_owned()),
    ])
}
