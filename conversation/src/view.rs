//! What the user can see: a flat snapshot, with text already chosen.

use crate::list::List;
use crate::time::Time;

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
