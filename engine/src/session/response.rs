//! A response, from `response.created` to its last word.

use super::conversation::message;
use super::delivery::{Delivery, sentences, voiced};
use super::effective::voice_name;
use super::ending::Ending;
use super::{Effect, Session, Time};
use crate::mind::{self, Act, Prompt, Said, Situation, Who};
use crate::voice::Manner;
use protocol::session::{MaxOutputTokens, Modality, Tool};
use protocol::{
    Content, ConversationItemAdded, FunctionCall, Item, ItemId, ItemStatus, Part, RateLimit, RateLimitsUpdated,
    Response, ResponseConfig, ResponseContentPartAdded, ResponseConversation, ResponseCreated, ResponseId,
    ResponseOutputAudioTranscriptDelta, ResponseOutputItemAdded, ResponseOutputTextDelta, ResponseStatus, Role,
    StatusDetails,
};
use serde_json::json;
use std::time::Duration;

/// The response in progress.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) id: ResponseId,
    pub(super) item: ItemId,
    pub(super) config: ResponseConfig,
    pub(super) modality: Modality,
    manner: Manner,
    prompt: Prompt,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// Nothing is made yet: not before `ready`, and not without the awaited words until `patience` is over.
    Thinking { ready: Time, patience: Time },
    /// The answer is known and on its way.
    Delivering(Delivery),
    /// The answer is the call of a function.
    Calling(FunctionCall),
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
            // Ended as soon as it was begun.
            Stage::Calling(_) => {}
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
            Stage::Calling(_) => None,
        }
    }

    /// The answer to be is probably this: let its sound be made ahead.
    pub(super) fn rehearse(&mut self, now: Time, words: &str) {
        if self.effective.modality() != Modality::Audio {
            return;
        }
        let config = ResponseConfig::default();
        let mut said = self.said(&config);
        said.push(Said { who: Who::User, words: Some(words.to_owned()) });
        if let Act::Say(answer) = self.think_up(now, &said, &config, Prompt::Turn) {
            let manner = self.effective.manner(self.effective.voice());
            self.effects.push_back(Effect::Rehearse { sentences: voiced(&sentences(&answer)), manner });
        }
    }

    fn think_up(&self, now: Time, said: &[Said], config: &ResponseConfig, prompt: Prompt) -> Act {
        let now = self.time_of_day(now);
        let tools = config.tools.clone().unwrap_or_else(|| self.effective.tools());
        let functions = tools.into_iter().filter_map(|tool| match tool {
            Tool::Function(function) => Some(function),
            Tool::Mcp(_) => None,
        });
        mind::act(&Situation {
            now: &now,
            hearing: self.hearing,
            said,
            prompt,
            order: config.instructions.as_deref(),
            tools: &functions.collect::<Vec<_>>(),
            choice: &config.tool_choice.clone().unwrap_or_else(|| self.effective.tool_choice()),
        })
    }

    /// Decides on the answer and starts to give it.
    fn deliver(&mut self, now: Time, active: Active) {
        let said = self.said(&active.config);
        match self.think_up(now, &said, &active.config, active.prompt) {
            Act::Say(answer) => self.say(now, active, answer),
            Act::Call(call) => self.call(now, active, call),
        }
    }

    fn say(&mut self, now: Time, mut active: Active, mut answer: String) {
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
            sentences: voiced(&sentences),
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

    pub(super) fn cancel_response(&mut self, reason: &'static str) {
        if let Some(active) = self.active.take() {
            self.effects.push_back(Effect::StopMaking(active.id.clone()));
            self.end_response(&active, &Ending::Cancelled(reason));
        }
        self.answer_next = false;
    }

    pub(super) fn answer_pending(&mut self, now: Time) {
        if self.active.is_none() && std::mem::take(&mut self.answer_next) {
            self.begin_response(now, ResponseConfig::default(), false);
        }
    }

    /// The response as events show it.
    pub(super) fn shown(&self, active: &Active, status: ResponseStatus, details: Option<StatusDetails>) -> Response {
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
            metadata: active.config.metadata.as_ref().map(|pairs| json!(pairs)),
        }
    }
}

pub(super) fn is_aside(active: &Active) -> bool {
    active.config.conversation == Some(ResponseConversation::None)
}

pub(super) fn assistant_item(active: &Active, words: &str, status: ItemStatus) -> Item {
    let content = match (status, active.modality) {
        (ItemStatus::InProgress, _) => Vec::new(),
        (_, Modality::Text) => vec![Content::OutputText { text: words.to_owned() }],
        _ => vec![Content::OutputAudio { audio: None, transcript: Some(words.to_owned()) }],
    };
    message(active.item.clone(), Role::Assistant, status, content)
}

pub(super) fn part(modality: Modality, words: &str) -> Part {
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
