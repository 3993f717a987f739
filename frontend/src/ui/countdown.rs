//! The seconds to the next try.

use crate::dom::{Timer, now};
use crate::ui::slice::{Facts, text};
use conversation::{Link, Ms, Time};
use leptos::prelude::*;

/// Often enough that no second is skipped.
const TICK: Ms = Ms(200);

/// Says which try it is and when it begins; nothing while no try is awaited. It is not read aloud every second: the
/// link's state is.
#[component]
pub(super) fn Countdown(
    /// What to show.
    facts: Signal<Facts>,
) -> impl IntoView {
    let clock = RwSignal::new(now());
    // The owner of this component drops the timer.
    let timer = StoredValue::new_local(None::<Timer>);
    Effect::new(move |_| {
        let ticks = retry_at(facts.get().link).map(|_| {
            clock.set(now());
            Timer::every(TICK, move || {
                let _ = clock.try_set(now());
            })
        });
        let _ = timer.try_update_value(|timer| *timer = ticks);
    });
    let words = text(move || words(facts.get().link, clock.get()));
    view! { <p class="countdown" data-testid="countdown" aria-live="off">{words}</p> }
}

fn retry_at(link: Link) -> Option<Time> {
    match link {
        Link::Reconnecting { retry_at, .. } => retry_at,
        Link::Off | Link::Connecting | Link::Connected | Link::Unstable | Link::Failed => None,
    }
}

fn words(link: Link, now: Time) -> String {
    let Link::Reconnecting { attempt, retry_at } = link else { return String::new() };
    match retry_at {
        Some(when) => format!("Try {attempt} in {} s", (when - now).0.div_ceil(1000)),
        None => format!("Try {attempt}"),
    }
}
