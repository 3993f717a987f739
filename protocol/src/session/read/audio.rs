//! Reads the `audio` part of a session.

use crate::FieldError;
use crate::fields::Place;
use crate::session::{
    AudioConfig, AudioFormat, AudioInput, AudioOutput, Eagerness, NoiseReduction, NoiseReductionKind, PCM_RATE,
    SemanticVad, ServerVad, Transcription, TranscriptionDelay, TurnDetection, VOICES, Voice, VoiceOutput,
};
use serde_json::Value;

/// In a transcription session the streaming model finds the ends of sentences itself.
pub(super) fn refuse_detection_with_streaming_model(input: &AudioInput, place: &Place) -> Result<(), FieldError> {
    let streaming = input.transcription.as_set().and_then(|to| to.model.as_deref()).is_some_and(is_streaming_model);
    match place.open_fields()?.get("turn_detection") {
        Some(detection) if streaming && input.turn_detection.as_set().is_some() => {
            Err(detection.invalid("this transcription model needs turn detection to be null."))
        }
        _ => Ok(()),
    }
}

pub(super) fn audio(place: &Place) -> Result<AudioConfig, FieldError> {
    let fields = place.fields(&["input", "output"])?;
    Ok(AudioConfig { input: fields.read("input", audio_input)?, output: fields.read("output", audio_output)? })
}

pub(super) fn audio_input(place: &Place) -> Result<AudioInput, FieldError> {
    let fields = place.fields(&["format", "noise_reduction", "transcription", "turn_detection"])?;
    Ok(AudioInput {
        format: fields.read("format", format)?,
        noise_reduction: fields.patch("noise_reduction", noise_reduction)?,
        transcription: fields.patch("transcription", transcription)?,
        turn_detection: fields.patch("turn_detection", turn_detection)?,
    })
}

fn audio_output(place: &Place) -> Result<AudioOutput, FieldError> {
    let fields = place.fields(&["format", "voice", "speed"])?;
    Ok(AudioOutput {
        format: fields.read("format", format)?,
        voice: fields.read("voice", voice)?,
        speed: fields.read("speed", |place| place.decimal(0.25, 1.5))?,
    })
}

/// The output of one response: there is no speed.
pub(crate) fn voice_output(place: &Place) -> Result<VoiceOutput, FieldError> {
    let fields = place.fields(&["format", "voice"])?;
    Ok(VoiceOutput { format: fields.read("format", format)?, voice: fields.read("voice", voice)? })
}

fn format(place: &Place) -> Result<AudioFormat, FieldError> {
    let pcm = AudioFormat::Pcm { rate: PCM_RATE };
    let kinds = [("audio/pcm", pcm), ("audio/pcmu", AudioFormat::Pcmu), ("audio/pcma", AudioFormat::Pcma)];
    let kind = place.open_fields()?.need("type")?.word(&kinds)?;
    let fields = place.fields(if kind == pcm { &["type", "rate"] } else { &["type"] })?;
    match fields.get("rate") {
        Some(rate) if rate.value().as_u64() != Some(u64::from(PCM_RATE)) => {
            rate.integer(0, u32::MAX)?;
            Err(rate.unsupported(["24000"].into_iter()))
        }
        _ => Ok(kind),
    }
}

fn noise_reduction(place: &Place) -> Result<NoiseReduction, FieldError> {
    let fields = place.fields(&["type", "strength"])?;
    let kinds = [("near_field", NoiseReductionKind::NearField), ("far_field", NoiseReductionKind::FarField)];
    Ok(NoiseReduction {
        kind: fields.need("type")?.word(&kinds)?,
        strength: fields.read("strength", |to| to.decimal(0.0, f64::MAX).map(|_| to.value().clone()))?,
    })
}

fn transcription(place: &Place) -> Result<Transcription, FieldError> {
    let fields = place.fields(&["model", "language", "languages", "prompt", "keywords", "delay"])?;
    let delays = [
        ("minimal", TranscriptionDelay::Minimal),
        ("low", TranscriptionDelay::Low),
        ("medium", TranscriptionDelay::Medium),
        ("high", TranscriptionDelay::High),
        ("xhigh", TranscriptionDelay::Xhigh),
    ];
    let transcription = Transcription {
        model: fields.read("model", Place::string)?,
        language: fields.read("language", Place::string)?,
        languages: fields.read("languages", Place::strings)?,
        prompt: fields.read("prompt", Place::string)?,
        keywords: fields.read("keywords", Place::strings)?,
        delay: fields.read("delay", |place| place.word(&delays))?,
    };
    if let Some(model) = &transcription.model {
        let misplaced = if is_streaming_model(model) { "prompt" } else { "delay" };
        if let Some(place) = fields.get(misplaced) {
            return Err(place.invalid("this transcription model does not support it."));
        }
    }
    Ok(transcription)
}

/// Whether the model writes while the user speaks, and can be told how long to wait.
fn is_streaming_model(model: &str) -> bool {
    model.starts_with("gpt-realtime-whisper")
}

fn turn_detection(place: &Place) -> Result<TurnDetection, FieldError> {
    let kind = place.open_fields()?.need("type")?;
    if kind.word(&[("server_vad", true), ("semantic_vad", false)])? {
        server_vad(place).map(TurnDetection::ServerVad)
    } else {
        semantic_vad(place).map(TurnDetection::SemanticVad)
    }
}

fn server_vad(place: &Place) -> Result<ServerVad, FieldError> {
    let fields = place.fields(SERVER_VAD_KEYS)?;
    Ok(ServerVad {
        threshold: fields.read("threshold", |place| place.decimal(0.0, 1.0))?,
        prefix_padding_ms: fields.read("prefix_padding_ms", |place| place.integer(0, u32::MAX))?,
        silence_duration_ms: fields.read("silence_duration_ms", |place| place.integer(0, u32::MAX))?,
        create_response: fields.read("create_response", Place::boolean)?,
        interrupt_response: fields.read("interrupt_response", Place::boolean)?,
        idle_timeout_ms: fields.patch("idle_timeout_ms", |place| place.integer(5_000, 30_000))?,
    })
}

fn semantic_vad(place: &Place) -> Result<SemanticVad, FieldError> {
    let fields = place.fields(&["type", "eagerness", "create_response", "interrupt_response"])?;
    let words =
        [("low", Eagerness::Low), ("medium", Eagerness::Medium), ("high", Eagerness::High), ("auto", Eagerness::Auto)];
    Ok(SemanticVad {
        eagerness: fields.read("eagerness", |place| place.word(&words))?,
        create_response: fields.read("create_response", Place::boolean)?,
        interrupt_response: fields.read("interrupt_response", Place::boolean)?,
    })
}

fn voice(place: &Place) -> Result<Voice, FieldError> {
    match place.value() {
        Value::Object(_) => Ok(Voice::Custom { id: place.fields(&["id"])?.need("id")?.string()? }),
        Value::String(name) if VOICES.contains(&name.as_str()) => Ok(Voice::Named(name.clone())),
        Value::String(_) => Err(place.unsupported(VOICES.iter().copied())),
        _ => Err(place.wrong_type("a string or an object")),
    }
}

const SERVER_VAD_KEYS: &[&str] = &[
    "type",
    "threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "create_response",
    "interrupt_response",
    "idle_timeout_ms",
];
