//! Where the far end is, and how it is spoken to: OpenAI, Azure and compatible services differ in paths and headers
//! alone.

use crate::config::{KeyHeader, Target, UpstreamChoice};
use crate::key::ServerKey;
use axum::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use protocol::CallId;
use reqwest::Url;
use std::net::IpAddr;

/// Where the far end is, and how it is spoken to.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    base_url: String,
    query: String,
    key_header: KeyHeader,
    kind: &'static str,
    host: String,
}

impl Endpoint {
    /// The upstream that is configured, or the local engine at an address.
    pub(super) fn new(choice: &UpstreamChoice, engine_url: Option<&str>) -> Self {
        let (kind, base_url, host) = match (&choice.target, engine_url) {
            (Target::Remote { base_url, host }, _) => {
                let kind = if choice.target.is_openai() { "openai" } else { "compatible" };
                (kind, base_url.as_str(), host.as_str())
            }
            (Target::Engine, url) => ("engine", url.unwrap_or_default(), "this machine"),
        };
        let version = choice.api_version.as_ref();
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            query: version.map(|version| format!("api-version={}", escaped(version))).unwrap_or_default(),
            key_header: choice.key_header,
            kind,
            host: host.to_owned(),
        }
    }

    /// The address of a path such as `/realtime/calls`.
    pub(super) fn url(&self, path: &str) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{}", self.base_url, self.query)
    }

    /// The address of the sideband of a call.
    pub(super) fn call_url(&self, call: &CallId) -> String {
        let and = if self.query.is_empty() { "" } else { "&" };
        format!("{}/realtime?call_id={call}{and}{}", self.base_url, self.query)
    }

    /// The header that carries the lasting key; nothing if the key cannot stand in one.
    pub(super) fn key_header(&self, key: &ServerKey) -> Option<(HeaderName, HeaderValue)> {
        Some(match self.key_header {
            KeyHeader::Bearer => (AUTHORIZATION, key.authorization()?),
            KeyHeader::ApiKey => (HeaderName::from_static("api-key"), key.bare()?),
        })
    }

    /// `engine`, `openai` or `compatible`.
    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// Its host, for people.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn is_on_this_machine(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

/// A word as it stands in a query.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Whether an address is of this machine: a proxy named in the environment is for the network, not for it.
pub(crate) fn is_loopback(url: &str) -> bool {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        assert!(
            is_loopback("http://127.0.0.1:9/v1") && is_loopback("http://[::1]:9") && is_loopback("http://localhost")
        );
        assert!(!is_loopback("https://api.openai.com/v1"));
    }
}
