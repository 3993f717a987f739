//! The buttons: one obvious one, and a few beside it.

use crate::ui::dispatch::Dispatch;
use crate::ui::icon::{EitherIcon, Glyph, Icon};
use crate::ui::slice::{Facts, flag, text, word};
use conversation::Intent;
use leptos::prelude::*;

/// Connect or end, mute, interrupt, and asking again where that helps.
#[component]
pub(super) fn Controls(
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    view! {
        <div class="controls">
            <MainButton facts />
            <MuteButton facts />
            <ActionButton testid="interrupt" label="Interrupt" glyph=Glyph::Stop intent=Intent::Interrupt
                facts enabled=|facts| facts.can.interrupt />
            <ActionButton testid="ask-again" label="Ask again" glyph=Glyph::Again intent=Intent::AskAgain
                facts enabled=|facts| facts.can.ask_again />
        </div>
    }
}

/// One button for both ways, so that the focus stays where it is when the call begins or ends.
#[component]
fn MainButton(facts: Signal<Facts>) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let press = move |_| {
        let can = facts.get_untracked().can;
        if can.disconnect {
            dispatch.send(Intent::Disconnect);
        } else if can.connect {
            dispatch.send(Intent::Connect);
        }
    };
    view! {
        <button
            type="button"
            class="primary"
            data-testid=word(facts, |facts| if facts.can.disconnect { "disconnect" } else { "connect" })
            aria-disabled=flag(facts, |facts| !facts.can.connect && !facts.can.disconnect)
            on:click=press
        >
            <EitherIcon one=Glyph::Call other=Glyph::HangUp />
            {word(facts, |facts| if facts.can.disconnect { "End" } else { "Connect" })}
        </button>
    }
}

/// Its name stays the same, as a pressed button's must.
#[component]
fn MuteButton(facts: Signal<Facts>) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let press = move |_| {
        let facts = facts.get_untracked();
        if facts.can.mute {
            dispatch.send(Intent::Mute(!facts.muted));
        }
    };
    view! {
        <button
            type="button"
            class="secondary"
            data-testid="mute"
            aria-pressed=flag(facts, |facts| facts.muted)
            aria-disabled=flag(facts, |facts| !facts.can.mute)
            on:click=press
        >
            <EitherIcon one=Glyph::Microphone other=Glyph::MicrophoneOff />
            "Mute"
        </button>
    }
}

/// A button that stays focusable while it has nothing to do, as it comes and goes with every answer. Which ones are
/// then hidden is the style sheet's.
#[component]
pub(super) fn ActionButton(
    /// Its name in tests and styles.
    testid: &'static str,
    /// Its name for people.
    label: &'static str,
    /// Its drawing.
    glyph: Glyph,
    /// What it asks for.
    intent: Intent,
    /// What to show.
    facts: Signal<Facts>,
    /// Whether it has something to do.
    enabled: fn(Facts) -> bool,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let press = move |_| {
        if enabled(facts.get_untracked()) {
            dispatch.send(intent.clone());
        }
    };
    view! {
        <button
            type="button"
            class="secondary"
            data-testid=testid
            aria-disabled=text(move || (!enabled(facts.get())).to_string())
            on:click=press
        >
            <Icon glyph />
            {label}
        </button>
    }
}
