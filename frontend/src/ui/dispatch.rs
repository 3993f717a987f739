//! The one way from a component to the conversation.

use conversation::Intent;
use leptos::prelude::*;

/// Sends intents; given to all components by context.
#[derive(Clone, Copy, Debug)]
pub struct Dispatch(UnsyncCallback<Intent>);

impl Dispatch {
    /// Sends intents to `receive`.
    pub fn new(receive: impl Fn(Intent) + 'static) -> Self {
        Self(UnsyncCallback::new(receive))
    }

    /// The one that the root gave; one that sends nowhere where there is no root.
    pub fn from_context() -> Self {
        use_context().unwrap_or_else(|| Self::new(|_| ()))
    }

    /// Sends an intent.
    pub fn send(self, intent: Intent) {
        self.0.run(intent);
    }
}
