//! Who may talk: nobody has to say who they are on loopback; beyond it, a way to tell has to be chosen.

use super::{ConfigError, Setting, Sources};
use admission::{Allowed, Identity, OpenIdOptions, Secret, Tokens, Way};
use axum::http::HeaderName;
use reqwest::Url;

/// Who may talk.
#[derive(Clone, Debug)]
pub struct Auth {
    /// `auth.open`: whether everybody may who reaches the address.
    pub open: bool,
    /// `COLLOQUY_TOKENS` and `auth.tokens_file`: static tokens.
    pub tokens: Tokens,
    /// `auth.openid`: login at a provider.
    pub openid: Option<OpenIdOptions>,
    /// `auth.proxy_user_header`: where a trusted proxy names the user.
    pub proxy_user: Option<HeaderName>,
    /// `auth.session_hours`: how long a session lasts, in seconds.
    pub session_seconds: u64,
    /// `COLLOQUY_SESSION_SECRET` and `auth.session_secret_file`: what sessions are signed with.
    pub secret: Option<Secret>,
    /// `public_url`: the address that browsers know this server by.
    pub public_url: Option<Url>,
}

impl Auth {
    pub(super) const SETTINGS: &[Setting] = &[
        PUBLIC_URL,
        OPEN,
        TOKENS_FILE,
        ISSUER,
        CLIENT,
        CLIENT_SECRET_FILE,
        ALLOW,
        PROXY_USER,
        SESSION_HOURS,
        SESSION_SECRET_FILE,
    ];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let public_url = public_url(from)?;
        let auth = Self {
            open: from.switch(&OPEN)?,
            tokens: tokens(from)?,
            openid: openid(from, public_url.as_ref())?,
            proxy_user: proxy_user(from)?,
            session_seconds: from.number(&SESSION_HOURS, 1..=24 * 365)? * 3600,
            secret: session_secret(from)?,
            public_url,
        };
        if auth.open && auth.is_chosen() {
            return Err(from.invalid(&OPEN, "everybody may talk, or those who can say who they are: not both"));
        }
        Ok(auth)
    }

    /// Whether somebody, of whom the provider may have verified a mail address, is on the list of those who may talk.
    /// Where there is no list, everybody is.
    pub(crate) fn lists(&self, identity: &Identity, mail: Option<&str>) -> bool {
        if let Some(subject) = identity.proven_by(Way::OpenId) {
            return self.openid.as_ref().is_some_and(|options| options.allowed.has(subject, mail));
        }
        identity.proven_by(Way::Token).is_none() || self.tokens.print_of(identity).is_some()
    }

    /// Whether visitors have to say who they are.
    pub fn is_chosen(&self) -> bool {
        !self.tokens.is_empty() || self.openid.is_some() || self.proxy_user.is_some()
    }
}

fn public_url(from: &Sources) -> Result<Option<Url>, ConfigError> {
    let Some(text) = from.given(&PUBLIC_URL) else { return Ok(None) };
    let url = Url::parse(text.trim()).ok().filter(|url| {
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        bare && url.has_host() && matches!(url.scheme(), "http" | "https")
    });
    url.map(Some).ok_or_else(|| from.invalid(&PUBLIC_URL, "it is no address such as https://talk.example.com"))
}

fn tokens(from: &Sources) -> Result<Tokens, ConfigError> {
    let mut list: Vec<String> = from.variable(TOKENS).iter().flat_map(|text| text.split(',')).map(owned).collect();
    if let Some(text) = from.contents(&TOKENS_FILE)? {
        list.extend(text.lines().map(owned).filter(|line| !line.is_empty() && !line.starts_with('#')));
    }
    Tokens::new(list.iter().map(String::as_str)).map_err(|error| match from.given(&TOKENS_FILE) {
        Some(_) => from.invalid(&TOKENS_FILE, error.to_string()),
        None => ConfigError::Invalid { place: TOKENS.to_owned(), problem: error.to_string() },
    })
}

fn openid(from: &Sources, public_url: Option<&Url>) -> Result<Option<OpenIdOptions>, ConfigError> {
    let Some(issuer) = from.given(&ISSUER) else {
        let without = [CLIENT, CLIENT_SECRET_FILE, ALLOW].into_iter().find(|setting| from.given(setting).is_some());
        let lonely = without.map(|setting| {
            from.invalid(&setting, "it says how people log in, but auth.openid.issuer does not say where")
        });
        return lonely.map_or(Ok(None), Err);
    };
    let issuer = Url::parse(issuer.trim()).ok().filter(is_safe);
    let issuer = issuer.ok_or_else(|| from.invalid(&ISSUER, "it is no https address"))?;
    let client =
        from.given(&CLIENT).ok_or_else(|| from.invalid(&CLIENT, "the provider's name for this server is missing"))?;
    let public =
        public_url.ok_or_else(|| from.invalid(&PUBLIC_URL, "the provider has to know where to send browsers"))?;
    let redirect = public.join(LOGIN_CALLBACK).map_err(|error| from.invalid(&PUBLIC_URL, error.to_string()))?;
    let allowed = Allowed::new(from.list(&ALLOW).iter().map(String::as_str));
    if allowed.is_empty() {
        return Err(from.invalid(&ALLOW, "say who may come in: addresses, @example.com, or * for all whom it knows"));
    }
    let secret = secret(from, CLIENT_SECRET, &CLIENT_SECRET_FILE)?;
    Ok(Some(OpenIdOptions { issuer, client: client.trim().to_owned(), secret, redirect, allowed }))
}

/// Whether nobody on the way can read along: by HTTPS, or on this machine.
pub(super) fn is_safe(url: &Url) -> bool {
    let local = url.host_str().is_some_and(|host| LOCAL.contains(&host));
    url.query().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && local))
}

fn proxy_user(from: &Sources) -> Result<Option<HeaderName>, ConfigError> {
    let Some(text) = from.given(&PROXY_USER) else { return Ok(None) };
    let name = HeaderName::try_from(text.trim()).map_err(|_| from.invalid(&PROXY_USER, "it is no header's name"))?;
    Ok(Some(name))
}

fn session_secret(from: &Sources) -> Result<Option<Secret>, ConfigError> {
    let found = secret(from, SESSION_SECRET, &SESSION_SECRET_FILE)?;
    match found {
        Some(secret) if secret.length() < 32 => Err(ConfigError::Invalid {
            place: SESSION_SECRET.to_owned(),
            problem: "it has less than 32 characters".into(),
        }),
        other => Ok(other),
    }
}

fn secret(from: &Sources, variable: &str, file: &Setting) -> Result<Option<Secret>, ConfigError> {
    if let Some(text) = from.variable(variable) {
        return Ok(Secret::new(text));
    }
    let Some(text) = from.contents(file)? else { return Ok(None) };
    Secret::new(&text).map(Some).ok_or_else(|| from.invalid(file, "the file is empty"))
}

fn owned(text: &str) -> String {
    text.trim().to_owned()
}

/// This machine.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Where a provider sends browsers back to.
pub(crate) const LOGIN_CALLBACK: &str = "/login/callback";

/// Read from the environment alone, like every key.
const TOKENS: &str = "COLLOQUY_TOKENS";
const CLIENT_SECRET: &str = "COLLOQUY_OPENID_SECRET";
const SESSION_SECRET: &str = "COLLOQUY_SESSION_SECRET";

const PUBLIC_URL: Setting = Setting {
    key: "public_url",
    flag: "public-url",
    variables: &["COLLOQUY_PUBLIC_URL"],
    value: "URL",
    default: "",
    help: "The address that browsers know this server by, such as https://talk.example.com, when a proxy stands in \
           front or people log in",
};
const OPEN: Setting = Setting {
    key: "auth.open",
    flag: "auth-open",
    variables: &["COLLOQUY_AUTH_OPEN"],
    value: "",
    default: "false",
    help: "Lets everybody talk who reaches an address beyond this machine, at your expense",
};
const TOKENS_FILE: Setting = Setting {
    key: "auth.tokens_file",
    flag: "tokens-file",
    variables: &["COLLOQUY_TOKENS_FILE"],
    value: "FILE",
    default: "",
    help: "A file of static tokens, NAME:TOKEN or NAME:sha256:HASH a line; COLLOQUY_TOKENS holds the same, separated by \
           commas",
};
const ISSUER: Setting = Setting {
    key: "auth.openid.issuer",
    flag: "openid-issuer",
    variables: &["COLLOQUY_OPENID_ISSUER"],
    value: "URL",
    default: "",
    help: "The OpenID provider at which people log in; it sends them back to /login/callback of public_url",
};
const CLIENT: Setting = Setting {
    key: "auth.openid.client_id",
    flag: "openid-client-id",
    variables: &["COLLOQUY_OPENID_CLIENT_ID"],
    value: "ID",
    default: "",
    help: "What the provider knows this server as; its secret is in COLLOQUY_OPENID_SECRET",
};
const CLIENT_SECRET_FILE: Setting = Setting {
    key: "auth.openid.secret_file",
    flag: "openid-secret-file",
    variables: &["COLLOQUY_OPENID_SECRET_FILE"],
    value: "FILE",
    default: "",
    help: "A file that holds the provider's secret, if COLLOQUY_OPENID_SECRET does not",
};
const ALLOW: Setting = Setting {
    key: "auth.openid.allow",
    flag: "openid-allow",
    variables: &["COLLOQUY_OPENID_ALLOW"],
    value: "LIST",
    default: "",
    help: "Who may come in of those whom the provider knows: mail addresses, @example.com, sub: and the provider's own \
           name of somebody, or * for all",
};
const PROXY_USER: Setting = Setting {
    key: "auth.proxy_user_header",
    flag: "proxy-user-header",
    variables: &["COLLOQUY_PROXY_USER_HEADER"],
    value: "NAME",
    default: "",
    help: "The header in which a proxy of proxy.trusted names the user whom it let in, such as x-forwarded-user",
};
const SESSION_HOURS: Setting = Setting {
    key: "auth.session_hours",
    flag: "session-hours",
    variables: &["COLLOQUY_SESSION_HOURS"],
    value: "HOURS",
    default: "12",
    help: "How long a login lasts",
};
const SESSION_SECRET_FILE: Setting = Setting {
    key: "auth.session_secret_file",
    flag: "session-secret-file",
    variables: &["COLLOQUY_SESSION_SECRET_FILE"],
    value: "FILE",
    default: "",
    help: "A file with at least 32 characters that sign logins and seal keys, if COLLOQUY_SESSION_SECRET does not hold \
           them; the same for all servers behind one balancer, and drawn at the start if it is not said",
};
