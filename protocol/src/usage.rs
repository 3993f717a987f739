//! What responses and transcriptions cost, and what is left of the limits.

use crate::reader::{Fields, known, readable};
use serde::Serialize;

/// Tokens of one response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Input and output together.
    pub total_tokens: u64,
    /// What the model read.
    pub input_tokens: u64,
    /// What the model made.
    pub output_tokens: u64,
    /// What the model read, by kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_token_details: Option<InputTokenDetails>,
    /// What the model made, by kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_token_details: Option<OutputTokenDetails>,
}

/// Input tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InputTokenDetails {
    /// Text.
    pub text_tokens: u64,
    /// Audio.
    pub audio_tokens: u64,
    /// Pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tokens: Option<u64>,
    /// Of all of these, how many were cached.
    pub cached_tokens: u64,
    /// Cached tokens by kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens_details: Option<CachedTokenDetails>,
}

/// Cached input tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CachedTokenDetails {
    /// Text.
    pub text_tokens: u64,
    /// Audio.
    pub audio_tokens: u64,
    /// Pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tokens: Option<u64>,
}

/// Output tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutputTokenDetails {
    /// Text.
    pub text_tokens: u64,
    /// Audio.
    pub audio_tokens: u64,
}

/// What a transcription cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TranscriptionUsage {
    /// Counted in tokens.
    Tokens {
        /// Input and output together.
        total_tokens: u64,
        /// What the model heard.
        input_tokens: u64,
        /// What the model wrote.
        output_tokens: u64,
        /// What the model heard, by kind.
        #[serde(skip_serializing_if = "Option::is_none")]
        input_token_details: Option<InputTokenDetails>,
    },
    /// Counted in time.
    Duration {
        /// Seconds of audio.
        seconds: f64,
    },
    /// Counted in a way this crate does not know, kept whole.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// One limit and what is left of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateLimit {
    /// `requests` or `tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The most that is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// When it is whole again, in seconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_seconds: Option<f64>,
}

readable! {
    Usage: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            total_tokens: fields.read_or_default("total_tokens"),
            input_tokens: fields.read_or_default("input_tokens"),
            output_tokens: fields.read_or_default("output_tokens"),
            input_token_details: fields.read("input_token_details"),
            output_token_details: fields.read("output_token_details"),
        }
    };
    InputTokenDetails: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            text_tokens: fields.read_or_default("text_tokens"),
            audio_tokens: fields.read_or_default("audio_tokens"),
            image_tokens: fields.read("image_tokens"),
            cached_tokens: fields.read_or_default("cached_tokens"),
            cached_tokens_details: fields.read("cached_tokens_details"),
        }
    };
    CachedTokenDetails: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            text_tokens: fields.read_or_default("text_tokens"),
            audio_tokens: fields.read_or_default("audio_tokens"),
            image_tokens: fields.read("image_tokens"),
        }
    };
    OutputTokenDetails: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            text_tokens: fields.read_or_default("text_tokens"),
            audio_tokens: fields.read_or_default("audio_tokens"),
        }
    };
    TranscriptionUsage: |value, _| {
        let usage = known(value, |kind, fields| match kind {
            "tokens" => Some(Self::Tokens {
                total_tokens: fields.read("total_tokens"),
                input_tokens: fields.read("input_tokens"),
                output_tokens: fields.read("output_tokens"),
                input_token_details: fields.read("input_token_details"),
            }),
            "duration" => Some(Self::Duration { seconds: fields.read("seconds") }),
            _ => None,
        });
        usage.unwrap_or_else(|| Self::Unknown(value.clone()))
    };
}

readable! {
    RateLimit { name, limit, remaining, reset_seconds }
}
