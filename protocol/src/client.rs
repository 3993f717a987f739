//! Events from the client to the service: eleven types.

use crate::event::{Opened, events};
use crate::fields::{Place, check_length};
use crate::{
    EventId, FieldError, Item, ItemId, MAX_EVENT_ID_CHARS, ParseError, ResponseConfig, ResponseId, SessionConfig,
};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A client event with the identifier that an error about it will carry.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientMessage {
    /// Chosen by the client, at most 512 characters; echoed only in an error.
    pub event_id: Option<EventId>,
    /// What is asked.
    pub event: ClientEvent,
}

impl ClientMessage {
    /// Reads one event.
    ///
    /// # Errors
    /// The text is not a JSON object with a `type`, or a known event has a missing or wrong field.
    /// An unknown `type` is not an error.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let Opened { kind, event_id, raw } = Opened::parse(text)?;
        Ok(Self { event_id, event: ClientEvent::read(kind.ok_or(ParseError::NoType)?, raw)? })
    }

    /// The identifier of an event that may be malformed otherwise, so that an error about it can name it.
    pub fn event_id_of(text: &str) -> Option<EventId> {
        Opened::parse(text).ok()?.event_id
    }

    /// Checks what reading leaves to the service: that the `type` is known, the lengths of identifiers chosen by the
    /// client, and that an item is one a client can create.
    ///
    /// # Errors
    /// The first field the service would refuse.
    pub fn check(&self) -> Result<(), FieldError> {
        if let Some(id) = &self.event_id {
            check_length(id.as_str(), MAX_EVENT_ID_CHARS, "event_id")?;
        }
        match &self.event {
            ClientEvent::SessionUpdate(event) => event.session.check(),
            ClientEvent::ConversationItemCreate(event) => event.item.check("item"),
            ClientEvent::ResponseCreate(event) => event.response.as_ref().map_or(Ok(()), |response| response.check()),
            ClientEvent::Unknown { kind, .. } => {
                let kind = Value::from(kind.as_str());
                Err(Place::new(&kind, "type").unsupported(ClientEvent::KINDS.iter().copied()))
            }
            ClientEvent::InputAudioBufferAppend(_)
            | ClientEvent::InputAudioBufferCommit(_)
            | ClientEvent::InputAudioBufferClear(_)
            | ClientEvent::OutputAudioBufferClear(_)
            | ClientEvent::ConversationItemRetrieve(_)
            | ClientEvent::ConversationItemTruncate(_)
            | ClientEvent::ConversationItemDelete(_)
            | ClientEvent::ResponseCancel(_) => Ok(()),
        }
    }

    /// The event as it stands on the wire.
    pub fn to_json(&self) -> String {
        crate::writer::to_json(self)
    }
}

impl From<ClientEvent> for ClientMessage {
    fn from(event: ClientEvent) -> Self {
        Self { event_id: None, event }
    }
}

impl Serialize for ClientMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.event.write(self.event_id.as_ref(), serializer)
    }
}

events! {
    /// What a client can ask of the service.
    enum ClientEvent;

    /// Changes the session; keys that are absent stay as they are.
    "session.update" => SessionUpdate {
        /// The keys to change.
        session: SessionConfig,
    }
    /// Adds audio to the input buffer. WebSocket only: over WebRTC audio is the media track.
    "input_audio_buffer.append" => InputAudioBufferAppend {
        /// Base64 of the configured input format, at most 15 MiB.
        audio: String,
    }
    /// Makes a user item of the input buffer without starting a response.
    "input_audio_buffer.commit" => InputAudioBufferCommit {}
    /// Empties the input buffer.
    "input_audio_buffer.clear" => InputAudioBufferClear {}
    /// Stops audio that is being played. WebRTC only; preceded by `response.cancel`.
    "output_audio_buffer.clear" => OutputAudioBufferClear {}
    /// Adds an item to the conversation.
    "conversation.item.create" => ConversationItemCreate {
        /// The item; its id may be chosen by the client.
        item: Item,
        /// Where: absent appends, `root` is the front, an id is after that item.
        #[serde(skip_serializing_if = "Option::is_none")]
        previous_item_id: Option<ItemId>,
    }
    /// Asks for an item as the service has it.
    "conversation.item.retrieve" => ConversationItemRetrieve {
        /// Which item.
        item_id: ItemId,
    }
    /// Shortens an assistant's audio item to what was heard, and removes its transcript.
    "conversation.item.truncate" => ConversationItemTruncate {
        /// Which item.
        item_id: ItemId,
        /// Which part of it; always 0.
        content_index: u32,
        /// How much was heard, in milliseconds, at most what was sent.
        audio_end_ms: u32,
    }
    /// Removes an item.
    "conversation.item.delete" => ConversationItemDelete {
        /// Which item.
        item_id: ItemId,
    }
    /// Starts a response.
    "response.create" => ResponseCreate {
        /// What differs from the session for this response.
        #[serde(skip_serializing_if = "Option::is_none")]
        response: Option<Box<ResponseConfig>>,
    }
    /// Cancels the response in progress.
    "response.cancel" => ResponseCancel {
        /// Which response; absent is the one of the default conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        response_id: Option<ResponseId>,
    }
}
