//! nginx as it is set up in `deploy/`, in front of two stand-ins for servers.

use crate::app::serve;
use crate::listening::Listening;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use std::convert::Infallible;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::Semaphore;

/// Two servers behind nginx. nginx keeps us at one of them, whichever it is, so that each thing is tried on both.
struct Balanced {
    _nginx: Listening,
    _folder: TempDir,
    base: String,
}

impl Balanced {
    async fn start(one: Router, other: Router) -> Self {
        let folder = TempDir::new().expect("a folder");
        let servers =
            [serve(one).await, serve(other).await].map(|base| base.replace("http://", "server ") + " max_fails=0;");
        let written = include_str!("../../../deploy/nginx.conf");
        let (above, rest) = written.split_once("    zone ").expect("what differs without Docker");
        let (_, below) = rest.split_once("resolve max_fails=0;").expect("what differs without Docker");
        assert!(below.contains("listen 8080;"));
        let site = [above, &servers.concat(), below].concat();
        let nginx = Listening::start(|port| {
            let site = site.replace("listen 8080;", &format!("listen 127.0.0.1:{port};"));
            let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|name| format!("{name}_temp_path {};", folder.path().join(name).display()));
            // One process, so that none outlives the test.
            let whole = format!(
                "daemon off; master_process off; pid {}; events {{}} http {{ access_log off; {} {site} }}",
                folder.path().join("pid").display(),
                places.concat()
            );
            std::fs::write(folder.path().join("nginx.conf"), whole).expect("written");
            nginx(folder.path())
        });
        let nginx = nginx.await;
        Self { base: format!("http://127.0.0.1:{}", nginx.port), _nginx: nginx, _folder: folder }
    }

    async fn ask(&self, method: &str, path: &str) -> reqwest::Response {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client.request(method.parse().expect("a method"), format!("{}{path}", self.base)).body("{}");
        request.send().await.expect("an answer")
    }
}

fn nginx(folder: &Path) -> Command {
    // Debian keeps it where only root looks.
    let elsewhere = Path::new("/usr/sbin/nginx");
    let mut command = Command::new(if elsewhere.exists() { elsewhere } else { Path::new("nginx") });
    command.args(["-e", "stderr", "-c"]).arg(folder.join("nginx.conf"));
    command
}

/// Answers what has its name in the path; all else with a status.
fn server(name: &'static str, otherwise: StatusCode) -> Router {
    Router::new().fallback(move |request: Request| async move {
        if request.uri().path().contains(name) { StatusCode::OK } else { otherwise }
    })
}

#[tokio::test]
async fn what_one_server_cannot_give_now_another_one_does() {
    let ending = StatusCode::SERVICE_UNAVAILABLE;
    let balanced = Balanced::start(server("one", ending), server("other", ending)).await;
    for path in ["/one", "/other", "/one", "/other"] {
        assert_eq!(balanced.ask("POST", path).await.status(), 200, "{path}");
    }
    assert_eq!(balanced.ask("POST", "/neither").await.status(), ending, "the server's own answer");
}

#[tokio::test]
async fn a_page_of_one_version_finds_its_files_while_servers_of_another_one_run() {
    let unknown = StatusCode::NOT_FOUND;
    let balanced = Balanced::start(server("one", unknown), server("other", unknown)).await;
    for path in ["/one.js", "/other.js", "/one_bg.wasm", "/other_bg.wasm"] {
        assert_eq!(balanced.ask("GET", path).await.status(), 200, "{path}");
    }
    assert_eq!(balanced.ask("GET", "/neither.js").await.status(), 404);
    let missed = [balanced.ask("GET", "/one").await.status(), balanced.ask("GET", "/other").await.status()];
    assert!(missed.contains(&unknown), "what is missing elsewhere is missing");
}

#[tokio::test]
async fn the_server_is_told_for_whom_nginx_asks_and_each_line_goes_out_when_it_is_there() {
    let heard = Arc::new(Semaphore::new(0));
    let lines = Router::new().fallback({
        let heard = Arc::clone(&heard);
        move |headers: HeaderMap| {
            let heard = Arc::clone(&heard);
            async move { told(&headers, heard) }
        }
    });
    let balanced = Balanced::start(lines.clone(), lines).await;
    let mut body = balanced.ask("POST", "/context").await.bytes_stream();
    let first = body.next().await.expect("a line").expect("sound");
    let address = balanced.base.trim_start_matches("http://");
    assert_eq!(first, Bytes::from(format!("{address} 127.0.0.1 http\n")), "host, address, scheme");
    heard.add_permits(1);
    assert_eq!(body.next().await.expect("a line").expect("sound"), Bytes::from("the last\n"));
}

/// A line of what a server is told of the request, and another when the first was heard.
fn told(headers: &HeaderMap, heard: Arc<Semaphore>) -> Response {
    let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let first = format!("{} {} {}\n", word("host"), word("x-forwarded-for"), word("x-forwarded-proto"));
    let last = async move {
        let _ = heard.acquire().await;
        Ok::<_, Infallible>(Bytes::from("the last\n"))
    };
    let lines = futures::stream::once(async { Ok(Bytes::from(first)) }).chain(futures::stream::once(last));
    Body::from_stream(lines).into_response()
}
