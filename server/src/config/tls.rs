//! Whether the server speaks HTTPS, and with which certificate.

use super::{ConfigError, Setting, Sources};
use std::path::PathBuf;

/// Whether the server speaks HTTPS, and with which certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// It speaks HTTP.
    Off,
    /// `tls.auto`: with a certificate that it makes for the addresses of this machine and keeps in a folder.
    Automatic(PathBuf),
    /// `tls.certificate` and `tls.key`: with these files in PEM.
    Files {
        /// The certificate and what leads to its root.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
}

impl Tls {
    pub(super) const SETTINGS: &[Setting] = &[AUTO, CERTIFICATE, KEY, FOLDER];

    /// Whether the server speaks HTTPS.
    pub fn is_on(&self) -> bool {
        *self != Self::Off
    }

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        match (from.switch(&AUTO)?, from.path(&CERTIFICATE), from.path(&KEY)) {
            (true, None, None) => Ok(Self::Automatic(folder(from)?)),
            (false, Some(certificate), Some(key)) => Ok(Self::Files { certificate, key }),
            (false, None, None) => Ok(Self::Off),
            (true, _, _) => Err(from.invalid(&AUTO, "a certificate is given as well: not both")),
            (false, _, _) => Err(from.invalid(&KEY, "tls.certificate and tls.key are given together")),
        }
    }
}

fn folder(from: &Sources) -> Result<PathBuf, ConfigError> {
    if let Some(path) = from.path(&FOLDER) {
        return Ok(path);
    }
    let absolute = |name: &str| from.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("colloquy")).ok_or_else(|| from.invalid(&FOLDER, "there is no home folder: name one"))
}

const AUTO: Setting = Setting {
    key: "tls.auto",
    flag: "tls-auto",
    variables: &["COLLOQUY_TLS_AUTO"],
    value: "",
    default: "false",
    help: "Speaks HTTPS with a certificate made here, so that phones on the same network may use their microphone after \
           their owner has accepted it",
};
const CERTIFICATE: Setting = Setting {
    key: "tls.certificate",
    flag: "tls-certificate",
    variables: &["COLLOQUY_TLS_CERTIFICATE"],
    value: "FILE",
    default: "",
    help: "Speaks HTTPS with this certificate and what leads to its root, in PEM",
};
const KEY: Setting = Setting {
    key: "tls.key",
    flag: "tls-key",
    variables: &["COLLOQUY_TLS_KEY"],
    value: "FILE",
    default: "",
    help: "The certificate's private key, in PEM",
};
const FOLDER: Setting = Setting {
    key: "tls.folder",
    flag: "tls-folder",
    variables: &["COLLOQUY_TLS_FOLDER"],
    value: "FOLDER",
    default: "",
    help: "Where the certificate that is made here is kept; your data folder if it is not said",
};
