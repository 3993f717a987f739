//! The server's settings, parsed once, from a map of variables rather than the environment, so that tests need no
//! globals.
//!
//! Each concern has a file with its settings' names, defaults and help. A flag wins over a variable, a variable over
//! the file; whatever is wrong is named by the place it was given at.

mod asked;
mod auth;
mod command_line;
mod context;
mod engine;
mod error;
mod example;
mod file;
mod limits;
mod listen;
mod logs;
mod memory;
mod nearest;
mod operation;
mod presets;
mod proxy;
mod quota;
mod session;
mod setting;
mod sources;
mod tls;
mod upstream;

pub use asked::Asked;
pub use auth::Auth;
pub(crate) use auth::LOGIN_CALLBACK;
pub use context::ContextChoice;
pub(crate) use context::MEMORY;
pub use error::ConfigError;
pub use limits::Limits;
pub use listen::Listen;
pub use logs::{LogFormat, Logs};
pub use memory::{MemoryChoice, MemoryPlace};
pub use operation::Operation;
pub use presets::{ChoiceError, Preset, Presets};
pub use proxy::Proxies;
pub use quota::{QuotaChoice, QuotaStore, RedisAddress};
pub use session::SessionChoice;
pub use setting::Setting;
pub use sources::Sources;
pub use tls::Tls;
pub use upstream::{KeyHeader, Target, UpstreamChoice};

use command_line::CommandLine;
use file::File;
use nearest::{nearest, nearest_variable};
use session::Offers;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Every setting, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen and whom to answer.
    pub listen: Listen,
    /// Who may talk.
    pub auth: Auth,
    /// What stands in front of the server.
    pub proxies: Proxies,
    /// How much may be used, and where it is counted.
    pub quota: QuotaChoice,
    /// Whether it speaks HTTPS.
    pub tls: Tls,
    /// What those who run it look at and write down.
    pub operation: Operation,
    /// Which far end answers.
    pub upstream: UpstreamChoice,
    /// What talks may be.
    pub presets: Presets,
    /// How much and how long.
    pub limits: Limits,
    /// What is logged.
    pub logs: Logs,
    /// What can be looked up while somebody speaks.
    pub context: ContextChoice,
    /// Where the long-term memory lies.
    pub memory: MemoryChoice,
    /// Settings of the local engine.
    pub engine: ::engine::Config,
    /// All of it as it was asked for.
    pub asked: Asked,
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Serve.
    Serve(Box<Config>),
    /// Say that the configuration is sound, and end.
    Check(Box<Config>),
    /// Say whether the server that runs with this configuration answers, and end.
    Probe(Box<Config>),
    /// Show the example of a file, and end.
    Example(String),
}

impl Config {
    /// Reads the command line, the variables, and the file that either names.
    ///
    /// # Errors
    /// The first setting at fault, by name; help and version count as [`ConfigError::CommandLine`].
    pub fn load(
        arguments: impl IntoIterator<Item = OsString>,
        variables: BTreeMap<String, String>,
    ) -> Result<Command, ConfigError> {
        let settings = Self::settings();
        let line = CommandLine::parse(arguments, &settings)?;
        if line.example {
            return Ok(Command::Example(Self::example()));
        }
        let sources = Sources::new(line.flags, variables);
        let file = line.file.or_else(|| sources.variable("COLLOQUY_CONFIG").map(PathBuf::from));
        let sources = match file {
            Some(path) => sources.with_file(&path, &settings)?,
            None => sources,
        };
        if let Some(name) = unknown(&sources, &settings) {
            return Err(ConfigError::UnknownVariable { hint: nearest_variable(&name, &settings), name });
        }
        let config = Box::new(Self::read(&sources)?);
        Ok(match (line.check, line.probe) {
            (true, _) => Command::Check(config),
            (_, true) => Command::Probe(config),
            _ => Command::Serve(config),
        })
    }

    /// Reads variables alone.
    ///
    /// # Errors
    /// The first setting at fault, by name.
    pub fn from_variables(variables: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::read(&Sources::new(BTreeMap::new(), variables))
    }

    /// The variables of the environment as text. What is none and not ours is left out.
    ///
    /// # Errors
    /// One of ours that is no text, by name.
    pub fn variables(
        all: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<BTreeMap<String, String>, ConfigError> {
        let settings = Self::settings();
        let is_ours = |name: &str| {
            let named = |setting: &Setting| setting.variables.contains(&name);
            name.starts_with("COLLOQUY_") || UpstreamChoice::SECRETS.contains(&name) || settings.iter().any(named)
        };
        let mut variables = BTreeMap::new();
        for (name, value) in all {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => {
                    variables.insert(name, value);
                }
                (Ok(name), Err(_)) if is_ours(&name) => {
                    return Err(ConfigError::Invalid { place: name, problem: "it is no text in UTF-8".to_owned() });
                }
                _ => {}
            }
        }
        Ok(variables)
    }

    /// Every setting there is.
    pub fn settings() -> Vec<Setting> {
        [
            Listen::SETTINGS,
            Auth::SETTINGS,
            Proxies::SETTINGS,
            QuotaChoice::SETTINGS,
            Tls::SETTINGS,
            Operation::SETTINGS,
            UpstreamChoice::SETTINGS,
            SessionChoice::SETTINGS,
            Limits::SETTINGS,
            Logs::SETTINGS,
            ContextChoice::SETTINGS,
            MemoryChoice::SETTINGS,
            engine::SETTINGS,
        ]
        .concat()
    }

    /// A file with every setting, its meaning and its default.
    pub fn example() -> String {
        example::example(&Self::settings())
    }

    /// Checks what only shows when the sources of context are made, and lets them go again; must be called inside a
    /// tokio runtime.
    ///
    /// # Errors
    /// The first field at fault, by name.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.context.open(Vec::new())?;
        self.operation.check()?;
        crate::tls::check(&self.tls)
            .map_err(|error| ConfigError::Invalid { place: "tls".to_owned(), problem: error.to_string() })
    }

    /// Where it would listen and who would answer, in a sentence.
    pub fn summary(&self) -> String {
        let upstream = match &self.upstream.target {
            Target::Engine => "the local engine",
            Target::Remote { host, .. } => host,
        };
        let model = &self.presets.standard().session().model;
        format!("It would listen on {} and {upstream} would answer as {model}.", self.listen.address)
    }

    fn read(from: &Sources) -> Result<Self, ConfigError> {
        let (mut context, memory) = (ContextChoice::read(from)?, MemoryChoice::read(from)?);
        let offers = Offers { sources: context.names(), memory: memory.is_on(), budgets: context.budgets() };
        let presets = Presets::read(from, &offers)?;
        context.answer_within(presets.longest_deadline());
        let (mut listen, auth) = (Listen::read(from)?, Auth::read(from)?);
        let proxies = Proxies::read(from, auth.proxy_user.is_some())?;
        listen.origins = listen.origins.with(auth.public_url.as_ref());
        let reached = reached_by(&listen, &proxies);
        if let (Some(why), false) = (&reached, auth.open || auth.is_chosen()) {
            return Err(ConfigError::OpenToStrangers { why: why.clone() });
        }
        let upstream = UpstreamChoice::read(from)?;
        Ok(Self {
            asked: Asked::of(from, &upstream.target, auth.secret.as_ref()),
            quota: QuotaChoice::read(from, reached.is_some())?,
            listen,
            auth,
            proxies,
            tls: Tls::read(from)?,
            operation: Operation::read(from)?,
            upstream,
            presets,
            limits: Limits::read(from)?,
            logs: Logs::read(from)?,
            context,
            memory,
            engine: engine::read(from)?,
        })
    }

    /// What is no fault, but surely not meant.
    pub fn warnings(&self) -> Vec<String> {
        self.upstream
            .warning(self.is_public())
            .into_iter()
            .chain(self.quota.warning())
            .chain(self.context.warnings())
            .collect()
    }

    /// Whether browsers reach it by HTTPS, here or at a proxy.
    pub fn is_https(&self) -> bool {
        self.tls.is_on() || self.auth.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// Whether others than those at this machine can reach it.
    pub(crate) fn is_public(&self) -> bool {
        reached_by(&self.listen, &self.proxies).is_some()
    }
}

/// By what others can reach the server: it listens beyond this machine, or stands behind a proxy, which an address that
/// is not this machine's means as well.
fn reached_by(listen: &Listen, proxies: &Proxies) -> Option<String> {
    if !listen.address.ip().is_loopback() {
        return Some(format!("it would listen on {}", listen.address));
    }
    if let Some(origin) = listen.origins.beyond_this_machine() {
        return Some(format!("`origins` or `public_url` names {origin}"));
    }
    (!proxies.trusted.is_empty()).then(|| "`proxy.trusted` says that a proxy stands in front".to_owned())
}

/// The first of our variables that nothing reads.
fn unknown(from: &Sources, settings: &[Setting]) -> Option<String> {
    // Blocks of the file name variables that hold the keys of sources.
    let file = from.file().map(|file| file.context().to_string()).unwrap_or_default();
    let is_known = |name: &str| {
        settings.iter().any(|setting| setting.variables.contains(&name))
            || READ_BESIDES.contains(&name)
            || is_of_cluster(name)
            || file.contains(name)
    };
    from.variables().keys().find(|name| name.starts_with("COLLOQUY_") && !is_known(name)).cloned()
}

/// Whether Kubernetes sets a variable by itself, for a service whose name begins like ours:
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
fn is_of_cluster(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || format!("{name}_").contains("_PORT_")
}

/// What is read from the environment alone: mostly secrets, which belong in no file of settings.
const READ_BESIDES: [&str; 6] = [
    "COLLOQUY_CONFIG",
    "COLLOQUY_TOKENS",
    "COLLOQUY_SESSION_SECRET",
    "COLLOQUY_OPENID_SECRET",
    "COLLOQUY_EMBEDDINGS_KEY",
    "COLLOQUY_ENGINE_RECOGNISER_KEY",
];
