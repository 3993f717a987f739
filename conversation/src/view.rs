//! What the user can see: a flat snapshot, with text already chosen.

use crate::input::Attachment;
use crate::list::List;
use crate::time::Time;
use protocol::context::{Lane, Scratchpad};
use std::sync::Arc;

/// The whole picture.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub struct View {
    /// What the conversation is doing.
    pub phase: Phase,
    /// How the link is; a fact beside the phase.
    pub link: Link,
    /// How the microphone is.
    pub microphone: Microphone,
    /// Whether the user closed the microphone.
    pub muted: bool,
    /// Whether the user is heard right now.
    pub user_speaking: bool,
    /// Whether the answer is turned down because the user may be speaking.
    pub ducked: bool,
    /// Whether the browser waits for a click before it plays audio.
    pub audio_blocked: bool,
    /// What can be done now.
    pub can: Can,
    /// What went wrong and what to do, if anything did.
    pub notice: Option<Notice>,
    /// What was said, in spoken order.
    pub transcript: List<Row>,
    /// The newest events, oldest first.
    pub log: List<LogLine>,
    /// How the last turn that was answered went.
    pub last_turn: Option<TurnSummary>,
    /// Events received whose type is unknown, and texts that were not events.
    pub odd_events: u32,
    /// Everything that was offered to the model, oldest first, with what became of it.
    pub context: List<ContextRow>,
    /// The sources that were asked for the newest turn.
    pub sources: List<SourceRow>,
    /// What was noted of the talk.
    pub notes: Arc<Scratchpad>,
    /// What the model is looking up by itself.
    pub search: Option<Search>,
    /// Whether nothing of the talk is stored.
    pub private: bool,
}

/// What the conversation is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing; no call.
    #[default]
    Idle,
    /// A call is being made.
    Connecting,
    /// It is the user's turn.
    Listening,
    /// The user's turn is over and the answer is awaited.
    Thinking,
    /// A source is being asked.
    Searching,
    /// The answer is heard.
    Speaking,
    /// It ended in a failure that needs the user.
    Failed,
}

/// How the link is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Link {
    /// There is none.
    #[default]
    Off,
    /// The first attempt is under way.
    Connecting,
    /// It works.
    Connected,
    /// It stopped answering a moment ago.
    Unstable,
    /// It was lost and is being made again.
    Reconnecting {
        /// Counts from 1.
        attempt: u32,
        /// When the next try begins; `None` while one is under way.
        retry_at: Option<Time>,
    },
    /// It was given up.
    Failed,
}

/// How the microphone is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Microphone {
    /// Not asked for.
    #[default]
    Off,
    /// The browser is asking the user.
    Asking,
    /// Open.
    On,
    /// It cannot be had; typing works.
    Unavailable,
}

/// What can be done now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is the state of one control on the page")]
pub struct Can {
    /// Begin to talk.
    pub connect: bool,
    /// End the talk.
    pub disconnect: bool,
    /// Close or open the microphone.
    pub mute: bool,
    /// Stop the answer.
    pub interrupt: bool,
    /// Send a typed turn.
    pub say: bool,
    /// Skip the countdown.
    pub retry: bool,
    /// Ask for the last answer again.
    pub ask_again: bool,
    /// Stop the search.
    pub cancel_search: bool,
}

/// Who must act on a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The user, at the microphone's permission or plug.
    Microphone,
    /// Whoever runs the network; it may heal by itself.
    Network,
    /// Whoever runs the service; it may heal by itself.
    Service,
    /// The service refused; somebody must change a setting.
    Refused,
    /// Us.
    Bug,
}

/// What one click on a notice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect again.
    Connect,
    /// Do not wait for the countdown.
    RetryNow,
    /// Ask for the microphone again.
    RetryMicrophone,
    /// Sign in.
    SignIn,
    /// Play audio.
    StartAudio,
    /// Ask for the answer again.
    AskAgain,
}

/// What went wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who must act.
    pub actor: Actor,
    /// What happened, in plain words.
    pub title: String,
    /// What to do.
    pub cure: String,
    /// What a click does about it.
    pub action: Option<Action>,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How far a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// Its words are not known yet.
    Waiting,
    /// Its words are arriving.
    Streaming,
    /// It is whole.
    Done,
    /// It was cut: `text` up to `heard` was heard.
    Interrupted,
    /// Its words could not be had, or the answer failed.
    Failed,
}

/// One row of the transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Stays the same while the row exists.
    pub key: u64,
    /// Who said it.
    pub speaker: Speaker,
    /// Whether it was typed.
    pub typed: bool,
    /// The words known.
    pub text: String,
    /// How many bytes of `text` were heard, at a character boundary. Equal to its length where nothing was cut.
    pub heard: usize,
    /// How far it is.
    pub state: RowState,
    /// What its sentences rest on, in their order; only of answers.
    pub citations: List<Citation>,
    /// What the user gave; such a row has no text.
    pub attachment: Option<Arc<Attachment>>,
}

/// A sentence of an answer and a fact that it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Counts the facts of the row from 1, in the order of their first use.
    pub label: u32,
    /// The fact's title.
    pub title: String,
    /// The configured name of its source.
    pub source: String,
    /// Where to read more; `http` or `https`.
    pub url: Option<String>,
    /// Whether the fact holds for a time only.
    pub ages: bool,
    /// Where in the row's text the sentence begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether the sentence is being heard.
    pub lit: bool,
}

/// Something that was offered to the model.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextRow {
    /// Stays the same while the row exists.
    pub key: u64,
    /// The turn it is for, from 1; 0 before the first.
    pub turn: u32,
    /// Its lane.
    pub lane: Lane,
    /// The configured name of its source.
    pub source: String,
    /// A short title.
    pub title: String,
    /// Where to read more; `http` or `https`.
    pub url: Option<String>,
    /// Whom to credit, as the source demands; may be empty.
    pub attribution: String,
    /// The text, as far as it is given.
    pub text: String,
    /// Its size, estimated at four characters a token.
    pub tokens: u32,
    /// When it was true, in seconds of Unix time.
    pub as_of: i64,
    /// What became of it.
    pub fate: Fate,
}

/// What became of something that was offered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It waits for the gate of its turn.
    Waiting,
    /// The model has it.
    Given {
        /// Since when.
        at: Time,
        /// Whether only its beginning fitted.
        cut: bool,
    },
    /// It was not given.
    Dropped(Why),
    /// It was given, and taken back when it had grown stale.
    Expired,
    /// It was given, and is gone with its call.
    Lost,
    /// It came too late for its turn, and is offered to the next.
    Late,
}

/// Why something was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its lane is full.
    Budget,
    /// The same was given already.
    Duplicate,
    /// It was no longer true.
    Expired,
    /// Its turn, and the next, went without it.
    Late,
    /// Nothing was left of it when everything that does not belong into a fact was taken out.
    Empty,
    /// The service did not take it.
    Refused,
}

/// A source that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Its configured name.
    pub name: String,
    /// Why it was chosen, in a few words.
    pub reason: String,
    /// How far it is.
    pub state: SourceState,
}

/// How far a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// It is being asked.
    Asking,
    /// It answered.
    Found {
        /// How many facts.
        count: u32,
        /// Whether the answer came from the server's cache.
        cached: bool,
        /// How long it took.
        elapsed_ms: u32,
    },
    /// It failed.
    Failed {
        /// Why, in a plain sentence.
        reason: String,
        /// How long it took.
        elapsed_ms: u32,
    },
    /// It was not asked, because it failed too often.
    Resting {
        /// For how long it is left alone, in seconds from when that was said.
        seconds: u32,
    },
    /// It did not answer in time.
    Late,
}

/// What the model is looking up by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The source that is asked; empty where all are that fit.
    pub source: String,
    /// What is looked up.
    pub what: String,
}

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the service.
    Received,
    /// To the service.
    Sent,
    /// From ourselves: a change of state, a failure.
    Note,
}

/// One line of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// Counts all lines from 0; stays the same while the line exists.
    pub key: u64,
    /// When.
    pub at: Time,
    /// Where from.
    pub direction: Direction,
    /// The event's type, or what changed.
    pub name: String,
    /// A short detail, without secrets and without what was said; may be empty.
    pub detail: String,
    /// How many of the same followed one another.
    pub count: u32,
}

/// How a turn went, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TurnSummary {
    /// Counts the turns of a session from 1.
    pub turn: u32,
    /// From the user's last audible sample (or a typed turn's sending) to the answer's first.
    pub gap_ms: Option<f64>,
    /// From the response's creation to the answer's first audible sample.
    pub response_ms: Option<f64>,
    /// From the user's onset to the answer turned down, where it was interrupted.
    pub duck_ms: Option<f64>,
}
