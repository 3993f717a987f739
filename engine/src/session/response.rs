//! A response, from `response.created` to `response.done`, and its audio to the end.

use super::conversation::message;
use super::delivery::{Delivery, sentences};
use super::effective::voice_name;
use super::{Effect, Session, Time};
use crate::mind::{self, Prompt, Said, Situation, Who};
use crate::voice::Manner;
use protocol::session::{MaxOutputTokens, Modality};
use protocol::{
    Content, ConversationItemAdded, ConversationItemDone, ConversationItemTruncated, InputTokenDetails, Item, ItemId,
    ItemStatus, OutputAudioBufferCleared, OutputAudioBufferStarted, OutputAudioBufferStopped, OutputTokenDetails, Part,
    RateLimit, RateLimitsUpdated, Response, ResponseConfig, ResponseContentPartAdded, ResponseContentPartDone,
    ResponseConversation, ResponseCreated, ResponseDone, ResponseId, ResponseOutputAudioDone,
    ResponseOutputAudioTranscriptDelta, ResponseOutputAudioTranscriptDone, ResponseOutputItemAdded,
    ResponseOutputItemDone, ResponseOutputTextDelta, ResponseOutputTextDone, ResponseStatus, Role, ServiceError,
    StatusDetails, Usage,
};
use serde_json::json;
use std::time::Duration;

/// The response in progress.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) id: ResponseId,
    item: ItemId,
    config: ResponseConfig,
    modality: Modality,
    manner: Manner,
    prompt: Prompt,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Nothing is made yet: not before `ready`, and not without the awaited words until `patience` is over.
    Thinking { ready: Time, patience: Time },
    /// The answer is known and on its way.
    Delivering(Delivery),
}

/// How a response ends.
enum Ending {
    Completed,
    Cancelled(&'static str),
    Incomplete(&'static str),
    Failed(String),
}

impl Session {
    pub(super) fn begin_response(&mut self, now: Time, config: ResponseConfig, aside: bool) {
        self.begin_prompted(now, config, aside, Prompt::Turn);
    }

    pub(super) fn begin_prompted(&mut self, now: Time, config: ResponseConfig, aside: bool, prompt: Prompt) {
        let wanted = config.output_modalities.as_ref().and_then(|wanted| wanted.first().copied());
        let voice = config.audio.as_ref().and_then(|audio| audio.output.as_ref()?.voice.as_ref());
        let voice = match voice.and_then(|voice| serde_json::to_value(voice).ok()) {
            Some(voice) => voice_name(Some(&voice)),
            None => self.effective.voice(),
        };
        let active = Active {
            id: ResponseId::new(self.ids.next("resp")),
            item: self.ids.item(),
            modality: wanted.unwrap_or_else(|| self.effective.modality()),
            manner: self.effective.manner(voice),
            config,
            prompt,
            stage: Stage::Thinking { ready: now + self.think, patience: now + PATIENCE },
        };
        self.idle_since = None;
        self.last_response = Some(active.id.clone());
        let response = self.shown(&active, ResponseStatus::InProgress, None);
        self.send(ResponseCreated { response });
        self.send(rate_limits());
        if aside {
            // Text beside the conversation is complete at once.
            self.deliver(now, active);
        } else {
            self.active = Some(active);
            self.advance_response(now);
        }
    }

    /// Does what of the response is due.
    pub(super) fn advance_response(&mut self, now: Time) {
        let Some(mut active) = self.active.take() else { return };
        match &mut active.stage {
            Stage::Thinking { ready, patience } => {
                let listening = !self.awaited.is_empty() && now < *patience;
                if now < *ready || listening || self.playing.is_some() {
                    self.active = Some(active);
                } else {
                    self.deliver(now, active);
                }
            }
            Stage::Delivering(delivery) => {
                let due = delivery.due(now);
                let complete = delivery.is_complete();
                for delta in due {
                    self.send(transcript_delta(&active, delta));
                }
                if complete {
                    self.end_response(&active, &Ending::Completed);
                    self.answer_pending(now);
                } else {
                    self.active = Some(active);
                }
            }
        }
    }

    pub(super) fn response_timeout(&self) -> Option<Time> {
        match &self.active.as_ref()?.stage {
            Stage::Thinking { .. } if self.playing.is_some() => None,
            Stage::Thinking { ready, .. } if self.awaited.is_empty() => Some(*ready),
            Stage::Thinking { ready, patience } => Some(*patience.max(ready)),
            Stage::Delivering(delivery) => delivery.timeout(),
        }
    }

    /// The answer to be is probably this: let its sound be made ahead.
    pub(super) fn rehearse(&mut self, now: Time, words: &str) {
        if self.effective.modality() != Modality::Audio {
            return;
        }
        let mut said = self.said(&ResponseConfig::default());
        said.push(Said { who: Who::User, words: Some(words.to_owned()) });
        let answer = self.think_up(now, &said, Prompt::Turn);
        let manner = self.effective.manner(self.effective.voice());
        self.effects.push_back(Effect::Rehearse { sentences: sentences(&answer), manner });
    }

    fn think_up(&self, now: Time, said: &[Said], prompt: Prompt) -> String {
        let now = self.time_of_day(now);
        mind::answer(&Situation { now: &now, hearing: self.hearing, said, prompt })
    }

    /// Makes the answer and starts to give it.
    fn deliver(&mut self, now: Time, mut active: Active) {
        let said = self.said(&active.config);
        let mut answer = self.think_up(now, &said, active.prompt);
        let cut = self.limit(&active, &mut answer);
        let item = assistant_item(&active, "", ItemStatus::InProgress);
        self.send(ResponseOutputItemAdded { response_id: active.id.clone(), output_index: 0, item: item.clone() });
        if !is_aside(&active) {
            let previous_item_id = self.talk.append(item.clone());
            self.send(ConversationItemAdded { item, previous_item_id });
        }
        self.send(ResponseContentPartAdded {
            response_id: active.id.clone(),
            item_id: active.item.clone(),
            output_index: 0,
            content_index: 0,
            part: part(active.modality, ""),
        });
        if active.modality == Modality::Text {
            let delivery = Delivery::of_text(&answer);
            for delta in delivery.all() {
                self.send(text_delta(&active, delta));
            }
            active.stage = Stage::Delivering(delivery);
            self.end_response(&active, &cut.map_or(Ending::Completed, Ending::Incomplete));
            self.answer_pending(now);
            return;
        }
        let sentences = sentences(&answer);
        self.effects.push_back(Effect::Say {
            response: active.id.clone(),
            sentences: sentences.clone(),
            manner: active.manner.clone(),
        });
        active.stage = Stage::Delivering(Delivery::of_speech(&sentences));
        self.active = Some(active);
    }

    /// Shortens an answer to the limit of output tokens, counting a word as one.
    fn limit(&self, active: &Active, answer: &mut String) -> Option<&'static str> {
        let limit = active.config.max_output_tokens.or_else(|| self.effective.max_output_tokens());
        let Some(MaxOutputTokens::Tokens(limit)) = limit else { return None };
        if answer.split_whitespace().count() <= limit as usize || active.modality != Modality::Text {
            return None;
        }
        *answer = answer.split_whitespace().take(limit as usize).collect::<Vec<_>>().join(" ");
        Some("max_output_tokens")
    }

    /// What the mind is to know.
    fn said(&self, config: &ResponseConfig) -> Vec<Said> {
        let context: Vec<&Item> = match &config.input {
            Some(input) => input.iter().collect(),
            None => self.talk.items().collect(),
        };
        let resolve = |item: &Item| match item {
            Item::Reference(reference) => self.talk.get(&reference.id).cloned(),
            other => Some(other.clone()),
        };
        let heard = |item: Item| match item {
            Item::Message(message) => {
                let who = match message.role {
                    Role::System => Who::System,
                    Role::User => Who::User,
                    Role::Assistant => Who::Assistant,
                };
                Some(Said { who, words: self.talk.words_of(&message) })
            }
            Item::FunctionCallOutput(output) => Some(Said { who: Who::System, words: Some(output.output) }),
            _ => None,
        };
        let instructions = config.instructions.as_deref().unwrap_or_else(|| self.effective.instructions());
        let told = Said { who: Who::Instructions, words: Some(instructions.to_owned()) };
        std::iter::once(told).chain(context.into_iter().filter_map(resolve).filter_map(heard)).collect()
    }

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

    pub(super) fn cancel_response(&mut self, reason: &'static str) {
        if let Some(active) = self.active.take() {
            self.effects.push_back(Effect::StopMaking(active.id.clone()));
            self.end_response(&active, &Ending::Cancelled(reason));
        }
        self.answer_next = false;
    }

    fn answer_pending(&mut self, now: Time) {
        if self.active.is_none() && std::mem::take(&mut self.answer_next) {
            self.begin_response(now, ResponseConfig::default(), false);
        }
    }

    fn delivery(&mut self, response: &ResponseId) -> Option<&mut Delivery> {
        match &mut self.active.as_mut().filter(|active| active.id == *response)?.stage {
            Stage::Delivering(delivery) => Some(delivery),
            Stage::Thinking { .. } => None,
        }
    }

    /// Closes what was opened, and the response.
    fn end_response(&mut self, active: &Active, ending: &Ending) {
        let (status, details) = ending.status();
        let output = match &active.stage {
            Stage::Thinking { .. } => Vec::new(),
            Stage::Delivering(delivery) => {
                let told = delivery.told();
                vec![self.close_item(active, &told, status == ResponseStatus::Completed)]
            }
        };
        let usage = self.usage(active);
        let mut response = self.shown(active, status, details);
        response.output = output;
        response.usage = Some(usage);
        self.send(ResponseDone { response });
    }

    fn close_item(&mut self, active: &Active, told: &str, whole: bool) -> Item {
        let (response_id, item_id) = (active.id.clone(), active.item.clone());
        if active.modality == Modality::Text {
            self.send(ResponseOutputTextDone {
                response_id: response_id.clone(),
                item_id: item_id.clone(),
                output_index: 0,
                content_index: 0,
                text: told.to_owned(),
            });
        } else {
            self.send(ResponseOutputAudioDone {
                response_id: response_id.clone(),
                item_id: item_id.clone(),
                output_index: 0,
                content_index: 0,
            });
            self.send(ResponseOutputAudioTranscriptDone {
                response_id: response_id.clone(),
                item_id: item_id.clone(),
                output_index: 0,
                content_index: 0,
                transcript: told.to_owned(),
            });
        }
        self.send(ResponseContentPartDone {
            response_id: response_id.clone(),
            item_id,
            output_index: 0,
            content_index: 0,
            part: part(active.modality, told),
        });
        let status = if whole { ItemStatus::Completed } else { ItemStatus::Incomplete };
        let item = assistant_item(active, told, status);
        self.send(ResponseOutputItemDone { response_id, output_index: 0, item: item.clone() });
        if !is_aside(active) {
            let length = match &active.stage {
                Stage::Delivering(delivery) => delivery.length(),
                Stage::Thinking { .. } => Duration::ZERO,
            };
            self.talk.replace(item.clone(), length);
            let previous_item_id = self.talk.previous_of(&active.item);
            self.send(ConversationItemDone { item: item.clone(), previous_item_id });
        }
        item
    }

    /// The response as events show it.
    fn shown(&self, active: &Active, status: ResponseStatus, details: Option<StatusDetails>) -> Response {
        let limit = active.config.max_output_tokens.or_else(|| self.effective.max_output_tokens());
        let audio = json!({ "output": {
            "format": { "type": "audio/pcm", "rate": 24_000 },
            "voice": active.manner.voice,
        } });
        Response {
            id: Some(active.id.clone()),
            object: Some("realtime.response".into()),
            status: Some(status),
            status_details: details,
            output: Vec::new(),
            conversation_id: (!is_aside(active)).then(|| self.conversation_id.clone()),
            output_modalities: vec![active.modality],
            max_output_tokens: limit,
            audio: Some(audio),
            usage: None,
            metadata: active.config.metadata.clone(),
        }
    }

    /// An estimate: four characters are a token, and a second of speech is twenty.
    fn usage(&self, active: &Active) -> Usage {
        let characters: usize =
            self.said(&active.config).iter().filter_map(|said| said.words.as_ref()).map(String::len).sum();
        let (told, length) = match &active.stage {
            Stage::Thinking { .. } => (0, Duration::ZERO),
            Stage::Delivering(delivery) => (delivery.told().len(), delivery.length()),
        };
        let input = characters.div_ceil(4) as u64;
        let text = told.div_ceil(4) as u64;
        let audio = (length.as_millis() / 50) as u64;
        Usage {
            total_tokens: input + text + audio,
            input_tokens: input,
            output_tokens: text + audio,
            input_token_details: Some(InputTokenDetails { text_tokens: input, ..InputTokenDetails::default() }),
            output_token_details: Some(OutputTokenDetails { text_tokens: text, audio_tokens: audio }),
        }
    }
}

impl Ending {
    fn status(&self) -> (ResponseStatus, Option<StatusDetails>) {
        let details = |kind: &str, reason: Option<&str>, error| {
            Some(StatusDetails { kind: Some(kind.into()), reason: reason.map(Into::into), error })
        };
        match self {
            Self::Completed => (ResponseStatus::Completed, None),
            Self::Cancelled(reason) => (ResponseStatus::Cancelled, details("cancelled", Some(reason), None)),
            Self::Incomplete(reason) => (ResponseStatus::Incomplete, details("incomplete", Some(reason), None)),
            Self::Failed(message) => {
                let error = ServiceError {
                    kind: "server_error".into(),
                    code: Some("speech_failed".into()),
                    message: message.clone(),
                    ..ServiceError::default()
                };
                (ResponseStatus::Failed, details("failed", None, Some(error)))
            }
        }
    }
}

fn is_aside(active: &Active) -> bool {
    active.config.conversation == Some(ResponseConversation::None)
}

fn assistant_item(active: &Active, words: &str, status: ItemStatus) -> Item {
    let content = match (status, active.modality) {
        (ItemStatus::InProgress, _) => Vec::new(),
        (_, Modality::Text) => vec![Content::OutputText { text: words.to_owned() }],
        _ => vec![Content::OutputAudio { audio: None, transcript: Some(words.to_owned()) }],
    };
    message(active.item.clone(), Role::Assistant, status, content)
}

fn part(modality: Modality, words: &str) -> Part {
    match modality {
        Modality::Text => Part::Text { text: words.to_owned() },
        _ => Part::Audio { audio: None, transcript: Some(words.to_owned()) },
    }
}

fn transcript_delta(active: &Active, delta: String) -> ResponseOutputAudioTranscriptDelta {
    ResponseOutputAudioTranscriptDelta {
        response_id: active.id.clone(),
        item_id: active.item.clone(),
        output_index: 0,
        content_index: 0,
        delta,
    }
}

fn text_delta(active: &Active, delta: String) -> ResponseOutputTextDelta {
    ResponseOutputTextDelta {
        response_id: active.id.clone(),
        item_id: active.item.clone(),
        output_index: 0,
        content_index: 0,
        delta,
    }
}

/// This engine has no limits of its own beyond its capacity, and says so with numbers that never shrink.
fn rate_limits() -> RateLimitsUpdated {
    let limit = |name: &str, limit| RateLimit {
        name: Some(name.into()),
        limit: Some(limit),
        remaining: Some(limit),
        reset_seconds: Some(0.0),
    };
    RateLimitsUpdated { rate_limits: vec![limit("requests", 1000), limit("tokens", 1_000_000)] }
}

/// How long an answer waits for words that are still being recognised.
const PATIENCE: Duration = Duration::from_secs(5);
