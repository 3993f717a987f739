//! The newest events, for whoever wants to know.

use crate::dom::{copy_text, save_text};
use crate::ui::log_text::{direction_name, matches, to_json};
use conversation::{List, LogLine, Time};
use leptos::prelude::*;
use std::sync::Arc;

/// A closed panel; its lines are only made while it is open.
#[component]
pub(super) fn EventLog(
    /// The newest events, oldest first.
    log: Signal<List<LogLine>>,
    /// How many events were unknown or broken.
    odd: Signal<u32>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let filter = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        let wanted = filter.get().to_lowercase();
        log.with(|log| log.shared().rev().filter(|line| matches(line, &wanted)).cloned().collect::<Vec<_>>())
    });
    let json = move || shown.with_untracked(|lines| to_json(lines));
    view! {
        <details class="log" data-testid="log" on:toggle=move |_| open.update(|open| *open = !*open)>
            <summary>
                "Events"
                <span class="count">{move || log.with(|log| log.len())}</span>
                <Show when=move || { odd.get() > 0 }>
                    <span class="odd" data-testid="odd">{move || format!("{} odd", odd.get())}</span>
                </Show>
            </summary>
            <Show when=move || open.get()>
                <div class="log-tools">
                    <label for="log-filter">"Filter"</label>
                    <input
                        id="log-filter"
                        type="search"
                        data-testid="log-filter"
                        autocomplete="off"
                        on:input=move |event| filter.set(event_target_value(&event))
                    />
                    <button type="button" class="quiet" data-testid="log-copy" on:click=move |_| copy_text(&json())>"Copy"</button>
                    <button type="button" class="quiet" data-testid="log-save" on:click=move |_| save_text("colloquy-events.json", &json())>"Save"</button>
                </div>
                <div class="log-lines" role="region" aria-label="Events, newest first" tabindex="0">
                    <ol>
                        <For each=move || shown.get() key=|line| (line.key, line.count) let:line>
                            <Line line />
                        </For>
                    </ol>
                </div>
            </Show>
        </details>
    }
}

#[component]
fn Line(line: Arc<LogLine>) -> impl IntoView {
    let count = (line.count > 1).then(|| format!("\u{d7}{}", line.count));
    view! {
        <li data-direction=direction_name(line.direction)>
            <span class="at">{seconds(line.at)}</span>
            <span class="name">{line.name.clone()}</span>
            <span class="times">{count}</span>
            <span class="detail">{line.detail.clone()}</span>
        </li>
    }
}

fn seconds(at: Time) -> String {
    format!("{:.3}", at.as_millis() / 1000.0)
}
