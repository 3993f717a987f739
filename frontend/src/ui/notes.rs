//! What was noted of this talk, by kind.

use crate::ui::markup::{Tag, tag};
use protocol::context::Scratchpad;

/// The notes; nothing where there are none.
pub(super) fn notes(pad: &Scratchpad) -> Option<Tag> {
    let mut lists = Vec::new();
    for (title, lines) in kinds(pad) {
        if !lines.is_empty() {
            let mut list = vec![tag("dt", "").text(title)];
            list.extend(lines.iter().map(|line| tag("dd", "").text(line)));
            lists.push(tag("div", "").holds(list));
        }
    }
    let title = tag("h2", "").text("Notes of this talk");
    (!lists.is_empty()).then(|| tag("section", "notes").holds(vec![title, tag("dl", "").holds(lists)]))
}

/// How many there are.
pub(super) fn count(pad: &Scratchpad) -> usize {
    kinds(pad).iter().map(|(_, lines)| lines.len()).sum()
}

const fn kinds(pad: &Scratchpad) -> [(&'static str, &Vec<String>); 5] {
    [
        ("Decisions", &pad.decisions),
        ("To do", &pad.todos),
        ("Agenda", &pad.agenda),
        ("People", &pad.people),
        ("Places", &pad.places),
    ]
}
