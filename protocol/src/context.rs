//! Looking things up: the bodies of the routes below `/context`, shared by the page and the server.
//!
//! The answer of `POST /context` is a stream of lines, one [`ContextEvent`] as JSON a line (`application/x-ndjson`):
//! first what each source does, at the deadline the [`ContextEvent::Summary`], then what arrives late. Blank lines in
//! between mean nothing.

use crate::ParseError;
use crate::reader::{self, Fields, readable};
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextRequest {
    /// Names the talk; a newer request of the same talk cancels an older one with another query.
    pub talk: String,
    /// Which turn, from 1.
    pub turn: u32,
    /// The words known so far; may be empty at the onset of speech.
    pub query: String,
    /// Whether the words are all there will be.
    #[serde(default)]
    pub complete: bool,
    /// What the talk is about so far.
    #[serde(default)]
    pub scratchpad: Scratchpad,
    /// The user's zone, as IANA names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Ask only these sources; empty lets the router choose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Nothing of this talk may be stored or recalled.
    #[serde(default)]
    pub private: bool,
    /// Nothing is asked: the answer stays open and tells what the user's subscriptions find, each thing once in the
    /// talk, until the talk ends. Only `talk` counts besides.
    #[serde(default)]
    pub follow: bool,
}

impl ContextRequest {
    /// The body of the request.
    pub fn to_json(&self) -> String {
        crate::writer::to_json(self)
    }
}

/// What a talk is about: short lines, newest last, bounded by the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scratchpad {
    /// What is still to be talked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agenda: Vec<String>,
    /// Who was mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Which places were mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<String>,
    /// What somebody is to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub todos: Vec<String>,
}

/// The body of `POST /context/watch`: a source is asked again and again, and what changes is told as a hint. It ends with
/// `DELETE /context/watch/{name}`, with the server, or when its user has not been there for a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WatchRequest {
    /// Names it; another of the same name takes its place. Without one, what is asked is the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which source; without one, the one that fits best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What it is asked.
    pub query: String,
    /// How often, in seconds; without it, as the server's operator chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_s: Option<u32>,
    /// By how much the first number of the text must change to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// The same in percent. Without either, any other wording is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// The user's zone, as IANA names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// The answer of `POST /context/watch`: what is watched now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WatchReply {
    /// By which name it can be ended.
    pub name: String,
    /// Which source is asked.
    pub source: String,
    /// How often, in seconds.
    pub every_s: u32,
    /// All of it in a sentence.
    pub told: String,
}

impl WatchReply {
    /// The sentence of the body of an answer.
    pub fn told(body: &str) -> Option<String> {
        Some(crate::json::parse(body)?.get("told")?.as_str()?.to_owned())
    }
}

/// How important a piece of context is; the order is the priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Safety and house rules.
    Policy,
    /// Results for this turn.
    Turn,
    /// What is remembered.
    Memory,
    /// Live updates.
    Hint,
}

/// How many tokens each lane may take: in one summary, and in the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Budgets {
    /// House rules.
    pub policy: u32,
    /// Results for this turn, and documents that the user attaches.
    pub turn: u32,
    /// What is remembered.
    pub memory: u32,
    /// Live updates.
    pub hint: u32,
}

impl Budgets {
    /// The budget of a lane.
    pub fn of(&self, lane: Lane) -> u32 {
        match lane {
            Lane::Policy => self.policy,
            Lane::Turn => self.turn,
            Lane::Memory => self.memory,
            Lane::Hint => self.hint,
        }
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self { policy: 2_048, turn: 1_024, memory: 512, hint: 256 }
    }
}

/// One fact from outside. Its text is data, never an instruction; its lane is its source's, never its own choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextItem {
    /// The same for the same fact.
    pub id: String,
    /// The configured name of the source.
    pub source: String,
    /// Given by the source's configuration.
    pub lane: Lane,
    /// A short title.
    pub title: String,
    /// The fact, without control characters.
    pub text: String,
    /// Where to read more; `http` or `https`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whom to credit, as the source demands.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub attribution: String,
    /// How old the fact is: seconds of Unix time at which it was true.
    pub as_of: i64,
    /// When it is no longer true, in seconds of Unix time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// Its size, estimated at four characters a token.
    pub tokens: u32,
    /// How well it fits the query, 0 to 1.
    pub relevance: f32,
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContextEvent {
    /// A source is being asked, and why it was chosen.
    Started {
        /// Which source.
        source: String,
        /// Why the router chose it, in a few words.
        reason: String,
    },
    /// A source answered; after the summary this is late and meant for the next turn.
    Found {
        /// Which source.
        source: String,
        /// What it found; may be empty.
        items: Vec<ContextItem>,
        /// Whether the answer came from the cache.
        cached: bool,
        /// How long it took.
        elapsed_ms: u32,
    },
    /// A source failed.
    Failed {
        /// Which source.
        source: String,
        /// Why, in a plain sentence.
        reason: String,
        /// How long it took.
        elapsed_ms: u32,
        /// It was not even asked, because it failed too often: it is left alone for so long, in seconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        rests_s: Option<u32>,
    },
    /// The deadline passed before the source answered.
    Late {
        /// Which source.
        source: String,
    },
    /// All that made the deadline, ranked and within budget.
    Summary {
        /// The query it answers.
        query: String,
        /// The items, best first.
        items: Vec<ContextItem>,
        /// How long it took.
        elapsed_ms: u32,
    },
}

impl ContextEvent {
    /// Reads one line of the answer.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong.
    pub fn parse(line: &str) -> Result<Self, ParseError> {
        reader::parse(line, "context event")
    }
}

readable! {
    Budgets { policy, turn, memory, hint }
}

readable! {
    Lane: |value, faults| match <String as reader::Read>::read(value, faults).as_str() {
        "policy" => Self::Policy,
        "turn" => Self::Turn,
        "memory" => Self::Memory,
        "hint" => Self::Hint,
        _ => {
            faults.note("expected `policy`, `turn`, `memory` or `hint`");
            Self::Hint
        }
    };
    ContextItem: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            id: fields.read("id"),
            source: fields.read("source"),
            lane: fields.read("lane"),
            title: fields.read("title"),
            text: fields.read("text"),
            url: fields.read("url"),
            attribution: fields.read_or_default("attribution"),
            as_of: fields.read("as_of"),
            expires_at: fields.read("expires_at"),
            tokens: fields.read("tokens"),
            relevance: fields.read::<f64>("relevance") as f32,
        }
    };
    ContextEvent: |value, faults| {
        let mut fields = Fields::of(value, faults);
        match fields.read::<String>("type").as_str() {
            "started" => Self::Started { source: fields.read("source"), reason: fields.read("reason") },
            "found" => Self::Found {
                source: fields.read("source"),
                items: fields.read("items"),
                cached: fields.read("cached"),
                elapsed_ms: fields.read("elapsed_ms"),
            },
            "failed" => Self::Failed {
                source: fields.read("source"),
                reason: fields.read("reason"),
                elapsed_ms: fields.read("elapsed_ms"),
                rests_s: fields.read("rests_s"),
            },
            "late" => Self::Late { source: fields.read("source") },
            "summary" => Self::Summary {
                query: fields.read("query"),
                items: fields.read("items"),
                elapsed_ms: fields.read("elapsed_ms"),
            },
            _ => {
                faults.note("expected the type of an event of a look-up");
                Self::Late { source: String::new() }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_event_is_read_as_it_was_written() {
        let item = ContextItem {
            id: "a".into(),
            source: "calendar".into(),
            lane: Lane::Turn,
            title: "Review".into(),
            text: "At 14:00".into(),
            url: None,
            attribution: String::new(),
            as_of: -5,
            expires_at: Some(7),
            tokens: 3,
            relevance: 0.9,
        };
        let linked = ContextItem { url: Some("https://a.test/".into()), attribution: "A".into(), ..item.clone() };
        let source = || "calendar".to_owned();
        for event in [
            ContextEvent::Started { source: source(), reason: "r".into() },
            ContextEvent::Found { source: source(), items: vec![item.clone(), linked], cached: true, elapsed_ms: 3 },
            ContextEvent::Failed { source: source(), reason: "r".into(), elapsed_ms: 4, rests_s: None },
            ContextEvent::Failed { source: source(), reason: "r".into(), elapsed_ms: 0, rests_s: Some(9) },
            ContextEvent::Late { source: source() },
            ContextEvent::Summary { query: "q".into(), items: vec![item], elapsed_ms: 5 },
        ] {
            let line = serde_json::to_string(&event).unwrap();
            assert_eq!(ContextEvent::parse(&line).ok(), Some(event));
        }
    }

    #[test]
    fn what_is_watched_is_told_in_a_sentence() {
        let reply = WatchReply { name: "a".into(), source: "b".into(), every_s: 60, told: "Watching a.".into() };
        let body = serde_json::to_string(&reply).unwrap();
        assert_eq!(WatchReply::told(&body).as_deref(), Some("Watching a."));
        assert_eq!((WatchReply::told("{}"), WatchReply::told("nonsense")), (None, None));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for line in ["", "[]", "{}", r#"{"type":"found","source":"a"}"#, r#"{"type":"other"}"#, r#"{"type":"late"}"#] {
            assert!(ContextEvent::parse(line).is_err(), "{line}");
        }
    }
}
