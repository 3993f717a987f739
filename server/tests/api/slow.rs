//! Clients that take their time, over real sockets: with a head, a body, a handshake, between requests, and with what they
//! are sent.

use crate::app::config;
use crate::vendor::{Mood, Vendor};
use colloquy_server::Server;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Runs a server with limits that are short, and what a client does meanwhile.
async fn against<F: Future<Output = ()> + Send>(settings: &[(&str, &str)], client: impl FnOnce(SocketAddr) -> F) {
    let vendor = Vendor::start(Mood::Well).await;
    let short = [
        ("COLLOQUY_MEMORY", "off"),
        ("COLLOQUY_UPSTREAM_TIMEOUT_MS", "100"),
        ("COLLOQUY_BODY_TIMEOUT_MS", "200"),
        ("COLLOQUY_HEAD_TIMEOUT_MS", "300"),
        ("COLLOQUY_STALLED_TIMEOUT_MS", "300"),
    ];
    let server = Server::start(config(&vendor.base_url, &[&short, settings].concat())).await.expect("a server");
    let address = server.address();
    server.run(client(address)).await.expect("an orderly end");
}

async fn connect(address: SocketAddr, first: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(first.as_bytes()).await.expect("sent");
    stream
}

/// Everything until the server closes, which it has to do soon.
async fn until_closed(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection may be reset when the other side has given it up.
    let _ = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn whoever_never_ends_a_head_is_given_up_on() {
    against(&[], async |address| {
        let answer = until_closed(connect(address, "GET /healthz HTTP/1.1\r\nhost: local").await).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        for beginning in ["", "PRI * HTTP/2.0\r\n"] {
            let answer = until_closed(connect(address, beginning).await).await;
            assert!(!answer.contains("200 OK"), "{beginning}: {answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_head_that_comes_in_pieces_within_its_time_is_answered() {
    against(&[("COLLOQUY_HEAD_TIMEOUT_MS", "20000")], async |address| {
        let mut stream = connect(address, "GET /healthz HTTP/1.1\r\nhost: local").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(b"host\r\nconnection: close\r\n\r\n").await.expect("sent");
        assert!(until_closed(stream).await.contains("200 OK"));
    })
    .await;
}

#[tokio::test]
async fn whoever_never_ends_a_body_is_told_so_and_given_up_on() {
    against(&[], async |address| {
        let head =
            "POST /turns HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n";
        let answer = until_closed(connect(address, &format!("{head}\r\n{{\"turn\"")).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request_timeout"), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_idle_between_requests_is_closed() {
    against(&[], async |address| {
        let answer = until_closed(connect(address, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await).await;
        assert!(answer.contains("200 OK") && !answer.contains("connection: close"), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_nothing_of_what_was_asked_for_is_given_up_on() {
    let asked = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(ANSWERS);
    against(&[], async |address| {
        let greedy = connect(address, &asked).await;
        assert_eq!(until_closed(greedy).await.matches("HTTP/1.1 200 OK").count(), ANSWERS);
        let stalled = connect(address, &asked).await;
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        assert!(until_closed(stalled).await.matches("HTTP/1.1 200 OK").count() < ANSWERS);
    })
    .await;
}

#[tokio::test]
async fn whoever_never_ends_a_handshake_is_given_up_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().to_str().expect("text");
    against(&[("COLLOQUY_TLS_AUTO", "true"), ("COLLOQUY_TLS_FOLDER", place)], async |address| {
        assert_eq!(until_closed(connect(address, "").await).await, "");
        assert_eq!(until_closed(connect(address, "\u{16}\u{3}\u{1}").await).await, "");
        assert_eq!(until_closed(connect(address, "GET / HTTP/1.1\r\nhost: ").await).await, "");
    })
    .await;
}

/// More than the buffers between the two hold.
const ANSWERS: usize = 300;
