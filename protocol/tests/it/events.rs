//! Every event of both directions survives reading and writing, and what is new is kept whole.

use crate::{CLIENT_FIXTURES, SERVER_FIXTURES};
use protocol::{
    ClientEvent, ClientMessage, Content, Item, ParseError, ResponseStatus, Role, ServerEvent, ServerMessage,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn every_client_event_survives_reading_and_writing() {
    let kinds = CLIENT_FIXTURES.lines().map(|line| {
        let message = ClientMessage::parse(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        assert!(!matches!(message.event, ClientEvent::Unknown { .. }), "{line}");
        assert_eq!(json_of(&message.to_json()), json_of(line));
        assert_eq!(message.check(), Ok(()), "{line}");
        message.event.kind().to_owned()
    });
    assert_eq!(kinds.collect::<BTreeSet<_>>(), ClientEvent::KINDS.iter().map(ToString::to_string).collect());
    assert_eq!(ClientEvent::KINDS.len(), 11);
}

#[test]
fn every_server_event_survives_reading_and_writing() {
    let kinds = SERVER_FIXTURES.lines().map(|line| {
        let message = ServerMessage::parse(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        assert!(!matches!(message.event, ServerEvent::Unknown { .. }), "{line}");
        assert_eq!(json_of(&message.to_json()), json_of(line));
        message.event.kind().to_owned()
    });
    assert_eq!(kinds.collect::<BTreeSet<_>>(), ServerEvent::KINDS.iter().map(ToString::to_string).collect());
    assert_eq!(ServerEvent::KINDS.len(), 46);
}

#[test]
fn an_event_written_by_us_is_read_back_as_the_same_value() {
    for line in CLIENT_FIXTURES.lines() {
        let message = ClientMessage::parse(line).unwrap();
        assert_eq!(ClientMessage::parse(&message.to_json()).unwrap(), message);
    }
    for line in SERVER_FIXTURES.lines() {
        let message = ServerMessage::parse(line).unwrap();
        assert_eq!(ServerMessage::parse(&message.to_json()).unwrap(), message);
    }
}

#[test]
fn an_unknown_event_is_kept_whole() {
    let text = r#"{"type":"response.dreamed","event_id":"event_9","dream":{"sheep":[1,2.5,null]}}"#;
    let server = ServerMessage::parse(text).unwrap();
    assert_eq!(server.event.kind(), "response.dreamed");
    assert_eq!(server.event_id, Some("event_9".into()));
    assert_eq!(json_of(&server.to_json()), json_of(text));
    let client = ClientMessage::parse(text).unwrap();
    assert!(matches!(client.event, ClientEvent::Unknown { ref kind, .. } if kind == "response.dreamed"));
    assert_eq!(json_of(&client.to_json()), json_of(text));
}

#[test]
fn an_unknown_field_of_a_server_event_is_ignored() {
    let text = r#"{"type":"conversation.item.deleted","event_id":"e","item_id":"i","why":{"because":true}}"#;
    let message = ServerMessage::parse(text).unwrap();
    assert!(matches!(message.event, ServerEvent::ConversationItemDeleted(event) if event.item_id.as_str() == "i"));
}

#[test]
fn an_unknown_status_does_not_lose_the_end_of_a_response() {
    let text = r#"{"type":"response.done","event_id":"e","response":{"id":"r","status":"evaporated","output":null}}"#;
    let ServerEvent::ResponseDone(done) = ServerMessage::parse(text).unwrap().event else { panic!("{text}") };
    assert_eq!(done.response.status, Some(ResponseStatus::Unknown));
    assert_eq!(done.response.output, []);
}

#[test]
fn an_error_with_nulls_where_words_belong_is_still_an_error() {
    let text = r#"{"type":"error","event_id":"e","error":{"type":null,"message":null,"code":null,"param":null}}"#;
    let ServerEvent::ErrorEvent(event) = ServerMessage::parse(text).unwrap().event else { panic!("{text}") };
    assert_eq!(event.error, protocol::ServiceError::default());
}

#[test]
fn what_is_not_an_event_is_refused() {
    for text in ["", "null", "7", "\"response.done\"", "[\"input_audio_buffer.commit\"]", "{", "{\"type\":7}", "{}{}"] {
        let refused = |fault: ParseError| matches!(fault, ParseError::Json(_) | ParseError::Shape { .. });
        assert!(ClientMessage::parse(text).is_err_and(refused), "{text}");
        assert!(ServerMessage::parse(text).is_err_and(refused), "{text}");
    }
    assert!(matches!(ServerMessage::parse("{}"), Err(ParseError::NoType)));
    assert!(matches!(ServerMessage::parse("{\"type\":null}"), Err(ParseError::NoType)));
}

#[test]
fn a_known_event_without_its_fields_names_its_type() {
    let fault = ServerMessage::parse(r#"{"type":"output_audio_buffer.started","event_id":"e"}"#).unwrap_err();
    assert!(matches!(&fault, ParseError::Shape { kind, .. } if kind == "output_audio_buffer.started"), "{fault}");
    assert!(fault.to_string().contains("response_id"), "{fault}");
}

#[test]
fn an_event_id_is_found_in_an_event_that_is_malformed_otherwise() {
    let text = r#"{"type":"conversation.item.delete","event_id":"evt_7"}"#;
    assert!(ClientMessage::parse(text).is_err());
    assert_eq!(ClientMessage::event_id_of(text), Some("evt_7".into()));
    assert_eq!(ClientMessage::event_id_of("nonsense"), None);
}

#[test]
fn text_of_the_assistant_is_output_and_text_of_others_is_input() {
    for (role, kind) in [(Role::System, "input_text"), (Role::User, "input_text"), (Role::Assistant, "output_text")] {
        let item = Item::text("item_1".into(), role, "Hello.");
        assert_eq!(item.check("item"), Ok(()));
        let value = serde_json::to_value(&item).unwrap();
        assert_eq!(value["content"], json!([{ "type": kind, "text": "Hello." }]));
    }
}

#[test]
fn the_words_of_a_message_are_its_texts_and_transcripts() {
    let item: Item = serde_json::from_value(json!({ "type": "message", "role": "assistant", "content": [
        { "type": "output_audio", "transcript": "It is" },
        { "type": "output_audio" },
        { "type": "output_text", "text": "nine." },
        { "type": "output_smell", "text": "rose" },
    ] }))
    .unwrap();
    let Item::Message(message) = item else { panic!("not a message") };
    assert_eq!(message.words(), "It is nine.");
    assert!(matches!(message.content.last(), Some(Content::Unknown(_))));
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}
