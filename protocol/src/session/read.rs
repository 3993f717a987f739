//! Reads a session configuration as strictly as the service does.
//!
//! The functions follow the shape of the object from the outside in. A fault is returned at once: the service, too,
//! refuses the whole update at the first one.

use super::{
    AudioConfig, AudioFormat, AudioInput, AudioOutput, Eagerness, Effort, Function, MAX_OUTPUT_TOKENS, MaxOutputTokens,
    McpServer, Modality, NoiseReduction, NoiseReductionKind, PCM_RATE, RealtimeConfig, Reasoning, SemanticVad,
    ServerVad, SessionConfig, Tool, ToolChoice, Transcription, TranscriptionAudio, TranscriptionConfig,
    TranscriptionDelay, Truncation, TurnDetection, VOICES, Voice, VoiceOutput,
};
use crate::fields::{Fields, Place};
use crate::{FieldError, Patch};
use serde_json::Value;

pub(super) fn session(value: &Value, path: &str) -> Result<SessionConfig, FieldError> {
    let place = Place::new(value, path);
    let kind = place.open_fields()?.need("type")?;
    match kind.word(&[("realtime", true), ("transcription", false)])? {
        true => Ok(SessionConfig::Realtime(Box::new(realtime(&place.fields(REALTIME_KEYS)?)?))),
        false => Ok(SessionConfig::Transcription(Box::new(transcription_session(&place.fields(TRANSCRIPTION_KEYS)?)?))),
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

/// In a transcription session the streaming model finds the ends of sentences itself.
fn refuse_detection_with_streaming_model(input: &AudioInput, place: &Place) -> Result<(), FieldError> {
    let streaming = input.transcription.as_set().and_then(|to| to.model.as_deref()).is_some_and(is_streaming_model);
    match place.open_fields()?.get("turn_detection") {
        Some(detection) if streaming && input.turn_detection.as_set().is_some() => {
            Err(detection.invalid("this transcription model needs turn detection to be null."))
        }
        _ => Ok(()),
    }
}

fn audio(place: &Place) -> Result<AudioConfig, FieldError> {
    let fields = place.fields(&["input", "output"])?;
    Ok(AudioConfig { input: fields.read("input", audio_input)?, output: fields.read("output", audio_output)? })
}

fn audio_input(place: &Place) -> Result<AudioInput, FieldError> {
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
    match kind.word(&[("server_vad", true), ("semantic_vad", false)])? {
        true => server_vad(place).map(TurnDetection::ServerVad),
        false => semantic_vad(place).map(TurnDetection::SemanticVad),
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

pub(crate) fn tools(place: &Place) -> Result<Vec<Tool>, FieldError> {
    place.list()?.iter().map(tool).collect()
}

fn tool(place: &Place) -> Result<Tool, FieldError> {
    let kind = place.open_fields()?.need("type")?;
    match kind.word(&[("function", true), ("mcp", false)])? {
        true => function(place).map(Tool::Function),
        false => mcp_server(place).map(Tool::Mcp),
    }
}

fn function(place: &Place) -> Result<Function, FieldError> {
    let fields = place.fields(&["type", "name", "description", "parameters"])?;
    fields.read("parameters", Place::open_fields)?;
    Ok(Function {
        name: fields.need("name")?.string()?,
        description: fields.read("description", Place::string)?,
        parameters: fields.get("parameters").map(|place| place.value().clone()),
    })
}

fn mcp_server(place: &Place) -> Result<McpServer, FieldError> {
    let fields = place.fields(MCP_KEYS)?;
    let server_label = fields.need("server_label")?.string()?;
    let addresses = MCP_ADDRESSES.iter().filter_map(|key| fields.get(key)).collect::<Vec<_>>();
    match addresses.as_slice() {
        [] => return Err(place.invalid("one of 'server_url', 'tunnel_id' and 'connector_id' is required.")),
        [one] => one.text()?,
        [_, second, ..] => {
            return Err(second.invalid("only one of 'server_url', 'tunnel_id' and 'connector_id' can be given."));
        }
    };
    fields.read("server_description", Place::text)?;
    fields.read("authorization", Place::text)?;
    fields.patch("headers", |place| place.open_fields()?.places().try_for_each(|(_, value)| value.text().map(drop)))?;
    fields.patch("allowed_tools", allowed_tools)?;
    fields.patch("require_approval", require_approval)?;
    fields.read("defer_loading", Place::boolean)?;
    let mut settings = fields.map().clone();
    settings.retain(|key, _| key != "type" && key != "server_label");
    Ok(McpServer { server_label, settings })
}

fn allowed_tools(place: &Place) -> Result<(), FieldError> {
    match place.value() {
        Value::Array(_) => place.strings().map(drop),
        Value::Object(_) => tool_filter(place),
        _ => Err(place.wrong_type("an array or an object")),
    }
}

fn require_approval(place: &Place) -> Result<(), FieldError> {
    match place.value() {
        Value::String(_) => place.word(&[("always", ()), ("never", ())]),
        Value::Object(_) => {
            let fields = place.fields(&["always", "never"])?;
            fields.read("always", tool_filter)?;
            fields.read("never", tool_filter)?;
            Ok(())
        }
        _ => Err(place.wrong_type("a string or an object")),
    }
}

fn tool_filter(place: &Place) -> Result<(), FieldError> {
    let fields = place.fields(&["tool_names", "read_only"])?;
    fields.read("tool_names", Place::strings)?;
    fields.read("read_only", Place::boolean)?;
    Ok(())
}

pub(crate) fn tool_choice(place: &Place) -> Result<ToolChoice, FieldError> {
    match place.value() {
        Value::String(text) => match text.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" => Ok(ToolChoice::Required),
            _ => Err(place.unsupported(["none", "auto", "required"].into_iter())),
        },
        Value::Object(_) => chosen_tool(place),
        _ => Err(place.wrong_type("a string or an object")),
    }
}

fn chosen_tool(place: &Place) -> Result<ToolChoice, FieldError> {
    let kind = place.open_fields()?.need("type")?;
    if kind.word(&[("function", true), ("mcp", false)])? {
        let fields = place.fields(&["type", "name"])?;
        return Ok(ToolChoice::Function { name: fields.need("name")?.string()? });
    }
    let fields = place.fields(&["type", "server_label", "name"])?;
    let name = match fields.patch("name", Place::string)? {
        Patch::Set(name) => Some(name),
        Patch::Keep | Patch::Clear => None,
    };
    Ok(ToolChoice::Mcp { server_label: fields.need("server_label")?.string()?, name })
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

const SERVER_VAD_KEYS: &[&str] = &[
    "type",
    "threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "create_response",
    "interrupt_response",
    "idle_timeout_ms",
];

const MCP_ADDRESSES: &[&str] = &["server_url", "tunnel_id", "connector_id"];

const MCP_KEYS: &[&str] = &[
    "type",
    "server_label",
    "server_url",
    "tunnel_id",
    "connector_id",
    "server_description",
    "authorization",
    "headers",
    "allowed_tools",
    "require_approval",
    "allowed_callers",
    "defer_loading",
];
