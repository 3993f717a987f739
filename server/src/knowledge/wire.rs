//! The memory's own types as they travel, and back.

use super::fresh_id;
use crate::ApiError;
use memory::{
    Batch, Correction, Detail, Direction, IdError, Kind, Link, Linked, MemoryId, Origin, Page, Relation, TalkId,
    Timestamp, TurnId,
};
use protocol::memory as wire;

/// What is to be remembered, said at a time. Memories without a name are given one.
///
/// # Errors
/// A name is no name.
pub(crate) fn to_batch(
    memories: Vec<wire::NewMemory>,
    links: Vec<wire::MemoryLink>,
    at: Timestamp,
) -> Result<Batch, ApiError> {
    let new = |new: wire::NewMemory| {
        Ok(memory::NewMemory {
            id: new.id.map_or_else(|| fresh_id().ok_or(ApiError::Internal), |id| to_id("id", id))?,
            kind: to_kind(new.kind),
            text: new.text,
            subject: new.subject.filter(|subject| !subject.trim().is_empty()),
            restricted: new.restricted,
            origin: new.origin.map(to_origin).transpose()?,
            at,
        })
    };
    let link = |link: wire::MemoryLink| {
        Ok(Link { from: to_id("from", link.from)?, relation: to_relation(link.relation), to: to_id("to", link.to)? })
    };
    Ok(Batch {
        memories: memories.into_iter().map(new).collect::<Result<_, ApiError>>()?,
        links: links.into_iter().map(link).collect::<Result<_, ApiError>>()?,
    })
}

/// The name of a memory as somebody gave it. Short enough to come back whole in a piece of context.
pub(crate) fn to_id(field: &str, text: String) -> Result<MemoryId, ApiError> {
    if text.chars().count() > LONGEST_ID {
        return Err(ApiError::BadRequest(format!("`{field}`: an id may have at most {LONGEST_ID} characters")));
    }
    MemoryId::new(text).map_err(|error| no_id(field, error))
}

fn to_origin(origin: wire::MemoryOrigin) -> Result<Origin, ApiError> {
    Ok(Origin {
        talk: TalkId::new(origin.talk).map_err(|error| no_id("talk", error))?,
        turn: TurnId::new(origin.turn).map_err(|error| no_id("turn", error))?,
    })
}

fn no_id(field: &str, error: IdError) -> ApiError {
    ApiError::BadRequest(format!("`{field}`: {error}"))
}

/// What the user changes.
pub(crate) fn correction(correction: wire::MemoryCorrection) -> Correction {
    Correction {
        text: correction.text,
        subject: correction.subject,
        restricted: correction.restricted,
        kind: correction.kind.map(to_kind),
    }
}

/// A memory as it travels.
pub(crate) fn entry(memory: memory::Memory) -> wire::Memory {
    let origin = |origin: Origin| wire::MemoryOrigin {
        talk: origin.talk.as_str().to_owned(),
        turn: origin.turn.as_str().to_owned(),
    };
    wire::Memory {
        id: memory.id.as_str().to_owned(),
        kind: from_kind(memory.kind),
        text: memory.text,
        subject: memory.subject,
        restricted: memory.restricted,
        origin: memory.origin.map(origin),
        created: memory.created.0,
        updated: memory.updated.0,
    }
}

/// A page of memories as it travels.
pub(crate) fn page(page: Page) -> wire::MemoryPage {
    wire::MemoryPage {
        memories: page.memories.into_iter().map(entry).collect(),
        next: page.next.map(memory::Cursor::to_text),
    }
}

/// A memory with what hangs on it as it travels.
pub(crate) fn detail(detail: Detail) -> wire::MemoryDetail {
    let linked = |linked: Linked| wire::LinkedMemory {
        relation: from_relation(linked.relation),
        outgoing: linked.direction == Direction::Outgoing,
        id: linked.id.as_str().to_owned(),
        kind: from_kind(linked.kind),
        text: linked.text,
    };
    wire::MemoryDetail { memory: entry(detail.memory), linked: detail.linked.into_iter().map(linked).collect() }
}

/// What was forgotten as it travels.
pub(crate) fn forgotten(forgotten: memory::Forgotten) -> wire::Forgotten {
    wire::Forgotten { memories: forgotten.memories, purged: forgotten.purged }
}

/// A kind from the wire.
pub(crate) fn to_kind(kind: wire::MemoryKind) -> Kind {
    match kind {
        wire::MemoryKind::Fact => Kind::Fact,
        wire::MemoryKind::Preference => Kind::Preference,
        wire::MemoryKind::Person => Kind::Person,
        wire::MemoryKind::Place => Kind::Place,
        wire::MemoryKind::Project => Kind::Project,
        wire::MemoryKind::Decision => Kind::Decision,
        wire::MemoryKind::Todo => Kind::Todo,
        wire::MemoryKind::Turn => Kind::Turn,
    }
}

fn from_kind(kind: Kind) -> wire::MemoryKind {
    match kind {
        Kind::Fact => wire::MemoryKind::Fact,
        Kind::Preference => wire::MemoryKind::Preference,
        Kind::Person => wire::MemoryKind::Person,
        Kind::Place => wire::MemoryKind::Place,
        Kind::Project => wire::MemoryKind::Project,
        Kind::Decision => wire::MemoryKind::Decision,
        Kind::Todo => wire::MemoryKind::Todo,
        Kind::Turn => wire::MemoryKind::Turn,
    }
}

fn to_relation(relation: wire::MemoryRelation) -> Relation {
    match relation {
        wire::MemoryRelation::DecidedBy => Relation::DecidedBy,
        wire::MemoryRelation::About => Relation::About,
        wire::MemoryRelation::MentionedIn => Relation::MentionedIn,
        wire::MemoryRelation::Involves => Relation::Involves,
        wire::MemoryRelation::AssignedTo => Relation::AssignedTo,
        wire::MemoryRelation::Replaces => Relation::Replaces,
        wire::MemoryRelation::RelatedTo => Relation::RelatedTo,
    }
}

fn from_relation(relation: Relation) -> wire::MemoryRelation {
    match relation {
        Relation::DecidedBy => wire::MemoryRelation::DecidedBy,
        Relation::About => wire::MemoryRelation::About,
        Relation::MentionedIn => wire::MemoryRelation::MentionedIn,
        Relation::Involves => wire::MemoryRelation::Involves,
        Relation::AssignedTo => wire::MemoryRelation::AssignedTo,
        Relation::Replaces => wire::MemoryRelation::Replaces,
        Relation::RelatedTo => wire::MemoryRelation::RelatedTo,
    }
}

const LONGEST_ID: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_relations_travel_under_their_own_names() {
        for kind in Kind::ALL {
            assert_eq!(from_kind(kind).name(), kind.name());
            assert_eq!(to_kind(from_kind(kind)), kind);
        }
        for relation in Relation::ALL {
            assert_eq!(serde_json::json!(from_relation(relation)), relation.name());
            assert_eq!(to_relation(from_relation(relation)), relation);
        }
    }
}
