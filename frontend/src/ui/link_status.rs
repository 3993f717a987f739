//! How the link is, and the countdown to the next try.

use crate::ui::countdown::Countdown;
use crate::ui::dispatch::Dispatch;
use crate::ui::phase_words::link_label;
use conversation::{Can, Intent, Link};
use leptos::prelude::*;

/// One line with a mark whose shape tells the state as well.
#[component]
pub(super) fn LinkStatus(
    /// The link.
    link: Signal<Link>,
    /// What can be done now.
    can: Signal<Can>,
) -> impl IntoView {
    let dispatch = Dispatch::from_context();
    let label = Memo::new(move |_| link_label(link.get()));
    let retry = Memo::new(move |_| can.get().retry);
    view! {
        <div class="link">
            <p class="link-state" role="status" data-testid="link">
                <span class="link-mark" aria-hidden="true"></span>
                {move || label.get()}
            </p>
            {move || match link.get() {
                Link::Reconnecting { attempt, retry_at } => Some(view! { <Countdown attempt retry_at /> }),
                Link::Off | Link::Connecting | Link::Connected | Link::Unstable | Link::Failed => None,
            }}
            <Show when=move || retry.get()>
                <button
                    type="button"
                    class="quiet"
                    data-testid="retry"
                    on:click=move |_| dispatch.send(Intent::RetryNow)
                >
                    "Retry now"
                </button>
            </Show>
        </div>
    }
}
