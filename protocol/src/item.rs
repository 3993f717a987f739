//! Conversation items: messages, function calls and what remote tools leave behind.

use crate::fields::{Place, check_length};
use crate::reader::{Fields, Read, known, readable};
use crate::{CallId, FieldError, ItemId, MAX_CLIENT_ID_CHARS};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The value of `object` on every item the service sends.
pub const ITEM_OBJECT: &str = "realtime.item";

/// Whether an item is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// It is still growing.
    InProgress,
    /// It is complete.
    Completed,
    /// It was cut.
    Incomplete,
    /// A word this crate does not know.
    Unknown,
}

/// Who a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The house: instructions and injected context.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text from the user or the house.
    InputText {
        /// The text.
        text: String,
    },
    /// The user's speech.
    InputAudio {
        /// Base64 audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        audio: Option<String>,
        /// The words, once known. Written as `null` until then, as the service does: the official client takes an item
        /// without the key for malformed.
        transcript: Option<String>,
    },
    /// A picture from the user.
    InputImage {
        /// A data URI of PNG or JPEG.
        image_url: String,
        /// `auto`, `low` or `high`.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// Text from the model.
    OutputText {
        /// The text.
        text: String,
    },
    /// Speech from the model.
    OutputAudio {
        /// Base64 audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        audio: Option<String>,
        /// The words.
        #[serde(skip_serializing_if = "Option::is_none")]
        transcript: Option<String>,
    },
    /// A part this crate cannot read, kept whole.
    #[serde(untagged)]
    Unknown(Value),
}

impl Content {
    /// The part's `type`.
    pub fn kind(&self) -> &str {
        match self {
            Self::InputText { .. } => "input_text",
            Self::InputAudio { .. } => "input_audio",
            Self::InputImage { .. } => "input_image",
            Self::OutputText { .. } => "output_text",
            Self::OutputAudio { .. } => "output_audio",
            Self::Unknown(raw) => raw.get("type").and_then(Value::as_str).unwrap_or_default(),
        }
    }

    /// The part's text or transcript, where it has one.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::InputText { text } | Self::OutputText { text } => Some(text),
            Self::InputAudio { transcript, .. } | Self::OutputAudio { transcript, .. } => transcript.as_deref(),
            Self::InputImage { .. } | Self::Unknown(_) => None,
        }
    }
}

/// A part as `response.content_part.*` shows it: here the types are `audio` and `text`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Speech.
    Audio {
        /// Base64 audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        audio: Option<String>,
        /// The words.
        #[serde(skip_serializing_if = "Option::is_none")]
        transcript: Option<String>,
    },
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A part this crate cannot read, kept whole.
    #[serde(untagged)]
    Unknown(Value),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// The item's identifier; a client may choose it, at most 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    /// [`ITEM_OBJECT`] when sent by the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it is complete; without effect on input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// Who it is from.
    pub role: Role,
    /// Its parts.
    pub content: Vec<Content>,
}

impl Message {
    /// A text message from the user or the house.
    pub fn text(id: ItemId, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        let content = match role {
            Role::Assistant => Content::OutputText { text },
            Role::User | Role::System => Content::InputText { text },
        };
        Self { id: Some(id), object: None, status: None, role, content: vec![content] }
    }
}

impl Message {
    fn check(&self, path: &str) -> Result<(), FieldError> {
        let allowed: &[&str] = match self.role {
            Role::System => &["input_text"],
            Role::User => &["input_text", "input_audio", "input_image"],
            Role::Assistant => &["output_text"],
        };
        for (at, part) in self.content.iter().enumerate() {
            let kind = Value::from(part.kind());
            if !allowed.contains(&part.kind()) {
                let place = Place::new(&kind, format!("{path}.content[{at}].type"));
                return Err(place.unsupported(allowed.iter().copied()));
            }
            if matches!(part, Content::Unknown(_)) {
                let place = Place::new(&kind, format!("{path}.content[{at}]"));
                return Err(place.invalid("a field is missing or of the wrong type."));
            }
        }
        Ok(())
    }

    /// What was said or written, as far as it is known: text and transcripts, one after the other.
    pub fn words(&self) -> String {
        self.content.iter().filter_map(Content::words).collect::<Vec<_>>().join(" ")
    }
}

/// The model wants a function called.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionCall {
    /// The item's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    /// [`ITEM_OBJECT`] when sent by the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// Names the call in its output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
    /// The function.
    pub name: String,
    /// Its arguments, a JSON text.
    pub arguments: String,
}

/// What a called function gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionCallOutput {
    /// The item's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    /// [`ITEM_OBJECT`] when sent by the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// Which call.
    pub call_id: CallId,
    /// What it gave, as text.
    pub output: String,
}

/// A remote (MCP) tool item, kept as it came: nothing of ours reads inside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct McpItem {
    /// The item's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    /// Every other field.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, Value>,
}

/// Names an item that exists; only in the `input` of a `response.create`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemReference {
    /// Which item.
    pub id: ItemId,
}

/// One item of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A message.
    Message(Message),
    /// The model wants a function called.
    FunctionCall(FunctionCall),
    /// What a called function gave.
    FunctionCallOutput(FunctionCallOutput),
    /// A remote server's tools.
    McpListTools(McpItem),
    /// A remote tool call.
    McpCall(McpItem),
    /// The model asks whether it may call a remote tool.
    McpApprovalRequest(McpItem),
    /// The answer to that.
    McpApprovalResponse(McpItem),
    /// Names an item that exists.
    Reference(ItemReference),
    /// A type this crate does not know, kept whole.
    Unknown {
        /// The item's `type`.
        kind: String,
        /// The item as received.
        raw: Value,
    },
}

impl Item {
    /// The item's identifier, where it has one.
    pub fn id(&self) -> Option<&ItemId> {
        match self {
            Self::Message(item) => item.id.as_ref(),
            Self::FunctionCall(item) => item.id.as_ref(),
            Self::FunctionCallOutput(item) => item.id.as_ref(),
            Self::McpListTools(item)
            | Self::McpCall(item)
            | Self::McpApprovalRequest(item)
            | Self::McpApprovalResponse(item) => item.id.as_ref(),
            Self::Reference(item) => Some(&item.id),
            Self::Unknown { .. } => None,
        }
    }

    /// A text message from the user or the house.
    pub fn text(id: ItemId, role: Role, text: impl Into<String>) -> Self {
        Self::Message(Message::text(id, role, text))
    }

    /// What a called function gave.
    pub fn function_output(id: ItemId, call_id: CallId, output: impl Into<String>) -> Self {
        Self::FunctionCallOutput(FunctionCallOutput {
            id: Some(id),
            object: None,
            status: None,
            call_id,
            output: output.into(),
        })
    }

    /// Checks an item that a client wants to add to the conversation: the lengths of the identifiers it chose, and
    /// that its type and its parts are ones a client can create.
    ///
    /// `path` is the prefix of the fields named in errors, usually `item`.
    ///
    /// # Errors
    /// The first field the service would refuse.
    pub fn check(&self, path: &str) -> Result<(), FieldError> {
        match self {
            Self::Reference(_) => Err(self.unsupported_kind(path)),
            _ => self.check_in_context(path),
        }
    }

    /// The same for an item in the `input` of a `response.create`, where a reference is allowed.
    pub(crate) fn check_in_context(&self, path: &str) -> Result<(), FieldError> {
        if let Some(id) = self.id() {
            check_length(id.as_str(), MAX_CLIENT_ID_CHARS, &format!("{path}.id"))?;
        }
        let check_call = |id: &CallId| check_length(id.as_str(), MAX_CLIENT_ID_CHARS, &format!("{path}.call_id"));
        match self {
            Self::Message(message) => message.check(path),
            Self::FunctionCall(call) => call.call_id.as_ref().map_or(Ok(()), check_call),
            Self::FunctionCallOutput(output) => check_call(&output.call_id),
            Self::Unknown { .. } => Err(self.unsupported_kind(path)),
            Self::McpListTools(_)
            | Self::McpCall(_)
            | Self::McpApprovalRequest(_)
            | Self::McpApprovalResponse(_)
            | Self::Reference(_) => Ok(()),
        }
    }

    fn unsupported_kind(&self, path: &str) -> FieldError {
        let kind = Value::from(self.kind());
        Place::new(&kind, format!("{path}.type")).unsupported(CREATABLE_KINDS.iter().copied())
    }

    /// The item's `type`.
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::FunctionCall(_) => "function_call",
            Self::FunctionCallOutput(_) => "function_call_output",
            Self::McpListTools(_) => "mcp_list_tools",
            Self::McpCall(_) => "mcp_call",
            Self::McpApprovalRequest(_) => "mcp_approval_request",
            Self::McpApprovalResponse(_) => "mcp_approval_response",
            Self::Reference(_) => "item_reference",
            Self::Unknown { kind, .. } => kind,
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn tagged<T: Serialize, S: Serializer>(kind: &str, body: &T, serializer: S) -> Result<S::Ok, S::Error> {
            crate::event::Tagged { kind, event_id: None, body }.serialize(serializer)
        }
        match self {
            Self::Message(item) => tagged(self.kind(), item, serializer),
            Self::FunctionCall(item) => tagged(self.kind(), item, serializer),
            Self::FunctionCallOutput(item) => tagged(self.kind(), item, serializer),
            Self::McpListTools(item)
            | Self::McpCall(item)
            | Self::McpApprovalRequest(item)
            | Self::McpApprovalResponse(item) => tagged(self.kind(), item, serializer),
            Self::Reference(item) => tagged(self.kind(), item, serializer),
            Self::Unknown { raw, .. } => raw.serialize(serializer),
        }
    }
}

readable! {
    ItemStatus: |value, faults| match String::read(value, faults).as_str() {
        "in_progress" => Self::InProgress,
        "completed" => Self::Completed,
        "incomplete" => Self::Incomplete,
        _ => Self::Unknown,
    };
    Role: |value, faults| match String::read(value, faults).as_str() {
        "system" => Self::System,
        "user" => Self::User,
        "assistant" => Self::Assistant,
        _ => {
            faults.note("expected `system`, `user` or `assistant`");
            Self::System
        }
    };
    Content: |value, _| {
        let content = known(value, |kind, fields| match kind {
            "input_text" => Some(Self::InputText { text: fields.read("text") }),
            "input_audio" => {
                Some(Self::InputAudio { audio: fields.read("audio"), transcript: fields.read("transcript") })
            }
            "input_image" => {
                Some(Self::InputImage { image_url: fields.read("image_url"), detail: fields.read("detail") })
            }
            "output_text" => Some(Self::OutputText { text: fields.read("text") }),
            "output_audio" => {
                Some(Self::OutputAudio { audio: fields.read("audio"), transcript: fields.read("transcript") })
            }
            _ => None,
        });
        content.unwrap_or_else(|| Self::Unknown(value.clone()))
    };
    Part: |value, _| {
        let part = known(value, |kind, fields| match kind {
            "audio" => Some(Self::Audio { audio: fields.read("audio"), transcript: fields.read("transcript") }),
            "text" => Some(Self::Text { text: fields.read_or_default("text") }),
            _ => None,
        });
        part.unwrap_or_else(|| Self::Unknown(value.clone()))
    };
    McpItem: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self { id: fields.read("id"), fields: fields.rest(&["id", "type"]) }
    };
    Item: |value, faults| {
        let kind: String = Fields::of(value, faults).read("type");
        match kind.as_str() {
            "message" => Self::Message(Read::read(value, faults)),
            "function_call" => Self::FunctionCall(Read::read(value, faults)),
            "function_call_output" => Self::FunctionCallOutput(Read::read(value, faults)),
            "mcp_list_tools" => Self::McpListTools(Read::read(value, faults)),
            "mcp_call" => Self::McpCall(Read::read(value, faults)),
            "mcp_approval_request" => Self::McpApprovalRequest(Read::read(value, faults)),
            "mcp_approval_response" => Self::McpApprovalResponse(Read::read(value, faults)),
            "item_reference" => Self::Reference(Read::read(value, faults)),
            _ => Self::Unknown { kind, raw: value.clone() },
        }
    };
}

readable! {
    Message { id, object, status, role, content }
    FunctionCall { id, object, status, call_id, name, arguments }
    FunctionCallOutput { id, object, status, call_id, output }
    ItemReference { id }
}

/// The types of items a client can add to the conversation.
const CREATABLE_KINDS: &[&str] = &[
    "message",
    "function_call",
    "function_call_output",
    "mcp_list_tools",
    "mcp_call",
    "mcp_approval_request",
    "mcp_approval_response",
];
