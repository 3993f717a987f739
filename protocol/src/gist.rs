//! What a page needs of an event from the service, read in little code.
//!
//! [`crate::ServerMessage`] knows every field of every event. A page asks little of few of them, and everybody who
//! opens it downloads what reads them: so here the fields that events share are read once, whichever event it is.

use crate::reader::{Faults, Fields, Read};
use crate::{
    CallId, ItemId, ItemStatus, ParseError, ResponseId, ResponseStatus, ServerEvent, ServiceError, StatusDetails,
    Usage, json,
};
use serde_json::Value;

/// An event's fields, as far as it has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gist {
    /// The event's `type`.
    pub kind: String,
    /// Whether it is one of [`ServerEvent::KINDS`]; of others nothing else is read.
    pub known: bool,
    /// `item_id`.
    pub item_id: Option<ItemId>,
    /// `previous_item_id`.
    pub previous_item_id: Option<ItemId>,
    /// `response_id`.
    pub response_id: Option<ResponseId>,
    /// `delta`, `transcript` or `text`, whichever the event has.
    pub words: Option<String>,
    /// `audio_end_ms`.
    pub audio_end_ms: Option<u32>,
    /// `item`.
    pub item: Option<ItemGist>,
    /// `response`.
    pub response: Option<ResponseGist>,
    /// `error`.
    pub error: Option<ServiceError>,
}

/// An item's fields, as far as it has them.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemGist {
    /// The item's `type`.
    pub kind: String,
    /// Its identifier.
    pub id: Option<ItemId>,
    /// Whether it is complete.
    pub status: Option<ItemStatus>,
    /// Who a message is from.
    pub role: Option<String>,
    /// Whether there is text from the user or the house in it.
    pub typed: bool,
    /// The words of all parts.
    pub words: String,
    /// A function call's identifier.
    pub call_id: Option<CallId>,
    /// A function's name.
    pub name: Option<String>,
    /// A function's arguments, as the model wrote them.
    pub arguments: Option<String>,
}

/// A response's fields, as far as it has them.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseGist {
    /// Its identifier.
    pub id: Option<ResponseId>,
    /// How it stands.
    pub status: Option<ResponseStatus>,
    /// Why.
    pub status_details: Option<StatusDetails>,
    /// What it cost.
    pub usage: Option<Usage>,
}

impl Gist {
    /// Reads one event.
    ///
    /// # Errors
    /// The text is not a JSON object with a `type`, or what is read here of an event of a known type has the wrong
    /// shape. An unknown `type` is not an error.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let value = json::parse(text).ok_or(ParseError::NoType)?;
        let kind = value.get("type").and_then(Value::as_str).ok_or(ParseError::NoType)?;
        if !ServerEvent::KINDS.contains(&kind) {
            return Ok(Self { kind: kind.to_owned(), ..Self::default() });
        }
        let mut faults = Faults::default();
        let mut fields = Fields::of(&value, &mut faults);
        let mut words = None;
        for name in ["delta", "transcript", "text"] {
            words = words.or(fields.read(name));
        }
        let gist = Self {
            kind: kind.to_owned(),
            known: true,
            item_id: fields.read("item_id"),
            previous_item_id: fields.read("previous_item_id"),
            response_id: fields.read("response_id"),
            words,
            audio_end_ms: fields.read("audio_end_ms"),
            item: fields.read("item"),
            response: fields.read("response"),
            error: fields.read("error"),
        };
        faults.judge(gist).map_err(|fault| fault.of_event(kind))
    }
}

impl Read for ItemGist {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        let mut fields = Fields::of(value, faults);
        let mut item = Self {
            kind: fields.read("type"),
            id: fields.read("id"),
            status: fields.read("status"),
            role: fields.read("role"),
            typed: false,
            words: String::new(),
            call_id: fields.read("call_id"),
            name: fields.read("name"),
            arguments: fields.read("arguments"),
        };
        for part in value.get("content").and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
            item.words.push_str(match field("type") {
                "input_text" => {
                    item.typed = true;
                    field("text")
                }
                "output_text" => field("text"),
                "input_audio" | "output_audio" => field("transcript"),
                _ => "",
            });
        }
        item
    }
}

impl Read for ResponseGist {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        let mut fields = Fields::of(value, faults);
        Self {
            id: fields.read("id"),
            status: fields.read("status"),
            status_details: fields.read("status_details"),
            usage: fields.read("usage"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn an_item_is_read_with_its_words() {
        let gist = Gist::parse(
            r#"{"type":"conversation.item.added","previous_item_id":null,"item":{"id":"i","type":"message",
            "role":"user","status":"completed","content":[{"type":"input_text","text":"a"},
            {"type":"input_audio","transcript":null},{"type":"output_audio","transcript":"b"},{"type":"new","text":"c"}]}}"#,
        )
        .unwrap();
        let item = gist.item.unwrap();
        assert_eq!((item.words.as_str(), item.typed, item.role.as_deref()), ("ab", true, Some("user")));
        assert_eq!((item.id, item.status), (Some("i".into()), Some(ItemStatus::Completed)));
    }

    #[test]
    fn words_are_read_under_each_of_their_names() {
        for (kind, name) in [
            ("response.output_text.delta", "delta"),
            ("response.output_text.done", "text"),
            ("response.output_audio_transcript.done", "transcript"),
        ] {
            let gist = Gist::parse(&format!(r#"{{"type":"{kind}","{name}":"w","item_id":"i"}}"#)).unwrap();
            assert_eq!((gist.words.as_deref(), gist.item_id), (Some("w"), Some("i".into())));
        }
    }

    #[test]
    fn nothing_is_read_of_an_unknown_event_and_a_wrong_field_names_its_event() {
        let gist = Gist::parse(r#"{"type":"response.new","response":7}"#).unwrap();
        assert_eq!(gist, Gist { kind: "response.new".into(), ..Gist::default() });
        let fault = Gist::parse(r#"{"type":"response.done","response":7}"#).unwrap_err();
        assert!(matches!(&fault, ParseError::Shape { kind, .. } if kind == "response.done"), "{fault}");
        for text in ["", "[]", "{}", r#"{"type":7}"#] {
            assert!(matches!(Gist::parse(text), Err(ParseError::NoType)), "{text}");
        }
    }
}
