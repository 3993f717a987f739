//! One call: the task that owns a peer, its ears, its mouth and its session, and moves facts between them.
//!
//! It waits for a datagram, for mail from the threads that recognise and speak, or for the next deadline; then it
//! settles everything that became due. Nothing in here may block: audio of this call, and of every other call on the
//! same thread, depends on it.

mod foresight;
mod line;
mod speaking;
mod understanding;

pub(crate) use line::Line;

use crate::ears::{Ears, Heard, Speech};
use crate::mouth::{Mouth, Packet, Spoken};
use crate::peer::{Peer, PeerEvent};
use crate::recogniser::Recogniser;
use crate::session::{Effect, Input, Session};
use crate::speech::Speaker;
use foresight::{Foresight, Words};
use protocol::{CallId, ItemId, ResponseId};
use speaking::Making;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The engine or a client asked for it.
    HungUp,
    /// The far end closed the connection.
    Left,
    /// The far end was never heard.
    NeverConnected,
    /// The far end was not heard any more.
    Lost,
    /// The session came to its longest duration.
    Expired,
}

/// What a call is made of.
pub(crate) struct Parts {
    pub(crate) id: CallId,
    pub(crate) peer: Peer,
    pub(crate) ears: Ears,
    pub(crate) session: Session,
    pub(crate) silence: Packet,
    pub(crate) speaker: Arc<Speaker>,
    pub(crate) recogniser: Option<Arc<dyn Recogniser>>,
}

/// A call in progress.
pub(crate) struct Call {
    id: CallId,
    peer: Peer,
    ears: Ears,
    mouth: Mouth,
    session: Session,
    speaker: Arc<Speaker>,
    recogniser: Option<Arc<dyn Recogniser>>,
    mail: mpsc::Sender<Mail>,
    inbox: mpsc::Receiver<Mail>,
    began: Instant,
    connected: bool,
    /// Since when the far end is not heard; at first, since the beginning.
    unheard_since: Option<Instant>,
    last_audio: Instant,
    making: Option<Making>,
    utterances: usize,
    /// The utterance that just ended.
    finished: Option<Speech>,
    foresight: Foresight,
    /// Servers that watch the call.
    watchers: Vec<mpsc::Sender<String>>,
    ended: Option<Ended>,
}

/// What the threads that recognise and speak, and those who watch the call, have to tell.
enum Mail {
    Packets { response: ResponseId, packets: Vec<Packet> },
    Sentence { response: ResponseId, sentence: usize, length: Duration },
    AllMade { response: ResponseId },
    Unspeakable { response: ResponseId, reason: String },
    Words { item: ItemId, words: Words, length: Duration },
    Foreseen { number: u64, words: Words },
    Watched { by: mpsc::Sender<String> },
    Said { by_watcher: String },
}

impl Call {
    /// A call whose answer is on its way to the far end.
    pub(crate) fn new(parts: Parts) -> Self {
        let now = Instant::now();
        let (mail, inbox) = mpsc::channel(MOST_MAIL);
        Self {
            id: parts.id,
            peer: parts.peer,
            ears: parts.ears,
            mouth: Mouth::new(now, parts.silence),
            session: parts.session,
            speaker: parts.speaker,
            recogniser: parts.recogniser,
            mail,
            inbox,
            began: now,
            connected: false,
            unheard_since: Some(now),
            last_audio: now,
            making: None,
            utterances: 0,
            finished: None,
            foresight: Foresight::default(),
            watchers: Vec::new(),
            ended: None,
        }
    }

    /// A second line to the call.
    pub(crate) fn line(&self) -> Line {
        Line::new(&self.mail)
    }

    /// Runs to the end of the call.
    pub(crate) async fn run(mut self, hang_up: CancellationToken) -> Ended {
        let mut buffer = vec![0u8; LARGEST_DATAGRAM];
        loop {
            self.settle(Instant::now());
            if let Some(ended) = self.ended {
                self.peer.close();
                return ended;
            }
            let deadline = self.deadline();
            let Self { peer, inbox, .. } = &mut self;
            tokio::select! {
                biased;
                () = hang_up.cancelled() => self.ended = Some(Ended::HungUp),
                (length, source, local) = std::future::poll_fn(|cx| peer.poll_receive(cx, &mut buffer)) => {
                    self.peer.handle_datagram(Instant::now(), &buffer[..length], source, local);
                }
                Some(mail) = inbox.recv() => self.open_mail(Instant::now(), mail),
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
        }
    }

    fn deadline(&self) -> Instant {
        let session = self.session.poll_timeout().map(|at| self.began + at);
        let unheard = self.unheard_since.map(|since| since + self.patience());
        let silence = self.ears.is_speaking().then(|| self.last_audio + DEAD_LINE);
        [session, unheard, silence, self.mouth.deadline()]
            .into_iter()
            .flatten()
            .fold(self.peer.deadline(), Instant::min)
    }

    /// Does everything that is due.
    fn settle(&mut self, now: Instant) {
        if now >= self.peer.deadline() {
            self.peer.handle_timeout(now);
        }
        while let Some(event) = self.peer.poll_event() {
            self.on_peer(now, event);
        }
        if self.ears.is_speaking() && now >= self.last_audio + DEAD_LINE {
            let mut facts = Vec::new();
            self.ears.miss(DEAD_LINE, &mut facts);
            self.last_audio = now;
            self.on_heard(now, facts);
        }
        if self.session.poll_timeout().is_some_and(|at| self.began + at <= now) {
            self.session.handle_timeout(now - self.began);
            self.perform(now);
        }
        while let Some((frame, spoken)) = self.mouth.poll(now) {
            if let Some(frame) = frame {
                self.peer.play(now, &frame);
            }
            match spoken {
                Some(Spoken::Started(response)) => self.input(now, Input::AudioStarted(response)),
                Some(Spoken::Drained(response)) => self.input(now, Input::AudioDrained(response)),
                None => {}
            }
        }
        if self.ended.is_none() && self.unheard_since.is_some_and(|since| now >= since + self.patience()) {
            self.ended = Some(if self.connected { Ended::Lost } else { Ended::NeverConnected });
        }
    }

    fn patience(&self) -> Duration {
        if self.connected { LOST } else { NEVER_CONNECTED }
    }

    fn on_peer(&mut self, now: Instant, event: PeerEvent) {
        match event {
            PeerEvent::Connected => {
                self.connected = true;
                self.unheard_since = None;
            }
            PeerEvent::Found => {
                if self.connected {
                    self.unheard_since = None;
                }
            }
            PeerEvent::Lost => {
                self.unheard_since.get_or_insert(now);
            }
            PeerEvent::Closed => {
                self.ended.get_or_insert(Ended::Left);
            }
            PeerEvent::ChannelOpen => self.input(now, Input::Opened),
            PeerEvent::Message(text) => {
                tracing::debug!(call = %self.id, kind = text.as_deref().map(kind_of), "received");
                self.input(now, Input::Client(text));
            }
            PeerEvent::Audio { packet, time } => {
                self.last_audio = now;
                let mut facts = Vec::new();
                self.ears.hear(&packet, time, &mut facts);
                self.on_heard(now, facts);
            }
        }
    }

    fn on_heard(&mut self, now: Instant, facts: Vec<Heard>) {
        for fact in facts {
            match fact {
                Heard::Started { at } => {
                    self.foresight.forget();
                    self.input(now, Input::SpeechStarted { at });
                }
                Heard::Fading { speech } => self.foresee(speech),
                Heard::Resumed => self.foresight.forget(),
                Heard::Stopped { at, speech } => {
                    self.finished = Some(speech);
                    self.input(now, Input::SpeechStopped { at });
                }
            }
        }
    }

    fn open_mail(&mut self, now: Instant, mail: Mail) {
        match mail {
            Mail::Packets { response, packets } => self.mouth.push(now, &response, packets),
            Mail::Sentence { response, sentence, length } => {
                self.input(now, Input::Made { response, sentence, length });
            }
            Mail::AllMade { response } => self.mouth.finish(now, &response),
            Mail::Unspeakable { response, reason } => {
                self.mouth.finish(now, &response);
                self.input(now, Input::Unspeakable { response, reason });
            }
            Mail::Words { item, words, length } => self.input(now, Input::Transcribed { item, words, length }),
            Mail::Foreseen { number, words } => self.foreseen(now, number, words),
            Mail::Watched { by } => {
                // Whoever comes later is greeted as the first one was.
                if by.try_send(self.session.greeting().to_json()).is_ok() {
                    self.watchers.push(by);
                }
            }
            Mail::Said { by_watcher } => self.input(now, Input::Client(Some(by_watcher))),
        }
    }

    fn input(&mut self, now: Instant, input: Input) {
        self.session.handle_input(now - self.began, input);
        self.perform(now);
    }

    fn perform(&mut self, now: Instant) {
        while let Some(effect) = self.session.poll_effect() {
            match effect {
                Effect::Send(message) => {
                    tracing::debug!(call = %self.id, kind = message.event.kind(), "sent");
                    let text = message.to_json();
                    // Whoever does not keep up, or has left, watches no more.
                    self.watchers.retain(|watcher| watcher.try_send(text.clone()).is_ok());
                    self.peer.send(text);
                }
                Effect::Listen(listening) => self.ears.listen(listening),
                Effect::Recognise(item) => self.recognise(now, item),
                Effect::Cut { item, event_id } => {
                    let speech = self.ears.cut();
                    let length = speech.length();
                    self.finished = Some(speech);
                    self.foresight.forget();
                    self.session.handle_input(now - self.began, Input::Cut { item, event_id, length });
                }
                Effect::ClearInput => self.ears.clear(),
                Effect::Say { response, sentences, manner } => self.say(response, sentences, manner),
                Effect::Rehearse { sentences, manner } => self.rehearse(sentences, manner),
                Effect::StopMaking(response) => {
                    self.making.take_if(|making| making.response == response);
                    self.mouth.abandon(now, &response);
                }
                Effect::Hush { asked } => {
                    self.making = None;
                    let cut = self.mouth.hush(now);
                    self.session.handle_input(now - self.began, Input::Hushed { cut, asked });
                }
                Effect::HangUp => self.ended = Some(Ended::Expired),
            }
        }
    }
}

/// The type of an event, for the log; nothing that was said.
fn kind_of(text: &str) -> String {
    let kind = serde_json::from_str::<serde_json::Value>(text).ok();
    let kind = kind.as_ref().and_then(|event| event.get("type")).and_then(|kind| kind.as_str());
    kind.unwrap_or("not an event").chars().take(80).collect()
}

/// Larger than any datagram that ICE, DTLS or RTP send.
const LARGEST_DATAGRAM: usize = 2048;

/// The most mail that waits; those who send more wait too.
const MOST_MAIL: usize = 256;

/// No audio for this long while the user speaks counts as silence of that length.
const DEAD_LINE: Duration = Duration::from_millis(200);

/// How long a far end may be unheard before the call ends.
const LOST: Duration = Duration::from_secs(20);

/// How long a far end may take to connect.
const NEVER_CONNECTED: Duration = Duration::from_secs(30);
