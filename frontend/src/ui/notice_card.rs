//! What went wrong, what to do about it, and the button that does it.

use crate::ui::dispatch::Dispatch;
use crate::ui::icon::{Glyph, Icon};
use conversation::{Action, Actor, Intent, Notice};
use leptos::prelude::*;

/// The place for notices. It is always there, so that a screen reader hears what appears in it.
#[component]
pub(super) fn NoticeCard(
    /// What went wrong, if anything did.
    notice: Signal<Option<Notice>>,
    /// Whether the browser waits for a click before it plays audio.
    blocked: Signal<bool>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    // The notice may say the same with its own button.
    let alone = Memo::new(move |_| {
        blocked.get()
            && notice.with(|notice| notice.as_ref().and_then(|notice| notice.action) != Some(Action::StartAudio))
    });
    view! {
        <div class="notices" role="alert">
            {move || notice.get().map(|notice| view! { <Card notice /> })}
            <Show when=move || alone.get()>
                <button
                    type="button"
                    class="secondary"
                    data-testid="start-audio"
                    on:click=move |_| dispatch.send(Intent::StartAudio)
                >
                    <Icon glyph=Signal::stored(Glyph::Loudspeaker) />
                    "Play audio"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Card(notice: Notice) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let action = notice.action.map(|action| {
        view! {
            <button
                type="button"
                class="secondary"
                data-testid="notice-action"
                on:click=move |_| dispatch.send(intent(action))
            >
                {words(action)}
            </button>
        }
    });
    view! {
        <div class="notice" data-testid="notice" data-actor=actor_name(notice.actor)>
            <p class="notice-title">{notice.title}</p>
            <p class="notice-cure">{notice.cure}</p>
            <div class="notice-actions">
                {action}
                <button
                    type="button"
                    class="quiet"
                    data-testid="dismiss"
                    on:click=move |_| dispatch.send(Intent::Dismiss)
                >
                    <Icon glyph=Signal::stored(Glyph::Close) />
                    "Dismiss"
                </button>
            </div>
        </div>
    }
}

const fn actor_name(actor: Actor) -> &'static str {
    match actor {
        Actor::Microphone => "microphone",
        Actor::Network => "network",
        Actor::Service => "service",
        Actor::Refused => "refused",
        Actor::Bug => "bug",
    }
}

const fn words(action: Action) -> &'static str {
    match action {
        Action::Connect => "Connect again",
        Action::RetryNow => "Retry now",
        Action::RetryMicrophone => "Try the microphone again",
        Action::StartAudio => "Play audio",
        Action::AskAgain => "Ask again",
    }
}

const fn intent(action: Action) -> Intent {
    match action {
        Action::Connect => Intent::Connect,
        Action::RetryNow => Intent::RetryNow,
        Action::RetryMicrophone => Intent::RetryMicrophone,
        Action::StartAudio => Intent::StartAudio,
        Action::AskAgain => Intent::AskAgain,
    }
}
