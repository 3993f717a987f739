//! What both sides said, in order.

use crate::ui::transcript_row::TranscriptRow;
use conversation::{List, Row};
use leptos::prelude::*;
use std::sync::Arc;

/// A scrolling list that stays at its end; the style sheet sees to that, without a script.
#[component]
pub(super) fn Transcript(
    /// The rows.
    rows: Signal<List<Row>>,
) -> impl IntoView {
    let keys = Memo::new(move |_| rows.with(|rows| rows.iter().map(|row| row.key).collect::<Vec<_>>()));
    view! {
        <div class="transcript" role="region" aria-label="Transcript" tabindex="0">
            <div class="invitation">
                <p>"A conversation, out loud."</p>
                <p>"Try: \u{201c}What time is it in Tokyo?\u{201d} Talk over an answer and it stops. Typing works as well."</p>
            </div>
            <ol data-testid="transcript">
                <For each=move || keys.get() key=|key| *key let:key>
                    <TranscriptRow row=find(rows, key) />
                </For>
            </ol>
        </div>
    }
}

/// The row of this key; `None` for the moment in which it is being removed.
fn find(rows: Signal<List<Row>>, key: u64) -> Signal<Option<Arc<Row>>> {
    Memo::new(move |_| rows.with(|rows| rows.shared().rev().find(|row| row.key == key).cloned())).into()
}
