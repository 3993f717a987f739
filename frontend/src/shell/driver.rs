//! The owner of a conversation: whoever drops it ends everything.

use crate::dom::{Task, random_seed};
use crate::rtc::IceServers;
use crate::service::Service;
use crate::shell::page_events::PageEvents;
use crate::shell::run_loop::RunLoop;
use crate::shell::{Inbox, Levels, Performer};
use conversation::{Config, Conversation, Input, Intent, View};
use leptos::prelude::*;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// One conversation, wired to this browser.
///
/// Teardown is field order: the listeners and the pump, which call the loop, then the loop with all it owns.
#[must_use = "dropping the driver ends the conversation"]
pub struct Driver {
    _page: PageEvents,
    _pump: Task,
    inbox: Inbox,
    levels: Levels,
    run_loop: Rc<RefCell<RunLoop>>,
}

impl Driver {
    /// Wires a new conversation to `service`; it publishes to `view`.
    pub fn new(config: Config, service: Service, view: RwSignal<View>) -> Self {
        let (inbox, levels) = (Inbox::default(), Levels::default());
        let core = Conversation::new(config, random_seed());
        let performer = Performer::new(service, IceServers::from_page(), inbox.clone());
        let run_loop = RunLoop::new(core, performer, inbox.clone(), levels.clone(), view);
        let run_loop = Rc::new(RefCell::new(run_loop));
        Self { _page: PageEvents::listen(&inbox), _pump: pump(&run_loop, inbox.clone()), inbox, levels, run_loop }
    }

    /// Tells the core what the user wants, at once: what needs a click, such as starting audio, must happen in its
    /// call stack.
    pub fn intend(&self, intent: Intent) {
        self.inbox.input(Input::Intent(intent));
        // The loop runs already only if it is what called us; then it drains the inbox itself.
        if let Ok(mut run_loop) = self.run_loop.try_borrow_mut() {
            run_loop.run();
        }
    }

    /// The newest loudness of both sides.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Where callbacks put what happened; also how tests play the browser.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

/// Runs the loop in a microtask whenever the inbox asks for it. It does not own the loop.
fn pump(run_loop: &Rc<RefCell<RunLoop>>, inbox: Inbox) -> Task {
    let run_loop = Rc::downgrade(run_loop);
    Task::spawn(poll_fn(move |context| {
        inbox.wakes(context.waker());
        let Some(run_loop) = run_loop.upgrade() else { return Poll::Ready(()) };
        if let Ok(mut run_loop) = run_loop.try_borrow_mut() {
            run_loop.run();
        }
        Poll::Pending
    }))
}
