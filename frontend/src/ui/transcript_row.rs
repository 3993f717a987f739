//! One thing that was said.

use crate::ui::icon::{Glyph, Icon};
use crate::ui::slice::text;
use conversation::{Row, RowState, Speaker};
use leptos::prelude::*;
use std::sync::Arc;

/// One row, as in the text of a play: who, then what. What was cut off is struck through. Parts that are empty, or do
/// not fit the row's state, are hidden by the style sheet.
#[component]
pub(super) fn TranscriptRow(
    /// The row; `None` for the moment in which it is being removed.
    row: Signal<Option<Arc<Row>>>,
) -> impl IntoView {
    let part = move |part: fn(&Row) -> &str| {
        text(move || row.with(|row| row.as_ref().map(|row| part(row).to_owned()).unwrap_or_default()))
    };
    view! {
        <li
            data-speaker=part(speaker_name)
            data-state=part(state_name)
            data-typed=part(|row| if row.typed { "true" } else { "false" })
        >
            <p class="who">
                {part(speaker_label)}
                <span class="typed"><Icon glyph=Glyph::Keyboard /><span class="unseen">"typed"</span></span>
            </p>
            <p class="what">
                <span class="heard">{part(|row| split(row).0)}</span>
                <span class="waiting"><span class="unseen">"Words are on their way"</span><i></i><i></i><i></i></span>
                <span class="cut">{part(cut_words)}</span>
                <del class="unheard">{part(|row| split(row).1)}</del>
            </p>
        </li>
    }
}

/// What was heard of a row, and the rest.
fn split(row: &Row) -> (&str, &str) {
    match row.state {
        RowState::Interrupted => row.text.split_at_checked(row.heard).unwrap_or((&row.text, "")),
        RowState::Waiting | RowState::Streaming | RowState::Done | RowState::Failed => (&row.text, ""),
    }
}

const fn speaker_name(row: &Row) -> &str {
    match row.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

const fn speaker_label(row: &Row) -> &str {
    match row.speaker {
        Speaker::User => "You",
        Speaker::Assistant => "Colloquy",
    }
}

const fn state_name(row: &Row) -> &str {
    match row.state {
        RowState::Waiting => "waiting",
        RowState::Streaming => "streaming",
        RowState::Done => "done",
        RowState::Interrupted => "interrupted",
        RowState::Failed => "failed",
    }
}

const fn cut_words(row: &Row) -> &str {
    match (row.state, row.speaker) {
        (RowState::Interrupted, _) => "interrupted",
        (RowState::Failed, Speaker::User) => "not understood",
        (RowState::Failed, Speaker::Assistant) => "no answer came",
        (RowState::Waiting | RowState::Streaming | RowState::Done, _) => "",
    }
}
