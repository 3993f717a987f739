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
