//! A future with an owner.

use futures::future::{LocalBoxFuture, poll_fn};
use js_sys::Promise;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen_futures::JsFuture;

/// A running future; dropping the task drops the future at once, with everything it holds.
#[must_use = "dropping a task aborts it"]
pub struct Task {
    shared: Rc<Shared>,
}

struct Shared {
    future: RefCell<Option<LocalBoxFuture<'static, ()>>>,
    waker: Cell<Option<Waker>>,
}

impl Task {
    /// Starts a future; its first step runs in a microtask.
    pub fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        Self::start(Box::pin(future))
    }

    #[inline(never)]
    fn start(future: LocalBoxFuture<'static, ()>) -> Self {
        let shared = Rc::new(Shared { future: RefCell::new(Some(future)), waker: Cell::new(None) });
        let weak = Rc::downgrade(&shared);
        // The executor's own future holds nothing: it ends as soon as the owner is gone.
        let runner = poll_fn(move |context| weak.upgrade().map_or(Poll::Ready(()), |shared| shared.poll(context)));
        run(Box::pin(runner));
        Self { shared }
    }

    /// Whether the future has ended by itself.
    pub fn is_finished(&self) -> bool {
        self.shared.future.try_borrow().is_ok_and(|future| future.is_none())
    }
}

impl Shared {
    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        self.waker.set(Some(context.waker().clone()));
        let Ok(mut slot) = self.future.try_borrow_mut() else { return Poll::Pending };
        let Some(future) = slot.as_mut() else { return Poll::Ready(()) };
        let polled = future.as_mut().poll(context);
        if polled.is_ready() {
            *slot = None;
        }
        polled
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // Wakes the executor's future so that it sees that the owner is gone; ours is dropped with `shared`.
        if let Some(waker) = self.shared.waker.take() {
            waker.wake();
        }
    }
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("finished", &self.is_finished()).finish()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that hands a future to the executor, with an owner")]
fn run(future: LocalBoxFuture<'static, ()>) {
    wasm_bindgen_futures::spawn_local(future);
}

/// Runs a future to its end whoever is interested: for a question that cannot be withdrawn once the browser has asked
/// the user, and whose late answer must be released by the future itself.
pub fn run_to_end(future: impl Future<Output = ()> + 'static) {
    run(Box::pin(future));
}

/// Lets a promise run to its end without waiting, and without a complaint in the console when it is rejected.
pub fn ignore(promise: Promise) {
    // The conversion attaches both handlers; they outlive the future that is dropped here.
    drop(JsFuture::from(promise));
}
