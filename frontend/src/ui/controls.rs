//! The buttons: one obvious one, and two beside it.

use crate::ui::dispatch::Dispatch;
use crate::ui::icon::{Glyph, Icon};
use conversation::{Can, Intent};
use leptos::prelude::*;

/// Connect or end, mute, interrupt, and asking again where that helps.
#[component]
pub(super) fn Controls(
    /// What can be done now.
    can: Signal<Can>,
    /// Whether the user closed the microphone.
    muted: Signal<bool>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let microphone = Signal::derive(move || if muted.get() { Glyph::MicrophoneOff } else { Glyph::Microphone });
    view! {
        <div class="controls">
            <MainButton can />
            <button
                type="button"
                class="secondary"
                data-testid="mute"
                aria-pressed=move || muted.get().to_string()
                aria-disabled=move || (!can.get().mute).to_string()
                on:click=move |_| {
                    if can.get_untracked().mute {
                        dispatch.send(Intent::Mute(!muted.get_untracked()));
                    }
                }
            >
                <Icon glyph=microphone />
                "Mute"
            </button>
            <SideButton testid="interrupt" label="Interrupt" glyph=Glyph::Stop intent=Intent::Interrupt
                enabled=Signal::derive(move || can.get().interrupt) />
            <Show when=move || can.get().ask_again>
                <SideButton testid="ask-again" label="Ask again" glyph=Glyph::Again intent=Intent::AskAgain
                    enabled=Signal::derive(|| true) />
            </Show>
        </div>
    }
}

/// One button for both ways, so that the focus stays where it is when the call begins or ends.
#[component]
fn MainButton(can: Signal<Can>) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let ends = Memo::new(move |_| can.get().disconnect);
    let enabled = move || can.get().connect || can.get().disconnect;
    let glyph = Signal::derive(move || if ends.get() { Glyph::HangUp } else { Glyph::Call });
    view! {
        <button
            type="button"
            class="primary"
            data-ends=move || ends.get().to_string()
            data-testid=move || if ends.get() { "disconnect" } else { "connect" }
            aria-disabled=move || (!enabled()).to_string()
            on:click=move |_| {
                let can = can.get_untracked();
                if can.disconnect {
                    dispatch.send(Intent::Disconnect);
                } else if can.connect {
                    dispatch.send(Intent::Connect);
                }
            }
        >
            <Icon glyph />
            {move || if ends.get() { "End" } else { "Connect" }}
        </button>
    }
}

/// It stays focusable while it has nothing to do: it comes and goes with every answer.
#[component]
fn SideButton(
    testid: &'static str,
    label: &'static str,
    glyph: Glyph,
    intent: Intent,
    enabled: Signal<bool>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    view! {
        <button
            type="button"
            class="secondary"
            data-testid=testid
            aria-disabled=move || (!enabled.get()).to_string()
            on:click=move |_| {
                if enabled.get_untracked() {
                    dispatch.send(intent.clone());
                }
            }
        >
            <Icon glyph=Signal::stored(glyph) />
            {label}
        </button>
    }
}
