//! The entrance: finds out who a request is from, and holds what lets visitors in or keeps them out.

use crate::ApiError;
use crate::config::{Auth, Config, Proxies, QuotaStore};
use crate::edge::comes_from_this_machine;
use crate::error::causes;
use admission::{
    Audit, Cookie, CounterError, Counters, Embedded, Gate, Handles, Identity, OpenId, Refusal, Rules, Seal, Secret,
    Session, Sessions, Shared, Visitor, Way, client_address,
};
use axum::extract::ConnectInfo;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Finds out who a request is from, and lets visitors in or keeps them out.
#[derive(Debug)]
pub struct Entrance {
    auth: RwLock<Arc<Auth>>,
    proxies: Proxies,
    gate: Gate,
    audit: Audit,
    sessions: Sessions,
    handles: Handles,
    openid: Option<OpenId>,
    /// Makes the words by which the upstream knows people apart, where it is told.
    safety: Option<Seal>,
    secure: bool,
    /// Whether the server listens for this machine alone.
    local: bool,
}

/// Why nobody can be let in.
#[derive(Debug, thiserror::Error)]
pub enum EntranceError {
    /// The store of the limits cannot be had.
    #[error("the limits cannot be counted in {place}: {}", causes(.source))]
    Store {
        /// Where it is, without secrets.
        place: String,
        /// Why.
        source: CounterError,
    },
    /// The audit log cannot be written.
    #[error("the audit log {path} cannot be opened: {source}")]
    Audit {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The HTTP client cannot be built.
    #[error("cannot prepare the connection to the OpenID provider: {0}")]
    Client(#[from] reqwest::Error),
    /// Sessions cannot be signed.
    #[error("the system gives no randomness to sign sessions with")]
    NoRandomness,
}

/// Who a request is from.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) visitor: Visitor,
    /// The login that a cookie stands for, if it was that which told.
    pub(crate) session: Option<Session>,
}

impl Entrance {
    /// Opens what the configuration names.
    ///
    /// # Errors
    /// As [`EntranceError`] tells.
    pub async fn open(config: &Config) -> Result<Self, EntranceError> {
        let auth = config.auth.clone();
        let secret = match &auth.secret {
            Some(secret) => secret.clone(),
            None => drawn_secret().ok_or(EntranceError::NoRandomness)?,
        };
        let openid = auth.openid.clone().map(|options| OpenId::new(options, &secret)).transpose()?;
        let audit = match &config.operation.audit {
            Some(path) => {
                Audit::open(path).map_err(|source| EntranceError::Audit { path: path.display().to_string(), source })?
            }
            None => Audit::off(),
        };
        let secure = config.is_https();
        Ok(Self {
            safety: config.upstream.safety_identifier.then(|| Seal::new(&secret, "safety identifier")),
            sessions: Sessions::new(&secret, auth.session_seconds),
            handles: Handles::new(&secret).ok_or(EntranceError::NoRandomness)?,
            auth: RwLock::new(Arc::new(auth)),
            proxies: config.proxies.clone(),
            gate: Gate::new(Box::pin(counters(&config.quota.store)).await?, config.quota.rules.clone()),
            audit,
            openid,
            secure,
            local: config.listen.address.ip().is_loopback(),
        })
    }

    /// Takes over what may change while the server runs: tokens, limits, prices, the kill switch; and begins the audit
    /// log's file anew if it was moved away.
    pub fn change(&self, auth: Auth, rules: Rules) {
        *self.auth.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(auth);
        self.gate.set_rules(rules);
        if let Err(error) = self.audit.reopen() {
            tracing::error!(%error, "the audit log stays where it is");
        }
    }

    /// What counts and limits.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Where it is written who did what.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// What browsers get in place of the upstream's keys.
    pub fn handles(&self) -> &Handles {
        &self.handles
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) fn openid(&self) -> Option<&OpenId> {
        self.openid.as_ref()
    }

    /// The word by which the upstream knows a visitor from others, if it is told and somebody knows who it is.
    pub(crate) fn safety_identifier(&self, visitor: &Visitor) -> Option<HeaderValue> {
        let mark = self.safety.as_ref()?.mark(visitor.identity.as_ref()?.as_str());
        HeaderValue::try_from(mark).ok()
    }

    /// The cookie of a session.
    pub(crate) fn cookie(&self) -> Cookie {
        Cookie { name: "colloquy", secure: self.secure }
    }

    /// The cookie of a login that has begun.
    pub(crate) fn login_cookie(&self) -> Cookie {
        Cookie { name: "colloquy-login", secure: self.secure }
    }

    /// Whether visitors have to say who they are.
    pub(crate) fn asks_who(&self) -> bool {
        self.auth().is_chosen()
    }

    /// Whether somebody can log in with a token or at a provider, so that a browser is worth sending there.
    pub(crate) fn has_login(&self) -> bool {
        self.openid.is_some() || !self.auth().tokens.is_empty()
    }

    /// Whether an address is a trusted proxy's.
    pub(crate) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.trusted.contains(address)
    }

    /// Whose a static token is.
    pub(crate) fn owner_of_token(&self, token: &str) -> Option<Identity> {
        self.auth().tokens.find(token).cloned()
    }

    /// Who a request is from.
    ///
    /// # Errors
    /// Whether a session was ended cannot be looked up.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<Known, ApiError> {
        let headers = &parts.headers;
        // Whoever comes from nowhere is trusted with nothing.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let address = client_address(peer, headers, &self.proxies.trusted, self.proxies.by);
        let session = self.session(headers).await?;
        let identity = self
            .named_by_proxy(peer, headers)
            .or_else(|| bearer(headers).and_then(|token| self.owner_of_token(token)))
            .or_else(|| session.as_ref().map(|session| session.identity.clone()))
            .or_else(|| self.whoever_sits_here(headers));
        let session = session.filter(|session| identity.as_ref() == Some(&session.identity));
        Ok(Known { visitor: Visitor { address, identity }, session })
    }

    async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, ApiError> {
        let now = now();
        let session = self.cookie().find(headers).and_then(|cookie| self.sessions.open(cookie, now));
        let Some(session) = session.filter(|_| self.has_login()) else { return Ok(None) };
        match self.gate.has_ended(&session, now).await {
            Ok(ended) => Ok(Some(session).filter(|_| !ended)),
            Err(error) => Err(ApiError::Kept(Refusal::Uncounted(error))),
        }
    }

    fn named_by_proxy(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Identity> {
        let auth = self.auth();
        let name = auth.proxy_user.as_ref().filter(|_| self.proxies.trusted.contains(peer))?;
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        // A second value would be one that the proxy did not take away.
        values.next().is_none().then(|| Identity::new(Way::Proxy, value.trim()))?
    }

    /// While nobody else can reach the server, whoever sits at this machine is its user.
    fn whoever_sits_here(&self, headers: &HeaderMap) -> Option<Identity> {
        (self.local && !self.asks_who() && comes_from_this_machine(headers)).then(Identity::local)
    }

    fn auth(&self) -> Arc<Auth> {
        Arc::clone(&self.auth.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The token that a request carries.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Seconds of Unix time.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

async fn counters(store: &QuotaStore) -> Result<Arc<dyn Counters>, EntranceError> {
    match store {
        QuotaStore::Memory => Ok(Arc::new(Embedded::new())),
        QuotaStore::File(path) => match Embedded::open(path, now()).await {
            Ok(counters) => Ok(Arc::new(counters)),
            Err(source) => Err(EntranceError::Store { place: path.display().to_string(), source }),
        },
        QuotaStore::Redis { address, root } => match Shared::open(address.expose(), root.clone()).await {
            Ok(counters) => Ok(Arc::new(counters)),
            Err(source) => Err(EntranceError::Store { place: "Redis".to_owned(), source }),
        },
    }
}

fn drawn_secret() -> Option<Secret> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    Secret::new(&URL_SAFE_NO_PAD.encode(bytes))
}
