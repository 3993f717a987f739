//! HTTPS: with a certificate of the operator's, or with one made here for the addresses of this machine.

mod automatic;

use crate::config::Tls;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why the server cannot speak HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file is no PEM of what it should be.
    #[error("{path} does not hold what it should in PEM: {source}")]
    Pem {
        /// Which.
        path: String,
        /// Why.
        source: pem::Error,
    },
    /// The certificate and the key do not belong together, or are not fit.
    #[error("the certificate is not fit: {0}")]
    Unfit(#[from] rustls::Error),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made: {0}")]
    Made(#[from] rcgen::Error),
}

/// What takes TLS connections, if the server speaks HTTPS.
///
/// # Errors
/// As [`TlsError`] tells.
pub(crate) fn acceptor(choice: &Tls) -> Result<Option<TlsAcceptor>, TlsError> {
    let (certificate, key) = match choice {
        Tls::Off => return Ok(None),
        Tls::Files { certificate, key } => (certificate.clone(), key.clone()),
        Tls::Automatic(folder) => automatic::certificate(folder)?,
    };
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|source| unreadable(&certificate, source))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|source| unreadable(&key, source))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

/// Whether the operator's own files will do; makes none.
///
/// # Errors
/// As [`TlsError`] tells.
pub(crate) fn check(choice: &Tls) -> Result<(), TlsError> {
    match choice {
        Tls::Files { .. } => acceptor(choice).map(drop),
        Tls::Off | Tls::Automatic(_) => Ok(()),
    }
}

fn unreadable(path: &Path, source: pem::Error) -> TlsError {
    TlsError::Pem { path: path.display().to_string(), source }
}
