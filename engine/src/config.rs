//! How an engine is set up.

use protocol::EphemeralKey;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How an engine is set up. The default is what a newcomer wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where to listen for HTTP; the loopback, on a port that is free.
    pub listen: SocketAddr,
    /// How speech becomes words; [`RecogniserChoice::Auto`].
    pub recogniser: RecogniserChoice,
    /// The model that a transcription service is asked for; `gpt-transcribe`.
    pub recogniser_model: String,
    /// The key for a transcription service; none.
    pub recogniser_key: Option<EphemeralKey>,
    /// How words become speech; [`VoiceChoice::Auto`].
    pub voice: VoiceChoice,
    /// How long an answer is thought about, to imitate a model; none.
    pub think: Duration,
    /// The most calls at a time; 20, which one core can serve.
    pub capacity: usize,
    /// Addresses that media is received on; none means the loopback and every LAN address of this machine.
    pub media_addresses: Vec<IpAddr>,
    /// The longest call; 60 minutes, as with the service.
    pub longest_call: Duration,
}

/// How speech becomes words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecogniserChoice {
    /// `pocketsphinx` where it is installed, otherwise none.
    Auto,
    /// Not at all: the engine says that it hears without understanding.
    None,
    /// `pocketsphinx`; it is an error when it is not installed.
    PocketSphinx,
    /// Each utterance of a call takes the next text, and the last one repeats. For tests.
    Scripted(Vec<String>),
    /// An OpenAI-compatible transcription service at this base address.
    Http(String),
}

/// How words become speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiceChoice {
    /// `espeak-ng` where it is installed, otherwise the built-in voice.
    Auto,
    /// `espeak-ng`; it is an error when it is not installed.
    Espeak,
    /// The built-in voice.
    Builtin,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            recogniser: RecogniserChoice::Auto,
            recogniser_model: "gpt-transcribe".into(),
            recogniser_key: None,
            voice: VoiceChoice::Auto,
            think: Duration::ZERO,
            capacity: 20,
            media_addresses: Vec::new(),
            longest_call: Duration::from_secs(60 * 60),
        }
    }
}

impl Config {
    /// Reads the variables whose names begin with [`PREFIX`]; what is not set keeps its default.
    ///
    /// # Errors
    /// A variable of ours has a value that cannot be used, or a name that is not known.
    pub fn from_env(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            let faulty = || ConfigError { name: name.clone(), value: value.clone() };
            match key {
                "RECOGNISER" => config.recogniser = value.parse().map_err(|Unknown| faulty())?,
                "RECOGNISER_MODEL" => config.recogniser_model.clone_from(value),
                "RECOGNISER_KEY" => config.recogniser_key = Some(EphemeralKey::new(value.clone())),
                "VOICE" => config.voice = value.parse().map_err(|Unknown| faulty())?,
                "THINK_MS" => config.think = Duration::from_millis(value.trim().parse().map_err(|_| faulty())?),
                "CAPACITY" => config.capacity = value.trim().parse().map_err(|_| faulty())?,
                "MEDIA_ADDRESSES" => config.media_addresses = addresses(value).ok_or_else(faulty)?,
                _ => return Err(faulty()),
            }
        }
        Ok(config)
    }
}

impl std::str::FromStr for RecogniserChoice {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            "pocketsphinx" => Ok(Self::PocketSphinx),
            other => {
                if let Some(script) = other.strip_prefix("scripted:") {
                    return Ok(Self::Scripted(script.split('|').map(|text| text.trim().to_owned()).collect()));
                }
                // `http:` is followed by the base address, which may itself begin with `http:`.
                let address = other.strip_prefix("http:").filter(|rest| rest.starts_with("http")).unwrap_or(other);
                if address.starts_with("http://") || address.starts_with("https://") {
                    return Ok(Self::Http(address.to_owned()));
                }
                Err(Unknown)
            }
        }
    }
}

impl std::str::FromStr for VoiceChoice {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "espeak" => Ok(Self::Espeak),
            "builtin" => Ok(Self::Builtin),
            _ => Err(Unknown),
        }
    }
}

fn addresses(text: &str) -> Option<Vec<IpAddr>> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

/// What a choice cannot be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the choices")]
pub struct Unknown;

/// A variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable {name} cannot be {value:?}")]
pub struct ConfigError {
    /// The variable.
    pub name: String,
    /// What it was set to.
    pub value: String,
}

/// The beginning of every environment variable of the engine.
pub const PREFIX: &str = "COLLOQUY_ENGINE_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_keeps_its_default() {
        let config = read(&[("COLLOQUY_ENGINE_THINK_MS", "250"), ("PATH", "/bin")]).expect("valid");
        assert_eq!(config, Config { think: Duration::from_millis(250), ..Config::default() });
    }

    #[test]
    fn every_recogniser_can_be_chosen() {
        let choices = [
            ("auto", RecogniserChoice::Auto),
            ("none", RecogniserChoice::None),
            ("pocketsphinx", RecogniserChoice::PocketSphinx),
            ("scripted:one|two words", RecogniserChoice::Scripted(vec!["one".into(), "two words".into()])),
            ("http:http://127.0.0.1:1/v1", RecogniserChoice::Http("http://127.0.0.1:1/v1".into())),
            ("http://127.0.0.1:1/v1", RecogniserChoice::Http("http://127.0.0.1:1/v1".into())),
        ];
        for (text, choice) in choices {
            assert_eq!(text.parse(), Ok(choice));
        }
    }

    #[test]
    fn a_faulty_variable_is_named() {
        for (name, value) in
            [("RECOGNISER", "psychic"), ("VOICE", ""), ("THINK_MS", "-1"), ("TYPO", "1"), ("MEDIA_ADDRESSES", "here")]
        {
            let name = format!("{PREFIX}{name}");
            let error = read(&[(&name, value)]).expect_err("faulty");
            assert_eq!(error, ConfigError { name, value: value.into() });
        }
    }

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_env(&variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }
}
