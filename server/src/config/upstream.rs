//! Which far end answers, and where its key comes from.

use super::auth::is_safe;
use super::{ConfigError, Setting, Sources};
use crate::key::{Asking, Doppler, KeySource, ServerKey};
use reqwest::Url;

/// Which far end answers, and where its key comes from.
#[derive(Clone, Debug)]
pub struct UpstreamChoice {
    /// Where it is.
    pub target: Target,
    /// Where the lasting key comes from; never given to the local engine.
    pub key: Option<KeySource>,
    /// `upstream.key_header`: how the key is sent.
    pub key_header: KeyHeader,
    /// `upstream.api_version`: what is sent as `api-version` with every request.
    pub api_version: Option<String>,
    /// `upstream.sideband`: whether this server watches the calls made through it.
    pub sideband: bool,
    /// `upstream.safety_identifier`: whether the service is told, by a word that stands for them, who talks.
    pub safety_identifier: bool,
    asked: Asked,
}

/// Whether a far end was asked for, or the local engine answers for want of anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Yes,
    No,
    /// Something is said of Doppler.
    Half,
}

/// Where the far end is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The local engine, started by this server on a loopback port.
    Engine,
    /// A service at a base address such as `https://api.openai.com/v1`, without a slash at the end.
    Remote {
        /// The address.
        base_url: String,
        /// Its host, for people.
        host: String,
    },
}

/// How the lasting key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `api-key: …`, as Azure takes its own keys.
    ApiKey,
}

impl UpstreamChoice {
    pub(super) const SETTINGS: &[Setting] = &[
        UPSTREAM,
        KEY_FROM,
        KEY_FILE,
        KEY_HEADER,
        API_VERSION,
        SIDEBAND,
        SAFETY_IDENTIFIER,
        DOPPLER_SECRET,
        DOPPLER_PROJECT,
        DOPPLER_CONFIG,
        DOPPLER_PROGRAM,
        DOPPLER_API,
    ];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let key = key(from)?;
        let target = match (from.word(&UPSTREAM), &key) {
            (Some("engine"), _) | (None, None) => Target::Engine,
            (Some(address), _) => remote(address).map_err(|problem| from.invalid(&UPSTREAM, problem))?,
            (None, Some(_)) => remote(OPENAI).map_err(|problem| from.invalid(&UPSTREAM, problem))?,
        };
        let key_header = from.choice(
            &KEY_HEADER,
            &[("auto", None), ("bearer", Some(KeyHeader::Bearer)), ("api-key", Some(KeyHeader::ApiKey))],
        )?;
        let usual = if target.is_azure() { KeyHeader::ApiKey } else { KeyHeader::Bearer };
        if key.is_none() && (target.is_openai() || target.is_azure()) {
            return Err(from.invalid(&KEY_FROM, NO_KEY));
        }
        let told = from.choice(
            &SAFETY_IDENTIFIER,
            &[("auto", None), ("true", Some(true)), ("on", Some(true)), ("false", Some(false)), ("off", Some(false))],
        )?;
        let doppler = [DOPPLER_PROJECT, DOPPLER_CONFIG];
        let names_doppler =
            doppler.iter().any(|setting| from.given(setting).is_some()) || from.variable(TOKEN_VARIABLE).is_some();
        let asked = match (key.is_some() || from.word(&UPSTREAM).is_some(), names_doppler) {
            (true, _) => Asked::Yes,
            (false, true) => Asked::Half,
            (false, false) => Asked::No,
        };
        Ok(Self {
            asked,
            safety_identifier: told.unwrap_or_else(|| target.is_openai()),
            key: key.filter(|_| target != Target::Engine),
            target,
            key_header: key_header.unwrap_or(usual),
            api_version: from.word(&API_VERSION).map(str::to_owned),
            sideband: from.switch(&SIDEBAND)?,
        })
    }
}

impl UpstreamChoice {
    /// What is read from the environment alone.
    pub(super) const SECRETS: [&str; 2] = [KEY_VARIABLE, TOKEN_VARIABLE];

    /// What is no fault, but surely not meant, if anything is; also of a server that others can reach.
    pub(super) fn warning(&self, is_public: bool) -> Option<String> {
        let Target::Remote { base_url, .. } = &self.target else {
            return match self.asked {
                Asked::Half => Some(DOPPLER_NOT_ASKED.to_owned()),
                Asked::No if is_public => Some(ENGINE_FOR_ALL.to_owned()),
                Asked::No | Asked::Yes => None,
            };
        };
        let is_safe = Url::parse(base_url).is_ok_and(|url| is_safe(&url));
        (self.key.is_some() && !is_safe)
            .then(|| format!("the key goes to {base_url} in clear, for everybody on the way to read; use https://"))
    }
}

impl Target {
    /// Whether it is OpenAI itself, wherever it keeps the data.
    pub(crate) fn is_openai(&self) -> bool {
        matches!(self, Self::Remote { host, .. } if is_openai(host))
    }

    fn is_azure(&self) -> bool {
        matches!(self, Self::Remote { host, .. } if is_azure(host))
    }
}

fn key(from: &Sources) -> Result<Option<KeySource>, ConfigError> {
    let by = from.choice(
        &KEY_FROM,
        &[
            ("auto", KeyFrom::Auto),
            ("environment", KeyFrom::Environment),
            ("file", KeyFrom::File),
            ("doppler-cli", KeyFrom::DopplerCli),
            ("doppler", KeyFrom::Doppler),
        ],
    )?;
    match by {
        KeyFrom::Auto => match given(from)? {
            None => file(from),
            key => Ok(key),
        },
        KeyFrom::Environment => match given(from)? {
            None => Err(from.invalid(&KEY_FROM, format!("{KEY_VARIABLE} is not set"))),
            key => Ok(key),
        },
        KeyFrom::File => match file(from)? {
            None => Err(from.invalid(&KEY_FROM, "no file is named by --key-file")),
            key => Ok(key),
        },
        KeyFrom::DopplerCli => {
            let program = from.text(&DOPPLER_PROGRAM).trim().to_owned();
            doppler(from, Asking::Program(program)).map(Some)
        }
        KeyFrom::Doppler => {
            let token = from.variable(TOKEN_VARIABLE).and_then(ServerKey::new);
            let token = token.ok_or_else(|| from.invalid(&KEY_FROM, format!("{TOKEN_VARIABLE} holds no token")))?;
            let base_url = from.text(&DOPPLER_API).trim();
            let base_url = checked(base_url).map_err(|problem| from.invalid(&DOPPLER_API, problem))?;
            doppler(from, Asking::Api { base_url, token }).map(Some)
        }
    }
}

#[derive(Clone, Copy)]
enum KeyFrom {
    Auto,
    Environment,
    File,
    DopplerCli,
    Doppler,
}

fn given(from: &Sources) -> Result<Option<KeySource>, ConfigError> {
    let Some(text) = from.variable(KEY_VARIABLE) else { return Ok(None) };
    let problem = "it has white space or control characters inside and cannot be a key".to_owned();
    match ServerKey::new(text) {
        Some(key) => Ok(Some(KeySource::Given(key))),
        None => Err(ConfigError::Invalid { place: KEY_VARIABLE.to_owned(), problem }),
    }
}

/// The file is looked at now, so that a wrong one is told before anything starts, and read again when it is needed.
fn file(from: &Sources) -> Result<Option<KeySource>, ConfigError> {
    let (Some(path), Some(text)) = (from.path(&KEY_FILE), from.contents(&KEY_FILE)?) else { return Ok(None) };
    let problem = || from.invalid(&KEY_FILE, format!("{} does not hold one key", path.display()));
    ServerKey::new(&text).ok_or_else(problem)?;
    Ok(Some(KeySource::File(path)))
}

fn doppler(from: &Sources, by: Asking) -> Result<KeySource, ConfigError> {
    let secret = from.word(&DOPPLER_SECRET).filter(|name| is_secret_name(name));
    let secret = secret.ok_or_else(|| from.invalid(&DOPPLER_SECRET, "a secret's name is of letters, digits and _"))?;
    let scope = |setting: &Setting| from.word(setting).map(str::to_owned);
    Ok(KeySource::Doppler(Doppler {
        secret: secret.to_owned(),
        project: scope(&DOPPLER_PROJECT),
        config: scope(&DOPPLER_CONFIG),
        by,
    }))
}

fn is_secret_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Checks an address. The vendors' are often given as the host's alone, where the service is some folders down.
fn remote(address: &str) -> Result<Target, &'static str> {
    let mut url = checked(address)?;
    let host = url.host_str().ok_or("the address has no host")?.to_owned();
    match url.path() {
        "/" | "/openai" | "/openai/" if is_azure(&host) => url.set_path("/openai/v1"),
        "/" if is_openai(&host) => url.set_path("/v1"),
        _ => {}
    }
    let host = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    Ok(Target::Remote { base_url: url.as_str().trim_end_matches('/').to_owned(), host })
}

/// What is wrong is said without repeating the address, which may hold a password.
fn checked(address: &str) -> Result<Url, &'static str> {
    let url =
        Url::parse(address).map_err(|_| "this is not an address such as https://api.openai.com/v1, nor `engine`")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the address must start with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address must not hold a user or password; the key is given by OPENAI_API_KEY");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the address must have no ?query and no #fragment; an Azure version is given by --api-version");
    }
    Ok(url)
}

fn is_openai(host: &str) -> bool {
    host == OPENAI_HOST || host.ends_with(".api.openai.com")
}

fn is_azure(host: &str) -> bool {
    AZURE.iter().any(|domain| host.ends_with(domain))
}

const OPENAI: &str = "https://api.openai.com/v1";
const OPENAI_HOST: &str = "api.openai.com";
const AZURE: [&str; 5] = [
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".services.ai.azure.com",
    ".openai.azure.us",
    ".cognitiveservices.azure.us",
];
const NO_KEY: &str = "the upstream wants a key, and there is none: set OPENAI_API_KEY, name a file with --key-file, or say \
                      doppler or doppler-cli";
const DOPPLER_NOT_ASKED: &str = "Doppler is named, but nothing is asked of it, and the local engine answers: say with \
                                 upstream.key_from whether doppler or doppler-cli has the key";
const ENGINE_FOR_ALL: &str = "there is no key, so the local engine answers everybody; upstream.base_url = \"engine\" says \
                              that this is meant";
const KEY_VARIABLE: &str = "OPENAI_API_KEY";
/// Read from the environment alone, like every key.
const TOKEN_VARIABLE: &str = "DOPPLER_TOKEN";

const UPSTREAM: Setting = Setting {
    key: "upstream.base_url",
    flag: "upstream",
    variables: &["COLLOQUY_UPSTREAM"],
    value: "URL",
    default: "",
    help: "The base address of a service that speaks the realtime protocol, or `engine` for the local one; OpenAI with \
           a key and the local one without if it is not said",
};
const KEY_FROM: Setting = Setting {
    key: "upstream.key_from",
    flag: "key-from",
    variables: &["COLLOQUY_KEY_FROM"],
    value: "PLACE",
    default: "auto",
    help: "Where the key comes from: environment (OPENAI_API_KEY, as `doppler run` sets it, too), file, doppler-cli \
           (`doppler secrets get`), doppler (its HTTP API, with the service token in DOPPLER_TOKEN), or auto for the \
           first of the environment and the file that has one",
};
const KEY_FILE: Setting = Setting {
    key: "upstream.key_file",
    flag: "key-file",
    variables: &["COLLOQUY_KEY_FILE"],
    value: "FILE",
    default: "",
    help: "A file that holds the upstream's lasting key; read again when the key is refused",
};
const KEY_HEADER: Setting = Setting {
    key: "upstream.key_header",
    flag: "key-header",
    variables: &["COLLOQUY_KEY_HEADER"],
    value: "KIND",
    default: "auto",
    help: "How the key is sent: bearer, api-key, or auto for api-key with Azure",
};
const API_VERSION: Setting = Setting {
    key: "upstream.api_version",
    flag: "api-version",
    variables: &["COLLOQUY_API_VERSION"],
    value: "VERSION",
    default: "",
    help: "Sent as ?api-version= with every request, for an Azure resource that wants one",
};
const SIDEBAND: Setting = Setting {
    key: "upstream.sideband",
    flag: "sideband",
    variables: &["COLLOQUY_SIDEBAND"],
    value: "BOOL",
    default: "true",
    help: "Whether the server watches each call by a connection of its own, so that the upstream itself says what it \
           costs, and a call past a limit hears why before it ends; where the upstream allows it. Where nobody watches and \
           limits hold, a call of which no turn is heard for five minutes is hung up",
};
const SAFETY_IDENTIFIER: Setting = Setting {
    key: "upstream.safety_identifier",
    flag: "safety-identifier",
    variables: &["COLLOQUY_SAFETY_IDENTIFIER"],
    value: "WHEN",
    default: "auto",
    help: "Whether keys and calls of people who said who they are carry OpenAI-Safety-Identifier, so that the service can \
           act against one of them instead of all: true, false, or auto for OpenAI itself; it is a keyed hash of the name, \
           the same after a restart only with a session secret",
};
const DOPPLER_SECRET: Setting = Setting {
    key: "doppler.secret",
    flag: "doppler-secret",
    variables: &["COLLOQUY_DOPPLER_SECRET"],
    value: "NAME",
    default: KEY_VARIABLE,
    help: "The name that the key has in Doppler",
};
const DOPPLER_PROJECT: Setting = Setting {
    key: "doppler.project",
    flag: "doppler-project",
    variables: &["COLLOQUY_DOPPLER_PROJECT"],
    value: "NAME",
    default: "",
    help: "The key's project in Doppler, where neither `doppler setup` nor the token says it",
};
const DOPPLER_CONFIG: Setting = Setting {
    key: "doppler.config",
    flag: "doppler-config",
    variables: &["COLLOQUY_DOPPLER_CONFIG"],
    value: "NAME",
    default: "",
    help: "The key's config in Doppler, likewise",
};
const DOPPLER_PROGRAM: Setting = Setting {
    key: "doppler.program",
    flag: "doppler-program",
    variables: &["COLLOQUY_DOPPLER_PROGRAM"],
    value: "PROGRAM",
    default: "doppler",
    help: "The Doppler CLI",
};
const DOPPLER_API: Setting = Setting {
    key: "doppler.api",
    flag: "doppler-api",
    variables: &["COLLOQUY_DOPPLER_API"],
    value: "URL",
    default: "https://api.doppler.com",
    help: "The base address of Doppler's HTTP API",
};
