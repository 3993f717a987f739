//! Why a configuration is refused, always with the name of what is at fault.

use super::Setting;
use std::process::ExitCode;

/// Why the server cannot start with these settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The command line is wrong, or asked for help or the version, which is no fault.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// A file named in the settings cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not TOML.
    #[error("{path} is not valid TOML: {source}")]
    NotToml {
        /// Which file.
        path: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// The configuration file has a key that is no setting.
    #[error("{path}: there is no setting `{name}`{hint}")]
    Unknown {
        /// Which file.
        path: String,
        /// The key at fault.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A value is wrong.
    #[error("{place}: {problem}")]
    Invalid {
        /// The flag, variable or key at fault.
        place: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The server would be open to strangers at the owner's cost.
    #[error(
        "refusing to listen on {address}: everybody who reaches it could {at_stake}. \
         Listen on 127.0.0.1, or say --allow-anyone (COLLOQUY_ALLOW_ANYONE=true) if that is meant"
    )]
    OpenToStrangers {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What a stranger could do.
        at_stake: &'static str,
    },
}

impl ConfigError {
    pub(super) fn unknown(path: String, name: &str, known: &[Setting]) -> Self {
        let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let table = name.split_once('.').map(|(table, _)| format!("{table}."));
        let alike: Vec<_> = known.iter().map(|setting| setting.key).filter(|key| last(key) == last(name)).collect();
        let beside: Vec<_> = known
            .iter()
            .map(|setting| setting.key)
            .filter(|key| table.as_ref().map_or(!key.contains('.'), |table| key.starts_with(table.as_str())))
            .collect();
        let hint = match (alike.first(), beside.is_empty()) {
            (Some(key), _) => format!("; did you mean `{key}`?"),
            (None, false) => format!("; there are {}", beside.join(", ")),
            (None, true) => "; see colloquy --help".to_owned(),
        };
        Self::Unknown { path, name: name.to_owned(), hint }
    }

    /// Tells the user on the terminal, and gives the exit code: success for help and version.
    pub fn exit_code(&self) -> ExitCode {
        if let Self::CommandLine(error) = self {
            // A closed pipe is the only way this fails, and then nobody reads it.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
        eprintln!("colloquy: {self}");
        ExitCode::from(2)
    }
}
