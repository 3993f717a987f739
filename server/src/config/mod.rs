//! The server's settings, parsed once, from a map of variables rather than the environment, so that tests need no
//! globals.
//!
//! Each concern has a file with its settings' names, defaults and help. A flag wins over a variable, a variable over
//! the file; whatever is wrong is named by the place it was given at.

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
mod presets;
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
pub use presets::{ChoiceError, Preset, Presets};
pub use session::SessionChoice;
pub use setting::Setting;
pub use sources::Sources;
pub use upstream::{KeyHeader, Target, UpstreamChoice};

use command_line::CommandLine;
use file::File;
use nearest::{nearest, slip_of};
use session::Offers;
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
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Serve.
    Serve(Box<Config>),
    /// Say that the configuration is sound, and end.
    Check(Box<Config>),
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
        if let Some((name, meant)) = slip(&variables, &settings) {
            return Err(ConfigError::UnknownVariable { name, meant });
        }
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
        self.context.open(Vec::new()).map(drop)
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
        let (context, memory) = (ContextChoice::read(from)?, MemoryChoice::read(from)?);
        let offers = Offers { sources: context.names(), memory: memory.is_on() };
        let config = Self {
            listen: Listen::read(from)?,
            upstream: UpstreamChoice::read(from)?,
            presets: Presets::read(from, &offers)?,
            limits: Limits::read(from)?,
            logs: Logs::read(from)?,
            context,
            memory,
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

/// The first of our variables that is surely a slip of another.
fn slip(variables: &BTreeMap<String, String>, settings: &[Setting]) -> Option<(String, &'static str)> {
    let ours = variables.keys().filter(|name| name.starts_with("COLLOQUY_"));
    ours.filter_map(|name| Some((name.clone(), slip_of(name, settings)?))).next()
}
