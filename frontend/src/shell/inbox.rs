//! What happened and has not been told to the core yet.

use crate::dom::now;
use crate::rtc::{Microphone, SoundEvent};
use conversation::{Attempt, Input, MicrophoneError, Time};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

/// One thing that happened in the browser.
#[derive(Debug)]
pub enum News {
    /// For the core as it is.
    Input(Input),
    /// The browser's answer about the microphone. The device itself stays in the shell.
    Microphone(Attempt, Result<Microphone, MicrophoneError>),
    /// News of the sound.
    Sound(SoundEvent),
}

/// The only way from a browser callback to the core: push and return. The run loop drains it in a microtask, so no
/// borrow is ever held across JavaScript.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: RefCell<Vec<(Time, News)>>,
    waker: Cell<Option<Waker>>,
}

impl Inbox {
    /// Adds news, stamped now, and asks for the run loop.
    pub fn push(&self, news: News) {
        self.shared.waiting.borrow_mut().push((now(), news));
        self.wake();
    }

    /// Adds an input, stamped now, and asks for the run loop.
    pub fn input(&self, input: Input) {
        self.push(News::Input(input));
    }

    /// Asks for the run loop.
    pub fn wake(&self) {
        if let Some(waker) = self.shared.waker.take() {
            waker.wake();
        }
    }

    /// The oldest news.
    pub fn take(&self) -> Option<(Time, News)> {
        let mut waiting = self.shared.waiting.borrow_mut();
        (!waiting.is_empty()).then(|| waiting.remove(0))
    }

    /// Whom to wake next time.
    pub(super) fn wakes(&self, waker: &Waker) {
        self.shared.waker.set(Some(waker.clone()));
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}
