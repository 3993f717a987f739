//! When a request to the far end is repeated: only where a repeat does no harm, and never past the time that the
//! browser is willing to wait.

use super::{Purpose, UpstreamError};
use std::time::Duration;

/// What a repeat would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// No harm: another key is minted, and the first, if there was one, expires unused.
    Safe,
    /// It might open a second call: only what was surely never sent is sent again.
    Unsent,
}

impl Repeat {
    pub(super) const fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Key | Purpose::HangUp => Self::Safe,
            Purpose::Call | Purpose::Watch => Self::Unsent,
        }
    }

    /// How long to wait before sending again what failed; nothing if it is not to be sent again.
    ///
    /// `attempt` counts from 0, `random` is from 0 to 1, and `left` is the time there still is.
    pub(super) fn delay(self, error: &UpstreamError, attempt: u32, random: f64, left: Duration) -> Option<Duration> {
        if attempt + 1 >= MOST {
            return None;
        }
        let backoff = (FIRST * 2_u32.pow(attempt)).mul_f64(0.5 + random / 2.0);
        let delay = match error {
            UpstreamError::Unreachable { sent: false, .. } => backoff,
            UpstreamError::Unreachable { .. } | UpstreamError::Failed(_) if self == Self::Safe => backoff,
            UpstreamError::Busy { retry_after } if self == Self::Safe => {
                retry_after.map_or(backoff, |asked| asked.max(backoff))
            }
            _ => return None,
        };
        // The client shows a longer wait and counts it down.
        (delay <= LONGEST && delay < left).then_some(delay)
    }
}

/// How often a request is sent at most.
const MOST: u32 = 3;
/// The wait after the first failure, before chance halves it at most.
const FIRST: Duration = Duration::from_millis(150);
/// The longest wait that nobody needs to be told of.
const LONGEST: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::{Repeat, UpstreamError};
    use axum::http::StatusCode;
    use std::time::Duration;

    const LEFT: Duration = Duration::from_secs(15);

    fn busy(seconds: u64) -> UpstreamError {
        UpstreamError::Busy { retry_after: Some(Duration::from_secs(seconds)) }
    }

    #[test]
    fn a_failed_mint_is_repeated_a_little_later_each_time_and_not_for_ever() {
        let error = UpstreamError::Failed(StatusCode::BAD_GATEWAY);
        let delays: Vec<_> = (0..3).map(|attempt| Repeat::Safe.delay(&error, attempt, 1.0, LEFT)).collect();
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(delays, [ms(150), ms(300), None]);
        assert_eq!(Repeat::Safe.delay(&error, 0, 0.0, LEFT), ms(75));
    }

    #[test]
    fn a_short_wait_that_is_asked_for_is_kept_and_a_long_one_left_to_the_client() {
        assert_eq!(Repeat::Safe.delay(&busy(1), 0, 1.0, LEFT), Some(Duration::from_secs(1)));
        assert_eq!(Repeat::Safe.delay(&busy(7), 0, 1.0, LEFT), None);
        assert_eq!(Repeat::Safe.delay(&busy(1), 0, 1.0, Duration::from_millis(900)), None);
    }

    #[test]
    fn what_may_have_opened_a_call_is_not_repeated() {
        for error in [UpstreamError::Failed(StatusCode::BAD_GATEWAY), busy(1), UpstreamError::Timeout] {
            assert_eq!(Repeat::Unsent.delay(&error, 0, 1.0, LEFT), None, "{error}");
        }
    }

    #[test]
    fn what_another_attempt_cannot_mend_is_not_repeated() {
        for error in [UpstreamError::KeyRefused, UpstreamError::NoCredit, UpstreamError::ModelGone] {
            assert_eq!(Repeat::Safe.delay(&error, 0, 1.0, LEFT), None, "{error}");
        }
    }
}
