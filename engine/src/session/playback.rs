//! A response while its sound is made and heard.

use super::delivery::Delivery;
use super::ending::Ending;
use super::response::Stage;
use super::{Effect, Session, Time};
use protocol::{
    ConversationItemTruncated, OutputAudioBufferCleared, OutputAudioBufferStarted, OutputAudioBufferStopped, ResponseId,
};
use std::time::Duration;

impl Session {
    pub(super) fn sentence_made(&mut self, now: Time, response: &ResponseId, sentence: usize, length: Duration) {
        if let Some(delivery) = self.delivery(response) {
            delivery.made(sentence, length);
            self.advance_response(now);
        }
    }

    pub(super) fn unspeakable(&mut self, response: &ResponseId, reason: String) {
        if let Some(active) = self.active.take_if(|active| active.id == *response) {
            self.effects.push_back(Effect::StopMaking(active.id.clone()));
            self.end_response(&active, &Ending::Failed(reason));
        }
    }

    pub(super) fn audio_started(&mut self, now: Time, response: ResponseId) {
        let Some(active) = self.active.as_mut().filter(|active| active.id == response) else { return };
        if let Stage::Delivering(delivery) = &mut active.stage {
            delivery.started(now);
        }
        self.has_spoken = true;
        self.playing = Some((response.clone(), active.item.clone()));
        self.send(OutputAudioBufferStarted { response_id: response });
        self.advance_response(now);
    }

    pub(super) fn audio_drained(&mut self, now: Time, response: &ResponseId) {
        // Words that were not told yet are, before the end of the sound is.
        if let Some(delivery) = self.delivery(response) {
            delivery.hurry();
            self.advance_response(now);
        }
        if self.playing.take_if(|(id, _)| id == response).is_some() {
            self.send(OutputAudioBufferStopped { response_id: response.clone() });
            self.idle_since = Some(now);
        }
        self.advance_response(now);
    }

    pub(super) fn hushed(&mut self, now: Time, cut: Option<&(ResponseId, Duration)>, asked: bool) {
        // A clear without a cancel: the answer is as complete as it will ever be.
        if let Some(delivery) = cut.and_then(|(id, _)| self.delivery(id)) {
            delivery.hurry();
            self.advance_response(now);
        }
        let playing = self.playing.take();
        match (playing, cut) {
            (Some((response_id, item_id)), Some((id, played))) if *id == response_id => {
                self.send(OutputAudioBufferCleared { response_id });
                self.talk.truncate(&item_id, *played);
                let audio_end_ms = played.as_millis() as u32;
                self.send(ConversationItemTruncated { item_id, content_index: 0, audio_end_ms });
            }
            _ if asked => {
                // Nothing was to be heard: the client gets its acknowledgement all the same.
                if let Some(response_id) = self.last_response.clone() {
                    self.send(OutputAudioBufferCleared { response_id });
                }
            }
            _ => {}
        }
    }

    fn delivery(&mut self, response: &ResponseId) -> Option<&mut Delivery> {
        match &mut self.active.as_mut().filter(|active| active.id == *response)?.stage {
            Stage::Delivering(delivery) => Some(delivery),
            Stage::Thinking { .. } | Stage::Calling(_) => None,
        }
    }
}
