//! Responses: what is asked for and what came of it.

mod read;

use crate::reader::{Faults, Fields, Read, readable};
use crate::session::{MaxOutputTokens, Modality, Reasoning, Tool, ToolChoice, VoiceOutput};
use crate::{ConversationId, FieldError, Item, Patch, ResponseId, ServiceError, Usage};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How a response stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseStatus {
    /// Still being made.
    InProgress,
    /// Made whole.
    Completed,
    /// Stopped by the user's speech or by a cancel.
    Cancelled,
    /// The service could not make it.
    Failed,
    /// Ended early, by a limit or a filter.
    Incomplete,
    /// A word this crate does not know.
    Unknown,
}

/// Why a response ended as it did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatusDetails {
    /// Repeats the status.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `turn_detected`, `client_cancelled`, `max_output_tokens`, `content_filter`, or newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The error, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ServiceError>,
}

/// A response as events show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Response {
    /// Its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ResponseId>,
    /// Always `realtime.response`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ResponseStatus>,
    /// Why.
    pub status_details: Option<StatusDetails>,
    /// The items it made.
    pub output: Vec<Item>,
    /// The conversation it belongs to; `None` when out of band.
    pub conversation_id: Option<ConversationId>,
    /// What it may answer with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub output_modalities: Vec<Modality>,
    /// The most it may write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxOutputTokens>,
    /// How it sounds, as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<Value>,
    /// What it cost; present once done.
    pub usage: Option<Usage>,
    /// The caller's own words about it, echoed, as sent.
    pub metadata: Option<Value>,
}

readable! {
    ResponseStatus: |value, faults| match String::read(value, faults).as_str() {
        "in_progress" => Self::InProgress,
        "completed" => Self::Completed,
        "cancelled" => Self::Cancelled,
        "failed" => Self::Failed,
        "incomplete" => Self::Incomplete,
        _ => Self::Unknown,
    };
    StatusDetails: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self { kind: fields.read("type"), reason: fields.read("reason"), error: fields.read("error") }
    };
    Response: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            id: fields.read("id"),
            object: fields.read("object"),
            status: fields.read("status"),
            status_details: fields.read("status_details"),
            output: fields.read_or_default("output"),
            conversation_id: fields.read("conversation_id"),
            output_modalities: fields.read_or_default("output_modalities"),
            max_output_tokens: fields.read("max_output_tokens"),
            audio: fields.read("audio"),
            usage: fields.read("usage"),
            metadata: fields.read("metadata"),
        }
    };
}

/// Which conversation a response writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseConversation {
    /// The default conversation.
    Auto,
    /// None: out of band.
    None,
}

/// The sound of one response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResponseAudio {
    /// Format and voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<VoiceOutput>,
}

/// What differs from the session for one response.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ResponseConfig {
    /// Which conversation it writes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ResponseConversation>,
    /// Replaces the context; empty is no context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Vec<Item>>,
    /// Replaces the session's instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Audio or text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<Modality>>,
    /// Format and voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<ResponseAudio>,
    /// Replaces the session's tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Which tool may or must be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// How much to reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// The most it may write, 1 to 4096 or without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxOutputTokens>,
    /// At most 16 pairs, keys to 64 and values to 512 characters; echoed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// A stored prompt, kept as given.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub prompt: Patch<Value>,
}

impl ResponseConfig {
    /// Reads a configuration as strictly as the service: no key may be unknown, and every value must be of its type
    /// and within its range.
    ///
    /// `path` is the prefix of the fields named in errors, usually `response`.
    ///
    /// # Errors
    /// The first field at fault, with its path and the service's code for the fault.
    pub fn from_value(value: &Value, path: &str) -> Result<Self, FieldError> {
        read::response(value, path)
    }

    /// Checks a configuration that was built rather than read.
    ///
    /// # Errors
    /// The first field out of its range.
    pub fn check(&self) -> Result<(), FieldError> {
        let value = serde_json::to_value(self).unwrap_or(Value::Null);
        Self::from_value(&value, "response").map(|_| ())
    }
}

/// Strictly, and with an error that names the field.
impl Read for ResponseConfig {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        Self::from_value(value, faults.field()).unwrap_or_else(|fault| {
            faults.refuse(fault);
            Self::default()
        })
    }
}

impl<'de> Deserialize<'de> for ResponseConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value, "response").map_err(D::Error::custom)
    }
}
