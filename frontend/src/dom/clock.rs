//! The session's clock: `performance.now()`, which neither jumps nor runs backwards.

use conversation::Time;

/// Now, counted from when the page was opened; the zero in a browser without the clock.
pub fn now() -> Time {
    let millis = web_sys::window().and_then(|window| window.performance()).map(|clock| clock.now());
    Time::from_millis(millis.unwrap_or_default())
}
