//! Everything the core can be told.

use crate::config::ContextPolicy;
use crate::time::Ms;
use protocol::api::error_code;
use protocol::context::ContextEvent;
use protocol::{CallId, EphemeralKey};

/// Numbers the attempts to connect; an answer for an attempt that is over is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u32);

/// Numbers the look-ups; an answer to one that is over or cancelled is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookUpId(pub u32);

/// Numbers the errands, and says of which kind each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrandId {
    /// To remember something.
    Remember(u32),
    /// To watch something.
    Watch(u32),
    /// To watch it no more.
    Unwatch(u32),
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The user wants something.
    Intent(Intent),
    /// News of the call.
    Link(Attempt, LinkInput),
    /// News of the microphone, for the attempt that asked for it.
    Microphone(Attempt, MicrophoneInput),
    /// A text arrived on the data channel, as it came.
    Received(Attempt, String),
    /// How loud the microphone is: root mean square of one block of about 10 ms, 0 to 1.
    MicrophoneLevel(f32),
    /// How loud the received track is, before our own gain: root mean square of one block of about 10 ms, 0 to 1.
    PlaybackLevel(f32),
    /// The browser will not play audio until the user has clicked (`true`), or plays it now (`false`).
    AudioBlocked(bool),
    /// The browser believes that it has a network, or none.
    Online(bool),
    /// The page can be seen, or not.
    Visible(bool),
    /// News of a look-up: one line of the answer, when it arrives.
    Context(LookUpId, ContextEvent),
    /// A look-up's answer has ended, or it has failed.
    ContextEnded(LookUpId, Option<HttpFailure>),
    /// What the server's operator chose for the talk; told before the key of the call that it is for.
    Policy(Box<ContextPolicy>),
    /// An errand was run, with the body of the answer, or not.
    Ran(ErrandId, Result<String, HttpFailure>),
}

/// What the user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Begin to talk.
    Connect,
    /// End the talk.
    Disconnect,
    /// Close (`true`) or open the microphone.
    Mute(bool),
    /// Stop the answer.
    Interrupt,
    /// Something is being typed.
    Typing,
    /// A typed turn.
    Say(String),
    /// Do not wait for the countdown.
    RetryNow,
    /// Ask for the last answer again.
    AskAgain,
    /// Play audio, now that the user has clicked.
    StartAudio,
    /// Ask for the microphone again.
    RetryMicrophone,
    /// Sign in, because the server does not know any more who this is.
    SignIn,
    /// Take away the shown failure.
    Dismiss,
    /// Store nothing of this talk (`true`), or store again.
    KeepPrivate(bool),
    /// Use nothing any more of what was recalled: something of it was forgotten or corrected.
    DropRecalled,
    /// Stop the search that is shown; the model answers without it.
    CancelSearch,
    /// Give the model a picture or a text; it is part of the next turn.
    Attach(Attachment),
}

/// Something that the user gives besides words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, as of a file.
    pub name: String,
    /// What it is.
    pub kind: AttachmentKind,
}

/// What an attachment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentKind {
    /// A picture.
    Image {
        /// A data URI of PNG or JPEG.
        data_url: String,
    },
    /// A document or a table.
    Text {
        /// Its text.
        text: String,
    },
}

/// News of the call of one attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkInput {
    /// There is a key.
    KeyMinted {
        /// The key.
        key: EphemeralKey,
    },
    /// There is no key.
    KeyRefused(HttpFailure),
    /// The far end answered the offer.
    Answered {
        /// The call, where the answer named it.
        call_id: Option<CallId>,
    },
    /// The far end refused the offer.
    CallRefused(HttpFailure),
    /// The data channel is open.
    ChannelOpened,
    /// The data channel is closed.
    ChannelClosed,
    /// The peer connection changed its state.
    Peer(PeerState),
    /// The browser itself failed: no WebRTC, or an exception.
    Browser(String),
}

/// The states of a peer connection that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerState {
    /// Checking.
    Connecting,
    /// Media can flow.
    Connected,
    /// No answer for a while; it may come back.
    Disconnected,
    /// It will not come back.
    Failed,
    /// It was closed.
    Closed,
}

/// Why a request had no good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpFailure {
    /// Nobody answered.
    Unreachable,
    /// The answer did not come in time.
    TimedOut,
    /// The answer was an error.
    Status {
        /// The HTTP status.
        status: u16,
        /// The stable word of the error body, where there was one.
        code: Option<String>,
        /// The sentence of the error body.
        message: Option<String>,
        /// When to try again, where the answer said so.
        retry_after: Option<Ms>,
    },
    /// The answer was not what it should be.
    Malformed(String),
}

impl HttpFailure {
    /// Whether the server does not know who asks.
    pub(crate) fn is_signed_out(&self) -> bool {
        matches!(self, Self::Status { code: Some(code), .. } if code == error_code::LOGIN_REQUIRED)
    }
}

/// News of the microphone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicrophoneInput {
    /// It is open.
    Ready {
        /// The device's name, where the browser tells it.
        label: Option<String>,
    },
    /// It cannot be had.
    Refused(MicrophoneError),
    /// It was unplugged or taken away.
    Ended,
}

/// Why there is no microphone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicrophoneError {
    /// The user or the browser said no.
    Denied,
    /// There is none.
    Missing,
    /// Another program has it.
    InUse,
    /// The page is not in a secure context, so the browser offers none.
    Insecure,
    /// The browser knows no microphones.
    Unsupported,
    /// Something else, in the browser's words.
    Other(String),
}
