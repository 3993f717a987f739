//! A data channel that closes itself.

use crate::dom::{JsError, Listener};
use web_sys::{Event, MessageEvent, RtcDataChannel, RtcDataChannelState};

/// One data channel of text messages.
///
/// Teardown is field order: listeners first, so that closing tells nobody.
#[must_use = "dropping a data channel closes it"]
#[derive(Debug)]
pub struct DataChannel {
    listeners: Vec<Listener>,
    raw: ClosedOnDrop,
}

#[derive(Debug)]
struct ClosedOnDrop(RtcDataChannel);

impl Drop for ClosedOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// News of a data channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelEvent {
    /// Messages can be sent.
    Opened,
    /// A text arrived.
    Message(String),
    /// It is closed.
    Closed,
}

impl DataChannel {
    pub(super) fn new(raw: RtcDataChannel) -> Self {
        Self { listeners: Vec::new(), raw: ClosedOnDrop(raw) }
    }

    /// Tells everything that happens on the channel. Messages that are not text are passed over: nothing we speak to
    /// sends any.
    pub fn on_event(&mut self, tell: impl Fn(ChannelEvent) + Clone + 'static) {
        let target = &self.raw.0;
        let (opened, closed) = (tell.clone(), tell.clone());
        self.listeners = vec![
            Listener::new(target, "open", move |_: Event| opened(ChannelEvent::Opened)),
            Listener::new(target, "close", move |_: Event| closed(ChannelEvent::Closed)),
            Listener::new(target, "message", move |event: MessageEvent| {
                if let Some(text) = event.data().as_string() {
                    tell(ChannelEvent::Message(text));
                }
            }),
        ];
    }

    /// Sends a text.
    ///
    /// # Errors
    /// The channel is not open, or its buffer is full.
    pub fn send(&self, text: &str) -> Result<(), JsError> {
        Ok(self.raw.0.send_with_str(text)?)
    }

    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        self.raw.0.ready_state() == RtcDataChannelState::Open
    }
}
