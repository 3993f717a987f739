//! Points in time and lengths of time, as different types.
//!
//! The core reads no clock: the shell passes a [`Time`] with every input. Its zero is wherever the shell began to
//! count.

use std::ops::{Add, Sub};

/// A point on the session's own clock, to the microsecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A length of time in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ms(pub u64);

impl Time {
    /// The zero of the clock.
    pub const ZERO: Self = Self(0);

    /// From fractional milliseconds, as `performance.now()` gives them; negative and non-finite values are zero.
    pub fn from_millis(millis: f64) -> Self {
        Self((millis * 1000.0) as u64)
    }

    /// Fractional milliseconds since the zero.
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The length since `earlier`, zero if it is later.
    pub fn since(self, earlier: Self) -> Ms {
        Ms(self.0.saturating_sub(earlier.0) / 1000)
    }
}

impl Add<Ms> for Time {
    type Output = Self;

    fn add(self, length: Ms) -> Self {
        Self(self.0.saturating_add(length.0.saturating_mul(1000)))
    }
}

impl Sub for Time {
    type Output = Ms;

    fn sub(self, earlier: Self) -> Ms {
        self.since(earlier)
    }
}

impl Add for Ms {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ms, Time};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn times_from_the_browser_that_make_no_sense_are_zero() {
        for millis in [f64::NAN, f64::NEG_INFINITY, -1.0] {
            assert_eq!(Time::from_millis(millis), Time::ZERO);
        }
        assert_eq!(Time::from_millis(1.5).as_millis().to_bits(), 1.5_f64.to_bits());
    }

    #[test]
    fn lengths_never_wrap() {
        let end = Time::from_millis(f64::INFINITY);
        assert_eq!((end + Ms(5), Time::ZERO - end), (end, Ms(0)));
        assert_eq!(Ms(u64::MAX) + Ms(1), Ms(u64::MAX));
    }
}
