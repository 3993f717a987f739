//! Why a configuration is refused, always with the name of what is at fault.

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
    #[error("{path} is not valid TOML at line {line}, column {column}: {problem}")]
    NotToml {
        /// Which file.
        path: String,
        /// In which line, from 1 on. The line itself is not repeated: a secret may be in it.
        line: usize,
        /// At which character of it, from 1 on.
        column: usize,
        /// Why.
        problem: String,
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
    /// A variable begins like ours and is no setting.
    #[error("there is no variable `{name}`{hint}")]
    UnknownVariable {
        /// The name at fault.
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
        "refusing to start: {why}, so everybody who reaches it could talk at your expense. Keep it on 127.0.0.1 alone, or \
         choose who may: static tokens (COLLOQUY_TOKENS, --tokens-file), login at a provider (--openid-issuer), a proxy \
         that names its users (--proxy-user-header), or everybody if that is meant (--auth-open)"
    )]
    OpenToStrangers {
        /// By what others reach it.
        why: String,
    },
}

impl ConfigError {
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
