//! Login at an OpenID provider: the authorization code flow with PKCE, a state and a nonce.
//!
//! [`OpenId::begin`] gives the address to send the browser to, and a sealed cookie that only this browser has. The
//! provider sends the browser back with a code; [`OpenId::recognise`] sees that both belong together, and
//! [`OpenId::finish`] fetches the identity token and checks it: signature, issuer, audience, time and nonce. Only the
//! configured issuer and the addresses that it names are asked.

mod error;
mod provider;

pub use error::LoginError;

use crate::{Identity, Login, Proof, Seal, Secret, Way, random};
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
pub struct Allowed(Vec<Whom>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Whom {
    Everybody,
    /// The provider's own name for somebody. Whoever may choose it could choose somebody's mail address.
    Subject(String),
    /// A verified mail address, in small letters.
    Mail(String),
    /// What is behind the `@` of one.
    Domain(String),
}

impl Whom {
    fn read(entry: &str) -> Self {
        if entry == "*" {
            return Self::Everybody;
        }
        if let Some(subject) = entry.strip_prefix("sub:") {
            return Self::Subject(subject.to_owned());
        }
        match entry.rsplit_once('@') {
            Some(("", domain)) => Self::Domain(domain.to_ascii_lowercase()),
            Some(_) => Self::Mail(entry.to_ascii_lowercase()),
            None => Self::Subject(entry.to_owned()),
        }
    }
}

impl Allowed {
    /// Takes mail addresses, `@` with a domain, names by which the provider knows people, with `sub:` before those that
    /// hold an `@`, or `*` for all of them.
    pub fn new<'a>(list: impl IntoIterator<Item = &'a str>) -> Self {
        Self(list.into_iter().map(Whom::read).collect())
    }

    /// Whether nobody may.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody may whom the provider knows by a name, and by a mail address if it has verified that.
    pub fn has(&self, subject: &str, mail: Option<&str>) -> bool {
        let domain = mail.and_then(|mail| mail.rsplit_once('@')).map(|(_, domain)| domain);
        self.0.iter().any(|whom| match whom {
            Whom::Everybody => true,
            Whom::Subject(name) => name == subject,
            Whom::Mail(address) => mail.is_some_and(|mail| mail.eq_ignore_ascii_case(address)),
            Whom::Domain(name) => domain.is_some_and(|domain| domain.eq_ignore_ascii_case(name)),
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

#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    until: u64,
    back: Option<String>,
}

/// A browser that has come back to the login that it had begun.
#[derive(Debug)]
pub struct Returned {
    pending: Pending,
    code: Option<String>,
}

impl Returned {
    /// Which login it is, and until when it can be finished. Whoever lets each be finished but once keeps its cookie
    /// from being of use a second time.
    pub fn name(&self) -> (&str, u64) {
        (&self.pending.state, self.pending.until)
    }

    /// Where the browser wants to be afterwards, as was said at the beginning.
    pub fn back(&self) -> Option<&str> {
        self.pending.back.as_deref()
    }
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

    /// Begins a login. `back` is where the browser wants to be afterwards, if that was said.
    ///
    /// # Errors
    /// The provider cannot be asked, or the system gives no randomness.
    pub async fn begin(&self, back: Option<String>, now: u64) -> Result<Began, LoginError> {
        let provider = self.provider(now).await?;
        let word = || random::word().ok_or(LoginError::NoRandomness);
        let (state, nonce, verifier) = (word()?, word()?, word()?);
        let pending = Pending { state, nonce, verifier, until: now + Self::PATIENCE, back };
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

    /// Sees that a browser has begun the login to which the provider sends it back. Nobody is asked for that.
    ///
    /// # Errors
    /// It has not, or it was another provider that sent it.
    pub fn recognise(&self, cookie: &str, query: &str, now: u64) -> Result<Returned, LoginError> {
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
        Ok(Returned { pending, code: answer.code })
    }

    /// Finishes a login.
    ///
    /// # Errors
    /// As [`LoginError`] tells; nobody is logged in then.
    pub async fn finish(&self, returned: Returned, now: u64) -> Result<Login, LoginError> {
        let Returned { pending, code } = returned;
        let code = code.ok_or(LoginError::Denied)?;
        let provider = self.provider(now).await?;
        let token = provider.exchange(&self.client, &self.options, &code, &pending.verifier).await?;
        let claims = match provider.check(&token, &self.options) {
            Err(LoginError::UnknownKey) => self.renewed(now).await?.check(&token, &self.options)?,
            other => other?,
        };
        if claims.nonce.as_deref() != Some(pending.nonce.as_str()) {
            return Err(LoginError::Untrusted("its token was made for another login"));
        }
        let mail = claims.verified_mail();
        if !self.options.allowed.has(&claims.sub, mail) {
            return Err(LoginError::NotAllowed);
        }
        let identity = Identity::new(Way::OpenId, &claims.sub);
        let identity = identity.ok_or(LoginError::Untrusted("its token names nobody"))?;
        let issuer = self.options.issuer.as_str().to_owned();
        Ok(Login { identity, proof: Proof::OpenId { issuer, mail: mail.map(str::to_owned) } })
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
        let allowed = |list: &[&'static str]| Allowed::new(list.iter().copied());
        assert!(allowed(&["Ann@example.com"]).has("1", Some("ann@Example.com")));
        assert!(allowed(&["@example.com"]).has("1", Some("ann@example.com")));
        assert!(!allowed(&["@example.com"]).has("1", Some("ann@evil.example.com")));
        assert!(!allowed(&["@example.com"]).has("1", None), "an address that is not verified is none");
        assert!(allowed(&["1089"]).has("1089", None) && allowed(&["*"]).has("2", None));
        assert!(!allowed(&[]).has("1", Some("ann@example.com")));
    }

    #[test]
    fn a_name_that_looks_like_an_address_is_none_and_case_tells_names_apart() {
        let allowed = |entry: &'static str| Allowed::new([entry]);
        assert!(!allowed("ann@example.com").has("ann@example.com", None));
        assert!(!allowed("@example.com").has("@example.com", None) && !allowed("*@example.com").has("1", None));
        assert!(allowed("sub:ann@example.com").has("ann@example.com", None));
        assert!(!allowed("sub:ann@example.com").has("1", Some("ann@example.com")));
        assert!(!allowed("aBc").has("abC", None) && allowed("aBc").has("aBc", None));
        assert!(
            !allowed("ann@kelvin.example").has("1", Some("ann@\u{212a}elvin.example")),
            "only letters of ASCII fold"
        );
    }
}
