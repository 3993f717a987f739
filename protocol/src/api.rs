//! The bodies of our own HTTP API, shared by the page and the server.

use crate::context::Budgets;
use crate::memory::KnowledgeStatus;
use crate::reader::{self, Fields, readable};
use crate::{ParseError, Usage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer of `POST /session` and `GET /session`, as the client reads it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionReply {
    /// The key for one call.
    pub value: crate::EphemeralKey,
    /// When it expires, in seconds of Unix time.
    pub expires_at: u64,
    /// What the server's operator chose for the talk.
    pub talk: Option<Talk>,
}

/// What the server's operator chose for a talk that the service does not need to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Talk {
    /// The preset that the key was minted with.
    pub preset: String,
    /// The presets there are.
    pub presets: Vec<String>,
    /// What of the preset `POST /session` may change, by the names of the settings, such as `voice`.
    pub allow: Vec<String>,
    /// How look-ups and answers meet: `parallel`, `sequential` or `hybrid`; `off` where there is nothing to look up.
    pub strategy: String,
    /// How long an answer waits for look-ups, in milliseconds.
    pub deadline_ms: u32,
    /// How many tokens of what is found the model is given, by lane.
    pub budgets: Budgets,
    /// What the model is told at the beginning of each call, before anything that is found.
    pub house_rules: Vec<String>,
    /// What is said when a look-up takes long; empty for nothing.
    pub filler: String,
    /// When it is said, in milliseconds after the look-up began.
    pub filler_after_ms: u32,
    /// For how long nobody has said anything when news of what is watched is told, in milliseconds; 0 is never, and then
    /// it waits for the user's next turn.
    pub announce_after_ms: u32,
    /// Whether anything is watched for the user, so that following it is worth while.
    pub watches: bool,
}

impl SessionReply {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong; the error does not repeat the key.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        reader::parse(text, "session")
    }

    /// The body of the answer, with the key in clear: for the response to the client, and nothing else.
    pub fn expose(&self) -> serde_json::Value {
        let mut body = serde_json::json!({ "value": self.value.expose(), "expires_at": self.expires_at });
        if let Some(talk) = &self.talk {
            body["talk"] = serde_json::json!(talk);
        }
        body
    }
}

/// The body of every error of our own API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// A stable word for programs; see [`error_code`].
    pub code: String,
    /// What is wrong and what to do, for a person.
    pub message: String,
    /// Names the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

readable! {
    SessionReply { value, expires_at, talk }
    ErrorBody { code, message, request_id }
}

readable! {
    Talk: |value, faults| {
        let mut fields = Fields::of(value, faults);
        Self {
            preset: fields.read("preset"),
            presets: fields.read("presets"),
            allow: fields.read("allow"),
            strategy: fields.read("strategy"),
            deadline_ms: fields.read("deadline_ms"),
            budgets: fields.read_or_default("budgets"),
            house_rules: fields.read_or_default("house_rules"),
            filler: fields.read("filler"),
            filler_after_ms: fields.read("filler_after_ms"),
            announce_after_ms: fields.read_or_default("announce_after_ms"),
            watches: fields.read_or_default("watches"),
        }
    };
}

impl ErrorBody {
    /// Reads the body of an error.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        reader::parse(text, "error")
    }
}

/// The stable words of [`ErrorBody::code`].
pub mod error_code {
    /// The upstream could not be reached or broke off.
    pub const UPSTREAM_UNREACHABLE: &str = "upstream_unreachable";
    /// The upstream did not answer in time.
    pub const UPSTREAM_TIMEOUT: &str = "upstream_timeout";
    /// The upstream refused the key.
    pub const UPSTREAM_KEY_REFUSED: &str = "upstream_key_refused";
    /// The upstream has too much to do.
    pub const UPSTREAM_BUSY: &str = "upstream_busy";
    /// The upstream refused for another reason, which the message names.
    pub const UPSTREAM_REFUSED: &str = "upstream_refused";
    /// The upstream answered what it should not.
    pub const UPSTREAM_MALFORMED: &str = "upstream_malformed";
    /// The upstream does not offer the model, or not any more, or not to this account.
    pub const UPSTREAM_MODEL_GONE: &str = "upstream_model_gone";
    /// The upstream has ended the session that was asked for.
    pub const UPSTREAM_SESSION_EXPIRED: &str = "upstream_session_expired";
    /// The upstream and this server do not speak the same form of the protocol.
    pub const UPSTREAM_BETA_SHAPE: &str = "upstream_beta_shape";
    /// The lasting key cannot be had from where the server is to get it.
    pub const KEY_UNAVAILABLE: &str = "key_unavailable";
    /// There is no such preset.
    pub const UNKNOWN_PRESET: &str = "unknown_preset";
    /// A field of the session may not be chosen by the client.
    pub const FIELD_REFUSED: &str = "field_refused";
    /// The upstream failed by its own fault.
    pub const UPSTREAM_FAILED: &str = "upstream_failed";
    /// Whoever asks has to say who they are, at `/login` or with a token.
    pub const LOGIN_REQUIRED: &str = "login_required";
    /// Somebody was not logged in; the message says why.
    pub const LOGIN_FAILED: &str = "login_failed";
    /// Too many keys were asked for within a minute.
    pub const TOO_MANY_KEYS: &str = "too_many_keys";
    /// Too many calls go on at the same time.
    pub const TOO_MANY_CALLS: &str = "too_many_calls";
    /// Too much was looked up within a minute.
    pub const TOO_MANY_LOOKUPS: &str = "too_many_lookups";
    /// As much is watched for the user as may be.
    pub const TOO_MUCH_WATCHED: &str = "too_much_watched";
    /// Too many logins were tried from one address within a minute.
    pub const TOO_MANY_LOGINS: &str = "too_many_logins";
    /// The minutes of the day are used up.
    pub const MINUTES_USED_UP: &str = "minutes_used_up";
    /// The money of the day or the month is used up.
    pub const MONEY_USED_UP: &str = "money_used_up";
    /// Nothing was heard of a call that counts against a limit, so it was ended.
    pub const CALL_UNSEEN: &str = "call_unseen";
    /// The operator has closed the server.
    pub const CLOSED: &str = "closed";
    /// The server is ending: no more talks begin here.
    pub const ENDING: &str = "ending";
    /// The limits cannot be counted, so nobody is let in.
    pub const LIMITS_UNAVAILABLE: &str = "limits_unavailable";
    /// A call was asked for with a key that was not given to who asks.
    pub const KEY_UNKNOWN: &str = "key_unknown";
    /// A call was to be hung up that was not made here by who asks.
    pub const CALL_UNKNOWN: &str = "call_unknown";
    /// The address is longer than any of the server's.
    pub const URI_TOO_LONG: &str = "uri_too_long";
    /// A call was asked for without a key.
    pub const KEY_REQUIRED: &str = "key_required";
    /// A call was asked for with a key that is no ephemeral one.
    pub const LASTING_KEY_REFUSED: &str = "lasting_key_refused";
    /// The client took too long to send its request.
    pub const REQUEST_TIMEOUT: &str = "request_timeout";
    /// The request is malformed.
    pub const BAD_REQUEST: &str = "bad_request";
    /// The body is larger than allowed.
    pub const TOO_LARGE: &str = "too_large";
    /// The origin of the request is not allowed.
    pub const ORIGIN_REFUSED: &str = "origin_refused";
    /// The server is for its own machine alone, and the request came by another name or through a proxy.
    pub const THIS_MACHINE_ALONE: &str = "this_machine_alone";
    /// There is nothing at this address.
    pub const NOT_FOUND: &str = "not_found";
    /// The method does not fit the address.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// A fault of the server's own.
    pub const INTERNAL: &str = "internal";
}

/// The answer of `GET /status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// The server's version.
    pub version: String,
    /// Which far end answers.
    pub upstream: UpstreamStatus,
    /// The server's age in seconds.
    pub uptime_s: u64,
    /// Turns reported by clients since the start.
    pub turns: u64,
    /// The presets that `POST /session` may name, the one that is used unless it does first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<String>,
    /// The sources of context and the long-term memory.
    #[serde(flatten)]
    pub knowledge: KnowledgeStatus,
}

/// Which far end answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpstreamStatus {
    /// `engine` for the local one, `openai`, or `compatible`.
    pub kind: String,
    /// The host that is asked, without path or secrets.
    pub host: String,
    /// The model asked for.
    pub model: String,
    /// What the local engine can and cannot do here, in a sentence each; empty for a remote one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What one turn was like: the body of `POST /turns`.
///
/// Stamps are milliseconds on the client's own clock since the session began; a stamp that did not happen is absent.
/// No word that was said is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TurnRecord {
    /// Counts the turns of a session from 1.
    pub turn: u32,
    /// Whether it was `spoken` or `typed`, or the assistant `told` news unasked.
    pub kind: String,
    /// How it ended: `answered`, `interrupted`, `failed`, `unanswered`.
    pub outcome: String,
    /// Stamps by name: `onset`, `speech_started`, `last_audible`, `speech_stopped`, `committed`, `transcript`,
    /// `gate_opened` where look-ups are awaited, `gate`, `response_created`, `audio_started`, `first_audible`,
    /// `interrupted`, `response_done`, `audio_stopped`.
    pub stamps: BTreeMap<String, f64>,
    /// What the response cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl TurnRecord {
    /// The body of a report.
    pub fn to_json(&self) -> String {
        crate::writer::to_json(self)
    }
}
