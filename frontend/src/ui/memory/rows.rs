//! The rows of the memory's view.

use super::shelf::Shelf;
use crate::service::MemoryQuestion;
use crate::ui::age::{unix_now, words};
use crate::ui::markup::{Tag, button, tag};
use protocol::memory::{LinkedMemory, Memory, MemoryKind, MemoryOrigin, MemoryRelation};

/// Everything below the search.
pub(super) fn tags(shelf: &Shelf) -> Vec<Tag> {
    let now = unix_now();
    let rows = shelf.memories.iter().map(|memory| row(memory, shelf, now)).collect();
    let mut tags = vec![
        tag("p", "memory-said").named("memory-said").with("role", "status").text(shelf.said),
        tag("p", "memory-problem").named("memory-problem").with("role", "alert").text(&shelf.problem),
        tag("div", "memory-confirm")
            .with("role", "alert")
            .holds(shelf.confirming.as_ref().map_or_else(Vec::new, |question| confirm(question, shelf))),
        tag("ol", "memory-list").holds(rows),
    ];
    if shelf.next.is_some() {
        tags.push(button("more", "Show more", "").named("memory-more"));
    } else if shelf.memories.is_empty() && shelf.problem.is_empty() {
        tags.push(tag("p", "").named("memory-none").with("role", "status").text("Nothing here."));
    }
    tags
}

fn confirm(question: &MemoryQuestion, shelf: &Shelf) -> Vec<Tag> {
    let (what, words) = match question {
        MemoryQuestion::Forget(id) => {
            let memory = shelf.memories.iter().find(|memory| memory.id == *id);
            ("Forget this? It cannot be undone.", memory.map_or("", |memory| &memory.text))
        }
        MemoryQuestion::ForgetTalk(_) => ("Forget all that came from this talk? It cannot be undone.", ""),
        _ => ("Forget everything? It cannot be undone.", ""),
    };
    vec![
        tag("p", "").text(what),
        tag("p", "fact-text").text(words),
        button("confirm", "Forget", "").named("memory-confirm"),
        button("keep", "Keep", "").named("memory-keep"),
    ]
}

fn row(memory: &Memory, shelf: &Shelf, now: i64) -> Tag {
    let id = memory.id.as_str();
    let editing = shelf.editing.as_deref() == Some(id);
    let what = if editing {
        tag("textarea", "memory-text").named("memory-edit").with("aria-label", "What it should say").text(&memory.text)
    } else {
        tag("p", "memory-text").text(&memory.text)
    };
    let personal = vec![
        tag("input", "").named("memory-edit-personal").with("type", "checkbox"),
        tag("span", "").text("Personal: not for the assistant"),
    ];
    let mut tools = if editing {
        vec![button("save", "Save", id).named("memory-save"), button("cancel", "Cancel", id).named("memory-cancel")]
    } else {
        vec![button("correct", "Correct", id).named("memory-correct")]
    };
    tools.push(button("show", "What belongs to it", id).named("memory-show"));
    tools.push(button("forget", "Forget", id).named("memory-forget"));
    if let Some(origin) = &memory.origin {
        tools.push(button("ask-talk", "Forget this talk", &origin.talk).named("memory-forget-talk"));
    }
    let linked = shelf.linked.as_ref().filter(|(of, _)| of == id).map_or_else(Vec::new, |(_, linked)| links(linked));
    let row = tag("li", "").named("memory-row").with("data-id", id).with("data-kind", memory.kind.name());
    row.with("tabindex", "-1").holds(vec![
        tag("p", "facts").holds(facts(memory, now)),
        what,
        tag("label", "memory-personal").holds(if editing { personal } else { Vec::new() }),
        tag("ul", "memory-links").holds(linked),
        tag("p", "memory-buttons").holds(tools),
    ])
}

fn facts(memory: &Memory, now: i64) -> Vec<Tag> {
    let mut facts = vec![kind_words(memory.kind).to_owned()];
    if let Some(subject) = &memory.subject {
        facts.push(["about ", subject].concat());
    }
    facts.push(words(now - memory.created.div_euclid(1_000)));
    if memory.updated != memory.created {
        facts.push(["corrected or said again ", &words(now - memory.updated.div_euclid(1_000))].concat());
    }
    if memory.restricted {
        facts.push("personal".to_owned());
    }
    facts.push(memory.origin.as_ref().map_or_else(|| "typed in".to_owned(), origin_words));
    facts.iter().map(|fact| tag("span", "").text(fact)).collect()
}

fn origin_words(origin: &MemoryOrigin) -> String {
    let talk = origin.talk.strip_prefix("talk_").unwrap_or(&origin.talk);
    ["from turn ", &origin.turn, " of talk ", talk].concat()
}

fn links(linked: &[LinkedMemory]) -> Vec<Tag> {
    if linked.is_empty() {
        return vec![tag("li", "").holds(vec![tag("span", "").text("Nothing belongs to it.")])];
    }
    let link = |linked: &LinkedMemory| {
        let how = tag("span", "").text(&[how(linked.relation, linked.outgoing), ": "].concat());
        tag("li", "").holds(vec![how, button("go", &linked.text, &linked.id).named("memory-link")])
    };
    linked.iter().map(link).collect()
}

const fn kind_words(kind: MemoryKind) -> &'static str {
    match kind {
        MemoryKind::Fact => "Fact",
        MemoryKind::Preference => "Preference",
        MemoryKind::Person => "Person",
        MemoryKind::Place => "Place",
        MemoryKind::Project => "Project",
        MemoryKind::Decision => "Decision",
        MemoryKind::Todo => "To-do",
        MemoryKind::Turn => "Said",
    }
}

const fn how(relation: MemoryRelation, outgoing: bool) -> &'static str {
    match (relation, outgoing) {
        (MemoryRelation::DecidedBy, true) => "decided by",
        (MemoryRelation::DecidedBy, false) => "decided",
        (MemoryRelation::About, true) => "about",
        (MemoryRelation::About, false) | (MemoryRelation::RelatedTo, _) => "see also",
        (MemoryRelation::MentionedIn, true) => "said in",
        (MemoryRelation::MentionedIn, false) => "mentions",
        (MemoryRelation::Involves, true) => "with",
        (MemoryRelation::Involves, false) => "takes part in",
        (MemoryRelation::AssignedTo, true) => "to be done by",
        (MemoryRelation::AssignedTo, false) => "is to do",
        (MemoryRelation::Replaces, true) => "instead of",
        (MemoryRelation::Replaces, false) => "replaced by",
    }
}
