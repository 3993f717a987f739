//! What both sides said, in order.

use crate::ui::part::Part;
use crate::ui::talk::Talk;
use crate::ui::transcript_row::TranscriptRow;
use conversation::{List, Row};
use web_sys::Element;

const MARKUP: &str = "<div class=transcript role=region aria-label=Transcript tabindex=0>\
    <div class=invitation><p>A conversation, out loud.</p><p>Try: \u{201c}What time is it in Tokyo?\u{201d} \
    Talk over an answer and it stops. Typing works as well.</p></div><ol data-testid=transcript></ol></div>";

/// A scrolling list that stays at its end; the style sheet sees to that, without a script.
pub(super) fn transcript(talk: Talk) -> Part {
    let part = Part::new(MARKUP).at("ol");
    let list = part.place();
    let mut shown = Vec::new();
    part.follow(move || talk.look(&mut |view| show(&list, &mut shown, &view.transcript)))
}

/// Brings the list up to date: an element stays as long as its row, wherever that goes.
fn show(list: &Element, shown: &mut Vec<TranscriptRow>, rows: &List<Row>) {
    let mut before = std::mem::take(shown);
    for row in rows.shared() {
        let old = before.iter().position(|old| old.is_of(row));
        let row_shown = old.map_or_else(TranscriptRow::new, |at| before.remove(at));
        shown.push(row_shown.showing(row));
    }
    // What is left has gone, and with it its elements.
    drop(before);
    let mut at = list.first_element_child();
    for row in shown.iter() {
        let element = row.element();
        if at.as_ref() == Some(element) {
            at = element.next_element_sibling();
        } else {
            // A list takes any element but its own ancestors.
            drop(list.insert_before(element, at.as_deref()));
        }
    }
}
