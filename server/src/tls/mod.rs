//! HTTPS: with a certificate of the operator's, or with one made here for the addresses of this machine.

mod automatic;

use crate::config::Tls;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
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

/// The certificate that is shown; another may take its place while the server runs.
pub struct Certificate {
    choice: Tls,
    acceptor: RwLock<Option<TlsAcceptor>>,
}

impl Certificate {
    /// Takes what was chosen.
    ///
    /// # Errors
    /// As [`TlsError`] tells.
    pub fn open(choice: Tls) -> Result<Self, TlsError> {
        Ok(Self { acceptor: RwLock::new(acceptor(&choice)?), choice })
    }

    /// What takes TLS connections, if the server speaks HTTPS.
    pub(crate) fn acceptor(&self) -> Option<TlsAcceptor> {
        self.acceptor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the same files again, which may hold another certificate by now. What is returned is put into use by
    /// [`Certificate::renew`]; where other files are chosen, nothing is.
    ///
    /// # Errors
    /// As [`TlsError`] tells.
    pub(crate) fn read_again(&self, choice: &Tls) -> Result<Option<TlsAcceptor>, TlsError> {
        if *choice == self.choice { acceptor(choice) } else { Ok(None) }
    }

    /// Shows another certificate from now on.
    pub(crate) fn renew(&self, fresh: Option<TlsAcceptor>) {
        if let Some(fresh) = fresh {
            *self.acceptor.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("choice", &self.choice).finish_non_exhaustive()
    }
}

/// What takes TLS connections, if the server speaks HTTPS.
///
/// # Errors
/// As [`TlsError`] tells.
fn acceptor(choice: &Tls) -> Result<Option<TlsAcceptor>, TlsError> {
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
