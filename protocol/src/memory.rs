//! The long-term memory: the bodies of the routes below `/memory`, shared by the page and the server.
//!
//! Times are milliseconds of Unix time. `GET /memory/export` answers with a document of its own, which has the same
//! memories in the same form, all links between them, and a version.

use crate::ParseError;
use crate::reader::{self, Faults, Fields, Read, readable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::{self, Display, Formatter};

/// What sort of thing is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemoryKind {
    /// Something that is so.
    Fact,
    /// How the user likes things.
    Preference,
    /// Somebody.
    Person,
    /// A place.
    Place,
    /// A project or another standing topic that things are about.
    Project,
    /// Something that was decided.
    Decision,
    /// Something to be done.
    Todo,
    /// What was said in one turn of a talk.
    Turn,
}

impl MemoryKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Fact,
        Self::Preference,
        Self::Person,
        Self::Place,
        Self::Project,
        Self::Decision,
        Self::Todo,
        Self::Turn,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Preference => "preference",
            Self::Person => "person",
            Self::Place => "place",
            Self::Project => "project",
            Self::Decision => "decision",
            Self::Todo => "todo",
            Self::Turn => "turn",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Display for MemoryKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The turn that a memory comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryOrigin {
    /// The talk.
    pub talk: String,
    /// The turn in it.
    pub turn: String,
}

/// A memory as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Memory {
    /// Its id.
    pub id: String,
    /// What sort of thing it is.
    pub kind: MemoryKind,
    /// What is remembered, in words.
    pub text: String,
    /// Who or what it is about.
    pub subject: Option<String>,
    /// Personal data, which is given to a talk only where the server's policy allows it.
    pub restricted: bool,
    /// The turn it comes from; none when the user typed it in.
    pub origin: Option<MemoryOrigin>,
    /// When it was said.
    pub created: i64,
    /// When it was last corrected; as `created` when never.
    pub updated: i64,
}

/// What a link says of its two ends, read "from … to".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemoryRelation {
    /// A decision was taken by a person.
    DecidedBy,
    /// Something is about a project, person, place or fact.
    About,
    /// Something was said in a turn.
    MentionedIn,
    /// A person takes part in something.
    Involves,
    /// A to-do is to be done by a person.
    AssignedTo,
    /// A newer memory replaces an older one.
    Replaces,
    /// They belong together in some other way.
    RelatedTo,
}

impl MemoryRelation {
    /// All relations.
    pub const ALL: [Self; 7] = [
        Self::DecidedBy,
        Self::About,
        Self::MentionedIn,
        Self::Involves,
        Self::AssignedTo,
        Self::Replaces,
        Self::RelatedTo,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DecidedBy => "decided_by",
            Self::About => "about",
            Self::MentionedIn => "mentioned_in",
            Self::Involves => "involves",
            Self::AssignedTo => "assigned_to",
            Self::Replaces => "replaces",
            Self::RelatedTo => "related_to",
        }
    }

    /// The relation with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name() == name)
    }
}

/// A link between two memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryLink {
    /// The memory it goes out from.
    pub from: String,
    /// What it says.
    pub relation: MemoryRelation,
    /// The memory it points to.
    pub to: String,
}

/// A memory to be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMemory {
    /// Its id, so that remembering again after an uncertain failure changes nothing; the server makes one where there
    /// is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What sort of thing it is.
    pub kind: MemoryKind,
    /// What is remembered, in words.
    pub text: String,
    /// Who or what it is about, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether it is personal data.
    #[serde(default)]
    pub restricted: bool,
    /// The turn it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<MemoryOrigin>,
    /// The project it is about, by its name, which has or gets an entry of its own. Without a subject, that is its
    /// subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Who decided it, is to do it or takes part in it, by their names, each of whom has or gets an entry of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
}

impl NewMemory {
    /// Something of this kind, with nothing else known of it.
    pub fn new(kind: MemoryKind, text: String) -> Self {
        Self { id: None, kind, text, subject: None, restricted: false, origin: None, about: None, people: Vec::new() }
    }
}

/// The body of `POST /memory`: stored as a whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RememberRequest {
    /// What to remember.
    pub memories: Vec<NewMemory>,
    /// How it hangs together, and with what is remembered already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<MemoryLink>,
    /// The talk is private: the server refuses to store anything.
    #[serde(default)]
    pub private: bool,
}

impl RememberRequest {
    /// The body of the request.
    pub fn to_json(&self) -> String {
        crate::writer::to_json(self)
    }
}

/// The answer of `POST /memory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RememberReply {
    /// The ids in the order of the request. What says the same as a memory of its kind is that memory and has its id.
    pub ids: Vec<String>,
    /// How many memories are new, the entries of people and projects among them.
    pub added: usize,
    /// How many links are new.
    pub links: usize,
}

impl RememberReply {
    /// Reads the body of the answer.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        reader::parse(text, "memory")
    }
}

readable! {
    RememberReply: |value, faults| {
        let mut fields = Fields::of(value, faults);
        let (added, links): (u32, u32) = (fields.read("added"), fields.read("links"));
        Self { ids: fields.read("ids"), added: added as usize, links: links as usize }
    };
    MemoryDetail: |value, faults| {
        Self { memory: Memory::read(value, faults), linked: Fields::of(value, faults).read("linked") }
    };
}

readable! {
    MemoryOrigin { talk, turn }
    Memory { id, kind, text, subject, restricted, origin, created, updated }
    MemoryPage { memories, next }
    LinkedMemory { relation, outgoing, id, kind, text }
    MemoryStatus { kind, note }
}

impl Read for MemoryKind {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        Self::from_name(value.as_str().unwrap_or_default()).unwrap_or_else(|| {
            faults.note("expected the name of a kind of memory");
            Self::Fact
        })
    }
}

impl Read for MemoryRelation {
    fn read(value: &Value, _: &mut Faults) -> Self {
        // What a newer server says of two memories is that they belong together.
        Self::from_name(value.as_str().unwrap_or_default()).unwrap_or(Self::RelatedTo)
    }
}

impl MemoryPage {
    /// Reads the body of the answer.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        reader::parse(text, "memories")
    }
}

impl MemoryDetail {
    /// Reads the body of the answer.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        reader::parse(text, "memory")
    }
}

impl MemoryStatus {
    /// Reads how the memory is from the answer of `GET /status`; none where the server knows no memory.
    ///
    /// # Errors
    /// It is not JSON, or a field is missing or wrong.
    pub fn of_server(text: &str) -> Result<Option<Self>, ParseError> {
        reader::parse::<Whole>(text, "status").map(|whole| whole.memory)
    }

    /// Whether something can be stored and found.
    pub fn is_on(&self) -> bool {
        !matches!(self.kind.as_str(), "off" | "unavailable")
    }
}

/// The part of the answer of `GET /status` that the page needs.
struct Whole {
    memory: Option<MemoryStatus>,
}

impl Read for Whole {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        Self { memory: Fields::of(value, faults).read("memory") }
    }
}

/// The answer of `GET /memory`: one page, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryPage {
    /// The memories.
    pub memories: Vec<Memory>,
    /// What to give as `page` to get the next; none when this is the last.
    pub next: Option<String>,
}

/// The answer of `GET /memory/{id}`: one memory and what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryDetail {
    /// The memory.
    #[serde(flatten)]
    pub memory: Memory,
    /// What hangs on it.
    pub linked: Vec<LinkedMemory>,
}

/// A memory seen through a link of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkedMemory {
    /// What the link says.
    pub relation: MemoryRelation,
    /// Whether the link goes out from the memory that is looked at, rather than pointing to it.
    pub outgoing: bool,
    /// The memory at the other end.
    pub id: String,
    /// What sort of thing it is.
    pub kind: MemoryKind,
    /// Its text.
    pub text: String,
}

/// The body of `PATCH /memory/{id}`; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemoryCorrection {
    /// The new text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The new subject; an empty one removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether it is personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted: Option<bool>,
    /// What sort of thing it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MemoryKind>,
}

impl MemoryCorrection {
    /// The body of the request.
    pub fn to_json(&self) -> String {
        crate::writer::to_json(self)
    }
}

/// The answer of `DELETE /memory/{id}`, `DELETE /memory/talks/{talk}` and `DELETE /memory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forgotten {
    /// How many memories are gone, with their search terms, vectors and links.
    pub memories: usize,
    /// Whether the files were cleaned of the old bytes already; when not, the next forgetting or the server's end does
    /// it.
    pub purged: bool,
}

/// The header without which `DELETE /memory` does nothing, so that a slip forgets nothing.
pub const CONFIRM_HEADER: &str = "x-colloquy-confirm";
/// What stands in [`CONFIRM_HEADER`].
pub const FORGET_EVERYTHING: &str = "forget-everything";

/// How the long-term memory is, as `GET /status` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryStatus {
    /// `sqlite`, `postgres`, or `temporary` for one that ends with the server; `off` where none is wanted, and
    /// `unavailable` where it failed to open.
    pub kind: String,
    /// What to know about it, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a source of context is, as `GET /status` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceState {
    /// Its configured name.
    pub name: String,
    /// What it is, for example `weather`.
    pub kind: String,
    /// Whether it is left alone for a while because it failed too often.
    pub resting: bool,
    /// What it does on its own, such as how many documents are indexed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How the sources of context and the long-term memory are, as `GET /status` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KnowledgeStatus {
    /// The sources of context.
    pub sources: Vec<SourceState>,
    /// The long-term memory.
    pub memory: MemoryStatus,
}

/// The stable words of [`ErrorBody::code`](crate::api::ErrorBody::code) that the memory has for itself.
pub mod error_code {
    /// There is no such memory.
    pub const UNKNOWN_MEMORY: &str = "unknown_memory";
    /// The server remembers nothing, or its database failed.
    pub const MEMORY_UNAVAILABLE: &str = "memory_unavailable";
    /// Memories are given only on the machine itself, as long as there are no accounts.
    pub const MEMORY_LOCAL_ONLY: &str = "memory_local_only";
    /// The talk is private, so nothing is stored.
    pub const PRIVATE_TALK: &str = "private_talk";
    /// Forgetting everything was asked for without its confirmation.
    pub const CONFIRMATION_REQUIRED: &str = "confirmation_required";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_relation_is_sent_by_its_name() {
        for kind in MemoryKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
            assert_eq!(MemoryKind::from_name(kind.name()), Some(kind));
        }
        for relation in MemoryRelation::ALL {
            assert_eq!(serde_json::to_string(&relation).unwrap(), format!("\"{}\"", relation.name()));
            assert_eq!(MemoryRelation::from_name(relation.name()), Some(relation));
        }
    }

    #[test]
    fn a_misspelt_correction_is_refused_instead_of_changing_nothing() {
        assert!(serde_json::from_str::<MemoryCorrection>("{\"txt\":\"x\"}").is_err());
        let correction: MemoryCorrection = serde_json::from_str("{\"subject\":\"\"}").unwrap();
        assert_eq!(correction.subject.as_deref(), Some(""));
    }

    #[test]
    fn a_memory_is_read_as_it_was_written() {
        let memory = Memory {
            id: "m1".into(),
            kind: MemoryKind::Decision,
            text: "Ship in May".into(),
            subject: None,
            restricted: true,
            origin: Some(MemoryOrigin { talk: "t".into(), turn: "3".into() }),
            created: -1,
            updated: 5,
        };
        let linked = LinkedMemory {
            relation: MemoryRelation::DecidedBy,
            outgoing: true,
            id: "m2".into(),
            kind: MemoryKind::Person,
            text: "Ana".into(),
        };
        let page = MemoryPage { memories: vec![memory.clone()], next: Some("c".into()) };
        assert_eq!(MemoryPage::parse(&serde_json::to_string(&page).unwrap()).ok(), Some(page));
        let detail = MemoryDetail { memory, linked: vec![linked] };
        assert_eq!(MemoryDetail::parse(&serde_json::to_string(&detail).unwrap()).ok(), Some(detail));
    }

    #[test]
    fn every_relation_is_read_by_its_name() {
        use MemoryRelation::{About, AssignedTo, DecidedBy, Involves, MentionedIn, RelatedTo, Replaces};
        for relation in [DecidedBy, About, MentionedIn, Involves, AssignedTo, Replaces, RelatedTo] {
            let name = serde_json::to_value(relation).unwrap();
            assert_eq!(MemoryRelation::read(&name, &mut Faults::default()), relation);
        }
    }

    #[test]
    fn the_status_of_the_memory_is_found_among_the_servers_own() {
        let memory = |text: &str| MemoryStatus::of_server(text).unwrap().map(|memory| memory.is_on());
        assert_eq!(memory("{\"version\":\"1\",\"memory\":{\"kind\":\"sqlite\"}}"), Some(true));
        assert_eq!(memory("{\"memory\":{\"kind\":\"off\"}}"), Some(false));
        assert_eq!(memory("{}"), None);
    }

    #[test]
    fn one_memory_is_enough_said() {
        let request: RememberRequest =
            serde_json::from_str("{\"memories\":[{\"kind\":\"fact\",\"text\":\"x\"}]}").unwrap();
        assert!(!request.private && request.links.is_empty() && !request.memories[0].restricted);
    }
}
