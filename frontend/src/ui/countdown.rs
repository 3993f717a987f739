//! The seconds to the next try.

use crate::dom::{Timer, now};
use conversation::{Ms, Time};
use leptos::prelude::*;

/// Often enough that no second is skipped.
const TICK: Ms = Ms(200);

/// Says which try it is and when it begins. It is not read aloud every second: the link's state is.
#[component]
pub(super) fn Countdown(
    /// Which try, from 1.
    attempt: u32,
    /// When it begins; `None` while it is under way.
    retry_at: Option<Time>,
) -> impl IntoView {
    let left = RwSignal::new(retry_at.map(seconds_until));
    let timer = retry_at.map(|when| {
        Timer::every(TICK, move || {
            let _ = left.try_set(Some(seconds_until(when)));
        })
    });
    // The owner of this component drops the timer.
    StoredValue::new_local(timer);
    view! {
        <p class="countdown" data-testid="countdown" aria-live="off">
            {move || match left.get() {
                Some(seconds) => format!("Try {attempt} in {seconds} s"),
                None => format!("Try {attempt}"),
            }}
        </p>
    }
}

fn seconds_until(when: Time) -> u64 {
    (when - now()).0.div_ceil(1000)
}
