//! Everything the core can ask of the shell: plain data, performed in order.

use crate::input::{Attempt, ErrandId, LookUpId};
use crate::time::Ms;
use protocol::api::TurnRecord;
use protocol::context::ContextRequest;
use protocol::memory::RememberRequest;
use protocol::{CallId, EphemeralKey};

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask for the microphone; answered by [`crate::Input::Microphone`]. While a call and a microphone exist, the
    /// shell keeps the microphone's track attached to the call.
    AcquireMicrophone(Attempt),
    /// Stop the microphone's tracks.
    ReleaseMicrophone,
    /// Open or close the microphone's track without releasing it.
    EnableMicrophone(bool),
    /// What is asked of our server from now on belongs to a call of this W3C `traceparent`.
    Trace(String),
    /// Ask our server for a key; answered by `KeyMinted` or `KeyRefused`.
    MintKey(Attempt),
    /// Make a peer connection and its data channel, offer, and accept the answer; answered by `Answered` or
    /// `CallRefused`, then by `ChannelOpened` and `Peer`. A call that exists is closed first.
    OpenCall {
        /// The attempt that the answers name.
        attempt: Attempt,
        /// The key for the offer.
        key: EphemeralKey,
    },
    /// Drop the call and everything it owns.
    CloseCall(Attempt),
    /// Tell the service that a call is over; nobody waits for the answer.
    HangUp(CallId),
    /// Send an event on the data channel of the attempt: the text is a [`protocol::ClientMessage`] as it stands on the
    /// wire.
    Send(Attempt, String),
    /// Ramp the playback gain.
    SetGain {
        /// 0 to 1.
        gain: f32,
        /// Length of the ramp.
        over: Ms,
    },
    /// Start the audio context and the playback element, as the user has clicked.
    ResumeAudio,
    /// Open our server's page for signing in, beside this one.
    SignIn,
    /// Send a turn's record to our server; losing it is harmless.
    ReportTurn(TurnRecord),
    /// Ask our server to look something up; answered by any number of [`crate::Input::Context`] and one
    /// [`crate::Input::ContextEnded`]. Several can be under way.
    LookUp {
        /// Names the look-up in its answers.
        id: LookUpId,
        /// What to ask: the body of `POST /context`.
        request: ContextRequest,
    },
    /// Let go of a look-up that is under way; nobody waits for its answers any more.
    CancelLookUp(LookUpId),
    /// Have our server do something; answered by [`crate::Input::Ran`].
    Run {
        /// Names the errand in its answer.
        id: ErrandId,
        /// What to do.
        errand: Errand,
    },
}

/// Something that our server does once.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// Store something in the long-term memory: the body of `POST /memory`.
    Remember(RememberRequest),
    /// Watch something: the body of `POST /context/watch`.
    Watch(String),
    /// Watch it no more, by its name or in other words.
    Unwatch(String),
}
