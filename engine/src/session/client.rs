//! The eleven things a client can ask for.

use super::conversation::{completed, no_item, refused};
use super::{Effect, Session, Time};
use protocol::session::Modality;
use protocol::{
    ClientEvent, ClientMessage, ConversationItemAdded, ConversationItemCreate, ConversationItemDeleted,
    ConversationItemDone, ConversationItemRetrieved, ConversationItemTruncate, ConversationItemTruncated, EventId,
    FieldError, InputAudioBufferCleared, Item, ResponseCancel, ResponseConfig, ResponseConversation, Role,
    ServiceError, SessionUpdate, SessionUpdated, code,
};
use std::time::Duration;

impl Session {
    pub(super) fn handle_client(&mut self, now: Time, text: &str) {
        let message = match ClientMessage::parse(text) {
            Ok(message) => message,
            Err(error) => return self.refuse(ClientMessage::event_id_of(text), &error),
        };
        if let Err(error) = message.check() {
            return self.refuse(message.event_id, error);
        }
        let event_id = message.event_id;
        if let Err(error) = self.perform(now, message.event, event_id.clone()) {
            self.refuse(event_id, error);
        }
    }

    fn perform(&mut self, now: Time, event: ClientEvent, event_id: Option<EventId>) -> Result<(), ServiceError> {
        match event {
            ClientEvent::SessionUpdate(event) => self.update(&event)?,
            ClientEvent::InputAudioBufferAppend(_) => return Err(not_over_webrtc()),
            ClientEvent::InputAudioBufferCommit(_) => {
                let item = self.utterance.take().unwrap_or_else(|| self.ids.item());
                self.effects.push_back(Effect::Cut { item, event_id });
            }
            ClientEvent::InputAudioBufferClear(_) => {
                self.utterance = None;
                self.effects.push_back(Effect::ClearInput);
                self.send(InputAudioBufferCleared {});
            }
            ClientEvent::OutputAudioBufferClear(_) => self.effects.push_back(Effect::Hush { asked: true }),
            ClientEvent::ConversationItemCreate(event) => self.create_item(event)?,
            ClientEvent::ConversationItemRetrieve(event) => {
                let item = self.talk.get(&event.item_id).cloned().ok_or_else(|| no_item(&event.item_id))?;
                self.send(ConversationItemRetrieved { item });
            }
            ClientEvent::ConversationItemTruncate(event) => self.truncate(&event)?,
            ClientEvent::ConversationItemDelete(event) => {
                self.talk.delete(&event.item_id)?;
                self.send(ConversationItemDeleted { item_id: event.item_id });
            }
            ClientEvent::ResponseCreate(event) => {
                self.create_response(now, event.response.map(|config| *config).unwrap_or_default())?;
            }
            ClientEvent::ResponseCancel(event) => self.cancel(&event)?,
            // Refused by the check before.
            ClientEvent::Unknown { .. } => {}
        }
        Ok(())
    }

    fn update(&mut self, event: &SessionUpdate) -> Result<(), FieldError> {
        let before = self.effective.listening();
        self.effective.update(&event.session, self.has_spoken)?;
        let after = self.effective.listening();
        if before != after {
            self.effects.push_back(Effect::Listen(after));
        }
        self.send(SessionUpdated { session: self.effective.to_session() });
        Ok(())
    }

    fn create_item(&mut self, event: ConversationItemCreate) -> Result<(), FieldError> {
        let id = event.item.id().cloned().unwrap_or_else(|| self.ids.item());
        let item = completed(event.item, id);
        let previous_item_id = self.talk.insert(item.clone(), event.previous_item_id.as_ref())?;
        if matches!(&item, Item::Message(message) if message.role == Role::User) {
            self.idle_since = None;
        }
        self.send(ConversationItemAdded { item: item.clone(), previous_item_id: previous_item_id.clone() });
        self.send(ConversationItemDone { item, previous_item_id });
        Ok(())
    }

    fn truncate(&mut self, event: &ConversationItemTruncate) -> Result<(), ServiceError> {
        let invalid = || FieldError {
            code: code::TRUNCATE_INVALID_ITEM,
            param: "item_id".into(),
            message: format!("The item '{}' is not an assistant's audio item.", event.item_id),
        };
        let length = self.talk.length_of(&event.item_id).ok_or_else(invalid)?;
        let wanted = Duration::from_millis(u64::from(event.audio_end_ms));
        if wanted > length {
            let message = format!("The audio is only {} ms long.", length.as_millis());
            return Err(refused("audio_end_ms", message).into());
        }
        if event.content_index != 0 {
            return Err(refused("content_index", "Only the part 0 can be truncated.".into()).into());
        }
        self.talk.truncate(&event.item_id, wanted);
        self.send(ConversationItemTruncated {
            item_id: event.item_id.clone(),
            content_index: 0,
            audio_end_ms: event.audio_end_ms,
        });
        Ok(())
    }

    fn create_response(&mut self, now: Time, config: ResponseConfig) -> Result<(), ServiceError> {
        if self.effective.is_transcription() {
            return Err(request_error(code::INVALID_EVENT, "A transcription session does not make responses."));
        }
        for item in config.input.iter().flatten() {
            if let Item::Reference(reference) = item {
                self.talk.get(&reference.id).ok_or_else(|| no_item(&reference.id))?;
            }
        }
        let modality = config.output_modalities.as_ref().and_then(|wanted| wanted.first().copied());
        let aside = config.conversation == Some(ResponseConversation::None)
            && modality.unwrap_or_else(|| self.effective.modality()) == Modality::Text;
        // Text beside the conversation needs nothing that an active response uses.
        if self.active.is_some() && !aside {
            return Err(request_error(
                code::ACTIVE_RESPONSE,
                "Conversation already has an active response in progress. Wait until it is finished.",
            ));
        }
        self.begin_response(now, config, aside);
        Ok(())
    }

    fn cancel(&mut self, event: &ResponseCancel) -> Result<(), ServiceError> {
        let matches =
            self.active.as_ref().is_some_and(|active| event.response_id.as_ref().is_none_or(|id| *id == active.id));
        if !matches {
            return Err(request_error(code::CANCEL_NOT_ACTIVE, "Cancellation failed: no active response found."));
        }
        self.cancel_response("client_cancelled");
        Ok(())
    }
}

fn not_over_webrtc() -> ServiceError {
    request_error(code::INVALID_EVENT, "Over WebRTC audio is sent on the media track, not with this event.")
}

pub(super) fn request_error(code: &str, message: &str) -> ServiceError {
    ServiceError {
        kind: "invalid_request_error".into(),
        code: Some(code.into()),
        message: message.into(),
        ..ServiceError::default()
    }
}
