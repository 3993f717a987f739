//! What the talk is about: short lines, newest last, sent with every question.

use super::clean;
use protocol::context::Scratchpad;
use protocol::tools::NoteKind;

/// Adds a line; one that is there already becomes the newest, and the oldest give way.
pub(crate) fn note(pad: &mut Scratchpad, kind: NoteKind, text: &str) {
    let line = clean::line(text, LONGEST_LINE);
    let lines = match kind {
        NoteKind::Agenda => &mut pad.agenda,
        NoteKind::Person => &mut pad.people,
        NoteKind::Place => &mut pad.places,
        NoteKind::Decision => &mut pad.decisions,
        NoteKind::Todo => &mut pad.todos,
    };
    lines.retain(|known| *known != line);
    if lines.len() >= MOST_LINES {
        lines.remove(0);
    }
    if !line.is_empty() {
        lines.push(line);
    }
}

const MOST_LINES: usize = 12;
const LONGEST_LINE: usize = 160;

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, note};
    use protocol::context::Scratchpad;
    use protocol::tools::NoteKind;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn lines_are_there_once_and_the_oldest_go() {
        let mut pad = Scratchpad::default();
        for at in 0..20 {
            note(&mut pad, NoteKind::Person, &format!("person {at}"));
        }
        note(&mut pad, NoteKind::Person, "person 15");
        note(&mut pad, NoteKind::Todo, "\u{0} ");
        let last = pad.people.last().map(String::as_str);
        assert_eq!((pad.people.len(), last, pad.todos.len()), (MOST_LINES, Some("person 15"), 0));
    }
}
