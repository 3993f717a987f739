//! One WebRTC peer: the answering end of a call, its sockets, its audio line and its data channel.
//!
//! Triggered by datagrams, by its own timeout and by the call task that owns it. str0m demands that every mutation
//! is followed by draining its output before the next mutation; every public method here does one mutation and
//! drains, so a caller cannot break that rule. It never blocks: what a socket does not take is lost, as on any
//! network, and what the data channel does not take waits in the outbox.

use crate::mouth::Outgoing;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use str0m::change::SdpOffer;
use str0m::channel::ChannelId;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid, Pt};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

/// The label of the data channel that carries events.
pub(crate) const EVENT_CHANNEL: &str = "oai-events";

/// What all calls of an engine share: the crypto and one certificate, made once because making it is slow.
#[derive(Clone)]
pub(crate) struct Identity {
    provider: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

impl Identity {
    /// Makes the certificate. Takes tens of milliseconds the first time in a process.
    ///
    /// # Errors
    /// The crypto provider cannot make a certificate.
    pub(crate) fn generate() -> Result<Self, NoCertificate> {
        let provider = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = provider.dtls_provider.generate_certificate().ok_or(NoCertificate)?;
        Ok(Self { provider, certificate })
    }

    /// An idle peer connection with our codecs and limits.
    pub(crate) fn rtc(&self, now: Instant) -> Rtc {
        Rtc::builder()
            .set_crypto_provider(Arc::clone(&self.provider))
            .set_dtls_cert(self.certificate.clone())
            .clear_codecs()
            .enable_opus(true, false)
            .set_reordering_size_audio(3)
            .set_reordering_timeout_audio(Some(REORDERING))
            .set_sctp_max_buffered_amount(MAX_UNSENT)
            .build(now)
    }
}

/// The crypto provider could not make a certificate.
#[derive(Debug, thiserror::Error)]
#[error("the crypto provider cannot make a DTLS certificate")]
pub(crate) struct NoCertificate;

/// Why an offer was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfferError {
    /// The offer is not one that can be answered.
    #[error("the offer cannot be answered: {0}")]
    Sdp(String),
    /// No socket could be opened for the media.
    #[error("no media socket: {0}")]
    Socket(#[from] io::Error),
}

/// What the far end did.
#[derive(Debug)]
pub(crate) enum PeerEvent {
    /// Media and data can flow.
    Connected,
    /// The event channel is open.
    ChannelOpen,
    /// One message on the event channel; `None` when it was not UTF-8 text.
    Message(Option<String>),
    /// One Opus packet and its place on the sender's 48 kHz clock.
    Audio { packet: Arc<[u8]>, time: u64 },
    /// The far end is not heard any more; it may come back.
    Lost,
    /// The far end is heard again.
    Found,
    /// The far end left.
    Closed,
}

/// One call's connection.
pub(crate) struct Peer {
    /// Boxed, because it is large and the call's task holds it across every wait.
    rtc: Box<Rtc>,
    sockets: Vec<Socket>,
    line: Option<Line>,
    channel: Option<ChannelId>,
    outbox: VecDeque<String>,
    unsent: usize,
    events: VecDeque<PeerEvent>,
    deadline: Instant,
}

struct Socket {
    udp: UdpSocket,
    local: SocketAddr,
}

struct Line {
    mid: Mid,
    pt: Option<Pt>,
    sends: bool,
}

impl Peer {
    /// Answers an offer, with one socket and one host candidate for each address.
    ///
    /// # Errors
    /// The offer is malformed or lacks what a call needs, or no address could be bound.
    pub(crate) fn accept(
        identity: &Identity,
        offer: &str,
        addresses: &[IpAddr],
        now: Instant,
    ) -> Result<(Self, String), OfferError> {
        let offer = SdpOffer::from_sdp_string(offer).map_err(|e| OfferError::Sdp(e.to_string()))?;
        let sockets = bind(addresses)?;
        let mut rtc = Box::new(identity.rtc(now));
        for socket in &sockets {
            let candidate = Candidate::host(socket.local, "udp").map_err(|e| OfferError::Sdp(e.to_string()))?;
            rtc.add_local_candidate(candidate);
        }
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|e| OfferError::Sdp(e.to_string()))?;
        let mut peer = Self {
            rtc,
            sockets,
            line: None,
            channel: None,
            outbox: VecDeque::new(),
            unsent: 0,
            events: VecDeque::new(),
            deadline: now,
        };
        peer.drain();
        Ok((peer, answer.to_sdp_string()))
    }

    /// When [`Peer::handle_timeout`] wants to be called.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The next thing the far end did.
    pub(crate) fn poll_event(&mut self) -> Option<PeerEvent> {
        self.events.pop_front()
    }

    /// Time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.input(Input::Timeout(now));
    }

    /// A datagram arrived.
    pub(crate) fn handle_datagram(&mut self, now: Instant, datagram: &[u8], source: SocketAddr, local: SocketAddr) {
        // What is neither STUN, DTLS nor RTP is noise from the network.
        if let Ok(receive) = Receive::new(Protocol::Udp, source, local, datagram) {
            self.input(Input::Receive(now, receive));
        }
    }

    /// Sends an event, as soon as the data channel takes it.
    pub(crate) fn send(&mut self, message: String) {
        if message.len() > MAX_UNSENT || self.outbox.len() >= MAX_OUTBOX || self.unsent > 4 * MAX_UNSENT {
            tracing::warn!(bytes = message.len(), "an event was dropped: the far end does not read");
            return;
        }
        self.unsent += message.len();
        self.outbox.push_back(message);
        self.drain();
    }

    /// Sends one packet of speech or silence.
    pub(crate) fn play(&mut self, now: Instant, frame: &Outgoing) {
        let Some(line) = self.line.as_mut().filter(|line| line.sends) else { return };
        let Some(writer) = self.rtc.writer(line.mid) else { return };
        if line.pt.is_none() {
            line.pt =
                writer.payload_params().find(|p| p.spec().codec == Codec::Opus).map(str0m::format::PayloadParams::pt);
        }
        let Some(pt) = line.pt else { return };
        let time = MediaTime::new(frame.time, Frequency::FORTY_EIGHT_KHZ);
        let written = writer.start_of_talkspurt(frame.starts).write(pt, now, time, Arc::clone(&frame.packet));
        if let Err(error) = written {
            tracing::debug!(%error, "a packet was not written");
        }
        self.drain();
    }

    /// Says goodbye to the far end.
    pub(crate) fn close(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "closing");
        }
        self.drain();
    }

    /// Waits for a datagram on any socket. Cancel safe.
    pub(crate) fn poll_receive(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<(usize, SocketAddr, SocketAddr)> {
        for socket in &self.sockets {
            let mut read = ReadBuf::new(buffer);
            match socket.udp.poll_recv_from(context, &mut read) {
                Poll::Ready(Ok(source)) => return Poll::Ready((read.filled().len(), source, socket.local)),
                // An earlier datagram was refused by its receiver (ICMP); the socket itself is well.
                Poll::Ready(Err(error)) => {
                    tracing::debug!(%error, "receiving");
                    context.waker().wake_by_ref();
                }
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }

    fn input(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "input refused");
        }
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(deadline)) => {
                    self.deadline = deadline;
                    if !self.write_one() {
                        return;
                    }
                }
                Ok(Output::Transmit(transmit)) => self.transmit(&transmit),
                Ok(Output::Event(event)) => self.on_event(event),
                Err(error) => {
                    tracing::debug!(%error, "the connection broke");
                    self.rtc.disconnect();
                    self.events.push_back(PeerEvent::Closed);
                    return;
                }
            }
        }
    }

    /// Hands the oldest message to the data channel; false when there is none or it is not taken now.
    fn write_one(&mut self) -> bool {
        let (Some(id), Some(message)) = (self.channel, self.outbox.front()) else { return false };
        let Some(mut channel) = self.rtc.channel(id) else { return false };
        match channel.write(false, message.as_bytes()) {
            Ok(true) => {
                self.unsent -= message.len();
                self.outbox.pop_front();
                true
            }
            Ok(false) => false,
            Err(error) => {
                tracing::debug!(%error, "the event channel broke");
                self.channel = None;
                false
            }
        }
    }

    fn transmit(&self, transmit: &Transmit) {
        let Some(socket) = self.sockets.iter().find(|s| s.local == transmit.source) else { return };
        if let Err(error) = socket.udp.try_send_to(&transmit.contents, transmit.destination) {
            tracing::trace!(%error, destination = %transmit.destination, "a datagram was lost");
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Connected => self.events.push_back(PeerEvent::Connected),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.events.push_back(PeerEvent::Lost);
            }
            Event::IceConnectionStateChange(IceConnectionState::Connected | IceConnectionState::Completed) => {
                self.events.push_back(PeerEvent::Found);
            }
            Event::MediaAdded(media) if media.kind == MediaKind::Audio && self.line.is_none() => {
                let sends = matches!(media.direction, Direction::SendRecv | Direction::SendOnly);
                self.line = Some(Line { mid: media.mid, pt: None, sends });
            }
            Event::MediaData(data) if self.line.as_ref().is_some_and(|line| line.mid == data.mid) => {
                let time = data.time.rebase(Frequency::FORTY_EIGHT_KHZ).numer();
                self.events.push_back(PeerEvent::Audio { packet: data.data, time });
            }
            Event::ChannelOpen(id, label) if label == EVENT_CHANNEL && self.channel.is_none() => {
                self.channel = Some(id);
                self.events.push_back(PeerEvent::ChannelOpen);
            }
            Event::ChannelData(data) if self.channel == Some(data.id) => {
                let text = if data.binary { None } else { String::from_utf8(data.data).ok() };
                self.events.push_back(PeerEvent::Message(text));
            }
            Event::ChannelClose(id) if self.channel == Some(id) => {
                self.channel = None;
                self.events.push_back(PeerEvent::Closed);
            }
            Event::Closed => self.events.push_back(PeerEvent::Closed),
            _ => {}
        }
    }
}

fn bind(addresses: &[IpAddr]) -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(addresses.len());
    let mut failed = None;
    for address in addresses {
        let bound = std::net::UdpSocket::bind((*address, 0)).and_then(|udp| {
            udp.set_nonblocking(true)?;
            let local = udp.local_addr()?;
            Ok(Socket { udp: UdpSocket::from_std(udp)?, local })
        });
        match bound {
            Ok(socket) => sockets.push(socket),
            // An interface may have gone since it was listed.
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if sockets.is_empty() => Err(error),
        _ if sockets.is_empty() => Err(io::ErrorKind::AddrNotAvailable.into()),
        _ => Ok(sockets),
    }
}

/// How long a packet waits for one that was sent before it.
const REORDERING: Duration = Duration::from_millis(60);

/// The most one event, and the data channel's buffer, may hold, in bytes.
const MAX_UNSENT: usize = 1 << 20;

/// The most events that wait for the data channel.
const MAX_OUTBOX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;
    use std::sync::LazyLock;

    static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::generate().expect("a certificate"));

    static OFFER: LazyLock<String> = LazyLock::new(|| {
        let mut rtc = IDENTITY.rtc(Instant::now());
        let mut change = rtc.sdp_api();
        change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        change.add_channel(EVENT_CHANNEL.to_owned());
        change.apply().expect("an offer").0.to_sdp_string()
    });

    #[tokio::test]
    async fn an_offer_is_answered_with_a_candidate_for_every_address() {
        let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))];
        let (_, answer) = Peer::accept(&IDENTITY, &OFFER, &addresses, Instant::now()).expect("an answer");
        for address in addresses {
            assert!(answer.contains(&format!(" {address} ")), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_gone_does_not_spoil_the_others() {
        let addresses = [IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)), IpAddr::V4(Ipv4Addr::LOCALHOST)];
        assert!(Peer::accept(&IDENTITY, &OFFER, &addresses, Instant::now()).is_ok());
        let gone = Peer::accept(&IDENTITY, &OFFER, &addresses[..1], Instant::now());
        assert!(matches!(gone, Err(OfferError::Socket(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn a_damaged_offer_never_panics(at in 0usize..60, what in 0u8..4, junk in "[ -~]{0,30}", place in 0usize..40) {
            let mut lines: Vec<String> = OFFER.lines().map(str::to_owned).collect();
            let at = at % lines.len();
            match what {
                0 => { lines.remove(at); }
                1 => lines.insert(at, junk),
                2 => { let line = lines[at].clone(); lines.push(line); }
                _ => {
                    let line = &mut lines[at];
                    let place = place % (line.len() + 1);
                    line.insert_str(place, &junk);
                }
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
            runtime.block_on(async {
                let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
                let _ = Peer::accept(&IDENTITY, &(lines.join("\r\n") + "\r\n"), &addresses, Instant::now());
            });
        }
    }
}
