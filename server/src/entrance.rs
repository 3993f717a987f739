//! The entrance: finds out who a request is from, and holds what lets visitors in or keeps them out.

use crate::ApiError;
use crate::config::{Auth, Config, Proxies, QuotaStore};
use crate::edge::{comes_from_this_machine, is_passed_on};
use crate::error::causes;
use admission::{
    Audit, Cookie, CounterError, Counters, Embedded, Gate, Handles, Identity, Login, OpenId, Proof, Refusal, Rules,
    Seal, Secret, Session, Sessions, Shared, Visitor, Way, client_address,
};
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, ORIGIN};
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
    openid: RwLock<Option<Arc<OpenId>>>,
    /// What logins are signed with.
    secret: Secret,
    /// Makes the words by which the upstream knows people apart, where it is told.
    safety: Option<Seal>,
    secure: bool,
    /// Whether nobody else can reach the server than those at this machine.
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

/// What is to hold from now on at the entrance.
#[derive(Debug)]
#[must_use = "nothing has changed yet"]
pub struct Change {
    auth: Arc<Auth>,
    rules: Rules,
    openid: Option<Arc<OpenId>>,
}

/// Who a request is from.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) visitor: Visitor,
    /// The login that told who it is, if it was that.
    pub(crate) session: Option<Session>,
    /// Whether the proof is one that comes along whatever page asks: a cookie, a proxy's word, or this machine itself.
    pub(crate) ambient: bool,
    /// Whether it surely comes from this machine, which nobody else can reach.
    here: bool,
    /// Whether a proxy has passed it on that is not trusted to say for whom, or does not say.
    pub(crate) veiled: bool,
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
        let openid = auth.openid.clone().map(|options| OpenId::new(options, &secret)).transpose()?.map(Arc::new);
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
            openid: RwLock::new(openid),
            secret,
            secure,
            local: !config.is_public(),
        })
    }

    /// Prepares what may change while the server runs: who may talk, limits, prices, the kill switch.
    ///
    /// # Errors
    /// The client for the OpenID provider cannot be built.
    pub fn prepare(&self, auth: Auth, rules: Rules) -> Result<Change, EntranceError> {
        let openid = auth.openid.clone().map(|options| OpenId::new(options, &self.secret)).transpose()?.map(Arc::new);
        Ok(Change { auth: Arc::new(auth), rules, openid })
    }

    /// Takes over what was prepared, and begins the audit log's file anew if it was moved away.
    pub fn change(&self, change: Change) {
        *self.openid.write().unwrap_or_else(PoisonError::into_inner) = change.openid;
        *self.auth.write().unwrap_or_else(PoisonError::into_inner) = change.auth;
        self.gate.set_rules(change.rules);
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

    pub(crate) fn openid(&self) -> Option<Arc<OpenId>> {
        self.openid.read().unwrap_or_else(PoisonError::into_inner).clone()
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

    /// Whether a request is served at all: where nobody has to say who they are and not everybody is meant to talk, only
    /// one that surely comes from this machine is.
    pub(crate) fn serves(&self, known: &Known) -> bool {
        let auth = self.auth();
        auth.is_chosen() || auth.open || known.here
    }

    /// Whether somebody can log in with a token or at a provider, so that a browser is worth sending there.
    pub(crate) fn has_login(&self) -> bool {
        let auth = self.auth();
        auth.openid.is_some() || !auth.tokens.is_empty()
    }

    /// Whether an address is a trusted proxy's.
    pub(crate) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.trusted.contains(address)
    }

    /// The login of somebody who has shown a static token.
    pub(crate) fn login_by_token(&self, token: &str) -> Option<Login> {
        let auth = self.auth();
        let identity = auth.tokens.find(token)?.clone();
        let proof = Proof::Token(self.sessions.mark(&auth.tokens.print_of(&identity)?));
        Some(Login { identity, proof })
    }

    /// Who a request is from.
    ///
    /// # Errors
    /// Whether a session was ended cannot be looked up.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<Known, ApiError> {
        let stranger = self.stranger(parts);
        let (identity, session, ambient) = self.prove(peer(parts), &parts.headers, stranger.here).await?;
        let mail = session.as_ref().and_then(Session::mail).map(str::to_owned);
        Ok(Known { visitor: Visitor { identity, mail, ..stranger.visitor }, session, ambient, ..stranger })
    }

    /// The same, before anything is proven.
    pub(crate) fn stranger(&self, parts: &Parts) -> Known {
        let peer = peer(parts);
        let trusted = &self.proxies.trusted;
        let address = client_address(peer, &parts.headers, trusted, self.proxies.by);
        let told = trusted.contains(peer) && !trusted.contains(address);
        Known {
            visitor: Visitor::stranger(address),
            session: None,
            ambient: false,
            here: self.local && comes_from_this_machine(parts),
            veiled: !told && is_passed_on(parts),
        }
    }

    /// Who it is, by which login, and whether the proof comes along whatever page asks.
    async fn prove(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        here: bool,
    ) -> Result<(Option<Identity>, Option<Session>, bool), ApiError> {
        let auth = self.auth();
        if let Some(identity) = self.named_by_proxy(peer, headers) {
            return Ok((Some(identity), None, true));
        }
        if let Some(word) = bearer(headers) {
            if let Some(identity) = auth.tokens.find(word) {
                return Ok((Some(identity.clone()), None, false));
            }
            let page = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
            if page.is_some()
                && let Some(session) = self.session(word, page).await?
            {
                return Ok((Some(session.identity.clone()), Some(session), false));
            }
        }
        if let Some(word) = self.cookie().find(headers)
            && let Some(session) = self.session(word, None).await?
        {
            return Ok((Some(session.identity.clone()), Some(session), true));
        }
        // While nobody else can reach the server, whoever sits at this machine is its user.
        let alone = here && !auth.open && !auth.is_chosen();
        Ok((alone.then(Identity::local), None, alone))
    }

    /// The session that a word stands for, for a page of another origin or for our own; if it still holds.
    async fn session(&self, word: &str, page: Option<&str>) -> Result<Option<Session>, ApiError> {
        let now = now();
        let session = self.sessions.open(word, now).filter(|session| session.page.as_deref() == page);
        let Some(session) = session.filter(|session| self.still_lets_in(session)) else { return Ok(None) };
        match self.gate.has_ended(&session, now).await {
            Ok(ended) => Ok(Some(session).filter(|_| !ended)),
            Err(error) => Err(ApiError::Kept(Refusal::Uncounted(error))),
        }
    }

    /// Whether what a session was begun with would begin one now. Whoever is taken off a list is out at once.
    fn still_lets_in(&self, session: &Session) -> bool {
        let auth = self.auth();
        match &session.proof {
            Proof::Token(mark) => {
                auth.tokens.print_of(&session.identity).is_some_and(|print| self.sessions.mark(&print) == *mark)
            }
            Proof::OpenId { issuer, mail } => {
                auth.openid.as_ref().is_some_and(|options| options.issuer.as_str() == issuer)
                    && auth.lists(&session.identity, mail.as_deref())
            }
        }
    }

    /// Whether somebody may still talk: whoever was taken off a list may not.
    pub(crate) fn still_takes(&self, visitor: &Visitor) -> bool {
        let is_listed = |identity| self.auth().lists(identity, visitor.mail.as_deref());
        visitor.identity.as_ref().is_none_or(is_listed)
    }

    fn named_by_proxy(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Identity> {
        let auth = self.auth();
        let name = auth.proxy_user.as_ref().filter(|_| self.proxies.trusted.contains(peer))?;
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        // A second value would be one that the proxy did not take away.
        values.next().is_none().then(|| Identity::new(Way::Proxy, value.trim()))?
    }

    fn auth(&self) -> Arc<Auth> {
        Arc::clone(&self.auth.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a request comes from directly. Whoever comes from nowhere is trusted with nothing.
fn peer(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
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
