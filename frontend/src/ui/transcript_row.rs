//! One thing that was said.

use crate::ui::icon::{Glyph, Icon};
use conversation::{Row, RowState, Speaker};
use leptos::prelude::*;
use std::sync::Arc;

/// One row, as in the text of a play: who, then what. What was cut off is struck through.
#[component]
pub(super) fn TranscriptRow(
    /// The row; `None` for the moment in which it is being removed.
    row: Signal<Option<Arc<Row>>>,
) -> impl IntoView {
    let speaker = Memo::new(move |_| row.with(|row| row.as_ref().map_or(Speaker::User, |row| row.speaker)));
    let state = Memo::new(move |_| row.with(|row| row.as_ref().map_or(RowState::Done, |row| row.state)));
    let typed = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.typed)));
    let heard = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| split(row).0.to_owned()).unwrap_or_default()));
    let unheard =
        Memo::new(move |_| row.with(|row| row.as_ref().map(|row| split(row).1.to_owned()).unwrap_or_default()));
    view! {
        <li
            data-speaker=move || speaker_name(speaker.get())
            data-state=move || state_name(state.get())
            data-typed=move || typed.get().to_string()
        >
            <p class="who">
                {move || speaker_label(speaker.get())}
                <Show when=move || typed.get()>
                    <span class="typed"><Icon glyph=Signal::stored(Glyph::Keyboard) /><span class="unseen">"typed"</span></span>
                </Show>
            </p>
            <p class="what">
                <span class="heard">{move || heard.get()}</span>
                <Show when=move || matches!(state.get(), RowState::Waiting)>
                    <span class="waiting"><span class="unseen">"Words are on their way"</span><i></i><i></i><i></i></span>
                </Show>
                <Show when=move || matches!(state.get(), RowState::Interrupted)>
                    <span class="cut">"interrupted"</span>
                    <del class="unheard">{move || unheard.get()}</del>
                </Show>
                <Show when=move || matches!(state.get(), RowState::Failed)>
                    <span class="cut">{move || failed_words(speaker.get())}</span>
                </Show>
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

const fn speaker_name(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

const fn speaker_label(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::User => "You",
        Speaker::Assistant => "Colloquy",
    }
}

const fn state_name(state: RowState) -> &'static str {
    match state {
        RowState::Waiting => "waiting",
        RowState::Streaming => "streaming",
        RowState::Done => "done",
        RowState::Interrupted => "interrupted",
        RowState::Failed => "failed",
    }
}

const fn failed_words(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::User => "not understood",
        Speaker::Assistant => "no answer came",
    }
}
