//! What was noted of this talk, by kind.

use crate::ui::markup::{Tag, tag};
use protocol::context::Scratchpad;

/// The notes; nothing where there are none.
pub(super) fn notes(pad: &Scratchpad) -> Option<Tag> {
    let mut list = Vec::new();
    let kinds = [
        ("Decisions", &pad.decisions),
        ("To do", &pad.todos),
        ("Agenda", &pad.agenda),
        ("People", &pad.people),
        ("Places", &pad.places),
    ];
    for (title, lines) in kinds {
        let mut name = "dt";
        for text in [title].into_iter().chain(lines.iter().map(String::as_str)) {
            if !lines.is_empty() {
                list.push(tag(name, "").text(text));
            }
            name = "dd";
        }
    }
    let title = tag("h2", "").text("Notes of this talk");
    (!list.is_empty()).then(|| tag("section", "notes").holds(vec![title, tag("dl", "").holds(list)]))
}

/// How many there are.
pub(super) fn count(pad: &Scratchpad) -> usize {
    pad.decisions.len() + pad.todos.len() + pad.agenda.len() + pad.people.len() + pad.places.len()
}
