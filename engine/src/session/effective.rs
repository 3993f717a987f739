//! The session as it is in effect: the service's defaults, what the key or the call brought, and every update since.

use crate::ears::Listening;
use crate::vad::Detection;
use crate::voice::Manner;
use protocol::session::{Modality, Tool, ToolChoice};
use protocol::{FieldError, SessionConfig, SessionId, code};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The effective configuration.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    id: SessionId,
    expires_at: u64,
    config: Value,
}

impl Effective {
    /// The defaults, changed by `config`.
    pub(crate) fn new(id: SessionId, expires_at: u64, config: Option<&SessionConfig>) -> Self {
        let transcription_only = matches!(config, Some(SessionConfig::Transcription(_)));
        let defaults = if transcription_only { transcription_defaults() } else { realtime_defaults() };
        let mut effective = Self { id, expires_at, config: defaults };
        if let Some(Value::Object(mut changes)) = config.and_then(|config| serde_json::to_value(config).ok()) {
            // The one time that a model can be chosen.
            if let Some(model) = changes.remove("model") {
                effective.config["model"] = model;
            }
            effective.merge(changes);
        }
        effective
    }

    /// Applies an update. `has_spoken` locks the voice. The model stays what it is.
    ///
    /// # Errors
    /// The update cannot be applied to a running session; nothing of it was.
    pub(crate) fn update(&mut self, config: &SessionConfig, has_spoken: bool) -> Result<(), FieldError> {
        let Ok(Value::Object(mut changes)) = serde_json::to_value(config) else { return Ok(()) };
        if changes.get("type") != self.config.get("type") {
            return Err(FieldError {
                code: code::INVALID_VALUE,
                param: "session.type".into(),
                message: "The type of a running session cannot be changed.".into(),
            });
        }
        let voice = changes.get("audio").and_then(|audio| audio.pointer("/output/voice"));
        if has_spoken && voice.is_some_and(|voice| Some(voice) != self.config.pointer("/audio/output/voice")) {
            return Err(FieldError {
                code: code::CANNOT_UPDATE_VOICE,
                param: "session.audio.output.voice".into(),
                message: "The voice cannot be changed once the assistant has spoken.".into(),
            });
        }
        changes.remove("model");
        self.merge(changes);
        Ok(())
    }

    fn merge(&mut self, changes: Map<String, Value>) {
        merge(&mut self.config, changes);
        fill_detection(&mut self.config);
    }

    /// The session as events show it.
    pub(crate) fn to_session(&self) -> protocol::Session {
        let kind = if self.is_transcription() { "realtime.transcription_session" } else { "realtime.session" };
        protocol::Session {
            id: Some(self.id.clone()),
            object: Some(kind.into()),
            expires_at: Some(self.expires_at),
            config: self.config.as_object().cloned().unwrap_or_default(),
        }
    }

    /// Whether the session only transcribes and never answers.
    pub(crate) fn is_transcription(&self) -> bool {
        self.config["type"] == "transcription"
    }

    /// How to listen.
    pub(crate) fn listening(&self) -> Listening {
        let detection = self.detection();
        let ms = |key: &str, default| Duration::from_millis(detection[key].as_u64().unwrap_or(default));
        let silence = match (detection["type"].as_str(), detection["eagerness"].as_str()) {
            (Some("server_vad"), _) => ms("silence_duration_ms", 500),
            // No meaning is understood here: eagerness is only another length of silence.
            (Some("semantic_vad"), Some("high")) => Duration::from_millis(350),
            (Some("semantic_vad"), Some("low")) => Duration::from_millis(1200),
            (Some("semantic_vad"), _) => Duration::from_millis(600),
            _ => return Listening { detection: None, padding: Duration::ZERO },
        };
        Listening {
            detection: Some(Detection {
                threshold: detection["threshold"].as_f64().unwrap_or(0.5),
                silence: silence.min(MAX_SILENCE),
            }),
            padding: ms("prefix_padding_ms", 300).min(MAX_SILENCE),
        }
    }

    /// Whether the end of a turn starts a response.
    pub(crate) fn creates_response(&self) -> bool {
        !self.is_transcription() && self.detection()["create_response"].as_bool().unwrap_or(true)
    }

    /// Whether speech cuts an answer.
    pub(crate) fn interrupts_response(&self) -> bool {
        self.detection()["interrupt_response"].as_bool().unwrap_or(true)
    }

    /// How long the user may be silent before the assistant speaks up.
    pub(crate) fn idle_timeout(&self) -> Option<Duration> {
        self.detection()["idle_timeout_ms"].as_u64().map(Duration::from_millis)
    }

    /// Whether the user's words are told.
    pub(crate) fn transcribes(&self) -> bool {
        self.config.pointer("/audio/input/transcription").is_some_and(|value| !value.is_null())
    }

    /// What answers are made of.
    pub(crate) fn modality(&self) -> Modality {
        match self.config["output_modalities"][0].as_str() {
            Some("text") => Modality::Text,
            _ => Modality::Audio,
        }
    }

    /// The voice, by name.
    pub(crate) fn voice(&self) -> String {
        voice_name(self.config.pointer("/audio/output/voice"))
    }

    /// How an answer is to sound.
    pub(crate) fn manner(&self, voice: String) -> Manner {
        let speed = self.config.pointer("/audio/output/speed").and_then(Value::as_f64).unwrap_or(1.0);
        Manner { voice, speed_percent: (speed.clamp(0.25, 1.5) * 100.0).round() as u32 }
    }

    /// What the model is told about itself.
    pub(crate) fn instructions(&self) -> &str {
        self.config["instructions"].as_str().unwrap_or_default()
    }

    /// The session's limit of output tokens, as in its configuration.
    pub(crate) fn max_output_tokens(&self) -> Option<protocol::session::MaxOutputTokens> {
        serde_json::from_value(self.config["max_output_tokens"].clone()).ok()
    }

    /// What may be called, as in the configuration.
    pub(crate) fn tools(&self) -> Vec<Tool> {
        serde_json::from_value(self.config["tools"].clone()).unwrap_or_default()
    }

    /// Which of it may or must be called.
    pub(crate) fn tool_choice(&self) -> ToolChoice {
        serde_json::from_value(self.config["tool_choice"].clone()).unwrap_or(ToolChoice::Auto)
    }

    fn detection(&self) -> &Value {
        self.config.pointer("/audio/input/turn_detection").unwrap_or(&Value::Null)
    }
}

/// A voice's name, be it built-in or custom.
pub(crate) fn voice_name(voice: Option<&Value>) -> String {
    match voice {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Object(custom)) => custom.get("id").and_then(Value::as_str).unwrap_or(DEFAULT_VOICE).to_owned(),
        _ => DEFAULT_VOICE.to_owned(),
    }
}

/// Keys present replace those of `to`; the audio objects are merged, everything else is replaced whole.
fn merge(to: &mut Value, changes: Map<String, Value>) {
    for (key, change) in changes {
        let slot = &mut to[key.as_str()];
        match change {
            Value::Object(inner) if matches!(key.as_str(), "audio" | "input" | "output") => {
                if !slot.is_object() {
                    *slot = json!({});
                }
                merge(slot, inner);
            }
            // The same kind of detection keeps what is not named; another kind begins anew.
            Value::Object(inner) if key == "turn_detection" && slot["type"] == inner["type"] => merge(slot, inner),
            other => *slot = other,
        }
    }
}

/// The defaults of turn detection, where the client named only some of it.
fn fill_detection(config: &mut Value) {
    let Some(Value::Object(detection)) = config.pointer_mut("/audio/input/turn_detection") else { return };
    let defaults = match detection.get("type").and_then(Value::as_str) {
        Some("semantic_vad") => semantic_vad_defaults(),
        _ => server_vad_defaults(),
    };
    if let Value::Object(defaults) = defaults {
        for (key, value) in defaults {
            detection.entry(key).or_insert(value);
        }
    }
}

fn realtime_defaults() -> Value {
    json!({
        "type": "realtime",
        "model": "colloquy-engine",
        "instructions": "",
        "output_modalities": ["audio"],
        "audio": {
            "input": input_defaults(),
            "output": { "format": pcm(), "voice": DEFAULT_VOICE, "speed": 1.0 },
        },
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "truncation": "auto",
        "tracing": null,
        "prompt": null,
    })
}

fn transcription_defaults() -> Value {
    json!({ "type": "transcription", "audio": { "input": input_defaults() } })
}

fn input_defaults() -> Value {
    json!({
        "format": pcm(),
        "noise_reduction": null,
        "transcription": null,
        "turn_detection": server_vad_defaults(),
    })
}

fn server_vad_defaults() -> Value {
    json!({
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": null,
        "create_response": true,
        "interrupt_response": true,
    })
}

fn semantic_vad_defaults() -> Value {
    json!({ "type": "semantic_vad", "eagerness": "auto", "create_response": true, "interrupt_response": true })
}

fn pcm() -> Value {
    json!({ "type": "audio/pcm", "rate": 24_000 })
}

const DEFAULT_VOICE: &str = "alloy";

/// The longest silence and padding that have a meaning: audio is kept for a minute.
const MAX_SILENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_changes_only_the_keys_it_names() {
        let mut session = session(None);
        update(
            &mut session,
            &json!({ "type": "realtime", "audio": { "input": { "turn_detection":
            { "type": "server_vad", "silence_duration_ms": 200 } } } }),
        );
        assert_eq!(session.listening().detection.map(|d| d.silence), Some(Duration::from_millis(200)));
        assert_eq!(session.listening().padding, Duration::from_millis(300));
        assert_eq!(session.voice(), "alloy");
        assert!(session.creates_response());
    }

    #[test]
    fn null_clears_detection_and_transcription() {
        let mut session = session(Some(&json!({ "type": "realtime", "audio": { "input": {
            "transcription": { "model": "any" } } } })));
        assert!(session.transcribes());
        update(
            &mut session,
            &json!({ "type": "realtime", "audio": { "input": {
            "turn_detection": null, "transcription": null } } }),
        );
        assert_eq!(session.listening().detection, None);
        assert!(!session.transcribes());
    }

    #[test]
    fn another_kind_of_detection_begins_with_its_own_defaults() {
        let mut session = session(None);
        update(
            &mut session,
            &json!({ "type": "realtime", "audio": { "input": {
            "turn_detection": { "type": "semantic_vad" } } } }),
        );
        let shown = session.to_session();
        assert_eq!(shown.turn_detection("eagerness"), Some(&json!("auto")));
        assert_eq!(shown.turn_detection("threshold"), None);
    }

    #[test]
    fn the_voice_is_locked_after_the_first_audio_and_the_same_voice_is_not_a_change() {
        let mut session = session(None);
        let change = config(&json!({ "type": "realtime", "audio": { "output": { "voice": "cedar" } } }));
        let same = config(&json!({ "type": "realtime", "audio": { "output": { "voice": "alloy" } } }));
        assert_eq!(session.update(&change, true).map_err(|e| e.code), Err(code::CANNOT_UPDATE_VOICE));
        assert_eq!(session.voice(), "alloy");
        session.update(&same, true).expect("the same voice");
        session.update(&change, false).expect("before the first audio");
        assert_eq!(session.voice(), "cedar");
    }

    #[test]
    fn the_model_is_chosen_once() {
        let mut session = session(Some(&json!({ "type": "realtime", "model": "any-model" })));
        update(&mut session, &json!({ "type": "realtime", "model": "another" }));
        assert_eq!(session.to_session().model(), Some("any-model"));
    }

    fn session(value: Option<&Value>) -> Effective {
        Effective::new(SessionId::new("sess_1"), 0, value.map(config).as_ref())
    }

    fn config(value: &Value) -> SessionConfig {
        SessionConfig::from_value(value, "session").expect("a valid configuration")
    }

    fn update(session: &mut Effective, value: &Value) {
        session.update(&config(value), false).expect("an update");
    }
}
