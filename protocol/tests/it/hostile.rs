//! Whatever arrives, reading it never panics, and what was read can be written and read again.

use crate::{CLIENT_FIXTURES, SERVER_FIXTURES, cases};
use proptest::prelude::*;
use protocol::{ClientMessage, ClientSecretRequest, Item, ResponseConfig, ServerMessage, SessionConfig};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in any::<Vec<u8>>()) {
        read_everything(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC*") {
        read_everything(&text)?;
    }

    #[test]
    fn text_that_looks_like_an_event_does_not_panic(text in "[{\\[]\"?(type|event_id|session|item)[\":,\\[\\]{} a-z0-9.\\\\-]{0,40}[}\\]]?") {
        read_everything(&text)?;
    }

    #[test]
    fn an_arbitrary_value_does_not_panic(value in any_value()) {
        read_everything(&value.to_string())?;
        read_strictly(&value);
    }

    #[test]
    fn a_true_event_with_something_exchanged_in_it_does_not_panic(
        at in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        value in any_value(),
    ) {
        let lines: Vec<&str> = CLIENT_FIXTURES.lines().chain(SERVER_FIXTURES.lines()).collect();
        let mut event: Value = serde_json::from_str(lines[at.index(lines.len())]).unwrap();
        let places = places(&event);
        let place = place.get(&places);
        *event.pointer_mut(place).unwrap() = value;
        read_everything(&event.to_string())?;
        read_strictly(&event);
    }

    #[test]
    fn a_true_event_cut_short_does_not_panic(at in any::<prop::sample::Index>(), end in any::<prop::sample::Index>()) {
        let lines: Vec<&str> = CLIENT_FIXTURES.lines().chain(SERVER_FIXTURES.lines()).collect();
        let line = lines[at.index(lines.len())];
        let cut: String = line.chars().take(end.index(line.len())).collect();
        prop_assert!(ClientMessage::parse(&cut).is_err());
        prop_assert!(ServerMessage::parse(&cut).is_err());
    }
}

#[test]
fn deep_nesting_is_an_error_and_not_the_end_of_the_stack() {
    let deep = format!("{{\"type\":\"x\",\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(ClientMessage::parse(&deep).is_err());
    assert!(ServerMessage::parse(&deep).is_err());
}

/// Reads a text as every kind of message; what can be read must mean the same after writing.
fn read_everything(text: &str) -> Result<(), TestCaseError> {
    if let Ok(message) = ClientMessage::parse(text) {
        let _ = message.check();
        prop_assert_eq!(ClientMessage::parse(&message.to_json()).ok(), Some(message));
    }
    if let Ok(message) = ServerMessage::parse(text) {
        prop_assert_eq!(ServerMessage::parse(&message.to_json()).ok(), Some(message));
    }
    let _ = ClientMessage::event_id_of(text);
    let _ = serde_json::from_str::<Item>(text).map(|item| item.check("item"));
    Ok(())
}

/// Reads a value, and everything inside of it, as each thing that is read strictly.
fn read_strictly(value: &Value) {
    for place in places(value) {
        let Some(part) = value.pointer(&place) else { continue };
        let _ = SessionConfig::from_value(part, "session").map(|config| config.check());
        let _ = ResponseConfig::from_value(part, "response").map(|config| config.check());
        let _ = ClientSecretRequest::from_value(part).map(|request| request.to_value());
        let _ = serde_json::from_value::<Item>(part.clone()).map(|item| item.check("item"));
    }
}

/// Every place of a value as a JSON pointer, the whole first.
fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, into: &mut Vec<String>) {
        into.push(path.to_owned());
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    walk(value, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), into);
                }
            }
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    walk(value, &format!("{path}/{at}"), into);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Quarters are exact in binary, so that equality after reading means something.
        any::<i32>().prop_map(|quarter| Value::from(f64::from(quarter) / 4.0)),
        word().prop_map(Value::from),
        "\\PC{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// A word of the protocol, so that values reach deeper than their first key.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS).prop_map(ToOwned::to_owned)
}

const WORDS: &[&str] = &[
    "type",
    "event_id",
    "session",
    "realtime",
    "transcription",
    "audio",
    "input",
    "output",
    "format",
    "audio/pcm",
    "rate",
    "voice",
    "marin",
    "id",
    "speed",
    "turn_detection",
    "server_vad",
    "semantic_vad",
    "threshold",
    "tools",
    "function",
    "name",
    "mcp",
    "server_label",
    "server_url",
    "headers",
    "tool_choice",
    "truncation",
    "retention_ratio",
    "token_limits",
    "item",
    "message",
    "role",
    "user",
    "content",
    "input_text",
    "text",
    "response",
    "metadata",
    "session.update",
    "response.create",
    "response.done",
    "usage",
    "item_id",
    "expires_after",
    "seconds",
    "item_reference",
    "mcp_call",
    "input_audio",
    "null",
    "",
];
