//! Errors on the wire, and errors made by reading it.

use crate::reader::{Fields, readable};
use serde::Serialize;

/// The body of an `error` event, of a failed response and of an HTTP error of the realtime service.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServiceError {
    /// The family, mostly `invalid_request_error` or `server_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One of [`code`], or a newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A sentence for a developer.
    pub message: String,
    /// The field at fault, as a path such as `session.audio.output.speed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
    /// The client event that caused the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<crate::EventId>,
}

readable! {
    ServiceError: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            kind: fields.read_or_default("type"),
            code: fields.read("code"),
            message: fields.read_or_default("message"),
            param: fields.read("param"),
            event_id: fields.read("event_id"),
        }
    };
}

/// A field of a request that the service would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{param}: {message}")]
pub struct FieldError {
    /// One of [`code`].
    pub code: &'static str,
    /// The field's path, such as `session.audio.input.turn_detection.threshold`.
    pub param: String,
    /// What is wrong with it, as a sentence.
    pub message: String,
}

impl From<FieldError> for ServiceError {
    fn from(error: FieldError) -> Self {
        Self {
            kind: "invalid_request_error".into(),
            code: Some(error.code.into()),
            message: error.message,
            param: Some(error.param),
            event_id: None,
        }
    }
}

/// Why a text is not an event.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The text is not JSON, or not an object.
    #[error("not a JSON object: {0}")]
    Json(#[source] serde_json::Error),
    /// The object has no `type`.
    #[error("the event has no `type`")]
    NoType,
    /// The type is known, and a field of it is missing or of the wrong type.
    #[error("malformed `{kind}`: {fault}")]
    Shape {
        /// The event's type.
        kind: String,
        /// Which field, and what is wrong with it.
        fault: String,
    },
    /// A session or response configuration that the service would refuse.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl From<&ParseError> for ServiceError {
    /// How a service answers an event it cannot read.
    fn from(error: &ParseError) -> Self {
        match error {
            ParseError::Field(error) => error.clone().into(),
            ParseError::NoType => crate::fields::missing("type").into(),
            ParseError::Json(_) | ParseError::Shape { .. } => Self {
                kind: "invalid_request_error".into(),
                code: Some(code::INVALID_EVENT.into()),
                message: error.to_string(),
                param: None,
                event_id: None,
            },
        }
    }
}

/// Error codes seen on the live service.
pub mod code {
    /// The event is not one the service knows, or is not JSON.
    pub const INVALID_EVENT: &str = "invalid_event";
    /// A value that is not one of those allowed.
    pub const INVALID_VALUE: &str = "invalid_value";
    /// A value of the wrong JSON type.
    pub const INVALID_TYPE: &str = "invalid_type";
    /// A key the service does not know; the whole update is refused.
    pub const UNKNOWN_PARAMETER: &str = "unknown_parameter";
    /// A required key is absent.
    pub const MISSING_REQUIRED_PARAMETER: &str = "missing_required_parameter";
    /// An integer below its range.
    pub const INTEGER_BELOW_MIN_VALUE: &str = "integer_below_min_value";
    /// An integer above its range.
    pub const INTEGER_ABOVE_MAX_VALUE: &str = "integer_above_max_value";
    /// A decimal below its range.
    pub const DECIMAL_BELOW_MIN_VALUE: &str = "decimal_below_min_value";
    /// A decimal above its range.
    pub const DECIMAL_ABOVE_MAX_VALUE: &str = "decimal_above_max_value";
    /// A string longer than allowed.
    pub const STRING_ABOVE_MAX_LENGTH: &str = "string_above_max_length";
    /// An object with more keys than allowed.
    pub const OBJECT_ABOVE_MAX_PROPERTIES: &str = "object_above_max_properties";
    /// A second response was asked for while one is active: a benign race.
    pub const ACTIVE_RESPONSE: &str = "conversation_already_has_active_response";
    /// A cancel found nothing to cancel: a benign race.
    pub const CANCEL_NOT_ACTIVE: &str = "response_cancel_not_active";
    /// A commit found less than 100 ms of audio: a benign race.
    pub const COMMIT_EMPTY: &str = "input_audio_buffer_commit_empty";
    /// A truncate named an item that cannot be truncated: a benign race.
    pub const TRUNCATE_INVALID_ITEM: &str = "item_truncate_invalid_item_id";
    /// The voice cannot change after the first audio.
    pub const CANNOT_UPDATE_VOICE: &str = "cannot_update_voice";
    /// The session reached its longest duration.
    pub const SESSION_EXPIRED: &str = "session_expired";
    /// The model does not exist, or not for this key.
    pub const MODEL_NOT_FOUND: &str = "model_not_found";
    /// The key is wrong, revoked or expired.
    pub const INVALID_API_KEY: &str = "invalid_api_key";
    /// The account has no credit.
    pub const INSUFFICIENT_QUOTA: &str = "insufficient_quota";
    /// Too many requests or tokens.
    pub const RATE_LIMIT_EXCEEDED: &str = "rate_limit_exceeded";
    /// No such call.
    pub const CALL_ID_NOT_FOUND: &str = "call_id_not_found";
    /// The retired beta shape was used.
    pub const BETA_API_SHAPE_DISABLED: &str = "beta_api_shape_disabled";

    /// Whether an error with this code is a race that needs no answer and no mention.
    pub fn is_benign(code: &str) -> bool {
        matches!(code, ACTIVE_RESPONSE | CANCEL_NOT_ACTIVE | COMMIT_EMPTY | TRUNCATE_INVALID_ITEM)
    }
}
