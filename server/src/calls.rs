//! The calls made through this server, so that it can hang them up when it ends.

use crate::entrance::now;
use crate::{AppState, Sidebands};
use admission::UsageSink;
use protocol::CallId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The calls made through this server that nobody has hung up yet.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    open: HashSet<CallId>,
    /// When each began, oldest first; with some that have been hung up since.
    began: VecDeque<(CallId, Instant)>,
}

impl Calls {
    /// Remembers a call. What is older than a call can be is forgotten, and so is the oldest of ten thousand.
    pub fn add(&self, id: CallId) {
        let now = Instant::now();
        let known = &mut *self.lock();
        while let Some((oldest, since)) = known.began.front()
            && (known.open.len() >= MOST || now.duration_since(*since) >= LONGEST || !known.open.contains(oldest))
        {
            known.open.remove(oldest);
            known.began.pop_front();
        }
        if known.began.len() >= 2 * MOST {
            known.began.retain(|(id, _)| known.open.contains(id));
        }
        if known.open.insert(id.clone()) {
            known.began.push_back((id, now));
        }
    }

    /// Forgets a call that was hung up.
    pub fn remove(&self, id: &CallId) {
        self.lock().open.remove(id);
    }

    /// How many there may be.
    pub fn count(&self) -> usize {
        self.lock().open.len()
    }

    /// Hangs up all of them side by side, and gives up at the deadline. Returns how many the upstream has ended now:
    /// some may have ended by themselves.
    pub(crate) async fn hang_up_all(state: &AppState, deadline: Duration) -> usize {
        let mut tasks = JoinSet::new();
        let calls = std::mem::take(&mut *state.calls().lock()).open;
        for id in calls {
            let state = state.clone();
            tasks.spawn(async move {
                let result = state.upstream().hang_up(&id).await;
                if result.is_ok() {
                    state.entrance().gate().ended(&id, now()).await;
                }
                result.unwrap_or(false)
            });
        }
        let mut ended = 0;
        let all = async {
            while let Some(result) = tasks.join_next().await {
                ended += usize::from(result.unwrap_or(false));
            }
        };
        if tokio::time::timeout(deadline, all).await.is_err() {
            tracing::warn!("the upstream did not hang up all calls in time");
        }
        ended
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after a call from now on: it is watched where the upstream lets us, and hung up when the server ends.
pub(crate) fn look_after(state: &AppState, call: CallId) {
    state.calls().add(call.clone());
    if state.upstream().watches() {
        Sidebands::watch(state.clone(), call);
    }
}

/// A session ends after an hour by itself.
const LONGEST: Duration = Duration::from_secs(61 * 60);

/// Bounds the memory of a server that makes more calls than anybody expected.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::{Calls, MOST};

    #[test]
    fn the_list_of_calls_is_bounded() {
        let calls = Calls::default();
        for number in 0..=MOST {
            calls.add(format!("rtc_{number}").as_str().into());
        }
        assert_eq!(calls.count(), MOST);
        calls.remove(&"rtc_0".into());
        assert_eq!(calls.count(), MOST, "the oldest was forgotten");
        calls.remove(&"rtc_1".into());
        assert_eq!(calls.count(), MOST - 1);
    }

    #[test]
    fn calls_that_come_and_go_leave_nothing_behind() {
        let calls = Calls::default();
        calls.add("rtc_lasting".into());
        for number in 0..3 * MOST {
            let id = format!("rtc_{number}").as_str().into();
            calls.add(format!("rtc_{number}").as_str().into());
            calls.remove(&id);
        }
        assert_eq!(calls.count(), 1);
        assert!(calls.lock().began.len() <= 2 * MOST);
    }
}
