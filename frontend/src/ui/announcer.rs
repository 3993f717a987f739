//! Reads finished rows to a screen reader: each once, when it is whole, and never while it grows.

use conversation::{List, Row, RowState, Speaker};
use leptos::prelude::*;

/// A live region that cannot be seen.
#[component]
pub(super) fn Announcer(
    /// The transcript.
    rows: Signal<List<Row>>,
) -> impl IntoView {
    // A memo, so that the region is only written when there is something new to read.
    let newest: Signal<String> =
        Memo::new(move |_| rows.with(|rows| rows.iter().rev().find_map(sentence)).unwrap_or_default()).into();
    view! { <p class="unseen" aria-live="polite">{newest}</p> }
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
    let speaker = match row.speaker {
        Speaker::User => "You",
        Speaker::Assistant => "Colloquy",
    };
    (!said.trim().is_empty()).then(|| format!("{speaker}: {said}"))
}
