//! What is logged and how.

use super::{ConfigError, Setting, Sources};
use reqwest::Url;
use std::str::FromStr;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged and how.
#[derive(Clone, Debug)]
pub struct Logs {
    /// `log.filter`: levels by module.
    pub filter: String,
    /// `log.format`.
    pub format: LogFormat,
    /// `traces.endpoint`: the collector that spans are sent to.
    pub traces: Option<String>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl Logs {
    pub(super) const SETTINGS: &[Setting] = &[LOG, LOG_FORMAT, TRACES];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let filter = from.text(&LOG).to_owned();
        EnvFilter::try_new(&filter).map_err(|error| from.invalid(&LOG, error.to_string()))?;
        // A lone word that is no level would be a module's name, and nothing else would be logged.
        let is_level = |part: &str| part.contains(['=', '[']) || LevelFilter::from_str(part).is_ok();
        if let Some(word) = filter.split(',').map(str::trim).find(|part| !part.is_empty() && !is_level(part)) {
            let problem = format!("`{word}` is none of off, error, warn, info, debug and trace, nor MODULE=LEVEL");
            return Err(from.invalid(&LOG, problem));
        }
        let format = match from.text(&LOG_FORMAT).trim() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => return Err(from.invalid(&LOG_FORMAT, format!("`{other}` is neither text nor json"))),
        };
        let traces = from.given(&TRACES).map(str::trim).map(str::to_owned);
        let is_address = |text: &String| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if traces.as_ref().is_some_and(|text| !is_address(text)) {
            return Err(from.invalid(&TRACES, "it is no address such as http://127.0.0.1:4318/v1/traces"));
        }
        Ok(Self { filter, format, traces })
    }
}

const LOG: Setting = Setting {
    key: "log.filter",
    flag: "log",
    variables: &["COLLOQUY_LOG", "RUST_LOG"],
    value: "FILTER",
    default: "info",
    help: "What to log: a level, or levels by module such as info,colloquy_server=debug",
};
const LOG_FORMAT: Setting = Setting {
    key: "log.format",
    flag: "log-format",
    variables: &["COLLOQUY_LOG_FORMAT"],
    value: "FORMAT",
    default: "text",
    help: "How to log: text, or json for programs",
};
const TRACES: Setting = Setting {
    key: "traces.endpoint",
    flag: "traces-endpoint",
    variables: &["COLLOQUY_TRACES_ENDPOINT"],
    value: "URL",
    default: "",
    help: "Where an OpenTelemetry collector takes spans by HTTP, such as http://127.0.0.1:4318/v1/traces",
};
