//! How the last turn went, in numbers.

use conversation::TurnSummary;
use leptos::prelude::*;

/// The figures of the last answered turn.
#[component]
pub(super) fn Figures(
    /// The last turn.
    turn: Signal<Option<TurnSummary>>,
) -> impl IntoView {
    view! {
        <dl class="figures" data-testid="figures">
            {move || turn.get().map(|turn| {
                [
                    figure("Answer began after", turn.gap_ms),
                    figure("From request to sound", turn.response_ms),
                    figure("Turned down within", turn.duck_ms),
                ]
            })}
        </dl>
    }
}

fn figure(name: &'static str, millis: Option<f64>) -> Option<impl IntoView> {
    millis.map(|millis| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{format!("{millis:.0} ms")}</dd>
            </div>
        }
    })
}
