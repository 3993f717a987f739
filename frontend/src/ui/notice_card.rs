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
) -> impl IntoView {
    view! {
        <div class="notices" role="alert">
            {move || notice.get().map(|notice| view! { <Card notice /> })}
        </div>
    }
}

#[component]
fn Card(notice: Notice) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let action = notice.action;
    let act = move |_| {
        if let Some(action) = action {
            dispatch.send(intent(action));
        }
    };
    view! {
        <div class="notice" data-testid="notice" data-actor=actor_name(notice.actor)>
            <p class="notice-title">{notice.title}</p>
            <p class="notice-cure">{notice.cure}</p>
            <div class="notice-actions">
                <button
                    type="button"
                    class="secondary"
                    data-testid="notice-action"
                    data-retries=(action == Some(Action::RetryNow)).to_string()
                    hidden=action.is_none()
                    on:click=act
                >
                    {action.map_or("", words)}
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="dismiss"
                    on:click=move |_| dispatch.send(Intent::Dismiss)
                >
                    <Icon glyph=Glyph::Close />
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
