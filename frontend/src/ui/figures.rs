//! How the last turn went, in numbers.

use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::{TurnSummary, View};

/// The figures of the last answered turn; the style sheet hides those that were not measured.
pub(super) fn figures(talk: Talk) -> Part {
    Part::new(
        "<dl class=figures data-testid=figures>\
            <div><dt>Answer began after</dt><dd></dd></div>\
            <div><dt>From request to sound</dt><dd></dd></div>\
            <div><dt>Turned down within</dt><dd></dd></div>\
        </dl>",
    )
    .at("div:nth-child(1) dd")
    .text(talk.text(|view| millis(view, |turn| turn.gap_ms)))
    .at("div:nth-child(2) dd")
    .text(talk.text(|view| millis(view, |turn| turn.response_ms)))
    .at("div:nth-child(3) dd")
    .text(talk.text(|view| millis(view, |turn| turn.duck_ms)))
}

fn millis(view: &View, figure: fn(TurnSummary) -> Option<f64>) -> String {
    match view.last_turn.and_then(figure) {
        Some(millis) => [&((millis + 0.5) as u64).to_string(), " ms"].concat(),
        None => String::new(),
    }
}
