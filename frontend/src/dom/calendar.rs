//! What the user's own clock on the wall says.

use js_sys::{Array, Intl, Object, Reflect};

/// The user's zone, as IANA names it.
pub fn zone() -> Option<String> {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// Seconds of Unix time at the zero of [`super::now`].
pub fn unix_at_zero() -> Option<i64> {
    let clock = web_sys::window()?.performance()?;
    Some((clock.time_origin() / 1000.0) as i64)
}
