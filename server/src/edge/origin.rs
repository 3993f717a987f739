//! Who may ask the API from a browser.
//!
//! A page of another origin cannot read our answers, yet it could make us mint keys; and a page whose name was made to
//! point at this machine (DNS rebinding) would count as our own. So a request is taken when its `Origin` is listed, is
//! localhost, or is our own beyond doubt; and when it has none, the name in `Host` must be one of ours.

use crate::AppState;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, LOCATION, ORIGIN, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, Version};
use protocol::memory::CONFIRM_HEADER;
use reqwest::Url;
use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The origins of other pages that may ask, besides our own and localhost.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<[Origin]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origins {
    /// Takes origins such as `https://talk.example.com`.
    ///
    /// # Errors
    /// The first text that is no origin.
    pub fn new(list: Vec<String>) -> Result<Self, String> {
        list.into_iter().map(|text| Origin::parse(&text).ok_or(text)).collect::<Result<_, _>>().map(Self)
    }

    /// The same and one more.
    #[must_use]
    pub fn with(self, url: Option<&Url>) -> Self {
        let one = url.and_then(|url| Origin::parse(url.as_str()));
        Self(self.0.iter().cloned().chain(one).collect())
    }

    /// Whether a page is of a listed origin, and nobody on the way to it reads along.
    pub(crate) fn lists(&self, page: &Url) -> bool {
        let bare = page.username().is_empty() && page.password().is_none();
        let origin = Origin::parse(&page.origin().ascii_serialization()).filter(|_| bare);
        origin.is_some_and(|origin| self.0.contains(&origin) && (origin.scheme == "https" || origin.is_local()))
    }

    /// The first origin that is not this machine's.
    pub(crate) fn beyond_this_machine(&self) -> Option<String> {
        self.0.iter().find(|origin| !origin.is_local()).map(Origin::to_string)
    }

    /// Whether the page that asks is surely one of ours, so that it may use a cookie or see what is personal: our own
    /// origin or a listed one. Localhost alone does not suffice, because neither cookies nor this machine tell its ports
    /// apart; but a page of localhost that asks its own origin came through a development server in front of us.
    /// Without an `Origin` nothing but a request of our own page or of no page at all counts.
    pub(crate) fn vouch(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|value| value.to_str().ok());
        let site = headers.get(FETCH_SITE);
        match headers.get(ORIGIN) {
            Some(value) => value.to_str().ok().and_then(Origin::parse).is_some_and(|origin| {
                let in_front = || site.is_some_and(|site| site == "same-origin");
                self.0.contains(&origin)
                    || host.is_some_and(|host| origin.is_own(host) || origin.is_local() && origin.is_this(host))
                    || origin.is_local() && in_front()
            }),
            None => site.is_none_or(|site| site == "same-origin"),
        }
    }

    /// The same for what is only read: an address that somebody has typed shows nothing to any page.
    pub(crate) fn vouch_for_reading(&self, headers: &HeaderMap) -> bool {
        let typed = !headers.contains_key(ORIGIN) && headers.get(FETCH_SITE).is_some_and(|site| site == "none");
        typed || self.vouch(headers)
    }

    /// Whether a request with these headers may be answered.
    pub(super) fn allow(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|value| value.to_str().ok());
        match headers.get(ORIGIN) {
            Some(value) => value.to_str().ok().and_then(Origin::parse).is_some_and(|origin| self.knows(&origin, host)),
            None => !is_cross_site(headers) && host.is_none_or(|host| self.is_ours(host)),
        }
    }

    fn knows(&self, origin: &Origin, host: Option<&str>) -> bool {
        self.0.contains(origin) || origin.is_local() || host.is_some_and(|host| origin.is_own(host))
    }

    /// Whether a `Host` can only mean us: localhost, a bare address, or the host of a listed origin.
    fn is_ours(&self, host: &str) -> bool {
        name_in(host).is_some_and(|name| {
            is_local(name)
                || address(name).is_some()
                || self.0.iter().any(|origin| origin.host.eq_ignore_ascii_case(name))
        })
    }
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let host = url.host_str().filter(|_| bare)?.to_owned();
        Some(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default() })
    }

    fn is_local(&self) -> bool {
        is_local(&self.host)
    }

    /// Whether this is the origin of the very address that was asked. A name over plain HTTP proves nothing, because
    /// anybody's name can point here; over HTTPS somebody had to show a certificate for it.
    fn is_own(&self, host: &str) -> bool {
        (self.scheme == "https" || address(&self.host).is_some()) && self.is_this(host)
    }

    /// Whether this is the origin of what was asked by its name.
    fn is_this(&self, host: &str) -> bool {
        let asked = Self::parse(&format!("{}://{host}", self.scheme));
        asked.as_ref() == Some(self)
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        let usual = if self.scheme == "https" { 443 } else { 80 };
        self.port.filter(|port| *port != usual).map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Whether the request names this very machine and no proxy says that somebody else asks.
pub(crate) fn comes_from_this_machine(request: &Parts) -> bool {
    is_for_this_machine(&request.headers) && !is_passed_on(request)
}

/// Whether a proxy has passed the request on, as far as that shows: by what proxies add, or by HTTP/1.0, which none but
/// they still speak. A development server that names nobody but this machine is no proxy.
pub(crate) fn is_passed_on(request: &Parts) -> bool {
    let headers = &request.headers;
    let asked = headers.get("x-forwarded-host");
    let in_front = || asked.and_then(|value| value.to_str().ok()).and_then(name_in).is_some_and(is_local);
    request.version < Version::HTTP_11
        || headers.keys().map(HeaderName::as_str).any(|name| match name {
            "x-forwarded-host" | "x-forwarded-proto" => !in_front(),
            name => PASSED_ON.contains(&name) || name.starts_with("x-forwarded-"),
        })
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|value| value == "cross-site")
}

/// Whether the request names this very machine, as localhost or a loopback address.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    host.and_then(name_in).is_some_and(is_local)
}

/// The name or address in a `Host`, without its port.
fn name_in(host: &str) -> Option<&str> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[:]".contains(&byte));
    (is_name && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

fn is_local(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case("localhost"))
        || address(name).is_some_and(|address| address.is_loopback())
}

fn address(name: &str) -> Option<IpAddr> {
    name.trim_matches(['[', ']']).parse().ok()
}

/// Where a browser says which page asks. No page can write it.
const FETCH_SITE: &str = "sec-fetch-site";

/// What proxies and networks of delivery add when they pass on what others ask, besides all that begins with
/// `x-forwarded-`.
const PASSED_ON: [&str; 14] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-host",
    "x-envoy-external-address",
    "x-amzn-trace-id",
    "x-azure-clientip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "cdn-loop",
];

/// Answers preflights and lets pages of other origins, which passed the guard, read what we answer.
pub(crate) fn cors(state: &AppState) -> CorsLayer {
    let origins = state.origins().clone();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |_, parts| origins.allow(&parts.headers)))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_credentials(true)
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("x-openai-agents-sdk"),
            HeaderName::from_static(CONFIRM_HEADER),
        ])
        .expose_headers([LOCATION, RETRY_AFTER, super::RequestId::HEADER])
        .max_age(Duration::from_secs(600))
}

#[cfg(test)]
mod tests {
    use super::Origins;
    use axum::http::header::{HOST, ORIGIN};
    use axum::http::{HeaderMap, HeaderValue};

    fn allowed(origin: Option<&'static str>, host: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        Origins::new(vec!["https://talk.example.com".into()]).expect("an origin").allow(&headers)
    }

    #[test]
    fn our_own_page_localhost_and_listed_origins_may_ask() {
        assert!(allowed(Some("http://localhost:8080"), "localhost:3003"));
        assert!(allowed(Some("http://[::1]:8080"), "localhost:3003"));
        assert!(allowed(Some("http://192.168.1.7:3003"), "192.168.1.7:3003"));
        assert!(allowed(Some("https://other.example"), "other.example"));
        assert!(allowed(Some("https://talk.example.com"), "api.example.com"));
    }

    #[test]
    fn strangers_and_opaque_origins_may_not() {
        assert!(!allowed(Some("https://evil.example"), "localhost:3003"));
        assert!(!allowed(Some("null"), "localhost:3003"));
        assert!(!allowed(Some("https://talk.example.com.evil.example"), "localhost:3003"));
        assert!(!allowed(Some("http://192.168.1.8:3003"), "192.168.1.7:3003"));
        assert!(!allowed(Some("http://talk.example.com"), "localhost:3003"), "the scheme counts");
    }

    #[test]
    fn a_name_that_was_made_to_point_here_may_not() {
        assert!(!allowed(Some("http://evil.example:3003"), "evil.example:3003"));
        assert!(!allowed(None, "evil.example:3003"));
        assert!(allowed(None, "talk.example.com"));
        assert!(allowed(None, "127.0.0.1:3003") && allowed(None, "[::1]:3003") && allowed(None, "LocalHost"));
        assert!(!allowed(None, "evil.example@127.0.0.1") && !allowed(None, "localhost.evil.example"));
    }

    #[test]
    fn what_is_no_origin_is_refused_as_a_setting() {
        assert_eq!(Origins::new(vec!["talk.example.com".into()]).expect_err("no scheme"), "talk.example.com");
        assert!(Origins::new(vec!["https://a.example/path".into()]).is_err());
    }
}
