//! The page and what it loads.

use crate::app::{Answer, App, INDEX, ask};
use axum::body::Body;
use base64::Engine as _;
use colloquy_server::Page;
use sha2::{Digest, Sha256};

const SCRIPT: &str = "/app-0123456789abcdef.js";

async fn get_with(app: &App, path: &str, header: (&str, &str)) -> Answer {
    app.send(ask("GET", path).header(header.0, header.1).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn the_page_is_asked_for_again_and_hashed_files_never_are() {
    let app = App::start().await;
    let page = app.get("/").await;
    assert_eq!((page.status.as_u16(), page.text().as_str()), (200, INDEX));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    let wasm = app.get("/app-0123456789abcdef_bg.wasm").await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert_eq!(wasm.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(app.get("/meter-worklet.js").await.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn the_policy_allows_exactly_the_inline_script_of_the_page() {
    let app = App::start().await;
    let page = app.get("/").await;
    let script =
        INDEX.split_once("\"module\">").and_then(|(_, rest)| rest.split_once("</script>")).expect("a script").0;
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
    assert_eq!(
        page.header("content-security-policy"),
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; \
             connect-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:; worker-src 'self'; \
             font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("permissions-policy").starts_with("microphone=(self), camera=()"));
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
}

#[tokio::test]
async fn the_smallest_encoding_that_the_browser_takes_is_sent() {
    let app = App::start().await;
    let plain = app.get(SCRIPT).await;
    let gzip = get_with(&app, SCRIPT, ("accept-encoding", "gzip")).await;
    let brotli = get_with(&app, SCRIPT, ("accept-encoding", "gzip, deflate, br")).await;
    assert_eq!((plain.header("content-encoding"), gzip.header("content-encoding")), ("", "gzip"));
    assert_eq!(brotli.header("content-encoding"), "br");
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&gzip.body[..]), &mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain.body);
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &brotli.body[..], &mut unpacked).expect("brotli");
    assert_eq!(unpacked, plain.body);
    assert!(brotli.header("vary").contains("accept-encoding"));
    assert_eq!(brotli.header("content-length"), brotli.body.len().to_string());
}

#[tokio::test]
async fn a_version_that_the_browser_has_is_not_sent_again() {
    let app = App::start().await;
    let first = app.get("/").await;
    let tag = first.header("etag");
    let second = get_with(&app, "/", ("if-none-match", tag)).await;
    assert_eq!((second.status.as_u16(), second.body.len()), (304, 0));
    assert_eq!(second.header("etag"), tag);
    assert!(!second.header("content-security-policy").is_empty());
    assert_eq!(get_with(&app, "/", ("if-none-match", "\"other\"")).await.status, 200);
    let gzip = get_with(&app, SCRIPT, ("accept-encoding", "gzip")).await;
    assert_ne!(gzip.header("etag"), app.get(SCRIPT).await.header("etag"), "two encodings are two versions");
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let app = App::start().await;
    let answer = app.send(ask("HEAD", SCRIPT).body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), app.get(SCRIPT).await.body.len().to_string());
}

#[tokio::test]
async fn what_is_not_there_is_a_typed_error() {
    let app = App::start().await;
    for path in ["/nothing.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/v1/models", "/session/x"] {
        app.get(path).await.assert_error(404, "not_found");
    }
    let post = ask("POST", "/").body(Body::empty()).expect("a request");
    let answer = app.send(post).await;
    answer.assert_error(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET, HEAD");
}

#[test]
fn a_server_without_a_client_says_how_to_build_one() {
    let page = Page::new([]);
    assert!(!page.is_built());
    let answer = page.find("/").expect("a page").answer(&axum::http::HeaderMap::new(), true);
    assert_eq!(answer.status(), 503);
}
