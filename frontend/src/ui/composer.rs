//! The text box: whatever can be said can be typed.

use crate::ui::dispatch::Dispatch;
use crate::ui::icon::{Glyph, Icon};
use conversation::{Can, Intent};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// A line of text and its button. What is typed before a call stays until it can be sent.
#[component]
pub(super) fn Composer(
    /// What can be done now.
    can: Signal<Can>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let text = RwSignal::new(String::new());
    let ready = Memo::new(move |_| can.get().say);
    let sendable = move || ready.get() && text.with(|text| !text.trim().is_empty());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let said = text.with_untracked(|text| text.trim().to_owned());
        if ready.get_untracked() && !said.is_empty() {
            dispatch.send(Intent::Say(said));
            text.set(String::new());
        }
    };
    view! {
        <form class="composer" on:submit=send>
            <label for="say">"Or type"</label>
            <input
                id="say"
                type="text"
                data-testid="say"
                autocomplete="off"
                enterkeyhint="send"
                maxlength="4000"
                placeholder=move || if ready.get() { "Type a message" } else { "Connect to send" }
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
            <button
                type="submit"
                class="send"
                data-testid="send"
                aria-disabled=move || (!sendable()).to_string()
            >
                <Icon glyph=Signal::stored(Glyph::Send) />
                <span>"Send"</span>
            </button>
        </form>
    }
}
