//! The server's settings, parsed once, from a map of variables rather than the environment, so that tests need no
//! globals.
//!
//! Each concern has a file with its settings' names, defaults and help. A flag wins over a variable, a variable over
//! the file; whatever is wrong is named by the place it was given at.

mod command_line;
mod context;
mod engine;
mod error;
mod limits;
mod listen;
mod logs;
mod memory;
mod session;
mod setting;
mod sources;
mod upstream;

pub use context::ContextChoice;
pub(crate) use context::MEMORY;
pub use error::ConfigError;
pub use limits::Limits;
pub use listen::Listen;
pub use logs::{LogFormat, Logs};
pub use memory::{MemoryChoice, MemoryPlace};
pub use session::SessionChoice;
pub use setting::Setting;
pub use sources::Sources;
pub use upstream::{Target, UpstreamChoice};

use command_line::CommandLine;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Every setting, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen and whom to answer.
    pub listen: Listen,
    /// Which far end answers.
    pub upstream: UpstreamChoice,
    /// What a talk is to be.
    pub session: SessionChoice,
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
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Serve.
    Serve(Box<Config>),
    /// Say that the configuration is sound, and end.
    Check(Box<Config>),
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
        let sources = Sources::new(line.flags, variables);
        let file = line.file.or_else(|| sources.variable("COLLOQUY_CONFIG").map(PathBuf::from));
        let sources = match file {
            Some(path) => sources.with_file(&path, &settings)?,
            None => sources,
        };
        let config = Box::new(Self::read(&sources)?);
        Ok(if line.check { Command::Check(config) } else { Command::Serve(config) })
    }

    /// Reads variables alone.
    ///
    /// # Errors
    /// The first setting at fault, by name.
    pub fn from_variables(variables: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::read(&Sources::new(BTreeMap::new(), variables))
    }

    /// Every setting there is.
    pub fn settings() -> Vec<Setting> {
        [
            Listen::SETTINGS,
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

    /// Checks what only shows when the sources of context are made, and lets them go again; must be called inside a
    /// tokio runtime.
    ///
    /// # Errors
    /// The first field at fault, by name.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.context.open(Vec::new()).map(drop)
    }

    /// Where it would listen and who would answer, in a sentence.
    pub fn summary(&self) -> String {
        let upstream = match &self.upstream.target {
            Target::Engine => "the local engine",
            Target::Remote { host, .. } => host,
        };
        format!("It would listen on {} and {upstream} would answer as {}.", self.listen.address, self.session.model)
    }

    fn read(from: &Sources) -> Result<Self, ConfigError> {
        let config = Self {
            listen: Listen::read(from)?,
            upstream: UpstreamChoice::read(from)?,
            session: SessionChoice::read(from)?,
            limits: Limits::read(from)?,
            logs: Logs::read(from)?,
            context: ContextChoice::read(from)?,
            memory: MemoryChoice::read(from)?,
            engine: engine::read(from)?,
        };
        config.keep_strangers_out()?;
        Ok(config)
    }

    /// Whoever reaches the address may use what is behind it; that has to be meant.
    fn keep_strangers_out(&self) -> Result<(), ConfigError> {
        let address = self.listen.address;
        let at_stake = match (self.upstream.key.is_some(), self.context.is_configured()) {
            _ if address.ip().is_loopback() || self.listen.allow_anyone => return Ok(()),
            (true, _) => "talk at the expense of your key",
            (false, true) => "ask your sources, at the expense of their keys",
            (false, false) => return Ok(()),
        };
        Err(ConfigError::OpenToStrangers { address, at_stake })
    }
}
