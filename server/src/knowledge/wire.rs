//! The memory's own types as they travel, and back.

use super::fresh_id;
use crate::ApiError;
use memory::{
    Batch, Correction, Detail, Direction, IdError, Kind, Link, Linked, MAX_SUBJECT_CHARS, MemoryId, NewMemory, Origin,
    Page, Relation, TalkId, Timestamp, TurnId,
};
use protocol::memory as wire;

/// What is to be remembered, said at a time; behind it the entries of the people and projects that it names, linked with
/// it. Memories without a name are given one.
///
/// # Errors
/// A name is no name.
pub(crate) fn to_batch(
    memories: Vec<wire::NewMemory>,
    links: Vec<wire::MemoryLink>,
    at: Timestamp,
) -> Result<Batch, ApiError> {
    let mut entries = Vec::new();
    let mut links_to_entries = Vec::new();
    let mut new = |new: wire::NewMemory| {
        let names = |text: String| Some(text.trim().to_owned()).filter(|name| !name.is_empty());
        let about = new.about.and_then(names);
        let subject = new.subject.and_then(names);
        let told = NewMemory {
            id: new.id.map_or_else(|| fresh_id().ok_or(ApiError::Internal), |id| to_id("id", id))?,
            kind: new.kind,
            text: new.text,
            subject: subject.or_else(|| about.as_ref().map(|about| about.chars().take(MAX_SUBJECT_CHARS).collect())),
            restricted: new.restricted,
            origin: new.origin.map(to_origin).transpose()?,
            at,
        };
        let people = new.people.into_iter().filter_map(names).map(|name| (Kind::Person, how(told.kind), name));
        let about = about.into_iter().map(|name| (Kind::Project, Relation::About, name));
        for (kind, relation, text) in people.chain(about).take(MOST_NAMES) {
            let id = fresh_id().ok_or(ApiError::Internal)?;
            links_to_entries.push(Link { from: told.id.clone(), relation, to: id.clone() });
            entries.push(NewMemory { id, kind, text, subject: None, ..told.clone() });
        }
        Ok(told)
    };
    let mut told = memories.into_iter().map(&mut new).collect::<Result<Vec<_>, ApiError>>()?;
    told.append(&mut entries);
    let link = |link: wire::MemoryLink| {
        Ok(Link { from: to_id("from", link.from)?, relation: link.relation, to: to_id("to", link.to)? })
    };
    links_to_entries.extend(links.into_iter().map(link).collect::<Result<Vec<_>, ApiError>>()?);
    Ok(Batch { memories: told, links: links_to_entries })
}

/// What somebody has to do with what they are named in.
fn how(kind: Kind) -> Relation {
    match kind {
        Kind::Decision => Relation::DecidedBy,
        Kind::Todo => Relation::AssignedTo,
        Kind::Fact | Kind::Preference | Kind::Person | Kind::Place | Kind::Project | Kind::Turn => Relation::Involves,
    }
}

/// The name of a memory as somebody gave it. Short enough to come back whole in a piece of context.
pub(crate) fn to_id(field: &str, text: String) -> Result<MemoryId, ApiError> {
    if text.chars().count() > LONGEST_ID {
        return Err(ApiError::BadRequest(format!("`{field}`: an id may have at most {LONGEST_ID} characters")));
    }
    // At this address is something else.
    if text == "export" {
        return Err(ApiError::BadRequest(format!("`{field}`: `export` is no id")));
    }
    MemoryId::new(text).map_err(|error| no_id(field, error))
}

/// The name of a talk as somebody gave it.
pub(crate) fn to_talk(talk: String) -> Result<TalkId, ApiError> {
    TalkId::new(talk).map_err(|error| no_id("talk", error))
}

fn to_origin(origin: wire::MemoryOrigin) -> Result<Origin, ApiError> {
    Ok(Origin { talk: to_talk(origin.talk)?, turn: TurnId::new(origin.turn).map_err(|error| no_id("turn", error))? })
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
        kind: correction.kind,
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
        kind: memory.kind,
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
        relation: linked.relation,
        outgoing: linked.direction == Direction::Outgoing,
        id: linked.id.as_str().to_owned(),
        kind: linked.kind,
        text: linked.text,
    };
    wire::MemoryDetail { memory: entry(detail.memory), linked: detail.linked.into_iter().map(linked).collect() }
}

/// What was forgotten as it travels.
pub(crate) fn forgotten(forgotten: memory::Forgotten) -> wire::Forgotten {
    wire::Forgotten { memories: forgotten.memories, purged: forgotten.purged }
}

const LONGEST_ID: usize = 80;
/// The most people and projects of one memory that get entries.
const MOST_NAMES: usize = 20;
