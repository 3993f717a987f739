//! Reads a session configuration as strictly as the service does.
//!
//! The functions follow the shape of the object from the outside in. A fault is returned at once: the service, too,
//! refuses the whole update at the first one.

mod audio;
mod tool;

pub(crate) use audio::voice_output;
pub(crate) use tool::{tool_choice, tools};

use super::{
    Effort, MAX_OUTPUT_TOKENS, MaxOutputTokens, Modality, RealtimeConfig, Reasoning, SessionConfig, TranscriptionAudio,
    TranscriptionConfig, Truncation,
};
use crate::FieldError;
use crate::fields::{Fields, Place};
use audio::{audio, audio_input, refuse_detection_with_streaming_model};
use serde_json::Value;

pub(super) fn session(value: &Value, path: &str) -> Result<SessionConfig, FieldError> {
    let place = Place::new(value, path);
    let kind = place.open_fields()?.need("type")?;
    if kind.word(&[("realtime", true), ("transcription", false)])? {
        let config = realtime(&place.fields(REALTIME_KEYS)?)?;
        Ok(SessionConfig::Realtime(Box::new(config)))
    } else {
        let config = transcription_session(&place.fields(TRANSCRIPTION_KEYS)?)?;
        Ok(SessionConfig::Transcription(Box::new(config)))
    }
}

fn realtime(fields: &Fields) -> Result<RealtimeConfig, FieldError> {
    Ok(RealtimeConfig {
        model: fields.read("model", Place::string)?,
        instructions: fields.read("instructions", Place::string)?,
        output_modalities: fields.read("output_modalities", output_modalities)?,
        audio: fields.read("audio", audio)?,
        tools: fields.read("tools", tools)?,
        tool_choice: fields.read("tool_choice", tool_choice)?,
        parallel_tool_calls: fields.read("parallel_tool_calls", Place::boolean)?,
        reasoning: fields.read("reasoning", reasoning)?,
        max_output_tokens: fields.read("max_output_tokens", max_output_tokens)?,
        truncation: fields.read("truncation", truncation)?,
        tracing: fields.patch("tracing", tracing)?,
        include: fields.read("include", include)?,
        prompt: fields.patch("prompt", prompt)?,
    })
}

fn transcription_session(fields: &Fields) -> Result<TranscriptionConfig, FieldError> {
    let config = TranscriptionConfig {
        audio: fields.read("audio", |place| {
            Ok(TranscriptionAudio { input: place.fields(&["input"])?.read("input", audio_input)? })
        })?,
        include: fields.read("include", include)?,
    };
    let input = fields.get("audio").and_then(|audio| audio.open_fields().ok()?.get("input"));
    if let (Some(input), Some(place)) = (config.audio.as_ref().and_then(|audio| audio.input.as_ref()), input) {
        refuse_detection_with_streaming_model(input, &place)?;
    }
    Ok(config)
}

pub(crate) fn output_modalities(place: &Place) -> Result<Vec<Modality>, FieldError> {
    let words = [("audio", Modality::Audio), ("text", Modality::Text)];
    let modalities = place.list()?.iter().map(|place| place.word(&words)).collect::<Result<Vec<_>, _>>()?;
    match modalities.len() {
        1 => Ok(modalities),
        _ => Err(place.unsupported(["[\"text\"]", "[\"audio\"]"].into_iter())),
    }
}

pub(crate) fn max_output_tokens(place: &Place) -> Result<MaxOutputTokens, FieldError> {
    match place.value() {
        Value::String(_) => place.word(&[("inf", MaxOutputTokens::Infinite)]),
        Value::Number(_) => place.integer(1, MAX_OUTPUT_TOKENS).map(MaxOutputTokens::Tokens),
        _ => Err(place.wrong_type("an integer or \"inf\"")),
    }
}

pub(crate) fn reasoning(place: &Place) -> Result<Reasoning, FieldError> {
    let words = [
        ("minimal", Effort::Minimal),
        ("low", Effort::Low),
        ("medium", Effort::Medium),
        ("high", Effort::High),
        ("xhigh", Effort::Xhigh),
    ];
    Ok(Reasoning { effort: place.fields(&["effort"])?.need("effort")?.word(&words)? })
}

pub(super) fn truncation(place: &Place) -> Result<Truncation, FieldError> {
    match place.value() {
        Value::String(text) => match text.as_str() {
            "auto" => Ok(Truncation::Auto),
            "disabled" => Ok(Truncation::Disabled),
            _ => Err(place.unsupported(["auto", "disabled"].into_iter())),
        },
        Value::Object(_) => retention_ratio(place),
        _ => Err(place.wrong_type("a string or an object")),
    }
}

fn retention_ratio(place: &Place) -> Result<Truncation, FieldError> {
    let fields = place.fields(&["type", "retention_ratio", "token_limits"])?;
    fields.need("type")?.word(&[("retention_ratio", ())])?;
    let limit = fields.read("token_limits", |place| {
        place.fields(&["post_instructions"])?.read("post_instructions", |place| place.integer(0, u32::MAX))
    })?;
    Ok(Truncation::RetentionRatio {
        ratio: fields.need("retention_ratio")?.decimal(0.0, 1.0)?,
        post_instructions: limit.flatten().map(u64::from),
    })
}

fn tracing(place: &Place) -> Result<Value, FieldError> {
    match place.value() {
        Value::String(_) => place.word(&[("auto", ())])?,
        Value::Object(_) => {
            let fields = place.fields(&["workflow_name", "group_id", "metadata"])?;
            fields.read("workflow_name", Place::text)?;
            fields.read("group_id", Place::text)?;
            fields.read("metadata", Place::open_fields)?;
        }
        _ => return Err(place.wrong_type("\"auto\" or an object")),
    }
    Ok(place.value().clone())
}

fn include(place: &Place) -> Result<Vec<String>, FieldError> {
    for field in place.list()? {
        field.word(&[("item.input_audio_transcription.logprobs", ())])?;
    }
    place.strings()
}

pub(crate) fn prompt(place: &Place) -> Result<Value, FieldError> {
    let fields = place.fields(&["id", "version", "variables"])?;
    fields.need("id")?.text()?;
    fields.patch("version", Place::text)?;
    fields.patch("variables", Place::open_fields)?;
    Ok(place.value().clone())
}

const REALTIME_KEYS: &[&str] = &[
    "type",
    "model",
    "instructions",
    "output_modalities",
    "audio",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "max_output_tokens",
    "truncation",
    "tracing",
    "include",
    "prompt",
];

const TRANSCRIPTION_KEYS: &[&str] = &["type", "audio", "include"];
