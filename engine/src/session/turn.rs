//! The user's turns: speech that begins and ends, commits, and the words of it.

use super::client::request_error;
use super::conversation::spoken;
use super::{Effect, Session, Time};
use crate::mind::Prompt;
use protocol::{
    ConversationItemAdded, ConversationItemDone, EventId, InputAudioBufferCommitted, InputTimeoutTriggered,
    InputTranscriptionCompleted, InputTranscriptionDelta, InputTranscriptionFailed, ItemId, ResponseConfig,
    ServiceError, SpeechStarted, SpeechStopped, TranscriptionUsage, code,
};
use std::time::Duration;

impl Session {
    pub(super) fn speech_started(&mut self, now: Time, at: Duration) {
        let item_id = self.ids.item();
        self.utterance = Some(item_id.clone());
        self.idle_since = None;
        self.send(SpeechStarted { item_id, audio_start_ms: at.as_millis() as u64 });
        if self.effective.interrupts_response() {
            if self.active.is_some() {
                self.cancel_response("turn_detected");
            }
            self.effects.push_back(Effect::Hush { asked: false });
        }
        self.advance_response(now);
    }

    pub(super) fn speech_stopped(&mut self, now: Time, at: Duration) {
        let item_id = self.utterance.take().unwrap_or_else(|| self.ids.item());
        self.send(SpeechStopped { item_id: item_id.clone(), audio_end_ms: at.as_millis() as u64 });
        self.commit(now, &item_id);
        self.effects.push_back(Effect::Recognise(item_id));
        self.answer_turn(now);
    }

    /// The client committed by itself; that never starts a response.
    pub(super) fn commit_cut(&mut self, now: Time, item: ItemId, event_id: Option<EventId>, length: Duration) {
        if length < SHORTEST {
            let message = format!(
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer \
                 only has {}ms of audio.",
                length.as_millis()
            );
            return self.refuse(event_id, request_error(code::COMMIT_EMPTY, &message));
        }
        self.commit(now, &item);
        self.effects.push_back(Effect::Recognise(item));
    }

    fn commit(&mut self, now: Time, item_id: &ItemId) {
        let item = spoken(item_id.clone());
        let previous_item_id = self.talk.append(item.clone());
        self.awaited.insert(item_id.clone(), now);
        self.send(InputAudioBufferCommitted { item_id: item_id.clone(), previous_item_id: previous_item_id.clone() });
        self.send(ConversationItemAdded { item: item.clone(), previous_item_id: previous_item_id.clone() });
        self.send(ConversationItemDone { item, previous_item_id });
    }

    fn answer_turn(&mut self, now: Time) {
        if !self.effective.creates_response() {
            return;
        }
        if self.active.is_some() {
            self.answer_next = true;
        } else {
            self.begin_response(now, ResponseConfig::default(), false);
        }
    }

    pub(super) fn transcribed(
        &mut self,
        now: Time,
        item: &ItemId,
        words: Result<Option<String>, String>,
        length: Duration,
    ) {
        self.awaited.remove(item);
        let told = self.effective.transcribes();
        match words {
            Ok(words) => {
                let transcript = words.clone().unwrap_or_default();
                self.talk.understand(item, words, told);
                if told {
                    self.tell_words(item, transcript, length);
                }
            }
            Err(reason) => {
                self.talk.understand(item, None, false);
                if told {
                    self.tell_failure(item, reason);
                }
            }
        }
        self.advance_response(now);
    }

    fn tell_words(&mut self, item: &ItemId, transcript: String, length: Duration) {
        if !transcript.is_empty() {
            self.send(InputTranscriptionDelta {
                item_id: item.clone(),
                content_index: Some(0),
                delta: Some(transcript.clone()),
                logprobs: None,
            });
        }
        self.send(InputTranscriptionCompleted {
            item_id: item.clone(),
            content_index: 0,
            transcript,
            usage: Some(TranscriptionUsage::Duration { seconds: length.as_secs_f64() }),
            languages: None,
            logprobs: None,
        });
    }

    fn tell_failure(&mut self, item: &ItemId, message: String) {
        self.send(InputTranscriptionFailed {
            item_id: item.clone(),
            content_index: 0,
            error: ServiceError {
                kind: "transcription_error".into(),
                code: Some("audio_unintelligible".into()),
                message,
                ..ServiceError::default()
            },
        });
    }

    /// The user has probably finished: make the answer ahead.
    pub(super) fn foresee(&mut self, now: Time, words: &str) {
        if self.active.is_none() && self.effective.creates_response() {
            self.rehearse(now, words);
        }
    }

    pub(super) fn idle_timeout(&self) -> Option<Time> {
        Some(self.idle_since? + self.effective.idle_timeout()?)
    }

    /// The user has been silent for long: the assistant speaks up.
    pub(super) fn speak_up(&mut self, now: Time) {
        let since = self.idle_since.take().unwrap_or(now);
        let item_id = self.ids.item();
        self.send(InputTimeoutTriggered {
            item_id: item_id.clone(),
            audio_start_ms: since.as_millis() as u64,
            audio_end_ms: now.as_millis() as u64,
        });
        self.commit(now, &item_id);
        self.awaited.remove(&item_id);
        self.begin_prompted(now, ResponseConfig::default(), false, Prompt::Silence);
    }
}

/// The shortest audio that can be committed.
const SHORTEST: Duration = Duration::from_millis(100);
