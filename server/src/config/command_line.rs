//! The command line, made from the table of settings.

use super::{ConfigError, Setting};
use clap::{Arg, ArgAction, ArgMatches};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// What the command line says.
pub(super) struct CommandLine {
    /// Values by flag name.
    pub(super) flags: BTreeMap<&'static str, String>,
    /// The configuration file.
    pub(super) file: Option<PathBuf>,
    /// Whether to check the configuration and end.
    pub(super) check: bool,
    /// Whether to ask the server that runs, and end.
    pub(super) probe: bool,
    /// Whether to show the example of a file and end.
    pub(super) example: bool,
}

impl CommandLine {
    pub(super) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
        settings: &[Setting],
    ) -> Result<Self, ConfigError> {
        let matches = command(settings).try_get_matches_from(arguments)?;
        Ok(Self {
            flags: settings.iter().filter_map(|setting| Some((setting.flag, given(&matches, setting)?))).collect(),
            file: matches.get_one::<PathBuf>(CONFIG).cloned(),
            check: matches.get_flag(CHECK_CONFIG),
            probe: matches.get_flag(PROBE),
            example: matches.get_flag(EXAMPLE_CONFIG),
        })
    }
}

fn given(matches: &ArgMatches, setting: &Setting) -> Option<String> {
    if setting.is_switch() {
        return matches.get_flag(setting.flag).then(|| "true".to_owned());
    }
    matches.get_one::<String>(setting.flag).cloned()
}

fn command(settings: &[Setting]) -> clap::Command {
    let file = Arg::new(CONFIG)
        .long(CONFIG)
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("Reads settings from a file in TOML [env: COLLOQUY_CONFIG]");
    let check = Arg::new(CHECK_CONFIG)
        .long(CHECK_CONFIG)
        .action(ArgAction::SetTrue)
        .help("Checks the configuration, says what is wrong, and ends; connects to nothing");
    let probe = Arg::new(PROBE)
        .long(PROBE)
        .action(ArgAction::SetTrue)
        .help("Says whether the server that runs with these settings on this machine answers, and ends");
    let example = Arg::new(EXAMPLE_CONFIG)
        .long(EXAMPLE_CONFIG)
        .action(ArgAction::SetTrue)
        .help("Shows a file with every setting, its meaning and its default, and ends");
    clap::Command::new("colloquy")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Talk with a realtime AI from a web page: serves the page and keeps the key")
        .after_help(ABOUT_KEYS)
        .arg(file)
        .arg(check)
        .arg(probe)
        .arg(example)
        .args(settings.iter().map(argument))
}

fn argument(setting: &Setting) -> Arg {
    let argument = Arg::new(setting.flag).long(setting.flag).help(setting.help_text());
    if setting.is_switch() {
        argument.action(ArgAction::SetTrue)
    } else {
        argument.value_name(setting.value).allow_hyphen_values(true)
    }
}

const CONFIG: &str = "config";
const CHECK_CONFIG: &str = "check-config";
const PROBE: &str = "probe";
const EXAMPLE_CONFIG: &str = "example-config";
const ABOUT_KEYS: &str = "\
The upstream's lasting key is read from the variable OPENAI_API_KEY, from --key-file or from Doppler, never from a flag, \
which other users of the machine could read.
With a key and no --upstream, https://api.openai.com/v1 answers; with neither, the local engine does.
A flag wins over a variable, a variable over the file. The file may hold more than flags can say: presets, tools and \
sources of facts; --example-config shows how.";
