//! Single keys for what is done often, and the list of them.

use crate::dom::Listener;
use crate::ui::dispatch::Dispatch;
use crate::ui::slice::Facts;
use conversation::Intent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Listens to the keyboard while it is mounted, and shows what it knows. Single keys can be switched off: they collide
/// with voice control of the computer.
#[component]
pub(super) fn Shortcuts(
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let enabled = RwSignal::new(true);
    let listener = web_sys::window().and_then(|window| window.document()).map(|document| {
        Listener::new(&document, "keydown", move |event: KeyboardEvent| {
            if enabled.try_get_untracked() == Some(true) {
                press(&event, facts, dispatch);
            }
        })
    });
    // The owner of this component drops the listener.
    StoredValue::new_local(listener);
    view! {
        <details class="keys" data-testid="keys">
            <summary>"Keyboard"</summary>
            <dl>
                <div><dt><kbd>"M"</kbd></dt><dd>"mute or unmute"</dd></div>
                <div><dt><kbd>"Esc"</kbd></dt><dd>"interrupt the answer"</dd></div>
                <div><dt><kbd>"/"</kbd></dt><dd>"go to the text box"</dd></div>
            </dl>
            <label class="switch">
                <input
                    type="checkbox"
                    data-testid="keys-enabled"
                    prop:checked=true
                    on:change=move |event| enabled.set(event_target_checked(&event))
                />
                "Use these keys"
            </label>
        </details>
    }
}

fn press(event: &KeyboardEvent, facts: Signal<Facts>, dispatch: Dispatch) {
    if event.repeat() || event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
        return;
    }
    let Some(facts) = facts.try_get_untracked() else { return };
    let typing = is_typing(event);
    match event.key().as_str() {
        "Escape" if facts.can.interrupt => dispatch.send(Intent::Interrupt),
        "m" | "M" if !typing && facts.can.mute => dispatch.send(Intent::Mute(!facts.muted)),
        "/" if !typing => {
            event.prevent_default();
            focus_text();
        }
        _ => {}
    }
}

/// Whether the key goes into a field.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        element
            .closest("input:not([type=checkbox]), textarea, select, [contenteditable]")
            .is_ok_and(|field| field.is_some())
    })
}

fn focus_text() {
    let field = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("say"))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(field) = field {
        // A field that refuses the focus leaves it where it was.
        drop(field.focus());
    }
}
