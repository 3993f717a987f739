//! What those who run the server look at and write down.

use super::{ConfigError, Setting, Sources};
use admission::Networks;
use std::fs::{OpenOptions, read_dir};
use std::io::ErrorKind;
use std::path::PathBuf;

/// What those who run the server look at and write down.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `audit.file`: where it is written who did what.
    pub audit: Option<PathBuf>,
    /// `metrics.from`: from where `/metrics` may be asked.
    pub metrics: Networks,
    /// `drain_seconds`: how long calls may go on after the server was asked to end, in seconds.
    pub drain: u64,
}

impl Operation {
    pub(super) const SETTINGS: &[Setting] = &[AUDIT_FILE, METRICS_FROM, DRAIN];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let metrics = Networks::new(from.list(&METRICS_FROM));
        Ok(Self {
            audit: from.path(&AUDIT_FILE),
            metrics: metrics.map_err(|error| from.invalid(&METRICS_FROM, error.to_string()))?,
            drain: from.number(&DRAIN, 0..=3600)?,
        })
    }

    /// Whether the audit log can be written, without making it.
    ///
    /// # Errors
    /// It cannot.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let Some(path) = &self.audit else { return Ok(()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let opened = match OpenOptions::new().append(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                folder.map_or(Ok(()), |folder| read_dir(folder).map(drop))
            }
            opened => opened.map(drop),
        };
        opened.map_err(|error| ConfigError::Invalid {
            place: AUDIT_FILE.key.to_owned(),
            problem: format!("{}: {error}", path.display()),
        })
    }
}

const AUDIT_FILE: Setting = Setting {
    key: "audit.file",
    flag: "audit-file",
    variables: &["COLLOQUY_AUDIT_FILE"],
    value: "FILE",
    default: "",
    help: "Where it is written who did what, when, and what came of it, as a line of JSON each",
};
const METRICS_FROM: Setting = Setting {
    key: "metrics.from",
    flag: "metrics-from",
    variables: &["COLLOQUY_METRICS_FROM"],
    value: "LIST",
    default: "127.0.0.0/8,::1",
    help: "Addresses and networks, separated by commas, from which /metrics may be asked",
};
const DRAIN: Setting = Setting {
    key: "drain_seconds",
    flag: "drain-seconds",
    variables: &["COLLOQUY_DRAIN_SECONDS"],
    value: "SECONDS",
    default: "0",
    help: "How long calls may go on after the server was asked to end; meanwhile no new ones begin and /readyz says so",
};
