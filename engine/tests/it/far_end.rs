//! A client made of str0m: offers, connects, speaks, listens and notes every event.

use colloquy_engine::voice::{Builtin, Espeak, Manner, SAMPLE_RATE, Voice};
use colloquy_engine::{Config, Engine, RecogniserChoice, VoiceChoice};
use opus_pure::{Application, MAX_PACKET_BYTES, OpusDecoder, OpusEncoder};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use str0m::change::SdpAnswer;
use str0m::channel::ChannelId;
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;

/// An engine for tests: it hears what the script says, and speaks with its own voice.
pub(crate) async fn engine(script: &[&str]) -> Engine {
    engine_with(Config {
        recogniser: RecogniserChoice::Scripted(script.iter().map(|text| (*text).to_owned()).collect()),
        ..config()
    })
    .await
}

/// A configuration that needs nothing installed.
pub(crate) fn config() -> Config {
    Config {
        recogniser: RecogniserChoice::None,
        voice: VoiceChoice::Builtin,
        media_addresses: vec![Ipv4Addr::LOCALHOST.into()],
        ..Config::default()
    }
}

pub(crate) async fn engine_with(config: Config) -> Engine {
    Engine::start(config).await.expect("the engine starts")
}

/// The client's end of a call.
pub(crate) struct FarEnd {
    rtc: Box<Rtc>,
    socket: UdpSocket,
    local: SocketAddr,
    mid: Mid,
    channel: Option<ChannelId>,
    /// Where the engine says the call is.
    pub(crate) location: String,
    /// Every event so far, in order, as the engine sent it.
    pub(crate) events: Vec<Value>,
    seen: usize,
    /// Sound received, at 24 kHz.
    pub(crate) heard: Vec<i16>,
    /// When each packet of sound came, and how loud it was.
    pub(crate) packets: Vec<(Instant, i16)>,
    decoder: Box<OpusDecoder>,
    encoder: Box<OpusEncoder>,
    outgoing: VecDeque<Vec<u8>>,
    media_time: u64,
    next_packet: Instant,
    pace: Duration,
    closed: bool,
}

impl FarEnd {
    /// Calls the engine and waits until the event channel is open.
    pub(crate) async fn call(engine: &Engine) -> Self {
        let mut far_end = Self::offer_to(engine).await.expect("the engine answers");
        far_end.wait_for("session.created").await;
        far_end
    }

    /// Calls the engine; an error is the status and the body of its refusal.
    pub(crate) async fn offer_to(engine: &Engine) -> Result<Self, (u16, Value)> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
        let local = socket.local_addr().expect("an address");
        let mut rtc = Box::new(Rtc::builder().clear_codecs().enable_opus(true, false).build(Instant::now()));
        rtc.add_local_candidate(Candidate::host(local, "udp").expect("a candidate"));
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        change.add_channel("oai-events".to_owned());
        let (offer, pending) = change.apply().expect("an offer");
        let (status, location, body) = post_offer(engine, &offer.to_sdp_string(), "Bearer any").await;
        if status != 201 {
            return Err((status, serde_json::from_str(&body).unwrap_or(Value::String(body))));
        }
        let answer = SdpAnswer::from_sdp_string(&body).expect("an answer");
        rtc.sdp_api().accept_answer(pending, answer).expect("accepted");
        Ok(Self {
            rtc,
            socket,
            local,
            mid,
            channel: None,
            location,
            events: Vec::new(),
            seen: 0,
            heard: Vec::new(),
            packets: Vec::new(),
            decoder: Box::new(OpusDecoder::new(24_000, 1).expect("a decoder")),
            encoder: Box::new(OpusEncoder::new(24_000, 1, Application::Voip).expect("an encoder")),
            outgoing: VecDeque::new(),
            media_time: 0,
            next_packet: Instant::now(),
            pace: SPEAKING_PACE,
            closed: false,
        })
    }

    /// Sends an event.
    pub(crate) fn send(&mut self, event: &Value) {
        self.send_text(&event.to_string());
    }

    /// Sends a text that need not be an event.
    pub(crate) fn send_text(&mut self, text: &str) {
        let mut channel = self.rtc.channel(self.channel.expect("the channel is open")).expect("a channel");
        assert!(channel.write(false, text.as_bytes()).expect("written"));
        self.drain();
    }

    /// Says a sentence and then nothing for a while. It goes out faster than one can speak: the engine counts time in
    /// audio by its samples.
    pub(crate) fn speak(&mut self, text: &str, then_silence: Duration) {
        self.speak_as(&Builtin, text, then_silence);
    }

    /// The same in a voice that a recogniser can understand.
    pub(crate) fn speak_with_espeak(&mut self, text: &str, then_silence: Duration) {
        self.speak_as(&Espeak::find().expect("espeak-ng"), text, then_silence);
    }

    fn speak_as(&mut self, voice: &dyn Voice, text: &str, then_silence: Duration) {
        let mut samples = Vec::new();
        let manner = Manner { voice: "alloy".into(), speed_percent: 100 };
        voice
            .speak(text, &manner, &mut |piece| {
                samples.extend_from_slice(piece);
                ControlFlow::Continue(())
            })
            .expect("speech");
        samples.resize(samples.len() + then_silence.as_millis() as usize * SAMPLE_RATE as usize / 1000, 0);
        self.queue(&samples);
    }

    /// From now on sends packets as slowly as a browser does.
    pub(crate) fn speak_slowly(&mut self) {
        self.pace = Duration::from_millis(20);
    }

    /// Is silent for a while.
    pub(crate) fn be_silent(&mut self, length: Duration) {
        self.queue(&vec![0; length.as_millis() as usize * SAMPLE_RATE as usize / 1000]);
    }

    fn queue(&mut self, samples: &[i16]) {
        for frame in samples.chunks_exact(480) {
            let mut packet = vec![0; MAX_PACKET_BYTES];
            let length = self.encoder.encode_s16(frame, 480, &mut packet).expect("a packet");
            packet.truncate(length);
            self.outgoing.push_back(packet);
        }
    }

    /// Waits for the next event of this type that was not waited for yet, skipping others.
    pub(crate) async fn wait_for(&mut self, kind: &str) -> Value {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            while let Some(event) = self.events.get(self.seen) {
                self.seen += 1;
                if event["type"] == kind {
                    return event.clone();
                }
            }
            assert!(!self.closed, "the call ended before {kind}; so far {:?}", self.kinds());
            assert!(Instant::now() < give_up, "no {kind}; so far {:?}", self.kinds());
            self.step(give_up).await;
        }
    }

    /// Lets the call go on for a while.
    pub(crate) async fn run_for(&mut self, length: Duration) {
        let end = Instant::now() + length;
        while Instant::now() < end && !self.closed {
            self.step(end).await;
        }
    }

    /// Waits until the engine ends the call.
    pub(crate) async fn wait_until_closed(&mut self) {
        let give_up = Instant::now() + Duration::from_secs(10);
        while !self.closed {
            assert!(Instant::now() < give_up, "the call does not end");
            self.step(give_up).await;
        }
    }

    /// The types of all events so far.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.events.iter().filter_map(|event| event["type"].as_str()).collect()
    }

    /// All events of a type so far.
    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["type"] == kind).collect()
    }

    async fn step(&mut self, at_most: Instant) {
        let deadline = self.drain().min(at_most);
        let deadline = if self.outgoing.is_empty() { deadline } else { deadline.min(self.next_packet) };
        let mut buffer = vec![0; 2048];
        tokio::select! {
            received = self.socket.recv_from(&mut buffer) => {
                let (length, source) = received.expect("a datagram");
                if let Ok(receive) = Receive::new(Protocol::Udp, source, self.local, &buffer[..length]) {
                    self.rtc.handle_input(Input::Receive(Instant::now(), receive)).expect("input");
                }
            }
            () = tokio::time::sleep_until(deadline.into()) => {
                self.rtc.handle_input(Input::Timeout(Instant::now())).expect("input");
            }
        }
        self.drain();
        let now = Instant::now();
        if now >= self.next_packet && self.channel.is_some() {
            self.say_next(now);
            self.drain();
        }
    }

    fn say_next(&mut self, now: Instant) {
        let Some(packet) = self.outgoing.pop_front() else { return };
        self.next_packet = now + self.pace;
        let writer = self.rtc.writer(self.mid).expect("an audio line");
        let pt = writer.payload_params().find(|p| p.spec().codec == Codec::Opus).expect("Opus").pt();
        let time = MediaTime::new(self.media_time, Frequency::FORTY_EIGHT_KHZ);
        self.media_time += 960;
        writer.write(pt, now, time, packet).expect("written");
    }

    fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().expect("output") {
                Output::Timeout(deadline) => return deadline,
                Output::Transmit(datagram) => {
                    let _ = self.socket.try_send_to(&datagram.contents, datagram.destination);
                }
                Output::Event(Event::ChannelOpen(id, _)) => self.channel = Some(id),
                Output::Event(Event::ChannelData(data)) => {
                    self.events.push(serde_json::from_slice(&data.data).expect("JSON"));
                }
                Output::Event(Event::MediaData(data)) if !data.data.is_empty() => self.listen(&data.data),
                Output::Event(Event::Closed | Event::ChannelClose(_)) => self.closed = true,
                Output::Event(_) => {}
            }
            if !self.rtc.is_alive() {
                self.closed = true;
                return Instant::now() + Duration::from_millis(10);
            }
        }
    }

    fn listen(&mut self, packet: &[u8]) {
        let mut pcm = [0i16; 480];
        let length = self.decoder.decode_s16(packet, 480, &mut pcm).expect("sound");
        let loudest = pcm[..length].iter().map(|s| s.saturating_abs()).max().unwrap_or(0);
        self.heard.extend_from_slice(&pcm[..length]);
        self.packets.push((Instant::now(), loudest));
    }
}

/// Posts an offer; gives status, `Location` and body.
pub(crate) async fn post_offer(engine: &Engine, offer: &str, authorization: &str) -> (u16, String, String) {
    let response = reqwest::Client::new()
        .post(format!("{}/realtime/calls", engine.base_url()))
        .header("authorization", authorization)
        .header("content-type", "application/sdp")
        .body(offer.to_owned())
        .send()
        .await
        .expect("an answer");
    let location = response.headers().get("location").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    (response.status().as_u16(), location, response.text().await.expect("a body"))
}

/// A session update with these changes.
pub(crate) fn update(changes: &Value) -> Value {
    let mut session = changes.clone();
    session["type"] = "realtime".into();
    json!({ "type": "session.update", "session": session })
}

/// A user's typed message.
pub(crate) fn typed(text: &str) -> Value {
    message("user", text)
}

/// A text message.
pub(crate) fn message(role: &str, text: &str) -> Value {
    let content = json!([{ "type": "input_text", "text": text }]);
    json!({ "type": "conversation.item.create", "item": { "type": "message", "role": role, "content": content } })
}

/// How fast packets of 20 ms go out.
const SPEAKING_PACE: Duration = Duration::from_millis(4);
