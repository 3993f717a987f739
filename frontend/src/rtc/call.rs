//! One call of one attempt: dropping it is the only way to hang up.

use crate::dom::{JsError, Task};
use crate::rtc::{ChannelEvent, DataChannel, IceServers, Microphone, Negotiation, PeerConnection};
use crate::service::Service;
use conversation::{Attempt, HttpFailure, LinkInput};
use futures::channel::oneshot;
use protocol::{CallId, EphemeralKey};
use web_sys::MediaStreamTrack;

/// The data channel's name, which the far end knows.
const CHANNEL: &str = "oai-events";

/// A call, from the preparation of its offer to its end.
///
/// The offer is made while the key is still on its way; [`Call::dial`] hands the key over. Teardown is field order:
/// the negotiation stops, then the channel closes, then the connection.
#[must_use = "dropping a call hangs up"]
#[derive(Debug)]
pub struct Call {
    attempt: Attempt,
    key: Option<oneshot::Sender<EphemeralKey>>,
    _negotiation: Task,
    channel: DataChannel,
    playback: MediaStreamTrack,
    peer: PeerConnection,
}

impl Call {
    /// Makes the connection and begins to make its offer. `tell` is called from browser callbacks and must only hand
    /// on.
    ///
    /// # Errors
    /// The browser has no WebRTC.
    pub fn prepare(
        attempt: Attempt,
        servers: &IceServers,
        service: Service,
        tell: impl Fn(CallEvent) + Clone + 'static,
    ) -> Result<Self, JsError> {
        let mut peer = PeerConnection::new(servers)?;
        let mut channel = peer.open_channel(CHANNEL);
        let playback = peer.add_audio();
        let told = tell.clone();
        peer.on_state(move |state| told(CallEvent::Link(LinkInput::Peer(state))));
        let told = tell.clone();
        channel.on_event(move |event| told(event.into()));
        let (key, awaited) = oneshot::channel();
        let negotiation = peer.negotiation();
        let task = Task::spawn(async move {
            if let Some(news) = negotiate(&negotiation, &service, awaited).await {
                tell(CallEvent::Link(news));
            }
        });
        Ok(Self { attempt, key: Some(key), _negotiation: task, channel, playback, peer })
    }

    /// Sends the offer as soon as it is made.
    pub fn dial(&mut self, key: EphemeralKey) {
        if let Some(sender) = self.key.take() {
            // The receiver is gone only when making the offer has failed, which has been told.
            drop(sender.send(key));
        }
    }

    /// The attempt it belongs to.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// The track on which the far end is heard.
    pub fn playback(&self) -> &MediaStreamTrack {
        &self.playback
    }

    /// Sends this microphone from now on, or nothing.
    pub fn attach(&self, microphone: Option<&Microphone>) {
        self.peer.send_track(microphone.and_then(Microphone::track).as_ref());
    }

    /// Sends an event.
    ///
    /// # Errors
    /// The channel is not open, or its buffer is full.
    pub fn send(&self, event: &str) -> Result<(), JsError> {
        self.channel.send(event)
    }
}

/// News of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallEvent {
    /// Of the link.
    Link(LinkInput),
    /// A text arrived on the data channel.
    Received(String),
}

impl From<ChannelEvent> for CallEvent {
    fn from(event: ChannelEvent) -> Self {
        match event {
            ChannelEvent::Opened => Self::Link(LinkInput::ChannelOpened),
            ChannelEvent::Closed => Self::Link(LinkInput::ChannelClosed),
            ChannelEvent::Message(text) => Self::Received(text),
        }
    }
}

/// Offer, key, exchange, answer. `None` when no key comes: then the attempt is over and nobody wants to know.
async fn negotiate(
    negotiation: &Negotiation,
    service: &Service,
    key: oneshot::Receiver<EphemeralKey>,
) -> Option<LinkInput> {
    let offer = negotiation.offer().await;
    let key = key.await.ok()?;
    let news = match offer {
        Ok(offer) => exchange(negotiation, service, &key, &offer).await,
        Err(error) => Err(LinkInput::Browser(error.to_string())),
    };
    Some(news.map_or_else(|refusal| refusal, |call_id| LinkInput::Answered { call_id }))
}

async fn exchange(
    negotiation: &Negotiation,
    service: &Service,
    key: &EphemeralKey,
    offer: &str,
) -> Result<Option<CallId>, LinkInput> {
    let answer = service.open_call(key, offer).await.map_err(LinkInput::CallRefused)?;
    let accepted = negotiation.accept(&answer.sdp).await;
    // What cannot be accepted is the far end's fault: our own offer stands.
    accepted.map_err(|error| LinkInput::CallRefused(HttpFailure::Malformed(error.to_string())))?;
    Ok(answer.call_id)
}
