//! The text box: whatever can be said can be typed.

use crate::ui::dispatch::Dispatch;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::slice::{Facts, text, word};
use conversation::Intent;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// A line of text and its button. What is typed before a call stays until it can be sent.
#[component]
pub(super) fn Composer(
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let typed = RwSignal::new(String::new());
    let idle = text(move || (!facts.get().can.say || typed.with(|typed| typed.trim().is_empty())).to_string());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let said = typed.with_untracked(|typed| typed.trim().to_owned());
        if facts.get_untracked().can.say && !said.is_empty() {
            dispatch.send(Intent::Say(said));
            typed.set(String::new());
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
                placeholder=word(facts, |facts| if facts.can.say { "Type a message" } else { "Connect to send" })
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <button type="submit" class="send" data-testid="send" aria-disabled=idle>
                <Icon glyph=Glyph::Send />
                <span>"Send"</span>
            </button>
        </form>
    }
}
