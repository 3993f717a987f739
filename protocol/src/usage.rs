//! What responses and transcriptions cost, and what is left of the limits.

use serde::{Deserialize, Serialize};

/// Tokens of one response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Input and output together.
    #[serde(default)]
    pub total_tokens: u64,
    /// What the model read.
    #[serde(default)]
    pub input_tokens: u64,
    /// What the model made.
    #[serde(default)]
    pub output_tokens: u64,
    /// What the model read, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_token_details: Option<InputTokenDetails>,
    /// What the model made, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_token_details: Option<OutputTokenDetails>,
}

/// Input tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputTokenDetails {
    /// Text.
    #[serde(default)]
    pub text_tokens: u64,
    /// Audio.
    #[serde(default)]
    pub audio_tokens: u64,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_tokens: Option<u64>,
    /// Of all of these, how many were cached.
    #[serde(default)]
    pub cached_tokens: u64,
    /// Cached tokens by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_tokens_details: Option<CachedTokenDetails>,
}

/// Cached input tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedTokenDetails {
    /// Text.
    #[serde(default)]
    pub text_tokens: u64,
    /// Audio.
    #[serde(default)]
    pub audio_tokens: u64,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_tokens: Option<u64>,
}

/// Output tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputTokenDetails {
    /// Text.
    #[serde(default)]
    pub text_tokens: u64,
    /// Audio.
    #[serde(default)]
    pub audio_tokens: u64,
}

/// What a transcription cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    /// `requests` or `tokens`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The most that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// When it is whole again, in seconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_seconds: Option<f64>,
}
