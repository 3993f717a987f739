//! What a call says on its event channel: a pure state machine.
//!
//! The contract: **one input, then drain [`Session::poll_effect`] to `None`, then arm one timer from
//! [`Session::poll_timeout`]**. Inputs are the client's events and what the media saw; effects are events for the
//! client and orders for the media. Time is a length since the call began and always an argument; nothing here
//! reads a clock, waits, or touches audio.

mod calling;
mod client;
mod conversation;
mod delivery;
mod effective;
mod ending;
mod hearing;
mod playback;
mod response;
mod turn;

use crate::ears::Listening;
use crate::mind::Hearing;
use crate::voice::Manner;
use conversation::Conversation;
use effective::Effective;
use jiff::Zoned;
use protocol::{
    ConversationCreated, ConversationId, ConversationRef, ErrorEvent, EventId, ItemId, ResponseId, ServerEvent,
    ServerMessage, ServiceError, SessionConfig, SessionCreated, SessionId, code,
};
use response::Active;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// A point in time: how long ago the call began.
pub(crate) type Time = Duration;

/// What happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// The event channel is open.
    Opened,
    /// The client sent this; `None` is a message that is not text.
    Client(Option<String>),
    /// The user began to speak, at this place in the call's audio.
    SpeechStarted { at: Duration },
    /// The user finished; the audio of the utterance waits to be recognised.
    SpeechStopped { at: Duration },
    /// The answer to [`Effect::Cut`]: how long the audio is that was taken.
    Cut { item: ItemId, event_id: Option<EventId>, length: Duration },
    /// The recogniser is done with an item; `None` means that it understood nothing.
    Transcribed { item: ItemId, words: Result<Option<String>, String>, length: Duration },
    /// What an utterance that is about to end would be, if it ended now.
    Foreseen { words: String },
    /// A sentence of a response has been made and is this long.
    Made { response: ResponseId, sentence: usize, length: Duration },
    /// A response could not be spoken.
    Unspeakable { response: ResponseId, reason: String },
    /// The first packet of a response is on its way.
    AudioStarted(ResponseId),
    /// The last packet of a response was sent.
    AudioDrained(ResponseId),
    /// The answer to [`Effect::Hush`]: what was cut, and how much of it was sent.
    Hushed { cut: Option<(ResponseId, Duration)>, asked: bool },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Tell the client.
    Send(Box<ServerMessage>),
    /// Listen like this from now on.
    Listen(Listening),
    /// Recognise the utterance that just ended, as this item.
    Recognise(ItemId),
    /// Take what is in the input buffer for this item, and answer with [`Input::Cut`].
    Cut { item: ItemId, event_id: Option<EventId> },
    /// Empty the input buffer.
    ClearInput,
    /// Speak these sentences.
    Say { response: ResponseId, sentences: Vec<String>, manner: Manner },
    /// Make these sentences ahead, because they will probably be needed.
    Rehearse { sentences: Vec<String>, manner: Manner },
    /// Make no more of a response; what is made is still played.
    StopMaking(ResponseId),
    /// Fall silent at once, and answer with [`Input::Hushed`].
    Hush { asked: bool },
    /// End the call.
    HangUp,
}

/// What a session is made of.
#[derive(Debug)]
pub(crate) struct Beginning<'a> {
    /// Makes every identifier of the session unique.
    pub(crate) seed: String,
    /// What the key or the call asked for.
    pub(crate) config: Option<&'a SessionConfig>,
    /// The time of day when the call begins, in the engine's zone.
    pub(crate) clock: Zoned,
    /// How long an answer is thought about.
    pub(crate) think: Duration,
    /// Whether speech can be understood.
    pub(crate) hearing: Hearing,
    /// The longest a call may last.
    pub(crate) longest: Duration,
}

/// The session that a key stands for, as the reply that brings the key shows it.
pub(crate) fn effective_session(id: SessionId, expires_at: u64, config: Option<&SessionConfig>) -> protocol::Session {
    Effective::new(id, expires_at, config).to_session()
}

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    ids: Ids,
    effective: Effective,
    conversation_id: ConversationId,
    talk: Conversation,
    clock: Zoned,
    think: Duration,
    hearing: Hearing,
    longest: Duration,
    channel: Channel,
    /// The item that the present speech will become.
    utterance: Option<ItemId>,
    /// Items whose words are awaited.
    awaited: BTreeMap<ItemId, Time>,
    active: Option<Active>,
    /// The response whose audio is on the wire, with its item.
    playing: Option<(ResponseId, ItemId)>,
    last_response: Option<ResponseId>,
    /// A turn ended while a response was active: answer it next.
    answer_next: bool,
    has_spoken: bool,
    /// Since when the user has been silent after an answer.
    idle_since: Option<Time>,
    effects: VecDeque<Effect>,
}

impl Session {
    /// A session whose channel is not open yet.
    pub(crate) fn new(beginning: Beginning<'_>) -> Self {
        let mut ids = Ids { seed: beginning.seed, count: 0 };
        let expires = beginning.clock.timestamp().as_second().max(0) as u64 + beginning.longest.as_secs();
        let effective = Effective::new(SessionId::new(ids.next("sess")), expires, beginning.config);
        Self {
            conversation_id: ConversationId::new(ids.next("conv")),
            ids,
            effective,
            talk: Conversation::default(),
            clock: beginning.clock,
            think: beginning.think,
            hearing: beginning.hearing,
            longest: beginning.longest,
            channel: Channel::Closed,
            utterance: None,
            awaited: BTreeMap::new(),
            active: None,
            playing: None,
            last_response: None,
            answer_next: false,
            has_spoken: false,
            idle_since: None,
            effects: VecDeque::new(),
        }
    }

    /// How to listen at the beginning.
    pub(crate) fn listening(&self) -> Listening {
        self.effective.listening()
    }

    /// The next thing to do.
    pub(crate) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Takes one input.
    pub(crate) fn handle_input(&mut self, now: Time, input: Input) {
        match input {
            Input::Opened => self.open(),
            Input::Client(Some(text)) => self.handle_client(now, &text),
            Input::Client(None) => self.refuse(None, not_text()),
            Input::SpeechStarted { at } => self.speech_started(now, at),
            Input::SpeechStopped { at } => self.speech_stopped(now, at),
            Input::Cut { item, event_id, length } => self.commit_cut(now, item, event_id, length),
            Input::Transcribed { item, words, length } => self.transcribed(now, &item, words, length),
            Input::Foreseen { words } => self.foresee(now, &words),
            Input::Made { response, sentence, length } => self.sentence_made(now, &response, sentence, length),
            Input::Unspeakable { response, reason } => self.unspeakable(&response, reason),
            Input::AudioStarted(response) => self.audio_started(now, response),
            Input::AudioDrained(response) => self.audio_drained(now, &response),
            Input::Hushed { cut, asked } => self.hushed(now, cut.as_ref(), asked),
        }
    }

    /// When [`Session::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        if self.channel != Channel::Open {
            return None;
        }
        [Some(self.longest), self.response_timeout(), self.idle_timeout()].into_iter().flatten().min()
    }

    /// Time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        if self.channel != Channel::Open {
            return;
        }
        if now >= self.longest {
            self.channel = Channel::Expired;
            self.refuse(None, expired());
            self.effects.push_back(Effect::HangUp);
            return;
        }
        if self.idle_timeout().is_some_and(|at| now >= at) {
            self.speak_up(now);
        }
        self.advance_response(now);
    }

    fn open(&mut self) {
        if self.channel != Channel::Closed {
            return;
        }
        self.channel = Channel::Open;
        self.send(SessionCreated { session: self.effective.to_session() });
        self.send(ConversationCreated {
            conversation: ConversationRef {
                id: Some(self.conversation_id.clone()),
                object: Some("realtime.conversation".into()),
            },
        });
    }

    /// The first event of a further connection to the session.
    pub(crate) fn greeting(&mut self) -> ServerMessage {
        let session = self.effective.to_session();
        self.message(SessionCreated { session })
    }

    fn message(&mut self, event: impl Into<ServerEvent>) -> ServerMessage {
        ServerMessage { event_id: Some(EventId::new(self.ids.next("event"))), event: event.into() }
    }

    fn send(&mut self, event: impl Into<ServerEvent>) {
        let message = self.message(event);
        self.effects.push_back(Effect::Send(Box::new(message)));
    }

    /// Tells the client that something was refused; the session goes on.
    fn refuse(&mut self, event_id: Option<EventId>, error: impl Into<ServiceError>) {
        let mut error = error.into();
        error.event_id = event_id;
        self.send(ErrorEvent { error });
    }

    /// The time of day at a time of the call.
    fn time_of_day(&self, now: Time) -> Zoned {
        let passed = jiff::SignedDuration::try_from(now).unwrap_or(jiff::SignedDuration::ZERO);
        self.clock.checked_add(passed).unwrap_or_else(|_| self.clock.clone())
    }
}

/// How far the event channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    /// Not open yet.
    Closed,
    /// Open.
    Open,
    /// The session is over.
    Expired,
}

/// Makes identifiers.
#[derive(Debug)]
struct Ids {
    seed: String,
    count: u64,
}

impl Ids {
    fn next(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}_{}{:05}", self.seed, self.count)
    }

    fn item(&mut self) -> ItemId {
        ItemId::new(self.next("item"))
    }
}

fn not_text() -> ServiceError {
    ServiceError {
        kind: "invalid_request_error".into(),
        code: Some(code::INVALID_EVENT.into()),
        message: "Events must be JSON text.".into(),
        ..ServiceError::default()
    }
}

fn expired() -> ServiceError {
    ServiceError {
        kind: "invalid_request_error".into(),
        code: Some(code::SESSION_EXPIRED.into()),
        message: "The session reached its longest duration.".into(),
        ..ServiceError::default()
    }
}

#[cfg(test)]
mod tests;
