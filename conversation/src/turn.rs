//! One turn: its stamps, from the user's first sound to the end of the answer, its summary and its record.

use crate::time::{Ms, Time};
use crate::view::TurnSummary;
use protocol::api::TurnRecord;
use protocol::{ItemId, ResponseId, Usage};
use std::collections::BTreeMap;

/// A moment of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    Onset,
    SpeechStarted,
    LastAudible,
    SpeechStopped,
    Committed,
    Transcript,
    GateOpened,
    Gate,
    ResponseCreated,
    AudioStarted,
    FirstAudible,
    Interrupted,
    ResponseDone,
    AudioStopped,
}

/// The names of the stamps in a record, in their order.
const NAMES: [&str; 14] = [
    "onset",
    "speech_started",
    "last_audible",
    "speech_stopped",
    "committed",
    "transcript",
    "gate_opened",
    "gate",
    "response_created",
    "audio_started",
    "first_audible",
    "interrupted",
    "response_done",
    "audio_stopped",
];

/// How a turn begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The user speaks.
    #[default]
    Spoken,
    /// The user writes, or asks for the answer again.
    Typed,
    /// There is news.
    Told,
}

/// One turn.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) failed: bool,
    /// Whether the answer is spoken, so that its end is the end of its sound.
    pub(crate) spoken_answer: bool,
    pub(crate) item: Option<ItemId>,
    pub(crate) response: Option<ResponseId>,
    pub(crate) stamps: [Option<Time>; NAMES.len()],
    pub(crate) duck: Option<Ms>,
    pub(crate) usage: Option<Usage>,
}

impl Turn {
    pub(crate) fn at(&self, stamp: Stamp) -> Option<Time> {
        self.stamps[stamp as usize]
    }

    /// Sets a stamp, once.
    pub(crate) fn stamp(&mut self, stamp: Stamp, at: Time) {
        self.stamps[stamp as usize].get_or_insert(at);
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.at(Stamp::ResponseDone).is_some() && (!self.spoken_answer || self.at(Stamp::AudioStopped).is_some())
    }

    pub(crate) fn outcome(&self) -> &'static str {
        if self.failed {
            "failed"
        } else if self.at(Stamp::Interrupted).is_some() {
            "interrupted"
        } else if self.at(Stamp::ResponseDone).is_some() {
            "answered"
        } else {
            "unanswered"
        }
    }

    pub(crate) fn summary(&self) -> TurnSummary {
        let heard = self.at(Stamp::FirstAudible);
        let since = |earlier: Option<Time>| Some(heard?.as_millis() - earlier?.as_millis());
        let over = if self.kind == Kind::Typed { Stamp::Committed } else { Stamp::LastAudible };
        TurnSummary {
            turn: self.number,
            gap_ms: since(self.at(over)),
            response_ms: since(self.at(Stamp::ResponseCreated)),
            duck_ms: self.duck.map(|duck| duck.0 as f64),
        }
    }

    pub(crate) fn record(self) -> TurnRecord {
        // One after the other: to collect them would sort them first, by code that nothing else needs.
        let mut stamps = BTreeMap::new();
        for (name, at) in NAMES.iter().zip(self.stamps) {
            if let Some(at) = at {
                stamps.insert((*name).to_owned(), at.as_millis());
            }
        }
        TurnRecord {
            turn: self.number,
            kind: match self.kind {
                Kind::Spoken => "spoken",
                Kind::Typed => "typed",
                Kind::Told => "told",
            }
            .to_owned(),
            outcome: self.outcome().to_owned(),
            stamps,
            usage: self.usage,
        }
    }
}
