//! Every configuration that can be built within its ranges passes its check and survives writing and reading; every
//! number outside of its range is refused by the name of its field.

use crate::cases;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use protocol::session::{
    AudioConfig, AudioFormat, AudioInput, AudioOutput, Eagerness, Effort, Function, MaxOutputTokens, Modality,
    NoiseReduction, NoiseReductionKind, PCM_RATE, RealtimeConfig, Reasoning, SemanticVad, ServerVad, Tool, ToolChoice,
    Transcription, Truncation, TurnDetection, VOICES, Voice,
};
use protocol::{FieldError, Patch, SessionConfig};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_configuration_within_its_ranges_survives_writing_and_reading(config in realtime()) {
        let config = SessionConfig::from(config);
        prop_assert_eq!(config.check(), Ok(()));
        let text = serde_json::to_string(&config).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(SessionConfig::from_value(&value, "session"), Ok(config));
    }

    #[test]
    fn a_speed_is_accepted_exactly_within_its_range(speed in quarters(-40, 40)) {
        let inside = (0.25..=1.5).contains(&speed);
        let read = read(&json!({ "audio": { "output": { "speed": speed } } }));
        prop_assert_eq!(param(read), (!inside).then(|| "session.audio.output.speed".to_owned()));
    }

    #[test]
    fn a_threshold_is_accepted_exactly_within_its_range(threshold in quarters(-40, 40)) {
        let inside = (0.0..=1.0).contains(&threshold);
        let read = read_detection("threshold", &json!(threshold));
        prop_assert_eq!(param(read), (!inside).then(|| "session.audio.input.turn_detection.threshold".to_owned()));
    }

    #[test]
    fn an_idle_timeout_is_accepted_exactly_within_its_range(ms in -100_000_i64..100_000) {
        let inside = (5_000..=30_000).contains(&ms);
        let read = read_detection("idle_timeout_ms", &json!(ms));
        prop_assert_eq!(param(read), (!inside).then(|| "session.audio.input.turn_detection.idle_timeout_ms".to_owned()));
    }

    #[test]
    fn a_token_limit_is_accepted_exactly_within_its_range(tokens in prop_oneof![-10_i64..10, 4_000_i64..5_000, any::<i64>()]) {
        let inside = (1..=4_096).contains(&tokens);
        let read = read(&json!({ "max_output_tokens": tokens }));
        prop_assert_eq!(param(read), (!inside).then(|| "session.max_output_tokens".to_owned()));
    }

    #[test]
    fn a_key_that_is_not_in_the_schema_is_unknown(key in "[a-z]{1,3}[0-9]{1,3}") {
        prop_assert_eq!(param(read(&json!({ &key: 1 }))), Some(format!("session.{key}")));
    }
}

/// Numbers that are exact in binary, so that equality after reading means something.
fn quarters(from: i32, to: i32) -> impl Strategy<Value = f64> {
    (from..=to).prop_map(|quarter| f64::from(quarter) / 4.0)
}

fn realtime() -> impl Strategy<Value = RealtimeConfig> {
    let words = (of("\\PC{0,20}"), of("\\PC{0,20}"), of(modalities()));
    let rest = (of(audio()), of(vec(tool(), 0..3)), of(tool_choice()), of(any::<bool>()), of(effort()));
    let limits = (of(max_output_tokens()), of(truncation()), patch(tracing()), of(Just(vec![LOGPROBS.to_owned()])));
    (words, rest, limits).prop_map(|(words, rest, limits)| RealtimeConfig {
        model: words.0,
        instructions: words.1,
        output_modalities: words.2,
        audio: rest.0,
        tools: rest.1,
        tool_choice: rest.2,
        parallel_tool_calls: rest.3,
        reasoning: rest.4.map(|effort| Reasoning { effort }),
        max_output_tokens: limits.0,
        truncation: limits.1,
        tracing: limits.2,
        include: limits.3,
        prompt: Patch::Keep,
    })
}

fn audio() -> impl Strategy<Value = AudioConfig> {
    let input = (of(format()), patch(noise_reduction()), patch(transcription()), patch(turn_detection())).prop_map(
        |(format, noise_reduction, transcription, turn_detection)| AudioInput {
            format,
            noise_reduction,
            transcription,
            turn_detection,
        },
    );
    let output = (of(format()), of(voice()), of(quarters(1, 6))).prop_map(|(format, voice, speed)| AudioOutput {
        format,
        voice,
        speed,
    });
    (of(input), of(output)).prop_map(|(input, output)| AudioConfig { input, output })
}

fn turn_detection() -> impl Strategy<Value = TurnDetection> {
    let answers = || (of(any::<bool>()), of(any::<bool>()));
    let eagerness =
        prop_oneof![Just(Eagerness::Low), Just(Eagerness::Medium), Just(Eagerness::High), Just(Eagerness::Auto)];
    let server = (of(quarters(0, 4)), of(any::<u32>()), of(any::<u32>()), patch(5_000..=30_000_u32), answers());
    let server = server.prop_map(|(threshold, prefix_padding_ms, silence_duration_ms, idle_timeout_ms, answers)| {
        TurnDetection::ServerVad(ServerVad {
            threshold,
            prefix_padding_ms,
            silence_duration_ms,
            create_response: answers.0,
            interrupt_response: answers.1,
            idle_timeout_ms,
        })
    });
    let semantic = (of(eagerness), answers()).prop_map(|(eagerness, answers)| {
        let (create_response, interrupt_response) = answers;
        TurnDetection::SemanticVad(SemanticVad { eagerness, create_response, interrupt_response })
    });
    prop_oneof![server, semantic]
}

fn transcription() -> impl Strategy<Value = Transcription> {
    let words = || of(vec("\\PC{0,9}", 0..3));
    (of("gpt-[a-z]{1,9}"), of("[a-z]{2}"), words(), of("\\PC{0,20}"), words()).prop_map(
        |(model, language, languages, prompt, keywords)| Transcription {
            model,
            language,
            languages,
            prompt,
            keywords,
            delay: None,
        },
    )
}

fn format() -> impl Strategy<Value = AudioFormat> {
    prop_oneof![Just(AudioFormat::Pcm { rate: PCM_RATE }), Just(AudioFormat::Pcmu), Just(AudioFormat::Pcma)]
}

fn noise_reduction() -> impl Strategy<Value = NoiseReduction> {
    let kind = prop_oneof![Just(NoiseReductionKind::NearField), Just(NoiseReductionKind::FarField)];
    (kind, of(quarters(0, 8))).prop_map(|(kind, strength)| NoiseReduction { kind, strength: strength.map(Value::from) })
}

fn voice() -> impl Strategy<Value = Voice> {
    prop_oneof![
        (0..VOICES.len()).prop_map(|at| Voice::Named(VOICES[at].to_owned())),
        "voice_[a-z]{1,9}".prop_map(|id| Voice::Custom { id }),
    ]
}

fn tool() -> impl Strategy<Value = Tool> {
    ("\\PC{0,9}", of("\\PC{0,20}"), of(Just(json!({ "type": "object" }))))
        .prop_map(|(name, description, parameters)| Tool::Function(Function { name, description, parameters }))
}

fn tool_choice() -> impl Strategy<Value = ToolChoice> {
    prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::None),
        Just(ToolChoice::Required),
        "\\PC{0,9}".prop_map(|name| ToolChoice::Function { name }),
        ("\\PC{0,9}", of("\\PC{0,9}")).prop_map(|(server_label, name)| ToolChoice::Mcp { server_label, name }),
    ]
}

fn truncation() -> impl Strategy<Value = Truncation> {
    let limit = of(any::<u32>().prop_map(u64::from));
    prop_oneof![
        Just(Truncation::Auto),
        Just(Truncation::Disabled),
        (quarters(0, 4), limit)
            .prop_map(|(ratio, post_instructions)| Truncation::RetentionRatio { ratio, post_instructions }),
    ]
}

fn tracing() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!("auto")), "\\PC{0,9}".prop_map(|name| json!({ "workflow_name": name, "metadata": {} }))]
}

fn effort() -> impl Strategy<Value = Effort> {
    prop_oneof![Just(Effort::Minimal), Just(Effort::Low), Just(Effort::Medium), Just(Effort::High), Just(Effort::Xhigh)]
}

fn modalities() -> impl Strategy<Value = Vec<Modality>> {
    prop_oneof![Just(vec![Modality::Audio]), Just(vec![Modality::Text])]
}

fn max_output_tokens() -> impl Strategy<Value = MaxOutputTokens> {
    prop_oneof![(1..=4_096_u32).prop_map(MaxOutputTokens::Tokens), Just(MaxOutputTokens::Infinite)]
}

fn patch<T: std::fmt::Debug + Clone>(set: impl Strategy<Value = T>) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![1 => Just(Patch::Keep), 1 => Just(Patch::Clear), 3 => set.prop_map(Patch::Set)]
}

fn read_detection(key: &str, value: &Value) -> Result<SessionConfig, FieldError> {
    read(&json!({ "audio": { "input": { "turn_detection": { "type": "server_vad", key: value } } } }))
}

fn read(fields: &Value) -> Result<SessionConfig, FieldError> {
    let mut session = fields.clone();
    session["type"] = json!("realtime");
    SessionConfig::from_value(&session, "session")
}

fn param(read: Result<SessionConfig, FieldError>) -> Option<String> {
    read.err().map(|fault| fault.param)
}

const LOGPROBS: &str = "item.input_audio_transcription.logprobs";
