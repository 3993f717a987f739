//! Which far end answers, and with which key.

use super::{ConfigError, Setting, Sources};
use crate::key::ServerKey;
use reqwest::Url;

/// Which far end answers, and with which key.
#[derive(Clone, Debug)]
pub struct UpstreamChoice {
    /// Where it is.
    pub target: Target,
    /// The lasting key; never given to the local engine.
    pub key: Option<ServerKey>,
}

/// Where the far end is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The local engine, started by this server on a loopback port.
    Engine,
    /// A service at a base address such as `https://api.openai.com/v1`, without a slash at the end.
    Remote {
        /// The address.
        base_url: String,
        /// Its host, for people.
        host: String,
    },
}

impl UpstreamChoice {
    pub(super) const SETTINGS: &[Setting] = &[UPSTREAM, KEY_FILE];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let key = key(from)?;
        let target = match (from.given(&UPSTREAM).map(str::trim).filter(|text| !text.is_empty()), &key) {
            (Some("engine"), _) | (None, None) => Target::Engine,
            (Some(address), _) => remote(address).map_err(|problem| from.invalid(&UPSTREAM, problem))?,
            (None, Some(_)) => remote(OPENAI).map_err(|problem| from.invalid(&UPSTREAM, problem))?,
        };
        let key = key.filter(|_| target != Target::Engine);
        Ok(Self { target, key })
    }
}

fn key(from: &Sources) -> Result<Option<ServerKey>, ConfigError> {
    if let Some(text) = from.variable(KEY_VARIABLE) {
        let problem = "it has white space or control characters inside and cannot be a key".to_owned();
        return match ServerKey::new(text) {
            Some(key) => Ok(Some(key)),
            None => Err(ConfigError::Invalid { place: KEY_VARIABLE.to_owned(), problem }),
        };
    }
    let Some(path) = from.given(&KEY_FILE) else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| from.invalid(&KEY_FILE, format!("{path}: {error}")))?;
    ServerKey::new(&text).map(Some).ok_or_else(|| from.invalid(&KEY_FILE, format!("{path} does not hold one key")))
}

/// Checks an address. What is wrong is said without repeating the address, which may hold a password.
fn remote(address: &str) -> Result<Target, &'static str> {
    let url =
        Url::parse(address).map_err(|_| "this is not an address such as https://api.openai.com/v1, nor `engine`")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the address must start with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address must not hold a user or password; the key is given by OPENAI_API_KEY");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the address must have no ?query and no #fragment");
    }
    let host = url.host_str().ok_or("the address has no host")?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok(Target::Remote { base_url: url.as_str().trim_end_matches('/').to_owned(), host })
}

const OPENAI: &str = "https://api.openai.com/v1";
const KEY_VARIABLE: &str = "OPENAI_API_KEY";

const UPSTREAM: Setting = Setting {
    key: "upstream.base_url",
    flag: "upstream",
    variables: &["COLLOQUY_UPSTREAM"],
    value: "URL",
    default: "",
    help: "The base address of a service that speaks the realtime protocol, or `engine` for the local one",
};
const KEY_FILE: Setting = Setting {
    key: "upstream.key_file",
    flag: "key-file",
    variables: &["COLLOQUY_KEY_FILE"],
    value: "FILE",
    default: "",
    help: "A file that holds the upstream's lasting key, if OPENAI_API_KEY does not",
};
