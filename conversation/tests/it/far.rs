//! The scripted far end: a service that follows the order of events of the real one, as far as the core can tell.

use conversation::{Ms, Time};
use protocol::session::TurnDetection;
use protocol::{ClientEvent, ClientMessage, Content, Item, SessionConfig};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// What the far end does later.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// The next word of a response is made.
    Word(u32, usize),
    /// All of a response is made.
    Made(u32),
    /// All of a response's sound was played.
    Played(u32),
    /// It hears the user.
    SpeechStarts(u32),
    /// It hears the user no more.
    SpeechStops(u32),
    /// The words of an utterance are known.
    Understood(u32),
}

/// How answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Spoken.
    Spoken,
    /// Spoken, with a service that does not tell when it plays.
    SpokenUntold,
    /// Written.
    Written,
    /// They claim to be spoken, and nothing is heard.
    Silent,
    /// They never begin.
    Never,
    /// They fail in the middle.
    Failing,
    /// They are stopped by the filter.
    Filtered,
    /// They begin, and nothing more comes.
    Stuck,
    /// They call a function first.
    Calling,
}

/// One session of the far end.
#[derive(Debug)]
pub(crate) struct Far {
    pub(crate) manner: Manner,
    pub(crate) answers: VecDeque<&'static str>,
    pub(crate) says: VecDeque<&'static str>,
    /// From the commit to the user's words.
    pub(crate) understands_after: Ms,
    /// Whether the words of an utterance can be had.
    pub(crate) understands: bool,
    pub(crate) create_response: bool,
    pub(crate) interrupt_response: bool,
    /// The conversation: item and text.
    pub(crate) items: Vec<(String, String)>,
    /// Functions that the next responses call, with their arguments, instead of answering.
    pub(crate) calls: VecDeque<(&'static str, String)>,
    /// What called functions gave.
    pub(crate) outputs: Vec<String>,
    /// The pictures of the conversation.
    pub(crate) pictures: Vec<String>,
    /// What single responses were told.
    pub(crate) orders: Vec<String>,
    /// What was received, by type.
    pub(crate) received: Vec<String>,
    pub(crate) active: Option<u32>,
    pub(crate) playing: Option<u32>,
    words: Vec<&'static str>,
    count: u32,
    begun: bool,
    out: Vec<Value>,
    later: Vec<(Ms, Step)>,
}

impl Far {
    pub(crate) fn new() -> Self {
        Self {
            manner: Manner::Spoken,
            answers: VecDeque::new(),
            says: VecDeque::new(),
            understands_after: Ms(100),
            understands: true,
            create_response: true,
            interrupt_response: true,
            items: Vec::new(),
            calls: VecDeque::new(),
            outputs: Vec::new(),
            pictures: Vec::new(),
            orders: Vec::new(),
            received: Vec::new(),
            active: None,
            playing: None,
            words: Vec::new(),
            count: 0,
            begun: false,
            out: Vec::new(),
            later: Vec::new(),
        }
    }

    /// A new session with the same script.
    pub(crate) fn renew(&mut self) {
        self.items.clear();
        self.pictures.clear();
        (self.active, self.playing) = (None, None);
        (self.create_response, self.interrupt_response) = (true, true);
        self.emit(json!({"type": "session.created", "session": {"id": "sess", "object": "realtime.session"}}));
    }

    /// What to deliver and what to do later.
    pub(crate) fn take(&mut self) -> (Vec<Value>, Vec<(Ms, Step)>) {
        (std::mem::take(&mut self.out), std::mem::take(&mut self.later))
    }

    pub(crate) fn emit(&mut self, mut event: Value) {
        self.count += 1;
        event["event_id"] = json!(format!("event_{}", self.count));
        self.out.push(event);
    }

    pub(crate) fn receive(&mut self, message: ClientMessage) {
        self.received.push(message.event.kind().to_owned());
        let cause = message.event_id.map(|id| id.as_str().to_owned());
        match message.event {
            ClientEvent::SessionUpdate(update) => self.update(&update.session),
            ClientEvent::ConversationItemCreate(create) => self.add(create.item),
            ClientEvent::ResponseCreate(_) if self.active.is_some() => {
                self.error("conversation_already_has_active_response", cause);
            }
            ClientEvent::ResponseCreate(create) => {
                let order = create.response.and_then(|response| response.instructions);
                self.respond(order.is_some());
                self.orders.extend(order);
            }
            ClientEvent::ConversationItemDelete(delete) => self.delete(delete.item_id.as_str(), cause),
            ClientEvent::ResponseCancel(_) if self.active.is_some() => {
                self.done("cancelled", json!({"reason": "client_cancelled"}));
            }
            ClientEvent::ResponseCancel(_) => self.error("response_cancel_not_active", cause),
            ClientEvent::OutputAudioBufferClear(_) => self.clear(),
            other => panic!("the core never sends {}", other.kind()),
        }
    }

    pub(crate) fn error(&mut self, code: &str, cause: Option<String>) {
        let error = json!({"type": "invalid_request_error", "code": code, "message": "no", "event_id": cause});
        self.emit(json!({"type": "error", "error": error}));
    }

    fn update(&mut self, session: &SessionConfig) {
        let SessionConfig::Realtime(config) = session else { panic!("a talk is wanted") };
        let input = config.audio.as_ref().and_then(|audio| audio.input.as_ref());
        if let Some(TurnDetection::ServerVad(vad)) = input.and_then(|input| input.turn_detection.as_set()) {
            self.create_response = vad.create_response.unwrap_or(true);
            self.interrupt_response = vad.interrupt_response.unwrap_or(true);
        }
        self.emit(json!({"type": "session.updated", "session": {"id": "sess"}}));
    }

    fn add(&mut self, item: Item) {
        let id = item.id().map(|id| id.as_str().to_owned()).unwrap_or_default();
        let text = match &item {
            Item::Message(message) => {
                for part in &message.content {
                    if let Content::InputImage { image_url, .. } = part {
                        self.pictures.push(image_url.clone());
                    }
                }
                message.content.iter().filter_map(|part| part.words()).collect()
            }
            Item::FunctionCallOutput(output) => {
                self.outputs.push(output.output.clone());
                String::new()
            }
            _ => String::new(),
        };
        let item = serde_json::to_value(&item).unwrap_or_default();
        self.append(&id, &text, item, true);
    }

    fn delete(&mut self, id: &str, cause: Option<String>) {
        match self.items.iter().position(|(known, _)| known == id) {
            Some(at) => {
                self.items.remove(at);
                self.emit(json!({"type": "conversation.item.deleted", "item_id": id}));
            }
            None => self.error("item_not_found", cause),
        }
    }

    fn append(&mut self, id: &str, text: &str, item: Value, done: bool) {
        let previous = self.items.last().map(|(id, _)| id.clone());
        self.items.push((id.to_owned(), text.to_owned()));
        self.emit(json!({"type": "conversation.item.added", "item": item, "previous_item_id": previous}));
        if done {
            self.emit(json!({"type": "conversation.item.done", "item": item, "previous_item_id": previous}));
        }
    }

    fn respond(&mut self, told: bool) {
        if self.manner == Manner::Never {
            return;
        }
        self.count += 1;
        let number = self.count;
        let (response, item) = (format!("resp_{number}"), format!("item_a{number}"));
        self.active = Some(number);
        self.begun = false;
        self.words = self.answers.pop_front().unwrap_or("one two three four five six").split(' ').collect();
        self.emit(
            json!({"type": "response.created", "response": {"id": response, "status": "in_progress", "output": []}}),
        );
        if self.manner == Manner::Stuck {
            return;
        }
        let calls = if self.manner == Manner::Calling {
            self.manner = Manner::Spoken;
            Some(("look_up", "{}".to_owned()))
        } else if told {
            None
        } else {
            self.calls.pop_front()
        };
        if let Some((name, arguments)) = calls {
            let call = json!({"type": "function_call", "id": item, "call_id": format!("call_{number}"), "name": name,
                "arguments": arguments, "status": "completed"});
            self.append(&item, "", call.clone(), false);
            self.emit(
                json!({"type": "response.output_item.done", "response_id": response, "output_index": 0, "item": call}),
            );
            self.done("completed", Value::Null);
            return;
        }
        let message =
            json!({"type": "message", "id": item, "role": "assistant", "status": "in_progress", "content": []});
        self.emit(
            json!({"type": "response.output_item.added", "response_id": response, "output_index": 0, "item": message}),
        );
        let text = self.words.join(" ");
        self.append(&item, &text, message, false);
        self.later.push((Ms(30), Step::Word(number, 0)));
    }

    /// Something planned happens.
    pub(crate) fn step(&mut self, step: &Step) {
        match *step {
            Step::Word(number, at) if self.active == Some(number) => self.word(number, at),
            Step::Made(number) if self.active == Some(number) => {
                self.words_done(number);
                self.done("completed", Value::Null);
            }
            Step::Played(number) if self.playing == Some(number) => {
                self.playing = None;
                self.buffer("stopped", number);
            }
            Step::SpeechStarts(number) => self.speech_starts(number),
            Step::SpeechStops(number) => self.speech_stops(number),
            Step::Understood(number) => self.understood(number),
            Step::Word(..) | Step::Made(_) | Step::Played(_) => {}
        }
    }

    fn buffer(&mut self, what: &str, number: u32) {
        if self.manner != Manner::SpokenUntold {
            let response = format!("resp_{number}");
            self.emit(json!({"type": format!("output_audio_buffer.{what}"), "response_id": response}));
        }
    }

    fn word(&mut self, number: u32, at: usize) {
        if at == 0 && self.playing.is_some() {
            // One after the other.
            self.later.push((WORD, Step::Word(number, 0)));
            return;
        }
        if at == 0 && self.manner != Manner::Written {
            self.begun = true;
            self.playing = Some(number);
            self.buffer("started", number);
            let length = Ms(WORD.0 * self.words.len() as u64);
            self.later.push((length, Step::Played(number)));
        }
        if at == 1 && matches!(self.manner, Manner::Failing | Manner::Filtered) {
            return match self.manner {
                Manner::Failing => self.done("failed", json!({"error": {"type": "server_error", "message": "no"}})),
                _ => self.done("incomplete", json!({"reason": "content_filter"})),
            };
        }
        let delta = if at == 0 { self.words[0].to_owned() } else { format!(" {}", self.words[at]) };
        self.text_event(number, "delta", "delta", &delta);
        let next = if at + 1 < self.words.len() { Step::Word(number, at + 1) } else { Step::Made(number) };
        self.later.push((MAKING, next));
    }

    fn text_event(&mut self, number: u32, what: &str, field: &str, text: &str) {
        let kind = if self.manner == Manner::Written { "output_text" } else { "output_audio_transcript" };
        self.emit(json!({"type": format!("response.{kind}.{what}"), "response_id": format!("resp_{number}"),
            "item_id": format!("item_a{number}"), "output_index": 0, "content_index": 0, field: text}));
    }

    fn words_done(&mut self, number: u32) {
        let text = self.words.join(" ");
        let field = if self.manner == Manner::Written { "text" } else { "transcript" };
        self.text_event(number, "done", field, &text);
    }

    /// The response that is being made is whole.
    pub(crate) fn finish(&mut self) {
        self.done("completed", Value::Null);
    }

    fn done(&mut self, status: &str, details: Value) {
        let Some(number) = self.active.take() else { return };
        self.emit(json!({"type": "response.done", "response": {"id": format!("resp_{number}"), "status": status,
            "status_details": details, "output": [], "usage": {"total_tokens": 7}}}));
    }

    fn clear(&mut self) {
        if let Some(number) = self.playing.take() {
            self.buffer("cleared", number);
        }
    }

    fn speech_starts(&mut self, number: u32) {
        let item = format!("item_u{number}");
        self.emit(json!({"type": "input_audio_buffer.speech_started", "item_id": item, "audio_start_ms": 0}));
        if self.interrupt_response {
            self.done("cancelled", json!({"reason": "turn_detected"}));
            self.clear();
        }
    }

    fn speech_stops(&mut self, number: u32) {
        let item = format!("item_u{number}");
        let previous = self.items.last().map(|(id, _)| id.clone());
        self.emit(json!({"type": "input_audio_buffer.speech_stopped", "item_id": item, "audio_end_ms": 1}));
        self.emit(json!({"type": "input_audio_buffer.committed", "item_id": item, "previous_item_id": previous}));
        let message = json!({"type": "message", "id": item, "role": "user", "status": "completed",
            "content": [{"type": "input_audio", "transcript": null}]});
        self.append(&item, "", message, true);
        self.later.push((self.understands_after, Step::Understood(number)));
        if self.create_response && self.active.is_none() {
            self.respond(false);
        }
    }

    fn understood(&mut self, number: u32) {
        let item = format!("item_u{number}");
        let text = self.says.pop_front().unwrap_or("hello there");
        if let Some(known) = self.items.iter_mut().find(|(id, _)| *id == item) {
            text.clone_into(&mut known.1);
        }
        self.emit(if self.understands {
            json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": item,
                "content_index": 0, "transcript": text, "usage": {"type": "duration", "seconds": 1}})
        } else {
            json!({"type": "conversation.item.input_audio_transcription.failed", "item_id": item,
                "content_index": 0, "error": {"type": "server_error", "message": "no"}})
        });
    }

    /// Whether sound leaves the far end.
    pub(crate) fn sounds(&self) -> bool {
        self.playing.is_some() && self.manner != Manner::Silent
    }
}

/// How long a word sounds.
pub(crate) const WORD: Ms = Ms(300);
/// How long a word takes to be made: less than it sounds.
const MAKING: Ms = Ms(40);

/// A point in time for a test's arithmetic.
pub(crate) fn at(millis: u64) -> Time {
    Time::ZERO + Ms(millis)
}
