//! What goes wrong with the upstream and those who run the server have to know: told them when it happens, and again each
//! minute in which it does, however many run into it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What was told lately, by the word of the error.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<BTreeMap<&'static str, Told>>);

#[derive(Debug)]
struct Told {
    at: Instant,
    message: String,
}

impl Troubles {
    /// Whether this is to be told now.
    pub(crate) fn is_news(&self, code: &'static str, message: &str, now: Instant) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(code).is_some_and(|told| told.is_fresh(now)) {
            return false;
        }
        told.insert(code, Told { at: now, message: message.to_owned() });
        true
    }

    /// What was told within the last minute.
    pub(crate) fn lately(&self, now: Instant) -> Vec<String> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.values().filter(|told| told.is_fresh(now)).map(|told| told.message.clone()).collect()
    }
}

impl Told {
    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < MINUTE
    }
}

const MINUTE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::{MINUTE, Troubles};
    use std::time::{Duration, Instant};

    #[test]
    fn each_kind_is_told_once_a_minute_and_named_as_long() {
        let (troubles, begin) = (Troubles::default(), Instant::now());
        let later = |seconds| begin + Duration::from_secs(seconds);
        assert!(troubles.is_news("no_credit", "Add some.", begin));
        assert!(troubles.is_news("model_gone", "Choose another.", begin));
        assert!((1..60).all(|second| !troubles.is_news("no_credit", "Add some.", later(second))));
        assert_eq!(troubles.lately(later(59)), ["Choose another.", "Add some."]);
        assert!(troubles.is_news("no_credit", "Add some.", begin + MINUTE));
        assert_eq!(troubles.lately(later(61)), ["Add some."]);
    }
}
