//! The only way out: a client that reaches public addresses, follows few redirects, and reads a bounded answer.
//!
//! Every hop is checked: scheme, no user information, no literal private address; names are resolved by a resolver
//! that drops private addresses, so that what was checked is what is connected to. One configured host may be allowed
//! although it is private: a team's own service. Proxies of the environment are not used, since behind one the
//! addresses could not be checked; answers are not decompressed, so the size read is the size sent.

use std::{error::Error, fmt, net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{
    Method, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION},
    redirect::Policy,
};

use crate::{
    SourceError,
    charset::{decode, decode_page},
    is_public,
};

/// How much a request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the answer's body.
    pub bytes: usize,
    /// Time for all hops together.
    pub time: Duration,
    /// How many redirects are followed.
    pub redirects: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, time: Duration::from_secs(5), redirects: 3 }
    }
}

/// What kind of answer is wanted; another kind is refused before its body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON.
    Json,
    /// A web page.
    Page,
    /// RSS, Atom or JSON feed.
    Feed,
    /// A calendar.
    Calendar,
}

impl Media {
    fn accept(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Page => "text/html, application/xhtml+xml, text/plain;q=0.5",
            Self::Feed => "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.8",
            Self::Calendar => "text/calendar, text/plain;q=0.5",
        }
    }

    fn takes(self, kind: &str) -> bool {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match self {
            Self::Json => kind.ends_with("json"),
            Self::Page => matches!(kind.as_str(), "text/html" | "application/xhtml+xml" | "text/plain"),
            Self::Feed => kind.ends_with("xml") || kind.ends_with("json") || kind == "text/plain",
            Self::Calendar => matches!(kind.as_str(), "" | "text/calendar" | "text/plain" | "application/octet-stream"),
        }
    }
}

/// A body that was read in full.
#[derive(Clone, Debug)]
pub struct Body {
    /// Where it came from in the end.
    pub url: Url,
    /// The declared kind.
    pub kind: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Body {
    /// The body as text, whatever it is encoded in.
    pub fn text(&self) -> String {
        let decode = if self.kind.to_ascii_lowercase().contains("html") { decode_page } else { decode };
        decode(&self.bytes, &self.kind)
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// [`SourceError::Garbage`] when it is not.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, SourceError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            tracing::debug!(%error, "an answer is not the JSON that was expected");
            SourceError::Garbage("not the expected JSON")
        })
    }
}

/// The guarded client. Cloning is cheap.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    limits: Limits,
    own: Option<Own>,
}

/// The one host that may be private.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Own {
    host: String,
    port: Option<u16>,
}

impl Http {
    /// A client for public addresses only.
    ///
    /// # Errors
    ///
    /// [`SourceError::Broken`] when the system has no usable certificates.
    pub fn new(limits: Limits) -> Result<Self, SourceError> {
        Self::build(limits, None)
    }

    /// A client that may also reach the host and port of this address, though they be private.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`SourceError::Forbidden`] when the address names no host.
    pub fn with_own(limits: Limits, url: &Url) -> Result<Self, SourceError> {
        let host = url.host_str().ok_or(SourceError::Forbidden)?.to_owned();
        Self::build(limits, Some(Own { host, port: url.port_or_known_default() }))
    }

    fn build(limits: Limits, own: Option<Own>) -> Result<Self, SourceError> {
        let resolver = PublicOnly { own: own.as_ref().map(|own| own.host.clone()) };
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::new(resolver))
            .connect_timeout(limits.time)
            .user_agent(concat!("colloquy/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|error| {
            tracing::error!(%error, "no HTTP client can be made");
            SourceError::Broken
        })?;
        Ok(Self { client, limits, own })
    }

    /// Fetches an address. The headers go to the address's own host and no other.
    ///
    /// # Errors
    ///
    /// Why there is no answer that may be read.
    pub async fn get(&self, url: Url, headers: &HeaderMap, media: Media) -> Result<Body, SourceError> {
        self.in_time(self.walk(url, headers, media)).await
    }

    /// Posts JSON to an address. Redirects are not followed.
    ///
    /// # Errors
    ///
    /// Why there is no answer that may be read.
    pub async fn post(
        &self,
        url: Url,
        headers: &HeaderMap,
        json: &serde_json::Value,
        media: Media,
    ) -> Result<Body, SourceError> {
        self.in_time(async {
            let answer = self.send(&url, headers, media, Some(json)).await?;
            self.read(url, answer, media).await
        })
        .await
    }

    /// The client underneath, once the address has been checked: for protocols with a client of their own. It follows
    /// no redirects and resolves with the same care.
    pub(crate) fn client_for(&self, url: &Url) -> Result<reqwest::Client, SourceError> {
        self.check(url)?;
        Ok(self.client.clone())
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, SourceError>>) -> Result<T, SourceError> {
        tokio::time::timeout(self.limits.time, work).await.unwrap_or(Err(SourceError::Timeout))
    }

    async fn walk(&self, mut url: Url, headers: &HeaderMap, media: Media) -> Result<Body, SourceError> {
        let home = url.origin();
        let none = HeaderMap::new();
        for _ in 0..=self.limits.redirects {
            let headers = if url.origin() == home { headers } else { &none };
            let answer = self.send(&url, headers, media, None).await?;
            match next_hop(&url, &answer)? {
                Some(next) => url = next,
                None => return self.read(url, answer, media).await,
            }
        }
        Err(SourceError::Garbage("too many redirects"))
    }

    async fn send(
        &self,
        url: &Url,
        headers: &HeaderMap,
        media: Media,
        json: Option<&serde_json::Value>,
    ) -> Result<reqwest::Response, SourceError> {
        self.check(url)?;
        let method = if json.is_some() { Method::POST } else { Method::GET };
        let mut request = self.client.request(method, url.clone()).header(ACCEPT, media.accept());
        request = request.headers(headers.clone());
        if let Some(json) = json {
            request = request.json(json);
        }
        request.send().await.map_err(explain)
    }

    async fn read(&self, url: Url, mut answer: reqwest::Response, media: Media) -> Result<Body, SourceError> {
        let status = answer.status();
        if status != StatusCode::OK {
            return Err(SourceError::Status(status.as_u16()));
        }
        let kind =
            answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        if !media.takes(&kind) {
            return Err(SourceError::Garbage("another kind of content than was asked for"));
        }
        if answer.content_length().is_some_and(|length| length > self.limits.bytes as u64) {
            return Err(SourceError::TooLarge);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(explain)? {
            if bytes.len() + chunk.len() > self.limits.bytes {
                return Err(SourceError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body { url, kind, bytes })
    }

    /// Whether an address may be reached as far as its text says; names are judged by the resolver.
    fn check(&self, url: &Url) -> Result<(), SourceError> {
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        let host = url.host_str().filter(|_| plain).ok_or(SourceError::Forbidden)?;
        if let Some(own) = &self.own
            && own.host == host
        {
            // Another port of the same private machine is another service.
            return (own.port == url.port_or_known_default()).then_some(()).ok_or(SourceError::Forbidden);
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        if literal.is_ok_and(|address| !is_public(address)) {
            return Err(SourceError::Forbidden);
        }
        Ok(())
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("limits", &self.limits).field("own", &self.own).finish_non_exhaustive()
    }
}

/// Where a redirect leads; never from `https` to `http`.
fn next_hop(url: &Url, answer: &reqwest::Response) -> Result<Option<Url>, SourceError> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let next = location.and_then(|location| url.join(location).ok());
    let next = next.ok_or(SourceError::Garbage("a redirect to nowhere"))?;
    if url.scheme() == "https" && next.scheme() != "https" {
        return Err(SourceError::Forbidden);
    }
    Ok(Some(next))
}

/// An error of the client without the address, which may hold a key.
fn explain(error: reqwest::Error) -> SourceError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if inner.is::<PrivateName>() {
            return SourceError::Forbidden;
        }
        cause = inner.source();
    }
    let kind = if error.is_timeout() { SourceError::Timeout } else { SourceError::Unreachable };
    tracing::debug!(error = ?error.without_url(), "a request failed");
    kind
}

/// Resolves names to public addresses, except the one host that may be private.
struct PublicOnly {
    own: Option<String>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let own = self.own.as_deref() == Some(host.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let some = !found.is_empty();
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|address| own || is_public(address.ip())).collect();
            if some && allowed.is_empty() {
                return Err(PrivateName.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to private addresses only")]
struct PrivateName;
