//! The session configuration: one object for a key, a call and a `session.update`.
//!
//! Reading is strict, as the service is: see [`SessionConfig::from_value`].

mod audio;
mod limits;
pub(crate) mod read;
mod tool;

pub use audio::*;
pub use limits::*;
pub use tool::*;

use crate::fields::missing;
use crate::reader::{Faults, Fields, Read, readable};
use crate::{FieldError, Patch, SessionId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// What a session is to be, or how it is to change: keys that are absent stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionConfig {
    /// A talk.
    Realtime(Box<RealtimeConfig>),
    /// Transcription alone.
    Transcription(Box<TranscriptionConfig>),
}

impl SessionConfig {
    /// Reads a configuration as strictly as the service: `type` must be there, no key may be unknown, and every value
    /// must be of its type and within its range.
    ///
    /// `path` is the prefix of the fields named in errors, usually `session`.
    ///
    /// # Errors
    /// The first field at fault, with its path and the service's code for the fault.
    pub fn from_value(value: &Value, path: &str) -> Result<Self, FieldError> {
        read::session(value, path)
    }

    /// Checks a configuration that was built rather than read.
    ///
    /// # Errors
    /// The first field out of its range.
    pub fn check(&self) -> Result<(), FieldError> {
        let value = serde_json::to_value(self).unwrap_or(Value::Null);
        Self::from_value(&value, "session").map(|_| ())
    }
}

impl From<RealtimeConfig> for SessionConfig {
    fn from(config: RealtimeConfig) -> Self {
        Self::Realtime(Box::new(config))
    }
}

impl<'de> Deserialize<'de> for SessionConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value, "session").map_err(D::Error::custom)
    }
}

/// Strictly, and with an error that names the field.
impl Read for SessionConfig {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        Self::from_value(value, faults.field()).unwrap_or_else(|fault| {
            faults.refuse(fault);
            RealtimeConfig::default().into()
        })
    }

    fn absent(faults: &mut Faults) -> Self {
        faults.refuse(missing(faults.field()));
        RealtimeConfig::default().into()
    }
}

/// What the answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Speech, which always brings its words.
    Audio,
    /// Text alone.
    Text,
    /// A word this crate does not know; only the service can say it.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// How much the model reasons before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Hardly.
    Minimal,
    /// A little: the default.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// Most.
    Xhigh,
}

/// Settings of a reasoning model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reasoning {
    /// How much.
    pub effort: Effort,
}

/// A talk's configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RealtimeConfig {
    /// The model; cannot change after the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What the model is told about itself; `""` clears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Exactly one of audio and text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<Modality>>,
    /// Sound in and out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<AudioConfig>,
    /// What the model may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Which tool may or must be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once; reasoning models only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// How much to reason; reasoning models only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// The most a response may write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxOutputTokens>,
    /// What happens when the context is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncation: Option<Truncation>,
    /// `"auto"` or an object, checked for its keys and otherwise kept as given; fixed once enabled.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub tracing: Patch<Value>,
    /// Extra fields wanted in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<String>>,
    /// A stored prompt, kept as given.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub prompt: Patch<Value>,
}

/// A transcription session's configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TranscriptionConfig {
    /// Sound in; there is none out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<TranscriptionAudio>,
    /// Extra fields wanted in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<String>>,
}

/// Sound of a transcription session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TranscriptionAudio {
    /// Sound in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<AudioInput>,
}

/// The effective session as `session.created` and `session.updated` show it.
///
/// Everything but the three fields below stays as the service sent it, because a newer service may show more than
/// this crate knows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// Its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// `realtime.session` or `realtime.transcription_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// When it ends, in seconds of Unix time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// The configuration.
    #[serde(flatten)]
    pub config: Map<String, Value>,
}

impl Session {
    /// The model that answers.
    pub fn model(&self) -> Option<&str> {
        self.config.get("model")?.as_str()
    }

    /// One setting of the effective turn detection, such as `silence_duration_ms`.
    pub fn turn_detection(&self, key: &str) -> Option<&Value> {
        self.config.get("audio")?.get("input")?.get("turn_detection")?.get(key)
    }
}

readable! {
    Session: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            id: fields.read("id"),
            object: fields.read("object"),
            expires_at: fields.read("expires_at"),
            config: fields.rest(&["id", "object", "expires_at"]),
        }
    };
    Modality: |value, faults| match String::read(value, faults).as_str() {
        "audio" => Self::Audio,
        "text" => Self::Text,
        _ => Self::Unknown,
    };
}
