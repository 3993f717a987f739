//! Runs a reader of hostile files where it can do the least harm.

use std::{panic::AssertUnwindSafe, sync::mpsc, thread, time::Duration};

use tokio::sync::Semaphore;

/// Runs the work on a thread of its own with a large stack. A panic, a thread that cannot be had, and work that does
/// not end in time are `None`; the thread of the last is left to itself.
///
/// The stack is address space, not memory, until it is used: deeply nested files may recurse.
pub(crate) async fn isolated<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _turn = READERS.acquire().await.ok()?;
    tokio::task::spawn_blocking(move || isolated_here(LONGEST, work)).await.ok().flatten()
}

/// The same, waiting on this thread for as long as is said.
pub(crate) fn isolated_here<T: Send + 'static>(
    longest: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, result) = mpsc::channel();
    let guarded = move || {
        // Dropping the sender says that there is no result; that nobody waits any more is no matter.
        if let Ok(value) = std::panic::catch_unwind(AssertUnwindSafe(work)) {
            let _ = done.send(value);
        }
    };
    thread::Builder::new().name("reader".to_owned()).stack_size(STACK).spawn(guarded).ok()?;
    result.recv_timeout(longest).ok()
}

/// No more at a time than leave room for other work.
static READERS: Semaphore = Semaphore::const_new(4);
const LONGEST: Duration = Duration::from_secs(5);
const STACK: usize = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stays_inside() {
        assert_eq!(isolated_here(LONGEST, || -> u8 { panic!("a broken file") }), None);
        assert_eq!(isolated_here(LONGEST, || 1), Some(1));
    }

    #[test]
    fn work_that_does_not_end_is_left_to_itself() {
        assert_eq!(isolated_here(Duration::from_millis(20), || thread::sleep(Duration::from_secs(2))), None);
    }

    #[test]
    fn deep_recursion_has_room() {
        fn deep(left: u32) -> u32 {
            if left == 0 { 0 } else { std::hint::black_box(deep(left - 1)) + 1 }
        }
        assert_eq!(isolated_here(LONGEST, || deep(200_000)), Some(200_000));
    }
}
