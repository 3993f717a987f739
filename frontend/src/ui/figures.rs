//! How the last turn went, in numbers.

use crate::ui::slice::{Facts, text};
use conversation::TurnSummary;
use leptos::prelude::*;

/// The figures of the last answered turn; the style sheet hides those that were not measured.
#[component]
pub(super) fn Figures(
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    view! {
        <dl class="figures" data-testid="figures">
            <Figure facts name="Answer began after" millis=|turn| turn.gap_ms />
            <Figure facts name="From request to sound" millis=|turn| turn.response_ms />
            <Figure facts name="Turned down within" millis=|turn| turn.duck_ms />
        </dl>
    }
}

#[component]
fn Figure(facts: Signal<Facts>, name: &'static str, millis: fn(TurnSummary) -> Option<f64>) -> impl IntoView {
    let shown = text(move || match facts.get().last_turn.and_then(millis) {
        Some(millis) => format!("{} ms", millis.round() as i64),
        None => String::new(),
    });
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{shown}</dd>
        </div>
    }
}
