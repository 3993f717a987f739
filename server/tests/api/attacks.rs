//! Attacks over a real socket: heads and bodies that are too large, malformed or slow, smuggled requests, path tricks.

use crate::app::{config, handle};
use crate::vendor::{Mood, SHORT_KEY, Vendor};
use colloquy_server::{AppState, Server};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server on a port, and the vendor behind it.
struct Target {
    address: SocketAddr,
    state: AppState,
    vendor: Vendor,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Target {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let vendor = Vendor::start(Mood::Well).await;
        let settings = [&[("COLLOQUY_MEMORY", "off")], settings].concat();
        let server = Server::start(config(&vendor.base_url, &settings)).await.expect("a server");
        let (address, state) = (server.address(), server.state().clone());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            server.run(async { stopped.await.unwrap_or(()) }).await.expect("an orderly end");
        });
        Self { address, state, vendor, stop: Some(stop), running }
    }

    /// Sends bytes as they are, and reads what comes until the server closes or says nothing more for a while.
    async fn send(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        // A server that has seen enough closes before everything is sent.
        let _ = stream.write_all(bytes).await;
        answer(&mut stream).await
    }

    /// The status of the answer to a line and headers without a body.
    async fn status(&self, line: &str, headers: &str) -> u16 {
        let answer =
            self.send(format!("{line}\r\nhost: localhost\r\n{headers}connection: close\r\n\r\n").as_bytes()).await;
        status(&answer)
    }

    async fn end(mut self) {
        let _ = self.stop.take().expect("once").send(());
        self.running.await.expect("no panic");
    }
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    let mut patience = PATIENCE;
    while let Ok(Ok(read @ 1..)) = tokio::time::timeout(patience, stream.read(&mut chunk)).await {
        answer.extend_from_slice(&chunk[..read]);
        patience = QUIET;
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let target = Target::start(&[]).await;
    let long = format!("x-long: {}\r\n", "a".repeat(64 * 1024));
    assert_eq!(target.status("GET /healthz HTTP/1.1", &long).await, 431);
    let many = "x-many: a\r\n".repeat(500);
    assert_eq!(target.status("GET /healthz HTTP/1.1", &many).await, 431);
    let path = format!("GET /{} HTTP/1.1", "a".repeat(5_000));
    assert_eq!(target.status(&path, "").await, 414);
    target.end().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_its_length_is_told() {
    let target = Target::start(&[("COLLOQUY_SDP_BYTES", "2048")]).await;
    let head = format!(
        "POST /v1/realtime/calls HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: application/sdp\r\n",
        handle(&target.state, SHORT_KEY)
    );
    let told = format!("{head}content-length: 99999999\r\n\r\nv=0");
    let answer = target.send(told.as_bytes()).await;
    assert_eq!(status(&answer), 413);
    assert!(answer.contains("\r\nconnection: close\r\n"), "a client must not use the connection again: {answer}");
    let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(4));
    assert_eq!(status(&target.send(chunked.as_bytes()).await), 413);
    assert!(target.vendor.seen().is_empty());
    target.end().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let target = Target::start(&[]).await;
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nhost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\nbad header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\nx: a\0b\r\n\r\n",
    ] {
        assert_eq!(status(&target.send(bytes).await), 400, "{}", String::from_utf8_lossy(bytes));
    }
    for body in ["{", "[]", "\"\u{fffd}", "{\"turn\":1e999}", &"[".repeat(10_000)] {
        let request = format!(
            "POST /turns HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(status(&target.send(request.as_bytes()).await), 400, "{}", &body[..body.len().min(20)]);
    }
    target.end().await;
}

#[tokio::test]
async fn a_second_request_cannot_be_smuggled_in_the_first_ones_body() {
    let target = Target::start(&[]).await;
    let inner = "POST /session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
    for head in [
        // Two lengths, and a length beside chunks: proxies disagree about which one counts.
        format!("content-length: 0\r\ncontent-length: {}\r\n", inner.len()),
        format!("content-length: {}, 0\r\n", inner.len()),
        "content-length: 4\r\ntransfer-encoding: xchunked\r\n".to_owned(),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "content-length: +5\r\n".to_owned(),
        "transfer-encoding : chunked\r\n".to_owned(),
    ] {
        let bytes =
            format!("POST /turns HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{head}\r\n{inner}");
        let answer = target.send(bytes.as_bytes()).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head}: {answer}");
        assert!(!answer.starts_with("HTTP/1.1 2"), "{head}: {answer}");
    }
    assert!(target.vendor.seen().is_empty(), "nothing of what was inside was done");
    target.end().await;
}

#[tokio::test]
async fn a_length_beside_chunks_ends_the_connection_after_the_chunks() {
    let target = Target::start(&[]).await;
    let bytes = "POST /turns HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\
                 transfer-encoding: chunked\r\n\r\n0\r\n\r\nPOST /session HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let answer = target.send(bytes.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(target.vendor.seen().is_empty(), "what follows them is no request");
    target.end().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_page() {
    let target = Target::start(&[]).await;
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..\\Cargo.toml",
        "/./index.html",
        "//etc/passwd",
        "/etc/passwd",
        "/index.html%00.js",
        "/index.html/",
        "/%c0%ae%c0%ae/",
        "/.git/config",
        "/v1/realtime/calls/..%2f..%2fmodels/hangup",
    ] {
        let status = target.status(&format!("GET {path} HTTP/1.1"), "").await;
        assert!(matches!(status, 400 | 404 | 405), "{path}: {status}");
    }
    let answer = target
        .send(b"GET http://169.254.169.254/latest HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    assert_eq!(status(&answer), 404, "this is no open proxy");
    let answer = target.send(b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n").await;
    assert!(matches!(status(&answer), 400..=499), "{answer}");
    assert!(target.vendor.seen().is_empty());
    target.end().await;
}

#[tokio::test]
async fn a_host_that_is_not_ours_gets_nothing_of_the_api() {
    let target = Target::start(&[]).await;
    for host in ["evil.example", "localhost.evil.example", "localhost@evil.example", "169.254.169.254.nip.io", ""] {
        let bytes = format!("POST /session HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let answer = target.send(bytes.as_bytes()).await;
        assert!(matches!(status(&answer), 400 | 403), "{host}: {answer}");
    }
    assert!(target.vendor.seen().is_empty());
    target.end().await;
}

#[tokio::test]
async fn no_field_that_holds_an_address_makes_the_server_ask_there() {
    let target = Target::start(&[]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let bait = format!("http://{}/", listener.local_addr().expect("an address"));
    let session = format!(
        "{{\"session\":{{\"type\":\"realtime\",\"tracing\":{{\"metadata\":{{\"url\":\"{bait}\"}}}},\
         \"tools\":[{{\"type\":\"mcp\",\"server_label\":\"x\",\"server_url\":\"{bait}\"}}]}}}}"
    );
    let context = format!(
        "{{\"talk\":\"t\",\"turn\":1,\"query\":\"{bait} read this page\",\"complete\":true,\"sources\":[\"{bait}\"]}}"
    );
    let key = handle(&target.state, SHORT_KEY);
    for (path, kind, body) in [
        ("/v1/realtime/client_secrets", "application/json", session.as_str()),
        ("/session", "application/json", &format!("{{\"preset\":\"{bait}\",\"base_url\":\"{bait}\"}}")),
        ("/context", "application/json", &context),
        (&format!("/v1/realtime/calls?url={bait}"), "application/sdp", "v=0\r\n"),
        (&format!("/login/callback?iss={bait}&code=a&state=b"), "application/json", ""),
    ] {
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\nx-forwarded-host: {bait}\r\n\
             forwarded: host={bait}\r\nreferer: {bait}\r\ncontent-type: {kind}\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        target.send(bytes.as_bytes()).await;
    }
    let nobody = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(nobody.is_err(), "somebody took the bait");
    for seen in target.vendor.seen() {
        let text = format!("{:?} {}", seen.headers, String::from_utf8_lossy(&seen.body));
        assert!(!text.contains(&bait) && seen.query.is_none(), "{text}");
    }
    target.end().await;
}

#[tokio::test]
async fn slow_clients_keep_nobody_else_out() {
    let target = Target::start(&[]).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(target.address).await.expect("a connection");
        stream.write_all(b"POST /session HTTP/1.1\r\nhost: local").await.expect("sent");
        slow.push(stream);
    }
    assert_eq!(target.status("GET /healthz HTTP/1.1", "").await, 200);
    drop(slow);
    target.end().await;
}

/// How long the first byte of an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// After this without another byte nothing more comes.
const QUIET: Duration = Duration::from_millis(300);
