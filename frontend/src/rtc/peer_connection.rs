//! A peer connection that closes itself.

use crate::dom::{JsError, Listener};
use crate::rtc::{DataChannel, IceServers};
use conversation::PeerState;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, MediaStreamTrack, RtcConfiguration, RtcPeerConnection, RtcPeerConnectionState, RtcRtpReceiver, RtcRtpSender,
    RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSdpType, RtcSessionDescriptionInit,
};

/// One peer connection with one audio line in each direction.
///
/// Teardown is field order: the listener goes first, so that closing tells nobody.
#[must_use = "dropping a peer connection closes it"]
#[derive(Debug)]
pub struct PeerConnection {
    state_listener: Option<Listener>,
    sender: Option<RtcRtpSender>,
    receiver: Option<RtcRtpReceiver>,
    raw: ClosedOnDrop,
}

#[derive(Debug)]
struct ClosedOnDrop(RtcPeerConnection);

impl Drop for ClosedOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl PeerConnection {
    /// A connection that has not been offered yet.
    ///
    /// # Errors
    /// The browser has no WebRTC, or refuses the ICE servers.
    pub fn new(servers: &IceServers) -> Result<Self, JsError> {
        let configuration = RtcConfiguration::new();
        configuration.set_ice_servers(servers.as_js());
        let raw = ClosedOnDrop(RtcPeerConnection::new_with_configuration(&configuration)?);
        Ok(Self { state_listener: None, sender: None, receiver: None, raw })
    }

    /// Tells every change of the connection's state.
    pub fn on_state(&mut self, tell: impl Fn(PeerState) + 'static) {
        let raw = self.raw.0.clone();
        self.state_listener = Some(Listener::new(&self.raw.0, "connectionstatechange", move |_: Event| {
            if let Some(state) = peer_state(raw.connection_state()) {
                tell(state);
            }
        }));
    }

    /// Makes a data channel. To be called before [`PeerConnection::add_audio`]: the far end expects it first.
    pub fn open_channel(&self, label: &str) -> DataChannel {
        DataChannel::new(self.raw.0.create_data_channel(label))
    }

    /// Adds audio in both directions; gives the track on which the far end will be heard.
    pub fn add_audio(&mut self) -> MediaStreamTrack {
        let options = RtcRtpTransceiverInit::new();
        options.set_direction(RtcRtpTransceiverDirection::Sendrecv);
        let line = self.raw.0.add_transceiver_with_str_and_init("audio", &options);
        let receiver = line.receiver();
        ask_for_no_jitter_buffer(&receiver);
        let track = receiver.track();
        self.sender = Some(line.sender());
        self.receiver = Some(receiver);
        track
    }

    /// Sends this track from now on, or nothing.
    pub fn send_track(&self, track: Option<&MediaStreamTrack>) {
        if let Some(sender) = &self.sender {
            crate::dom::ignore(sender.replace_track(track));
        }
    }

    /// The two steps that need the browser while the connection may already be gone; see [`Negotiation`].
    pub fn negotiation(&self) -> Negotiation {
        Negotiation { raw: self.raw.0.clone() }
    }
}

/// Offer and answer. It holds the connection without owning it: the owner may close it meanwhile, and then the next
/// step fails.
#[derive(Debug)]
pub struct Negotiation {
    raw: RtcPeerConnection,
}

impl Negotiation {
    /// Makes the offer and keeps it as the local description. Candidates are not waited for: the far end's are enough.
    ///
    /// # Errors
    /// The browser's own, for instance because the connection was closed meanwhile.
    pub async fn offer(&self) -> Result<String, JsError> {
        let offer = JsFuture::from(self.raw.create_offer()).await?;
        let description: RtcSessionDescriptionInit = offer.unchecked_into();
        JsFuture::from(self.raw.set_local_description(&description)).await?;
        // The local description is what was kept of the offer.
        let kept = self.raw.local_description().map(|description| description.sdp());
        kept.filter(|sdp| !sdp.is_empty()).ok_or_else(|| JsError::from(JsValue::from_str("the browser made no offer")))
    }

    /// Accepts the far end's answer.
    ///
    /// # Errors
    /// The answer is not SDP, does not fit the offer, or the connection was closed meanwhile.
    pub async fn accept(&self, answer: &str) -> Result<(), JsError> {
        let description = RtcSessionDescriptionInit::new(RtcSdpType::Answer);
        description.set_sdp(answer);
        JsFuture::from(self.raw.set_remote_description(&description)).await?;
        Ok(())
    }
}

/// A hint that not every browser knows: play what arrived without keeping a reserve.
fn ask_for_no_jitter_buffer(receiver: &RtcRtpReceiver) {
    let name = JsValue::from_str("jitterBufferTarget");
    if Reflect::has(receiver, &name).unwrap_or(false) {
        drop(Reflect::set(receiver, &name, &JsValue::from_f64(0.0)));
    }
}

fn peer_state(state: RtcPeerConnectionState) -> Option<PeerState> {
    match state {
        RtcPeerConnectionState::Connecting => Some(PeerState::Connecting),
        RtcPeerConnectionState::Connected => Some(PeerState::Connected),
        RtcPeerConnectionState::Disconnected => Some(PeerState::Disconnected),
        RtcPeerConnectionState::Failed => Some(PeerState::Failed),
        RtcPeerConnectionState::Closed => Some(PeerState::Closed),
        // `new` is no news, and states that do not exist yet mean nothing to us.
        _ => None,
    }
}
