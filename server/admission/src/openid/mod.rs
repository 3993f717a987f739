//! Login at an OpenID provider: the authorization code flow with PKCE, a state and a nonce.
//!
//! [`OpenId::begin`] gives the address to send the browser to, and a sealed cookie that only this browser has. The
//! provider sends the browser back with a code; [`OpenId::finish`] takes both, fetches the identity token and checks it:
//! signature, issuer, audience, time and nonce. Only the configured issuer and the addresses that it names are asked.

mod error;
mod provider;

pub use error::LoginError;

use crate::{Identity, Seal, Secret, Way, random};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provider::Provider;
use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;

/// Which provider, and who of those whom it knows.
#[derive(Clone, Debug)]
pub struct OpenIdOptions {
    /// The provider's own address.
    pub issuer: Url,
    /// What it knows this server as.
    pub client: String,
    /// What it knows this server by, if it gave a secret.
    pub secret: Option<Secret>,
    /// Where it sends browsers back to.
    pub redirect: Url,
    /// Who may come in.
    pub allowed: Allowed,
}

/// Who may come in of all whom a provider knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<String>);

impl Allowed {
    /// Takes mail addresses, `@` with a domain, names by which the provider knows people, or `*` for all of them.
    pub fn new(list: Vec<String>) -> Self {
        Self(list.into_iter().map(|entry| entry.to_lowercase()).collect())
    }

    /// Whether nobody may.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, subject: &str, mail: Option<&str>) -> bool {
        let (subject, mail) = (subject.to_lowercase(), mail.map(str::to_lowercase));
        let domain = mail.as_deref().and_then(|mail| mail.rsplit_once('@')).map(|(_, domain)| format!("@{domain}"));
        self.0.iter().any(|entry| {
            entry == "*" || *entry == subject || Some(entry) == mail.as_ref() || Some(entry) == domain.as_ref()
        })
    }
}

/// Login at an OpenID provider.
#[derive(Debug)]
pub struct OpenId {
    options: OpenIdOptions,
    client: Client,
    seal: Seal,
    provider: RwLock<Option<Arc<Provider>>>,
}

/// A login that has begun.
#[derive(Clone, Debug)]
pub struct Began {
    /// Where the browser goes.
    pub location: Url,
    /// What the browser keeps until it comes back.
    pub cookie: String,
}

#[derive(Serialize, Deserialize)]
struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    until: u64,
}

impl OpenId {
    /// How long somebody may take to log in, in seconds.
    pub const PATIENCE: u64 = 600;

    /// Prepares logins. The provider is asked when the first one begins.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(options: OpenIdOptions, secret: &Secret) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self { options, client, seal: Seal::new(secret, "login"), provider: RwLock::new(None) })
    }

    /// Begins a login.
    ///
    /// # Errors
    /// The provider cannot be asked, or the system gives no randomness.
    pub async fn begin(&self, now: u64) -> Result<Began, LoginError> {
        let provider = self.provider(now).await?;
        let word = || random::word().ok_or(LoginError::NoRandomness);
        let pending = Pending { state: word()?, nonce: word()?, verifier: word()?, until: now + Self::PATIENCE };
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, pending.verifier.as_bytes()));
        let mut location = provider.authorization.clone();
        location
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.options.client)
            .append_pair("redirect_uri", self.options.redirect.as_str())
            .append_pair("scope", "openid email")
            .append_pair("state", &pending.state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let cookie = serde_json::to_string(&pending).map_err(|_| LoginError::NoRandomness)?;
        Ok(Began { location, cookie: self.seal.close(&cookie) })
    }

    /// Finishes a login with the cookie that [`OpenId::begin`] gave and what the provider sent the browser back with.
    ///
    /// # Errors
    /// As [`LoginError`] tells; nobody is logged in then.
    pub async fn finish(&self, cookie: &str, query: &str, now: u64) -> Result<Identity, LoginError> {
        let pending: Pending = self
            .seal
            .open(cookie)
            .and_then(|text| serde_json::from_str(&text).ok())
            .filter(|pending: &Pending| now < pending.until)
            .ok_or(LoginError::NotBegun)?;
        let answer = Answer::read(query);
        if verify_slices_are_equal(answer.state.as_bytes(), pending.state.as_bytes()).is_err() {
            return Err(LoginError::NotBegun);
        }
        // A second provider in the middle would show itself here.
        let issuer = self.options.issuer.as_str().trim_end_matches('/');
        if answer.issuer.is_some_and(|other| other.trim_end_matches('/') != issuer) {
            return Err(LoginError::Untrusted("it was another provider that answered"));
        }
        let code = answer.code.ok_or(LoginError::Denied)?;
        let provider = self.provider(now).await?;
        let token = provider.exchange(&self.client, &self.options, &code, &pending.verifier).await?;
        let claims = match provider.check(&token, &self.options) {
            Err(LoginError::UnknownKey) => self.renewed(now).await?.check(&token, &self.options)?,
            other => other?,
        };
        if claims.nonce.as_deref() != Some(pending.nonce.as_str()) {
            return Err(LoginError::Untrusted("its token was made for another login"));
        }
        if !self.options.allowed.has(&claims.sub, claims.verified_mail()) {
            return Err(LoginError::NotAllowed);
        }
        Identity::new(Way::OpenId, &claims.sub).ok_or(LoginError::Untrusted("its token names nobody"))
    }

    async fn provider(&self, now: u64) -> Result<Arc<Provider>, LoginError> {
        let known = self.provider.read().await.clone();
        match known.filter(|provider| now < provider.read_at + FRESH) {
            Some(provider) => Ok(provider),
            None => self.read(now).await,
        }
    }

    /// The provider with its newest keys; a stranger cannot make us ask it more than once in a while.
    async fn renewed(&self, now: u64) -> Result<Arc<Provider>, LoginError> {
        let known = self.provider.read().await.clone();
        match known.filter(|provider| now < provider.read_at + RENEW) {
            Some(_) => Err(LoginError::UnknownKey),
            None => self.read(now).await,
        }
    }

    async fn read(&self, now: u64) -> Result<Arc<Provider>, LoginError> {
        let provider = Arc::new(Provider::discover(&self.client, &self.options.issuer, now).await?);
        *self.provider.write().await = Some(Arc::clone(&provider));
        Ok(provider)
    }
}

/// What a browser comes back with.
#[derive(Default)]
struct Answer {
    state: String,
    code: Option<String>,
    issuer: Option<String>,
}

impl Answer {
    fn read(query: &str) -> Self {
        let mut answer = Self::default();
        let Ok(url) = Url::parse(&format!("http://localhost/?{query}")) else { return answer };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "state" => answer.state = value.into_owned(),
                "code" => answer.code = Some(value.into_owned()),
                "iss" => answer.issuer = Some(value.into_owned()),
                _ => {}
            }
        }
        answer
    }
}

/// How long what a provider says about itself is believed, and how soon it is asked again for a key that is missing.
const FRESH: u64 = 24 * 3_600;
const RENEW: u64 = 60;

#[cfg(test)]
mod tests {
    use super::Allowed;

    #[test]
    fn only_those_who_are_named_may_come_in() {
        let allowed = |list: &[&str]| Allowed::new(list.iter().map(|entry| (*entry).to_owned()).collect());
        assert!(allowed(&["Ann@example.com"]).has("1", Some("ann@Example.com")));
        assert!(allowed(&["@example.com"]).has("1", Some("ann@example.com")));
        assert!(!allowed(&["@example.com"]).has("1", Some("ann@evil.example.com")));
        assert!(!allowed(&["@example.com"]).has("1", None), "an address that is not verified is none");
        assert!(allowed(&["1089"]).has("1089", None) && allowed(&["*"]).has("2", None));
        assert!(!allowed(&[]).has("1", Some("ann@example.com")));
    }
}
