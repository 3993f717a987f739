//! The far end: an address that speaks the realtime protocol. The one place that sends the lasting key anywhere, and
//! the one place from which requests leave this server.

mod answer;
mod error;

pub use answer::CallAnswer;
pub use error::{Purpose, UpstreamError};

use crate::config::{Config, SessionChoice, Target};
use crate::key::bearer;
use axum::body::Bytes;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use protocol::api::SessionReply;
use protocol::{CallId, EphemeralKey};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;

/// A client of the far end. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Upstream(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    base_url: String,
    key: Option<HeaderValue>,
    mint: Bytes,
    kind: &'static str,
    host: String,
    model: String,
}

impl Upstream {
    /// Prepares a client of the upstream that the configuration names, or of the local engine at an address.
    ///
    /// # Errors
    /// The HTTP client cannot be built: the system's certificates cannot be read.
    pub fn new(config: &Config, engine_url: Option<&str>) -> Result<Self, reqwest::Error> {
        let (kind, base_url, host) = match (&config.upstream.target, engine_url) {
            (Target::Remote { base_url, host }, _) => (kind_of(host), base_url.clone(), host.clone()),
            (Target::Engine, url) => ("engine", url.unwrap_or_default().to_owned(), "this machine".to_owned()),
        };
        let mut client = Client::builder()
            .connect_timeout(config.limits.connect)
            .timeout(config.limits.upstream)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("colloquy/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base_url) {
            // A proxy named in the environment is for the network, not for this machine.
            client = client.no_proxy();
        }
        Ok(Self(Arc::new(Inner {
            client: client.build()?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            key: config.upstream.key.as_ref().and_then(crate::ServerKey::authorization),
            mint: mint_body(&config.session),
            kind,
            host,
            model: config.session.model.clone(),
        })))
    }

    /// Asks for a key that a browser may have.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells.
    pub async fn mint_key(&self) -> Result<SessionReply, UpstreamError> {
        let request = self
            .with_own_key(self.post("/realtime/client_secrets"))
            .header(CONTENT_TYPE, "application/json")
            .body(self.0.mint.clone());
        let body = answer::whole(self.send(request).await?).await?;
        let reply: SessionReply =
            serde_json::from_slice(&body).map_err(|_| UpstreamError::Malformed("no key in its answer"))?;
        if is_ephemeral(reply.value.expose()) {
            Ok(reply)
        } else {
            Err(UpstreamError::Malformed("its key is no ek_ key"))
        }
    }

    /// Opens a call with the browser's own key. The body and its type go through as they are.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells.
    pub async fn open_call(
        &self,
        key: &EphemeralKey,
        content_type: HeaderValue,
        offer: Bytes,
    ) -> Result<CallAnswer, UpstreamError> {
        let authorization = bearer(key.expose()).ok_or(UpstreamError::KeyRefused)?;
        let request = self
            .post("/realtime/calls")
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, content_type)
            .header(ACCEPT, "application/sdp")
            .body(offer);
        CallAnswer::read(self.send(request).await?).await
    }

    /// Ends a call.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells; a call that has ended already is refused.
    pub async fn hang_up(&self, call: &CallId) -> Result<(), UpstreamError> {
        let request = self.with_own_key(self.post(&format!("/realtime/calls/{call}/hangup")));
        self.send(request).await.map(drop)
    }

    /// `engine`, `openai` or `compatible`.
    pub fn kind(&self) -> &str {
        self.0.kind
    }

    /// Its host, for people.
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// The model asked for.
    pub fn model(&self) -> &str {
        &self.0.model
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.0.client.post(format!("{}{path}", self.0.base_url))
    }

    fn with_own_key(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.0.key {
            Some(key) => request.header(AUTHORIZATION, key.clone()),
            None => request,
        }
    }

    /// Sends a request and sorts out every answer but a success.
    async fn send(&self, request: RequestBuilder) -> Result<Response, UpstreamError> {
        let response = request.send().await?;
        if response.status().is_success() { Ok(response) } else { Err(answer::refusal(response).await) }
    }
}

/// Whether a text has the shape of an ephemeral key.
pub(crate) fn is_ephemeral(key: &str) -> bool {
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

fn mint_body(session: &SessionChoice) -> Bytes {
    let body = json!({
        "expires_after": { "anchor": "created_at", "seconds": session.key_seconds },
        "session": session.config,
    });
    body.to_string().into()
}

fn kind_of(host: &str) -> &'static str {
    if host == "api.openai.com" { "openai" } else { "compatible" }
}

fn is_loopback(url: &str) -> bool {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{is_call_id, is_ephemeral, is_loopback};

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

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        assert!(
            is_loopback("http://127.0.0.1:9/v1") && is_loopback("http://[::1]:9") && is_loopback("http://localhost")
        );
        assert!(!is_loopback("https://api.openai.com/v1"));
    }
}
