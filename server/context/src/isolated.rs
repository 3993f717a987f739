//! Runs a reader of hostile files where it can do the least harm.

use std::{panic::AssertUnwindSafe, thread};

/// Runs the work on a thread of its own with a large stack. A panic, or a thread that cannot be had, is `None`.
///
/// The stack is address space, not memory, until it is used: deeply nested files may recurse.
pub(crate) async fn isolated<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(move || isolated_here(work)).await.ok().flatten()
}

/// The same, waiting on this thread.
pub(crate) fn isolated_here<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let guarded = move || std::panic::catch_unwind(AssertUnwindSafe(work)).ok();
    let thread = thread::Builder::new().name("reader".to_owned()).stack_size(STACK).spawn(guarded).ok()?;
    thread.join().ok().flatten()
}

const STACK: usize = 256 << 20;

#[cfg(test)]
mod tests {
    use super::isolated_here;

    #[test]
    fn a_panic_stays_inside() {
        assert_eq!(isolated_here(|| -> u8 { panic!("a broken file") }), None);
        assert_eq!(isolated_here(|| 1), Some(1));
    }

    #[test]
    fn deep_recursion_has_room() {
        fn deep(left: u32) -> u32 {
            if left == 0 { 0 } else { std::hint::black_box(deep(left - 1)) + 1 }
        }
        assert_eq!(isolated_here(|| deep(200_000)), Some(200_000));
    }
}
