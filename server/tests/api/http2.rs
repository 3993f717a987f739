//! Browsers over HTTPS, which speak HTTP/2 and send no `Host`.

use crate::app::config;
use crate::tls::Paper;
use crate::vendor::{Mood, Vendor};
use colloquy_server::Server;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn start(vendor: &Vendor, paper: &Paper) -> Server {
    let settings = [
        ("COLLOQUY_MEMORY", ":memory:"),
        ("COLLOQUY_HEAD_TIMEOUT_MS", "300"),
        ("COLLOQUY_TLS_CERTIFICATE", &paper.text("certificate.pem")),
        ("COLLOQUY_TLS_KEY", &paper.text("key.pem")),
    ];
    Server::start(config(&vendor.base_url, &settings)).await.expect("a server")
}

#[tokio::test]
async fn our_own_page_may_ask_over_http2_and_a_page_of_elsewhere_may_not() {
    let (vendor, paper) = (Vendor::start(Mood::Well).await, Paper::new());
    let server = start(&vendor, &paper).await;
    let url = format!("https://127.0.0.1:{}", server.address().port());
    let root = reqwest::Certificate::from_pem(paper.root.as_bytes()).expect("PEM");
    let asking = async {
        let client = reqwest::Client::builder().tls_certs_only([root]).no_proxy().build().expect("a client");
        let ask = |origin: &str| client.post(format!("{url}/session")).header("origin", origin).send();
        let answer = ask(&url).await.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
        assert_eq!(ask("https://evil.example").await.expect("an answer").status(), 403);
        // Whoever sits at this machine has a memory; it is known by whom the request is for.
        let answer = client.get(format!("{url}/memory")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    };
    server.run(asking).await.expect("an orderly end");
}

#[tokio::test]
async fn a_connection_of_http2_that_asks_nothing_is_closed() {
    let (vendor, paper) = (Vendor::start(Mood::Well).await, Paper::new());
    let server = start(&vendor, &paper).await;
    let address = server.address();
    let idling = async {
        let mut roots = tokio_rustls::rustls::RootCertStore::empty();
        let root = tokio_rustls::rustls::pki_types::pem::PemObject::from_pem_slice(paper.root.as_bytes());
        roots.add(root.expect("PEM")).expect("a root");
        let mut config = tokio_rustls::rustls::ClientConfig::builder_with_provider(
            tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().into(),
        )
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = TcpStream::connect(address).await.expect("a connection");
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
        let mut stream = connector.connect("localhost".try_into().expect("a name"), stream).await.expect("TLS");
        // The preface and empty settings; pings are answered, so that nothing but idleness ends it.
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
        let ended = async {
            let mut frame = [0; 9];
            while stream.read_exact(&mut frame).await.is_ok() {
                let [a, b, c, kind, flags, ..] = frame;
                let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
                let read = stream.read_exact(&mut payload).await;
                if read.is_ok() && (kind, flags) == (PING, 0) {
                    frame[4] = ACK;
                    let answer = [&frame[..], &payload].concat();
                    let _ = stream.write_all(&answer).await;
                }
            }
        };
        timeout(Duration::from_secs(10), ended).await.expect("the server closes");
    };
    server.run(idling).await.expect("an orderly end");
}

const PING: u8 = 6;
const ACK: u8 = 1;
