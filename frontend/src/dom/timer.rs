//! A timer that is cancelled when it is dropped.

use conversation::{Ms, Time};
use gloo_timers::callback::{Interval, Timeout};

/// Calls back once, or again and again, until it is dropped.
#[must_use = "dropping a timer cancels it"]
#[derive(Debug)]
pub struct Timer {
    _inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Once { _timeout: Timeout },
    Every { _interval: Interval },
}

impl Timer {
    /// Calls back once after `delay`.
    pub fn after(delay: Ms, callback: impl FnOnce() + 'static) -> Self {
        Self::once(delay, Box::new(callback))
    }

    #[inline(never)]
    fn once(delay: Ms, callback: Box<dyn FnOnce()>) -> Self {
        Self { _inner: Inner::Once { _timeout: Timeout::new(clamp(delay.0), callback) } }
    }

    /// Calls back once when the clock shows `when`, never earlier.
    pub fn at(when: Time, now: Time, callback: impl FnOnce() + 'static) -> Self {
        // A browser's timer counts whole milliseconds: round up, or it would fire just before its time.
        let millis = (when.as_millis() - now.as_millis()).max(0.0).ceil();
        Self::after(Ms(millis as u64), callback)
    }

    /// Calls back again and again.
    pub fn every(period: Ms, callback: impl FnMut() + 'static) -> Self {
        Self { _inner: Inner::Every { _interval: Interval::new(clamp(period.0), callback) } }
    }
}

/// The longest delay a browser understands is a signed 32-bit number.
fn clamp(millis: u64) -> u32 {
    u32::try_from(millis).unwrap_or(u32::MAX).min(i32::MAX as u32)
}
