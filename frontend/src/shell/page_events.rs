//! What the page itself experiences: network, visibility, its end.

use crate::dom::{Listener, is_hidden};
use crate::shell::Inbox;
use conversation::{Input, Intent};
use web_sys::{Event, EventTarget};

/// Listens to the window and the document until it is dropped.
#[must_use = "dropping it removes the listeners"]
#[derive(Debug)]
pub(super) struct PageEvents {
    _listeners: Vec<Listener>,
}

impl PageEvents {
    pub(super) fn listen(inbox: &Inbox) -> Self {
        let Some(window) = web_sys::window() else { return Self { _listeners: Vec::new() } };
        if !window.navigator().on_line() {
            inbox.input(Input::Online(false));
        }
        let mut listeners = vec![
            tell(&window, "online", inbox, || Input::Online(true)),
            tell(&window, "offline", inbox, || Input::Online(false)),
            // The microtask that drains the inbox still runs: the hang-up leaves with the page.
            tell(&window, "pagehide", inbox, || Input::Intent(Intent::Disconnect)),
        ];
        listeners.extend(
            window.document().map(|page| tell(&page, "visibilitychange", inbox, || Input::Visible(!is_hidden()))),
        );
        Self { _listeners: listeners }
    }
}

fn tell(target: &EventTarget, name: &'static str, inbox: &Inbox, input: fn() -> Input) -> Listener {
    let inbox = inbox.clone();
    Listener::new(target, name, move |_: Event| inbox.input(input()))
}
