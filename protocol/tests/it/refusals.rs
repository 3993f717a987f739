//! A session configuration that the service would refuse is refused with the field, the code and a sentence.

use protocol::session::{AudioConfig, AudioOutput, RealtimeConfig};
use protocol::{ClientMessage, FieldError, ParseError, ServiceError, SessionConfig, code};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn an_unknown_key_is_named_as_the_service_names_it() {
    let fault = refused(&json!({ "type": "realtime", "metadata": {} }));
    assert_eq!(fault.code, code::UNKNOWN_PARAMETER);
    assert_eq!(fault.param, "session.metadata");
    assert_eq!(fault.message, "Unknown parameter: 'session.metadata'.");
}

#[test]
fn a_session_without_a_type_is_missing_it() {
    let fault = refused(&json!({ "instructions": "Be brief." }));
    assert_eq!(fault.code, code::MISSING_REQUIRED_PARAMETER);
    assert_eq!(fault.message, "Missing required parameter: 'session.type'.");
}

#[test]
fn the_keys_of_the_retired_beta_are_unknown() {
    for key in [
        "voice",
        "modalities",
        "temperature",
        "input_audio_format",
        "output_audio_format",
        "turn_detection",
        "input_audio_transcription",
        "max_response_output_tokens",
        "metadata",
        "id",
        "object",
        "expires_at",
    ] {
        let fault = refused(&json!({ "type": "realtime", key: "x" }));
        assert_eq!((fault.code, fault.param), (code::UNKNOWN_PARAMETER, format!("session.{key}")));
    }
}

#[test]
fn every_value_out_of_its_range_is_refused_by_name() {
    for (value, param, code) in audio_out_of_range().into_iter().chain(out_of_range()) {
        let fault = refused(&value);
        assert_eq!((fault.param.as_str(), fault.code), (param, code), "{value}");
        assert!(fault.message.contains(param) || code == code::INVALID_VALUE, "{}", fault.message);
    }
}

#[test]
fn every_value_of_the_wrong_type_is_refused_by_name() {
    for (value, param) in wrong_types() {
        let fault = refused(&value);
        assert_eq!((fault.param.as_str(), fault.code), (param, code::INVALID_TYPE), "{value}");
    }
}

#[test]
fn every_key_that_does_not_belong_is_refused_by_name() {
    for (value, param) in misplaced() {
        let fault = refused(&value);
        assert_eq!((fault.param.as_str(), fault.code), (param, code::UNKNOWN_PARAMETER), "{value}");
    }
}

#[test]
fn every_key_that_is_missing_is_named() {
    for (value, param) in incomplete() {
        let fault = refused(&value);
        assert_eq!((fault.param.as_str(), fault.code), (param, code::MISSING_REQUIRED_PARAMETER), "{value}");
    }
}

#[test]
fn an_idle_timeout_below_its_range_says_what_is_expected() {
    let fault = refused(&detection(&json!({ "type": "server_vad", "idle_timeout_ms": 750 })));
    assert_eq!(
        fault.message,
        "Invalid 'session.audio.input.turn_detection.idle_timeout_ms': integer below minimum value. Expected a value \
         >= 5000, but got 750 instead."
    );
}

#[test]
fn a_voice_that_does_not_exist_lists_those_that_do() {
    let fault = refused(&output(&json!({ "voice": "nope" })));
    assert!(fault.message.starts_with("Invalid value: 'nope'. Supported values are: 'alloy', 'ash', "));
    assert!(fault.message.ends_with("'marin', and 'cedar'."), "{}", fault.message);
}

#[test]
fn the_ends_of_every_range_are_inside_it() {
    for value in [
        detection(&json!({ "type": "server_vad", "threshold": 0, "idle_timeout_ms": 5000, "prefix_padding_ms": 0 })),
        detection(&json!({ "type": "server_vad", "threshold": 1.0, "idle_timeout_ms": 30000 })),
        detection(&json!({ "type": "server_vad", "idle_timeout_ms": null, "silence_duration_ms": 0 })),
        output(&json!({ "speed": 0.25 })),
        output(&json!({ "speed": 1.5 })),
        json!({ "type": "realtime", "max_output_tokens": 1 }),
        json!({ "type": "realtime", "max_output_tokens": 4096 }),
        json!({ "type": "realtime", "truncation": { "type": "retention_ratio", "retention_ratio": 0 } }),
        json!({ "type": "realtime", "truncation": { "type": "retention_ratio", "retention_ratio": 1, "token_limits": {} } }),
        json!({ "type": "realtime", "audio": { "input": { "format": { "type": "audio/pcm" } } } }),
    ] {
        let read = SessionConfig::from_value(&value, "session");
        assert!(read.is_ok(), "{value}: {read:?}");
    }
}

#[test]
fn a_configuration_built_out_of_range_does_not_pass_its_check() {
    let config = |speed| {
        let output = AudioOutput { speed: Some(speed), ..AudioOutput::default() };
        let audio = AudioConfig { output: Some(output), ..AudioConfig::default() };
        SessionConfig::from(RealtimeConfig { audio: Some(audio), ..RealtimeConfig::default() })
    };
    assert_eq!(config(1.5).check(), Ok(()));
    for speed in [1.6, 0.2, f64::NAN, f64::INFINITY] {
        assert_eq!(config(speed).check().unwrap_err().param, "session.audio.output.speed");
    }
}

#[test]
fn a_refused_session_update_names_the_field_and_not_a_line_of_json() {
    let text = r#"{"type":"session.update","event_id":"evt_1","session":{"type":"realtime","voice":"marin"}}"#;
    let fault = ClientMessage::parse(text).unwrap_err();
    assert!(matches!(&fault, ParseError::Field(field) if field.param == "session.voice"), "{fault}");
    let answer = ServiceError::from(&fault);
    assert_eq!(answer.kind, "invalid_request_error");
    assert_eq!(answer.code.as_deref(), Some(code::UNKNOWN_PARAMETER));
    assert_eq!(answer.param.as_deref(), Some("session.voice"));
    let missing = ClientMessage::parse(r#"{"type":"session.update"}"#).unwrap_err();
    assert!(matches!(&missing, ParseError::Field(field) if field.param == "session"), "{missing}");
}

#[test]
fn an_error_does_not_repeat_a_long_value() {
    let long = "x".repeat(100_000);
    let by_value = refused(&output(&json!({ "voice": long })));
    let by_key = refused(&json!({ "type": "realtime", long: 1 }));
    assert!(by_value.message.len() < 400 && by_key.message.len() < 400 && by_key.param.len() < 400);
}

fn audio_out_of_range() -> Vec<(Value, &'static str, &'static str)> {
    let server_vad = |key: &str, value: Value| detection(&json!({ "type": "server_vad", key: value }));
    vec![
        (
            server_vad("threshold", json!(-0.1)),
            "session.audio.input.turn_detection.threshold",
            code::DECIMAL_BELOW_MIN_VALUE,
        ),
        (
            server_vad("threshold", json!(1.01)),
            "session.audio.input.turn_detection.threshold",
            code::DECIMAL_ABOVE_MAX_VALUE,
        ),
        (
            server_vad("threshold", json!(2)),
            "session.audio.input.turn_detection.threshold",
            code::DECIMAL_ABOVE_MAX_VALUE,
        ),
        (
            server_vad("idle_timeout_ms", json!(4999)),
            "session.audio.input.turn_detection.idle_timeout_ms",
            code::INTEGER_BELOW_MIN_VALUE,
        ),
        (
            server_vad("idle_timeout_ms", json!(30001)),
            "session.audio.input.turn_detection.idle_timeout_ms",
            code::INTEGER_ABOVE_MAX_VALUE,
        ),
        (
            server_vad("prefix_padding_ms", json!(-1)),
            "session.audio.input.turn_detection.prefix_padding_ms",
            code::INTEGER_BELOW_MIN_VALUE,
        ),
        (
            server_vad("silence_duration_ms", json!(-1)),
            "session.audio.input.turn_detection.silence_duration_ms",
            code::INTEGER_BELOW_MIN_VALUE,
        ),
        (
            server_vad("silence_duration_ms", json!(u64::MAX)),
            "session.audio.input.turn_detection.silence_duration_ms",
            code::INTEGER_ABOVE_MAX_VALUE,
        ),
        (detection(&json!({ "type": "telepathy" })), "session.audio.input.turn_detection.type", code::INVALID_VALUE),
        (
            detection(&json!({ "type": "semantic_vad", "eagerness": "keen" })),
            "session.audio.input.turn_detection.eagerness",
            code::INVALID_VALUE,
        ),
        (output(&json!({ "speed": 0.24 })), "session.audio.output.speed", code::DECIMAL_BELOW_MIN_VALUE),
        (output(&json!({ "speed": 1.51 })), "session.audio.output.speed", code::DECIMAL_ABOVE_MAX_VALUE),
        (
            output(&json!({ "format": { "type": "audio/pcm", "rate": 16000 } })),
            "session.audio.output.format.rate",
            code::INVALID_VALUE,
        ),
        (
            output(&json!({ "format": { "type": "audio/opus" } })),
            "session.audio.output.format.type",
            code::INVALID_VALUE,
        ),
        (
            input(&json!({ "noise_reduction": { "type": "mid_field" } })),
            "session.audio.input.noise_reduction.type",
            code::INVALID_VALUE,
        ),
        (
            input(&json!({ "transcription": { "model": "gpt-transcribe", "delay": "low" } })),
            "session.audio.input.transcription.delay",
            code::INVALID_VALUE,
        ),
        (
            input(&json!({ "transcription": { "model": "gpt-realtime-whisper", "prompt": "x" } })),
            "session.audio.input.transcription.prompt",
            code::INVALID_VALUE,
        ),
        (
            input(&json!({ "transcription": { "model": "gpt-realtime-whisper", "delay": "later" } })),
            "session.audio.input.transcription.delay",
            code::INVALID_VALUE,
        ),
    ]
}

fn out_of_range() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (realtime("type", json!("translation")), "session.type", code::INVALID_VALUE),
        (realtime("max_output_tokens", json!(0)), "session.max_output_tokens", code::INTEGER_BELOW_MIN_VALUE),
        (realtime("max_output_tokens", json!(4097)), "session.max_output_tokens", code::INTEGER_ABOVE_MAX_VALUE),
        (realtime("max_output_tokens", json!("lots")), "session.max_output_tokens", code::INVALID_VALUE),
        (realtime("output_modalities", json!([])), "session.output_modalities", code::INVALID_VALUE),
        (realtime("output_modalities", json!(["audio", "text"])), "session.output_modalities", code::INVALID_VALUE),
        (realtime("output_modalities", json!(["video"])), "session.output_modalities[0]", code::INVALID_VALUE),
        (realtime("tool_choice", json!("any")), "session.tool_choice", code::INVALID_VALUE),
        (realtime("tool_choice", json!({ "type": "custom" })), "session.tool_choice.type", code::INVALID_VALUE),
        (realtime("tools", json!([{ "type": "web_search" }])), "session.tools[0].type", code::INVALID_VALUE),
        (realtime("tools", json!([{ "type": "mcp", "server_label": "a" }])), "session.tools[0]", code::INVALID_VALUE),
        (
            realtime("tools", json!([{ "type": "mcp", "server_label": "a", "server_url": "u", "tunnel_id": "t" }])),
            "session.tools[0].tunnel_id",
            code::INVALID_VALUE,
        ),
        (realtime("reasoning", json!({ "effort": "max" })), "session.reasoning.effort", code::INVALID_VALUE),
        (realtime("truncation", json!("middle")), "session.truncation", code::INVALID_VALUE),
        (
            realtime("truncation", json!({ "type": "retention_ratio", "retention_ratio": 1.1 })),
            "session.truncation.retention_ratio",
            code::DECIMAL_ABOVE_MAX_VALUE,
        ),
        (
            realtime(
                "truncation",
                json!({ "type": "retention_ratio", "retention_ratio": 1, "token_limits": { "post_instructions": -1 } }),
            ),
            "session.truncation.token_limits.post_instructions",
            code::INTEGER_BELOW_MIN_VALUE,
        ),
        (realtime("tracing", json!("on")), "session.tracing", code::INVALID_VALUE),
        (realtime("include", json!(["everything"])), "session.include[0]", code::INVALID_VALUE),
        (
            json!({ "type": "transcription", "audio": { "input": {
                "transcription": { "model": "gpt-realtime-whisper" }, "turn_detection": { "type": "server_vad" }
            } } }),
            "session.audio.input.turn_detection",
            code::INVALID_VALUE,
        ),
    ]
}

fn wrong_types() -> Vec<(Value, &'static str)> {
    vec![
        (json!(null), "session"),
        (json!([]), "session"),
        (json!({ "type": 7 }), "session.type"),
        (realtime("audio", json!(null)), "session.audio"),
        (realtime("model", json!(2)), "session.model"),
        (realtime("instructions", json!(null)), "session.instructions"),
        (realtime("parallel_tool_calls", json!(null)), "session.parallel_tool_calls"),
        (realtime("max_output_tokens", json!(12.5)), "session.max_output_tokens"),
        (realtime("max_output_tokens", json!([])), "session.max_output_tokens"),
        (realtime("output_modalities", json!("audio")), "session.output_modalities"),
        (realtime("tools", json!({})), "session.tools"),
        (realtime("tools", json!([{ "type": "function", "name": 1 }])), "session.tools[0].name"),
        (
            realtime("tools", json!([{ "type": "function", "name": "a", "parameters": "b" }])),
            "session.tools[0].parameters",
        ),
        (realtime("tool_choice", json!(1)), "session.tool_choice"),
        (realtime("truncation", json!(1)), "session.truncation"),
        (realtime("tracing", json!(true)), "session.tracing"),
        (realtime("tracing", json!({ "group_id": 1 })), "session.tracing.group_id"),
        (realtime("include", json!("x")), "session.include"),
        (realtime("prompt", json!({ "id": 1 })), "session.prompt.id"),
        (detection(&json!("server_vad")), "session.audio.input.turn_detection"),
        (
            detection(&json!({ "type": "server_vad", "create_response": null })),
            "session.audio.input.turn_detection.create_response",
        ),
        (
            detection(&json!({ "type": "semantic_vad", "interrupt_response": null })),
            "session.audio.input.turn_detection.interrupt_response",
        ),
        (
            detection(&json!({ "type": "server_vad", "silence_duration_ms": 500.5 })),
            "session.audio.input.turn_detection.silence_duration_ms",
        ),
        (output(&json!({ "voice": null })), "session.audio.output.voice"),
        (output(&json!({ "speed": "fast" })), "session.audio.output.speed"),
        (input(&json!({ "transcription": { "keywords": "a" } })), "session.audio.input.transcription.keywords"),
        (input(&json!({ "transcription": { "languages": [1] } })), "session.audio.input.transcription.languages[0]"),
        (
            input(&json!({ "noise_reduction": { "type": "near_field", "strength": "most" } })),
            "session.audio.input.noise_reduction.strength",
        ),
    ]
}

fn misplaced() -> Vec<(Value, &'static str)> {
    vec![
        (
            detection(&json!({ "type": "semantic_vad", "idle_timeout_ms": 6000 })),
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            detection(&json!({ "type": "server_vad", "eagerness": "low" })),
            "session.audio.input.turn_detection.eagerness",
        ),
        (realtime("tools", json!([{ "type": "function", "name": "a", "strict": true }])), "session.tools[0].strict"),
        (
            realtime("tools", json!([{ "type": "mcp", "server_label": "a", "server_url": "u", "token": "t" }])),
            "session.tools[0].token",
        ),
        (output(&json!({ "turn_detection": null })), "session.audio.output.turn_detection"),
        (output(&json!({ "voice": { "id": "voice_1", "name": "x" } })), "session.audio.output.voice.name"),
        (output(&json!({ "format": { "type": "audio/pcmu", "rate": 8000 } })), "session.audio.output.format.rate"),
        (realtime("audio", json!({ "voice": "marin" })), "session.audio.voice"),
        (realtime("reasoning", json!({ "effort": "low", "summary": "auto" })), "session.reasoning.summary"),
        (realtime("tracing", json!({ "name": "x" })), "session.tracing.name"),
        (json!({ "type": "transcription", "instructions": "x" }), "session.instructions"),
        (json!({ "type": "transcription", "model": "gpt-transcribe" }), "session.model"),
        (json!({ "type": "transcription", "audio": { "output": {} } }), "session.audio.output"),
    ]
}

fn incomplete() -> Vec<(Value, &'static str)> {
    vec![
        (detection(&json!({ "threshold": 0.5 })), "session.audio.input.turn_detection.type"),
        (output(&json!({ "voice": {} })), "session.audio.output.voice.id"),
        (output(&json!({ "format": {} })), "session.audio.output.format.type"),
        (realtime("tools", json!([{ "name": "a" }])), "session.tools[0].type"),
        (realtime("tools", json!([{ "type": "function" }])), "session.tools[0].name"),
        (realtime("tools", json!([{ "type": "mcp", "server_url": "u" }])), "session.tools[0].server_label"),
        (realtime("tool_choice", json!({ "type": "function" })), "session.tool_choice.name"),
        (realtime("tool_choice", json!({ "type": "mcp" })), "session.tool_choice.server_label"),
        (realtime("truncation", json!({ "type": "retention_ratio" })), "session.truncation.retention_ratio"),
        (realtime("prompt", json!({})), "session.prompt.id"),
    ]
}

fn refused(value: &Value) -> FieldError {
    match SessionConfig::from_value(value, "session") {
        Ok(config) => panic!("{value} was read as {config:?}"),
        Err(fault) => fault,
    }
}

fn realtime(key: &str, value: Value) -> Value {
    let mut session = json!({ "type": "realtime" });
    session[key] = value;
    session
}

fn input(value: &Value) -> Value {
    realtime("audio", json!({ "input": value }))
}

fn output(value: &Value) -> Value {
    realtime("audio", json!({ "output": value }))
}

fn detection(value: &Value) -> Value {
    input(&json!({ "turn_detection": value }))
}
