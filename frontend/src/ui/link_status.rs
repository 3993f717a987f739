//! How the link is, and the countdown to the next try.

use crate::ui::controls::ActionButton;
use crate::ui::countdown::Countdown;
use crate::ui::icon::Glyph;
use crate::ui::phase_words::link_label;
use crate::ui::slice::{Facts, word};
use conversation::Intent;
use leptos::prelude::*;

/// One line with a mark whose shape tells the state as well.
#[component]
pub(super) fn LinkStatus(
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    view! {
        <div class="link">
            <p class="link-state" role="status" data-testid="link">
                <span class="link-mark" aria-hidden="true"></span>
                {word(facts, |facts| link_label(facts.link))}
            </p>
            <Countdown facts />
            <ActionButton testid="retry" label="Retry now" glyph=Glyph::Again intent=Intent::RetryNow
                facts enabled=|facts| facts.can.retry />
        </div>
    }
}
