//! Settings of the local engine, handed to it as the variables it reads.

use super::{ConfigError, Setting, Sources};
use std::collections::BTreeMap;

pub(super) const SETTINGS: &[Setting] = &[RECOGNISER, RECOGNISER_MODEL, VOICE, THINK_MS, CAPACITY, MEDIA_ADDRESSES];

/// Reads the engine's settings. Variables that only look like one of them, as tests have, are none of ours.
pub(super) fn read(from: &Sources) -> Result<::engine::Config, ConfigError> {
    let key = from.variable(RECOGNISER_KEY).map(|key| (RECOGNISER_KEY.to_owned(), key.to_owned()));
    let named = |setting: &Setting| Some((variable(setting)?.to_owned(), from.given(setting)?.to_owned()));
    let variables: BTreeMap<_, _> = SETTINGS.iter().filter_map(named).chain(key).collect();
    ::engine::Config::from_env(&variables).map_err(|error| {
        let setting = SETTINGS.iter().find(|setting| variable(setting) == Some(&error.name));
        let problem = format!("`{}` cannot be used; see --help for what can", error.value);
        match setting {
            Some(setting) => from.invalid(setting, problem),
            None => ConfigError::Invalid { place: error.name, problem },
        }
    })
}

fn variable(setting: &Setting) -> Option<&'static str> {
    setting.variables.first().copied()
}

/// Read from the environment alone, like every key.
const RECOGNISER_KEY: &str = "COLLOQUY_ENGINE_RECOGNISER_KEY";

const RECOGNISER: Setting = Setting {
    key: "engine.recogniser",
    flag: "engine-recogniser",
    variables: &["COLLOQUY_ENGINE_RECOGNISER"],
    value: "RECOGNISER",
    default: "auto",
    help: "How the local engine recognises speech: auto, none, pocketsphinx, http:ADDRESS, or scripted:TEXT|TEXT",
};
const VOICE: Setting = Setting {
    key: "engine.voice",
    flag: "engine-voice",
    variables: &["COLLOQUY_ENGINE_VOICE"],
    value: "VOICE",
    default: "auto",
    help: "How the local engine speaks: auto, espeak or builtin",
};
const THINK_MS: Setting = Setting {
    key: "engine.think_ms",
    flag: "engine-think-ms",
    variables: &["COLLOQUY_ENGINE_THINK_MS"],
    value: "MS",
    default: "0",
    help: "How long the local engine pretends to think",
};
const CAPACITY: Setting = Setting {
    key: "engine.capacity",
    flag: "engine-capacity",
    variables: &["COLLOQUY_ENGINE_CAPACITY"],
    value: "CALLS",
    default: "20",
    help: "How many calls the local engine takes at a time",
};
const RECOGNISER_MODEL: Setting = Setting {
    key: "engine.recogniser_model",
    flag: "engine-recogniser-model",
    variables: &["COLLOQUY_ENGINE_RECOGNISER_MODEL"],
    value: "MODEL",
    default: "gpt-transcribe",
    help: "The model that a recogniser at an address is asked for; its key is COLLOQUY_ENGINE_RECOGNISER_KEY",
};
const MEDIA_ADDRESSES: Setting = Setting {
    key: "engine.media_addresses",
    flag: "engine-media-addresses",
    variables: &["COLLOQUY_ENGINE_MEDIA_ADDRESSES"],
    value: "LIST",
    default: "",
    help: "Addresses, separated by commas, on which the local engine takes sound; all of this machine if none is said",
};
