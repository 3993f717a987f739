//! HTTPS with a certificate of the operator's own.

use crate::app::config;
use crate::vendor::{Mood, Vendor};
use colloquy_server::{ConfigError, Server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A root, and a certificate for `localhost` that leads to it through nobody else, as files.
pub(crate) struct Paper {
    pub(crate) folder: TempDir,
    /// The root in PEM.
    pub(crate) root: String,
}

impl Paper {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "a root of this test");
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root");
        let key = KeyPair::generate().expect("a key");
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let leaf = CertificateParams::new(names).expect("names").signed_by(&key, &root).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        let paper = Self { folder, root: root.pem() };
        paper.write("root.pem", &paper.root);
        paper.write("certificate.pem", &leaf.pem());
        paper.write("key.pem", &key.serialize_pem());
        paper
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        text(&self.path(name)).to_owned()
    }

    fn write(&self, name: &str, pem: &str) {
        std::fs::write(self.path(name), pem).expect("written");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

async fn start(certificate: &Path, key: &Path) -> Result<Server, String> {
    let vendor = Vendor::start(Mood::Well).await;
    let settings =
        [("COLLOQUY_MEMORY", "off"), ("COLLOQUY_TLS_CERTIFICATE", text(certificate)), ("COLLOQUY_TLS_KEY", text(key))];
    let config = config(&vendor.base_url, &settings);
    let checked = config.check().map_err(|error: ConfigError| error.to_string());
    let started = Server::start(config).await.map_err(|error| error.to_string());
    assert_eq!(checked.is_ok(), started.is_ok(), "what is checked is what counts: {checked:?}");
    started
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_shown_to_browsers_which_stay_with_https() {
    let paper = Paper::new();
    let server = start(&paper.path("certificate.pem"), &paper.path("key.pem")).await.expect("a server");
    let url = format!("https://localhost:{}", server.address().port());
    let root = reqwest::Certificate::from_pem(paper.root.as_bytes()).expect("PEM");
    let asking = async {
        let client = reqwest::Client::builder().tls_certs_only([root]).no_proxy();
        let client = client.build().expect("a client");
        let answer = client.get(format!("{url}/status")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert!(answer.headers()["strict-transport-security"].to_str().expect("text").starts_with("max-age="));
        let stranger = reqwest::Client::builder().no_proxy().build().expect("a client");
        stranger.get(format!("{url}/status")).send().await.expect_err("nobody knows that root");
    };
    server.run(asking).await.expect("an orderly end");
}

#[tokio::test]
async fn papers_that_are_no_good_are_told_by_the_file_before_anything_starts() {
    let (paper, other) = (Paper::new(), Paper::new());
    let refused = async |certificate: &Path, key: &Path| start(certificate, key).await.err().expect("no server");
    let error = refused(&paper.path("missing.pem"), &paper.path("key.pem")).await;
    assert!(error.contains("missing.pem"), "{error}");
    let error = refused(&paper.path("certificate.pem"), &paper.path("certificate.pem")).await;
    assert!(error.contains("certificate.pem does not hold"), "{error}");
    let error = refused(&paper.path("key.pem"), &paper.path("key.pem")).await;
    assert!(error.contains("key.pem does not hold"), "{error}");
    let error = refused(&paper.path("certificate.pem"), &other.path("key.pem")).await;
    assert!(error.contains("not fit"), "{error}");
}
