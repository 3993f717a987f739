//! The far end: an address that speaks the realtime protocol. The one place that sends the lasting key anywhere, and
//! the one place from which requests leave this server.

mod answer;
mod endpoint;
mod error;
mod retry;
mod sideband;

pub use answer::CallAnswer;
pub(crate) use endpoint::is_loopback;
pub use error::{Purpose, UpstreamError};
pub use sideband::Sideband;

use crate::config::{Config, Presets};
use crate::key::{Held, KeyError, KeyRing, KeySource, bearer};
use crate::metrics::UpstreamMetrics;
use crate::traces::{note_failure, note_status};
use axum::body::Bytes;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use endpoint::Endpoint;
use protocol::{CallId, EphemeralKey};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use retry::Repeat;
use serde::Deserialize;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// A client of the far end. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Upstream(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    endpoint: Endpoint,
    key: RwLock<Option<Arc<KeyRing>>>,
    presets: RwLock<Arc<Presets>>,
    watches: bool,
    /// How long one request may take, however often it is sent.
    patience: Duration,
    metrics: UpstreamMetrics,
    /// Its address, where traces are sent.
    traced: Option<Url>,
}

/// A key that a browser may have, and the session that it stands for.
#[derive(Debug, Deserialize)]
pub struct Minted {
    /// The key.
    pub value: EphemeralKey,
    /// When it expires, in seconds of Unix time.
    pub expires_at: u64,
    /// The effective session, as the upstream shows it.
    #[serde(default)]
    pub session: Value,
}

impl Upstream {
    /// Prepares a client of the upstream that the configuration names, or of the local engine at an address.
    ///
    /// # Errors
    /// The HTTP client cannot be built: the system's certificates cannot be read.
    pub fn new(config: &Config, engine_url: Option<&str>) -> Result<Self, reqwest::Error> {
        let endpoint = Endpoint::new(&config.upstream, engine_url);
        let mut client = Client::builder()
            .connect_timeout(config.limits.connect)
            .timeout(config.limits.upstream)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("colloquy/", env!("CARGO_PKG_VERSION")));
        if endpoint.is_on_this_machine() {
            client = client.no_proxy();
        }
        let traced = config.logs.traces.as_ref().and_then(|_| Url::parse(&endpoint.url("")).ok());
        Ok(Self(Arc::new(Inner {
            client: client.build()?,
            endpoint,
            metrics: UpstreamMetrics::new(),
            traced,
            key: RwLock::new(config.upstream.key.clone().map(KeyRing::new).map(Arc::new)),
            presets: RwLock::new(Arc::new(config.presets.clone())),
            watches: config.upstream.sideband,
            patience: config.limits.upstream,
        })))
    }

    /// Takes over what may change while the server runs: the kinds of talk, and where the key comes from. The key is
    /// fetched anew, first of all.
    ///
    /// # Errors
    /// The key cannot be had; everything stays as it was.
    pub async fn change(&self, presets: Presets, key: Option<KeySource>) -> Result<(), KeyError> {
        let ring = key.map(KeyRing::new).map(Arc::new);
        if let Some(ring) = &ring {
            ring.current().await?;
        }
        *self.0.presets.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(presets);
        *self.0.key.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// Gets the lasting key from where it is, so that a wrong place is told before anybody talks.
    ///
    /// # Errors
    /// It cannot be had.
    pub async fn prepare(&self) -> Result<(), KeyError> {
        match self.key() {
            Some(ring) => ring.current().await.map(drop),
            None => Ok(()),
        }
    }

    /// Asks for a key that a browser may have. `body` is a preset's, `who` the word for whoever is to have it.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells.
    pub async fn mint_key(&self, body: Bytes, who: Option<HeaderValue>) -> Result<Minted, UpstreamError> {
        let request = self.post("/realtime/client_secrets").header(CONTENT_TYPE, "application/json").body(body);
        let request = said_of(request, who);
        let asking = async {
            let response = self.with_own_key(request, Purpose::Key).await?;
            let body = answer::whole(response).await?;
            let minted: Minted =
                serde_json::from_slice(&body).map_err(|_| UpstreamError::Malformed("no key in its answer"))?;
            if is_ephemeral(minted.value.expose()) {
                Ok(minted)
            } else {
                Err(UpstreamError::Malformed("its key is no ek_ key"))
            }
        };
        self.counted(Purpose::Key, asking).await
    }

    /// Opens a call with the short-lived key of a browser, for whom `who` stands.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells.
    pub async fn open_call(
        &self,
        key: &EphemeralKey,
        offer: Bytes,
        who: Option<HeaderValue>,
    ) -> Result<CallAnswer, UpstreamError> {
        let authorization = bearer(key.expose()).ok_or(UpstreamError::KeyRefused)?;
        let request = self
            .post("/realtime/calls")
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, "application/sdp")
            .header(ACCEPT, "application/sdp")
            .body(offer);
        let request = said_of(request, who);
        self.counted(Purpose::Call, async { CallAnswer::read(self.send(request, Purpose::Call).await?).await }).await
    }

    /// Ends a call. Says whether it was still on.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells.
    pub async fn hang_up(&self, call: &CallId) -> Result<bool, UpstreamError> {
        let request = self.post(&format!("/realtime/calls/{call}/hangup"));
        let asking = async {
            match self.with_own_key(request, Purpose::HangUp).await {
                Ok(_) => Ok(true),
                Err(UpstreamError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.counted(Purpose::HangUp, asking).await
    }

    /// Whether anything answers at its address, whatever it says. No key is sent.
    pub async fn is_reachable(&self) -> bool {
        self.0.client.head(self.0.endpoint.url("/models")).send().await.is_ok()
    }

    /// The kinds of talk that are offered.
    pub fn presets(&self) -> Arc<Presets> {
        Arc::clone(&self.0.presets.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What came of what was asked, and how long it took.
    pub(crate) fn metrics(&self) -> UpstreamMetrics {
        self.0.metrics.clone()
    }

    /// Counts what comes of asking.
    async fn counted<T>(
        &self,
        purpose: Purpose,
        asking: impl Future<Output = Result<T, UpstreamError>>,
    ) -> Result<T, UpstreamError> {
        let begun = Instant::now();
        let result = asking.await;
        let outcome = result.as_ref().map_or_else(UpstreamError::code, |_| "ok");
        self.0.metrics.answered(purpose.word(), outcome, begun.elapsed());
        result
    }

    fn key(&self) -> Option<Arc<KeyRing>> {
        self.0.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether calls are to be watched by the sideband.
    pub(crate) fn watches(&self) -> bool {
        self.0.watches
    }

    /// `engine`, `openai` or `compatible`.
    pub fn kind(&self) -> &str {
        self.0.endpoint.kind()
    }

    /// Its host, for people.
    pub fn host(&self) -> &str {
        self.0.endpoint.host()
    }

    /// The model asked for unless a preset says otherwise.
    pub fn model(&self) -> String {
        self.presets().standard().session().model.clone()
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.0.client.post(self.0.endpoint.url(path))
    }

    /// Sends a request with the server's own key, and once more with another if there is one by the time it is refused.
    async fn with_own_key(&self, request: RequestBuilder, purpose: Purpose) -> Result<Response, UpstreamError> {
        let Some(ring) = self.key() else { return self.send(request, purpose).await };
        let held = ring.current().await?;
        let again = request.try_clone();
        match self.send_keyed(request, &held, purpose).await {
            Err(UpstreamError::KeyRefused) => match (again, ring.renew(&held).await?) {
                (Some(request), Some(fresh)) => self.send_keyed(request, &fresh, purpose).await,
                _ => Err(UpstreamError::KeyRefused),
            },
            other => other,
        }
    }

    async fn send_keyed(
        &self,
        request: RequestBuilder,
        held: &Held,
        purpose: Purpose,
    ) -> Result<Response, UpstreamError> {
        let result = self.send(take_key(&self.0.endpoint, request, held)?, purpose).await;
        result.map_err(|error| match error {
            UpstreamError::Refused { status, message } => {
                UpstreamError::Refused { status, message: held.key.hidden_in(&message) }
            }
            other => other,
        })
    }

    /// Sends a request, again where that helps and does no harm, and sorts out every answer but a success.
    async fn send(&self, request: RequestBuilder, purpose: Purpose) -> Result<Response, UpstreamError> {
        let started = Instant::now();
        let repeat = Repeat::of(purpose);
        let mut attempt = 0;
        loop {
            let left = self.0.patience.saturating_sub(started.elapsed());
            let this = request.try_clone().ok_or(UpstreamError::Malformed("the request cannot be sent twice"))?;
            let span = self.span(purpose);
            let error = match once(this.timeout(left), &span).instrument(span.clone()).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            note_failure(&span, error.code());
            let left = self.0.patience.saturating_sub(started.elapsed());
            let Some(delay) = repeat.delay(&error, attempt, chance(), left) else { return Err(error) };
            tracing::debug!(%error, attempt, ms = delay.as_millis() as u64, "asking the upstream again");
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// The span of one request, where traces are sent.
    fn span(&self, purpose: Purpose) -> Span {
        let Some(url) = &self.0.traced else { return Span::none() };
        let (method, path) = purpose.asks();
        tracing::info_span!(
            "upstream",
            otel.name = format!("{method} {path}"),
            otel.kind = "client",
            http.request.method = method,
            url.template = path,
            server.address = url.host_str(),
            server.port = url.port_or_known_default().map(i64::from),
            http.response.status_code = Empty,
            otel.status_code = Empty,
            "error.type" = Empty,
        )
    }
}

async fn once(request: RequestBuilder, span: &Span) -> Result<Response, UpstreamError> {
    let response = request.send().await?;
    let status = response.status();
    note_status(span, status);
    let is_well = status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS;
    if is_well { Ok(response) } else { Err(answer::refusal(response).await) }
}

/// Adds the word for whom a request is made.
fn said_of(request: RequestBuilder, who: Option<HeaderValue>) -> RequestBuilder {
    match who {
        Some(who) => request.header("openai-safety-identifier", who),
        None => request,
    }
}

/// Adds the lasting key to a request.
fn take_key(endpoint: &Endpoint, request: RequestBuilder, held: &Held) -> Result<RequestBuilder, UpstreamError> {
    let (name, value) = endpoint.key_header(&held.key).ok_or(UpstreamError::KeyRefused)?;
    Ok(request.header(name, value))
}

/// A number from 0 to 1, so that many who failed together do not come back together.
fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

/// Whether a text has the shape of an ephemeral key.
fn is_ephemeral(key: &str) -> bool {
    key.strip_prefix("ek_")
        .is_some_and(|rest| !rest.is_empty() && key.len() <= 4096 && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// Whether a text has the shape of a call's name, so that it can stand in a path.
pub(crate) fn is_call_id(text: &str) -> bool {
    text.strip_prefix("rtc_").is_some_and(|rest| {
        (1..=128).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::{is_call_id, is_ephemeral};

    #[test]
    fn only_short_lived_keys_look_like_one() {
        assert!(is_ephemeral("ek_68af296e8e408191a1120ab6383263c2"));
        assert!(!is_ephemeral("sk-proj-1"));
        assert!(!is_ephemeral("ek_"));
        assert!(!is_ephemeral("ek_a b"));
    }

    #[test]
    fn a_call_name_cannot_leave_its_place_in_the_path() {
        assert!(is_call_id("rtc_u1_9c6574da8b8a41a18da9308f4ad974ce"));
        assert!(!is_call_id("rtc_../../models"));
        assert!(!is_call_id("rtc_"));
        assert!(!is_call_id("call_1"));
    }
}
