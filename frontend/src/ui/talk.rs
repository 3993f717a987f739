//! The talk as the parts of the page see it: what to show of it, and the one way to want something.

use crate::ui::dispatch::Dispatch;
use conversation::{Intent, View};
use leptos::prelude::*;

/// A text, or the value of an attribute, that follows what it reads.
pub(super) type Text = Box<dyn Fn() -> String>;

/// The view and the way to the conversation, given to every part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Talk {
    view: RwSignal<View>,
    dispatch: Dispatch,
}

impl Talk {
    /// The talk of this view; intents go where the root said.
    pub(super) fn of(view: RwSignal<View>) -> Self {
        Self { view, dispatch: Dispatch::from_context() }
    }

    /// Looks at the view; whoever looks follows it from then on.
    #[inline(never)]
    pub(super) fn look(self, look: &mut dyn FnMut(&View)) {
        let _ = self.view.try_with(|view| look(view));
    }

    /// Looks at the view as it is now; not at all when the page has gone.
    #[inline(never)]
    pub(super) fn glance(self, glance: &mut dyn FnMut(&View)) {
        let _ = self.view.try_with_untracked(|view| glance(view));
    }

    /// Sends an intent.
    pub(super) fn send(self, intent: Intent) {
        self.dispatch.send(intent);
    }

    /// Sends what is wanted of the view as it is now, if anything is.
    pub(super) fn want(self, want: fn(&View) -> Option<Intent>) {
        let mut wanted = None;
        self.glance(&mut |view| wanted = want(view));
        if let Some(intent) = wanted {
            self.send(intent);
        }
    }

    /// A text made of the view.
    pub(super) fn text(self, make: fn(&View) -> String) -> Text {
        Box::new(move || {
            let mut text = String::new();
            self.look(&mut |view| text = make(view));
            text
        })
    }

    /// A word chosen by the view.
    pub(super) fn word(self, choose: fn(&View) -> &'static str) -> Text {
        Box::new(move || {
            let mut word = "";
            self.look(&mut |view| word = choose(view));
            word.to_owned()
        })
    }

    /// An attribute that says `true` or `false`.
    pub(super) fn flag(self, holds: fn(&View) -> bool) -> Text {
        Box::new(move || {
            let mut held = false;
            self.look(&mut |view| held = holds(view));
            bool_word(held).to_owned()
        })
    }
}

/// How an attribute says yes and no.
pub(super) const fn bool_word(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}
