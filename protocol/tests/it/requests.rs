//! What a client asks for besides a session: a response, an item, a key. Refused as strictly as by the service.

use protocol::api::{ErrorBody, SessionReply, TurnRecord};
use protocol::{
    ClientMessage, ClientSecretReply, ClientSecretRequest, FieldError, MAX_CLIENT_ID_CHARS, MAX_EVENT_ID_CHARS,
    ParseError, ResponseConfig, SessionConfig, code,
};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_response_that_the_service_would_refuse_is_refused_by_name() {
    for (value, param, code) in [
        (json!({ "temperature": 0.8 }), "response.temperature", code::UNKNOWN_PARAMETER),
        (json!({ "modalities": ["text"] }), "response.modalities", code::UNKNOWN_PARAMETER),
        (json!([]), "response", code::INVALID_TYPE),
        (json!({ "instructions": null }), "response.instructions", code::INVALID_TYPE),
        (json!({ "conversation": "all" }), "response.conversation", code::INVALID_VALUE),
        (json!({ "max_output_tokens": 4097 }), "response.max_output_tokens", code::INTEGER_ABOVE_MAX_VALUE),
        (json!({ "output_modalities": ["audio", "text"] }), "response.output_modalities", code::INVALID_VALUE),
        (json!({ "audio": { "input": {} } }), "response.audio.input", code::UNKNOWN_PARAMETER),
        (json!({ "audio": { "output": { "speed": 1.0 } } }), "response.audio.output.speed", code::UNKNOWN_PARAMETER),
        (json!({ "audio": { "output": { "voice": "nope" } } }), "response.audio.output.voice", code::INVALID_VALUE),
        (json!({ "input": {} }), "response.input", code::INVALID_TYPE),
        (json!({ "input": [{ "type": "message" }] }), "response.input[0]", code::INVALID_VALUE),
        (json!({ "input": [{ "type": "hologram" }] }), "response.input[0].type", code::INVALID_VALUE),
        (json!({ "metadata": { "a": 1 } }), "response.metadata.a", code::INVALID_TYPE),
    ] {
        let fault = ResponseConfig::from_value(&value, "response").unwrap_err();
        assert_eq!((fault.param.as_str(), fault.code), (param, code), "{value}");
    }
}

#[test]
fn metadata_is_limited_in_pairs_keys_and_values() {
    let check = |pairs: usize, key: usize, value: usize| {
        let pair = |at: usize| (format!("{at:key$}"), json!("v".repeat(value)));
        let metadata = (0..pairs).map(pair).collect::<serde_json::Map<_, _>>();
        ResponseConfig::from_value(&json!({ "metadata": metadata }), "response").map_err(|fault| fault.code)
    };
    assert!(check(16, 64, 512).is_ok());
    assert_eq!(check(17, 2, 1), Err(code::OBJECT_ABOVE_MAX_PROPERTIES));
    assert_eq!(check(1, 65, 1), Err(code::STRING_ABOVE_MAX_LENGTH));
    assert_eq!(check(1, 1, 513), Err(code::STRING_ABOVE_MAX_LENGTH));
}

#[test]
fn a_refused_response_create_names_the_field() {
    let text = r#"{"type":"response.create","response":{"modalities":["audio"]}}"#;
    let fault = ClientMessage::parse(text).unwrap_err();
    assert!(matches!(&fault, ParseError::Field(field) if field.param == "response.modalities"), "{fault}");
}

#[test]
fn an_identifier_of_the_clients_own_may_be_32_characters_and_no_more() {
    let item = |id: usize| json!({ "type": "message", "id": "ä".repeat(id), "role": "user", "content": [] });
    let output = |id: usize| json!({ "type": "function_call_output", "call_id": "c".repeat(id), "output": "" });
    let call = |id: usize| json!({ "type": "function_call", "call_id": "c".repeat(id), "name": "n", "arguments": "" });
    assert_eq!(create(&item(MAX_CLIENT_ID_CHARS)), Ok(()));
    assert_eq!(create(&output(MAX_CLIENT_ID_CHARS)), Ok(()));
    for (value, param) in [(item(33), "item.id"), (output(33), "item.call_id"), (call(33), "item.call_id")] {
        let fault = create(&value).unwrap_err();
        assert_eq!((fault.param.as_str(), fault.code), (param, code::STRING_ABOVE_MAX_LENGTH));
        assert!(fault.message.contains("maximum length 32") && fault.message.contains("length 33"), "{fault}");
    }
}

#[test]
fn an_event_identifier_may_be_512_characters_and_no_more() {
    let check = |length: usize| {
        let event = json!({ "type": "response.cancel", "event_id": "e".repeat(length) });
        ClientMessage::parse(&event.to_string()).unwrap().check()
    };
    assert_eq!(check(MAX_EVENT_ID_CHARS), Ok(()));
    assert_eq!(check(MAX_EVENT_ID_CHARS + 1).unwrap_err().param, "event_id");
}

#[test]
fn each_role_has_its_own_kinds_of_content() {
    let message = |role: &str, part: Value| json!({ "type": "message", "role": role, "content": [part] });
    let text = json!({ "type": "input_text", "text": "x" });
    let said = json!({ "type": "output_text", "text": "x" });
    let spoken = json!({ "type": "output_audio", "transcript": "x" });
    let heard = json!({ "type": "input_audio", "audio": "AAAA" });
    assert_eq!(create(&message("system", text.clone())), Ok(()));
    assert_eq!(create(&message("user", heard.clone())), Ok(()));
    assert_eq!(create(&message("assistant", said.clone())), Ok(()));
    for (role, part) in [("system", heard), ("user", said), ("assistant", text), ("assistant", spoken)] {
        let fault = create(&message(role, part)).unwrap_err();
        assert_eq!((fault.param.as_str(), fault.code), ("item.content[0].type", code::INVALID_VALUE));
    }
    let fault = create(&message("user", json!({ "type": "input_text" }))).unwrap_err();
    assert_eq!(fault.param, "item.content[0]");
}

#[test]
fn a_reference_is_context_for_a_response_and_not_an_item_to_create() {
    let reference = json!({ "type": "item_reference", "id": "item_1" });
    assert_eq!(create(&reference).unwrap_err().param, "item.type");
    let response = ResponseConfig::from_value(&json!({ "input": [reference] }), "response").unwrap();
    assert_eq!(response.check(), Ok(()));
}

#[test]
fn a_role_that_does_not_exist_is_refused() {
    let event = json!({ "type": "conversation.item.create", "item": {
        "type": "message", "role": "developer", "content": []
    } });
    let fault = ClientMessage::parse(&event.to_string()).unwrap_err();
    assert!(matches!(&fault, ParseError::Shape { kind, .. } if kind == "conversation.item.create"), "{fault}");
}

#[test]
fn an_unknown_event_of_a_client_is_refused_with_those_that_exist() {
    let fault = ClientMessage::parse(r#"{"type":"response.begin"}"#).unwrap().check().unwrap_err();
    assert_eq!((fault.param.as_str(), fault.code), ("type", code::INVALID_VALUE));
    assert!(fault.message.starts_with("Invalid value: 'response.begin'. Supported values are: 'session.update', "));
}

#[test]
fn a_key_is_valid_ten_minutes_unless_asked_otherwise() {
    let read = |value: Value| ClientSecretRequest::from_value(&value).map(|request| request.expires_after_seconds);
    assert_eq!(read(json!({})), Ok(600));
    assert_eq!(read(json!({ "expires_after": {} })), Ok(600));
    assert_eq!(read(json!({ "expires_after": { "anchor": "created_at", "seconds": 10 } })), Ok(10));
    assert_eq!(read(json!({ "expires_after": { "anchor": "created_at", "seconds": 7200 } })), Ok(7200));
}

#[test]
fn a_request_for_a_key_that_the_service_would_refuse_is_refused_by_name() {
    for (value, param, code) in [
        (json!(7), "", code::INVALID_TYPE),
        (json!({ "model": "x" }), "model", code::UNKNOWN_PARAMETER),
        (json!({ "expires_after": { "seconds": 9 } }), "expires_after.seconds", code::INTEGER_BELOW_MIN_VALUE),
        (json!({ "expires_after": { "seconds": 7201 } }), "expires_after.seconds", code::INTEGER_ABOVE_MAX_VALUE),
        (json!({ "expires_after": { "anchor": "now" } }), "expires_after.anchor", code::INVALID_VALUE),
        (json!({ "expires_after": { "at": 7 } }), "expires_after.at", code::UNKNOWN_PARAMETER),
        (json!({ "session": {} }), "session.type", code::MISSING_REQUIRED_PARAMETER),
        (json!({ "session": { "type": "realtime", "voice": "marin" } }), "session.voice", code::UNKNOWN_PARAMETER),
    ] {
        let fault = ClientSecretRequest::from_value(&value).unwrap_err();
        assert_eq!((fault.param.as_str(), fault.code), (param, code), "{value}");
    }
}

#[test]
fn a_request_for_a_key_survives_writing_and_reading() {
    let session = SessionConfig::from_value(&json!({ "type": "realtime", "model": "gpt-realtime-2.1" }), "session");
    for session in [None, Some(session.unwrap())] {
        let request = ClientSecretRequest { expires_after_seconds: 60, session };
        assert_eq!(ClientSecretRequest::from_value(&request.to_value()), Ok(request));
    }
}

#[test]
fn a_reply_with_a_key_is_read_as_it_was_exposed() {
    let body =
        json!({ "value": "ek_1", "expires_at": 1_795_000_000, "session": { "type": "realtime", "id": "sess_1" } });
    let reply: ClientSecretReply = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(reply.value.expose(), "ek_1");
    assert_eq!(reply.expose(), body);
}

#[test]
fn the_bodies_of_our_own_api_are_read_and_written_as_text() {
    let reply = SessionReply::parse(r#"{"value":"ek_1","expires_at":7,"more":{}}"#).unwrap();
    assert_eq!((reply.value.expose(), reply.expires_at), ("ek_1", 7));
    let error = ErrorBody { code: "not_found".into(), message: "Nothing here.".into(), request_id: None };
    assert_eq!(ErrorBody::parse(&serde_json::to_string(&error).unwrap()).unwrap(), error);
    let fault = ErrorBody::parse(r#"{"code":"not_found"}"#).unwrap_err();
    assert!(fault.to_string().contains("message"), "{fault}");
    let turn = TurnRecord { turn: 3, stamps: [("onset".to_owned(), 12.5)].into(), ..TurnRecord::default() };
    assert_eq!(serde_json::from_str::<TurnRecord>(&turn.to_json()).unwrap(), turn);
}

/// What the service would say to a client that creates this item.
fn create(item: &Value) -> Result<(), FieldError> {
    let event = json!({ "type": "conversation.item.create", "item": item });
    ClientMessage::parse(&event.to_string()).unwrap_or_else(|fault| panic!("{fault}: {event}")).check()
}
