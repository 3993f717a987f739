//! The newest events, for whoever wants to know.

use crate::dom::{copy_text, save_text};
use crate::ui::log_text::{lines, to_json};
use crate::ui::slice::{Facts, text};
use conversation::{List, LogLine};
use leptos::prelude::*;

/// A closed panel; its lines are only made while it is open.
#[component]
pub(super) fn EventLog(
    /// The newest events, oldest first.
    log: Signal<List<LogLine>>,
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let filter = RwSignal::new(String::new());
    let shown = text(move || if open.get() { log.with(|log| lines(log, &filter.get())) } else { String::new() });
    let odd = text(move || match facts.get().odd_events {
        0 => String::new(),
        odd => format!("{odd} odd"),
    });
    let json = move || log.with_untracked(|log| to_json(log, &filter.get_untracked()));
    view! {
        <details class="log" data-testid="log" on:toggle=move |_| open.update(|open| *open = !*open)>
            <summary>
                "Events"
                <span class="count">{text(move || log.with(List::len).to_string())}</span>
                <span class="odd" data-testid="odd">{odd}</span>
            </summary>
            <div class="log-tools">
                <label for="log-filter">"Filter"</label>
                <input
                    id="log-filter"
                    type="search"
                    data-testid="log-filter"
                    autocomplete="off"
                    on:input=move |event| filter.set(event_target_value(&event))
                />
                <button type="button" class="quiet" data-testid="log-copy" on:click=move |_| copy_text(&json())>
                    "Copy"
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="log-save"
                    on:click=move |_| save_text("colloquy-events.json", &json())
                >
                    "Save"
                </button>
            </div>
            <pre class="log-lines" role="region" aria-label="Events, newest first" tabindex="0">{shown}</pre>
        </details>
    }
}
