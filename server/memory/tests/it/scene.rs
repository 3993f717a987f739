//! What the tests remember: a small project with its people.

use memory::{
    Batch, Kind, Link, MemoryId, NewMemory, Origin, RecallLine, RecallOptions, Relation, TalkId, Timestamp, TurnId,
    UserId,
};

/// When it all was said.
pub(crate) const MARCH: Timestamp = Timestamp(1_772_000_000_000);
/// When it is asked for.
pub(crate) const APRIL: Timestamp = Timestamp(1_775_000_000_000);

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(crate) fn id(name: &str) -> MemoryId {
    MemoryId::new(name).unwrap()
}

/// A memory without anything special about it.
pub(crate) fn memory(name: &str, kind: Kind, text: &str) -> NewMemory {
    NewMemory { id: id(name), kind, text: text.into(), subject: None, restricted: false, origin: None, at: MARCH }
}

pub(crate) fn said_in(talk: &str, turn: &str, memory: NewMemory) -> NewMemory {
    let origin = Origin { talk: TalkId::new(talk).unwrap(), turn: TurnId::new(turn).unwrap() };
    NewMemory { origin: Some(origin), ..memory }
}

pub(crate) fn restricted(memory: NewMemory) -> NewMemory {
    NewMemory { restricted: true, ..memory }
}

pub(crate) fn link(from: &str, relation: Relation, to: &str) -> Link {
    Link { from: id(from), relation, to: id(to) }
}

/// Three lines in April.
pub(crate) fn options() -> RecallOptions {
    RecallOptions { embed_within: std::time::Duration::from_secs(5), ..RecallOptions::at(APRIL) }
}

pub(crate) fn ids(lines: &[RecallLine]) -> Vec<&str> {
    lines.iter().map(|line| line.id.as_str()).collect()
}

/// Two talks about a project: a decision with the one who took it, what it is about, the turn it was said in, and
/// other things beside it.
pub(crate) fn falcon() -> Batch {
    Batch {
        memories: vec![
            memory("anna", Kind::Person, "Anna Lindqvist leads the Falcon team"),
            memory("falcon", Kind::Project, "Falcon, the new telescope control software"),
            said_in(
                "talk-1",
                "turn-7",
                memory("turn-7", Kind::Turn, "Anna said fine, then let us move it to the fourteenth of March"),
            ),
            said_in(
                "talk-1",
                "turn-7",
                memory("deadline", Kind::Decision, "The deadline of Falcon moves to the 14th of March"),
            ),
            said_in("talk-2", "turn-2", memory("tea", Kind::Preference, "Prefers green tea in the morning")),
            said_in("talk-2", "turn-3", memory("bike", Kind::Todo, "Take the bicycle to the repair shop")),
            restricted(memory("blood", Kind::Fact, "Takes medication for high blood pressure")),
        ],
        links: vec![
            link("deadline", Relation::DecidedBy, "anna"),
            link("deadline", Relation::About, "falcon"),
            link("deadline", Relation::MentionedIn, "turn-7"),
        ],
    }
}
