//! Reads finished rows to a screen reader: each once, when it is whole, and never while it grows.

use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::{Row, RowState, Speaker};

/// A live region that cannot be seen. It is only written when there is something new to read.
pub(super) fn announcer(talk: Talk) -> Part {
    Part::new("<p class=unseen aria-live=polite></p>")
        .text(talk.text(|view| view.transcript.iter().rev().find_map(sentence).unwrap_or_default()))
}

/// What is read of a row; nothing while its words may still change.
fn sentence(row: &Row) -> Option<String> {
    let heard = row.text.get(..row.heard).unwrap_or(&row.text);
    let said = match row.state {
        RowState::Waiting | RowState::Streaming => return None,
        RowState::Done => row.text.as_str(),
        RowState::Interrupted => heard,
        RowState::Failed => "",
    };
    let said = row.attachment.as_ref().map_or(said, |attachment| &attachment.name);
    let speaker = match row.speaker {
        Speaker::User => "You",
        Speaker::Assistant => "Colloquy",
    };
    (!said.trim().is_empty()).then(|| [speaker, ": ", said].concat())
}
