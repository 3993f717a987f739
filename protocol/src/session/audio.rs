//! The `audio` part of a session: formats, transcription, turn detection and voice.

use crate::Patch;
use serde::{Deserialize, Serialize};

/// Sound in and out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AudioConfig {
    /// Sound in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<AudioInput>,
    /// Sound out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<AudioOutput>,
}

/// Sound in.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AudioInput {
    /// Format of audio sent over a WebSocket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// Noise reduction before detection and model.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub noise_reduction: Patch<NoiseReduction>,
    /// The user's words as text; cleared means never.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub transcription: Patch<Transcription>,
    /// Who decides where a turn ends; cleared means the client does.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub turn_detection: Patch<TurnDetection>,
}

/// Sound out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AudioOutput {
    /// Format of audio received over a WebSocket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// Who speaks; locked after the first audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    /// How fast, 0.25 to 1.5; changes between turns only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.25, max = 1.5)))]
    pub speed: Option<f64>,
}

/// Format and voice of one response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VoiceOutput {
    /// Format of audio received over a WebSocket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// Who speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
}

/// A raw audio format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type")]
pub enum AudioFormat {
    /// 16 bit little endian mono.
    #[serde(rename = "audio/pcm")]
    Pcm {
        /// Samples a second; [`PCM_RATE`] is the only one.
        #[serde(default = "pcm_rate")]
        rate: u32,
    },
    /// G.711 µ-law, 8 kHz.
    #[serde(rename = "audio/pcmu")]
    Pcmu,
    /// G.711 A-law, 8 kHz.
    #[serde(rename = "audio/pcma")]
    Pcma,
}

/// The one rate of PCM, in samples a second.
pub const PCM_RATE: u32 = 24_000;

fn pcm_rate() -> u32 {
    PCM_RATE
}

/// Where the microphone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoiseReductionKind {
    /// A headset.
    NearField,
    /// A room or a laptop.
    FarField,
}

/// Noise reduction before detection and model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoiseReduction {
    /// Where the microphone is.
    #[serde(rename = "type")]
    pub kind: NoiseReductionKind,
    /// How strong, as newer client libraries allow; kept as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<serde_json::Value>,
}

/// How long a streaming transcriber may wait for more context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TranscriptionDelay {
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// Most.
    Xhigh,
}

/// How the user's words become text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transcription {
    /// The transcription model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The language, as ISO-639-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Languages that may occur.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
    /// Style or words to expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Words to expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<String>>,
    /// How long it may wait for more context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<TranscriptionDelay>,
}

/// How eager semantic detection is to end a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Eagerness {
    /// Waits at most 8 s.
    Low,
    /// Waits at most 4 s.
    Medium,
    /// Waits at most 2 s.
    High,
    /// The same as medium.
    Auto,
}

/// Who decides where a turn ends, and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TurnDetection {
    /// By silence.
    ServerVad(ServerVad),
    /// By meaning.
    SemanticVad(SemanticVad),
}

/// Turn detection by silence. Absent fields have the service's defaults, given with each.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerVad {
    /// How sure it must be, 0 to 1; 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub threshold: Option<f64>,
    /// Audio kept from before the onset, in milliseconds; 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_padding_ms: Option<u32>,
    /// Silence that ends a turn, in milliseconds; 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence_duration_ms: Option<u32>,
    /// Whether the end of a turn starts a response; true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_response: Option<bool>,
    /// Whether speech cuts an answer; true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupt_response: Option<bool>,
    /// Silence of the user, after which the model speaks up, 5000 to 30000 ms; off.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub idle_timeout_ms: Patch<u32>,
}

/// Turn detection by meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SemanticVad {
    /// How eager it is to end a turn; auto.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eagerness: Option<Eagerness>,
    /// Whether the end of a turn starts a response; true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_response: Option<bool>,
    /// Whether speech cuts an answer; true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupt_response: Option<bool>,
}

/// The built-in voices.
pub const VOICES: &[&str] = &["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"];

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Voice {
    /// One of [`VOICES`].
    Named(String),
    /// A custom voice.
    Custom {
        /// Its identifier (`voice_…`).
        id: String,
    },
}
