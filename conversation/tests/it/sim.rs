//! The whole world in one struct: the core, a scripted far end, a browser that obeys, and a clock.

use crate::far::{Far, Step};
use conversation::{
    Attempt, Config, Conversation, Direction, Effect, Errand, HttpFailure, Input, Intent, LinkInput, LookUpId,
    MicrophoneError, MicrophoneInput, Ms, PeerState, Phase, Row, RowState, Speaker, Time, View,
};
use protocol::api::TurnRecord;
use protocol::context::{ContextEvent, ContextRequest};
use protocol::{CallId, ClientMessage, EphemeralKey};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Something on its way.
#[derive(Debug)]
enum Coming {
    /// To the core.
    In(Input),
    /// A text of one attempt to the core.
    Text(Attempt, String),
    /// A message of one attempt to the far end.
    Out(Attempt, ClientMessage),
    /// The far end does something.
    Far(Attempt, Step),
    /// A block of both tracks is measured.
    Block,
}

/// What our server says to a look-up.
pub(crate) enum Reply {
    /// A line of the answer.
    Event(ContextEvent),
    /// Its end.
    End(Option<HttpFailure>),
}

/// An answer to a look-up, each part with its time after the question arrived.
pub(crate) type Script = Vec<(Ms, Reply)>;

/// Core, far end, latency, loss and clock.
pub(crate) struct Sim {
    pub(crate) core: Conversation,
    pub(crate) far: Far,
    /// One way.
    pub(crate) latency: Ms,
    /// How often a key and a call are refused, one entry an attempt; none left is granted.
    pub(crate) keys: VecDeque<HttpFailure>,
    pub(crate) calls: VecDeque<HttpFailure>,
    pub(crate) microphone: Result<(), MicrophoneError>,
    /// Whether the far end greets a call.
    pub(crate) greets: bool,
    /// Whether levels are measured.
    pub(crate) measures: bool,
    /// Whether anything reaches anybody; what is sent meanwhile arrives later.
    pub(crate) down: bool,
    pub(crate) now: Time,
    /// Everything the core asked for, with its time.
    pub(crate) effects: Vec<(Time, Effect)>,
    pub(crate) gain: f32,
    /// Attempts whose call is open at the browser.
    pub(crate) open: Option<Attempt>,
    pub(crate) microphone_held: bool,
    /// What our server answers to look-ups.
    pub(crate) server: Box<dyn Fn(&ContextRequest) -> Script>,
    /// Whether it stores what is to be remembered.
    pub(crate) stores: Result<(), HttpFailure>,
    /// What it says when it is to watch something, or no more.
    pub(crate) watches: Result<&'static str, HttpFailure>,
    /// Look-ups that were asked for and have neither ended nor been cancelled.
    pub(crate) asking: BTreeSet<LookUpId>,
    /// The response that the core must believe to be active, by what it was told.
    active: Option<String>,
    /// Whether it asked for one and has had no answer.
    asked: bool,
    log_seen: u64,
    coming: BTreeMap<(Time, u64), Coming>,
    held: Vec<Coming>,
    speaks_until: Time,
    utterances: u32,
    order: u64,
    seen: usize,
}

impl Sim {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        let mut sim = Self {
            core: Conversation::new(config, 42),
            far: Far::new(),
            latency: Ms(20),
            keys: VecDeque::new(),
            calls: VecDeque::new(),
            microphone: Ok(()),
            greets: true,
            measures: true,
            down: false,
            now: Time::ZERO,
            effects: Vec::new(),
            gain: 1.0,
            open: None,
            microphone_held: false,
            server: Box::new(|_| vec![(Ms(0), Reply::End(None))]),
            stores: Ok(()),
            watches: Ok(r#"{"told":"Watching the oven every minute."}"#),
            asking: BTreeSet::new(),
            active: None,
            asked: false,
            log_seen: 0,
            coming: BTreeMap::new(),
            held: Vec::new(),
            speaks_until: Time::ZERO,
            utterances: 0,
            order: 0,
            seen: 0,
        };
        sim.plan(Ms(10), Coming::Block);
        sim
    }

    /// One that is connected and has been silent for a moment.
    pub(crate) fn connected() -> Self {
        Self::connected_with(Config::default())
    }

    pub(crate) fn connected_with(config: Config) -> Self {
        let mut sim = Self::with(config);
        sim.connect();
        sim
    }

    pub(crate) fn connect(&mut self) {
        self.intent(Intent::Connect);
        self.run_until("connected", |view| view.phase == Phase::Listening);
        self.run(Ms(6_000));
        self.sent();
    }

    // What the user does.

    pub(crate) fn intent(&mut self, intent: Intent) {
        self.tell(Input::Intent(intent));
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.intent(Intent::Say(text.to_owned()));
    }

    /// The user makes a sound of this length; the far end takes it for speech from its 200th millisecond.
    pub(crate) fn speak(&mut self, length: Ms) {
        self.speaks_until = self.now + length;
        if length >= Ms(200)
            && let Some(attempt) = self.open
        {
            self.utterances += 1;
            let number = self.utterances;
            self.plan(Ms(200), Coming::Far(attempt, Step::SpeechStarts(number)));
            self.plan(length + Ms(500), Coming::Far(attempt, Step::SpeechStops(number)));
        }
    }

    /// A whole turn, to the end of the answer.
    pub(crate) fn turn(&mut self) {
        self.speak(Ms(1_000));
        self.run(Ms(2_000));
        self.run_until("the answer is over", |view| view.phase == Phase::Listening);
        self.run(Ms(500));
    }

    // What the world does.

    pub(crate) fn tell(&mut self, input: Input) {
        if let Input::Received(attempt, text) = &input
            && self.open == Some(*attempt)
        {
            self.believe(text);
        }
        if let Input::ContextEnded(id, _) = &input {
            self.asking.remove(id);
        }
        self.core.handle_input(self.now, input);
        self.drain();
    }

    pub(crate) fn link(&mut self, input: LinkInput) {
        let attempt = self.open.unwrap_or_default();
        self.tell(Input::Link(attempt, input));
    }

    /// The far end says something of its own.
    pub(crate) fn emit(&mut self, event: serde_json::Value) {
        self.far.emit(event);
        self.collect();
    }

    /// A text arrives that the far end never made.
    pub(crate) fn receive(&mut self, text: &str) {
        let attempt = self.open.unwrap_or_default();
        self.tell(Input::Received(attempt, text.to_owned()));
    }

    /// Nothing reaches anybody, and the browser notices.
    pub(crate) fn link_down(&mut self) {
        self.down = true;
        self.link(LinkInput::Peer(PeerState::Disconnected));
    }

    pub(crate) fn link_up(&mut self) {
        self.down = false;
        for coming in std::mem::take(&mut self.held) {
            self.plan(Ms(0), coming);
        }
        self.link(LinkInput::Peer(PeerState::Connected));
    }

    // Time.

    pub(crate) fn run(&mut self, length: Ms) {
        let end = self.now + length;
        while self.next().is_some_and(|at| at <= end) {
            self.step();
        }
        self.now = end;
    }

    pub(crate) fn run_until(&mut self, what: &str, mut reached: impl FnMut(&View) -> bool) {
        let end = self.now + Ms(120_000);
        while !reached(&self.view()) {
            assert!(self.next().is_some_and(|at| at <= end), "never: {what}; {:#?}", self.view());
            self.step();
        }
    }

    fn next(&self) -> Option<Time> {
        let timer = self.core.poll_timeout().map(|(at, _)| at);
        let coming = self.coming.first_key_value().map(|((at, _), _)| *at);
        timer.into_iter().chain(coming).min()
    }

    fn step(&mut self) {
        let timer = self.core.poll_timeout().map(|(at, _)| at);
        let coming = self.coming.first_key_value().map(|((at, _), _)| *at);
        if let Some(at) = timer
            && coming.is_none_or(|coming| at <= coming)
        {
            self.now = self.now.max(at);
            self.core.handle_timeout(self.now);
            self.drain();
        } else if let Some(((at, _), coming)) = self.coming.pop_first() {
            self.now = self.now.max(at);
            self.arrive(coming);
        }
    }

    fn arrive(&mut self, coming: Coming) {
        match coming {
            Coming::Block => self.block(),
            Coming::Text(..) | Coming::Out(..) if self.down => self.held.push(coming),
            Coming::In(input) => self.tell(input),
            Coming::Text(attempt, text) => self.tell(Input::Received(attempt, text)),
            Coming::Out(attempt, message) if self.open == Some(attempt) => {
                self.far.receive(message);
                self.collect();
            }
            Coming::Far(attempt, step) if self.open == Some(attempt) => {
                self.far.step(&step);
                self.collect();
            }
            Coming::Out(..) | Coming::Far(..) => {}
        }
    }

    /// Follows what the core must believe of responses.
    fn believe(&mut self, text: &str) {
        let event: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let response = event["response"]["id"].as_str();
        match (event["type"].as_str(), response) {
            (Some("response.created"), Some(id)) => (self.active, self.asked) = (Some(id.to_owned()), false),
            (Some("response.done"), Some(id)) if self.active.as_deref() == Some(id) => self.active = None,
            (Some("error"), _) => (self.active, self.asked) = (None, false),
            _ => {}
        }
    }

    /// The watchdogs may give up a belief; they say so in the log.
    fn follow_watchdogs(&mut self) {
        let log = self.view().log;
        for line in log.iter().filter(|line| line.key >= self.log_seen && line.name == "watchdog") {
            match line.detail.as_str() {
                "cancel unanswered" => self.active = None,
                "asking again" | "no answer" => self.asked = false,
                _ => {}
            }
        }
        self.log_seen = log.last().map_or(0, |line| line.key + 1);
    }

    fn check_request(&mut self) {
        assert_eq!(self.active, None, "a response is asked for while one is believed active");
        assert!(!self.asked, "a response is asked for already");
        self.asked = true;
    }

    fn block(&mut self) {
        self.plan(Ms(10), Coming::Block);
        if self.measures && self.open.is_some() {
            let sounds = self.far.sounds() && !self.down;
            self.tell(Input::PlaybackLevel(if sounds { 0.1 } else { 0.0 }));
            if self.microphone_held {
                let speaks = self.speaks_until > self.now;
                self.tell(Input::MicrophoneLevel(if speaks { 0.2 } else { 0.001 }));
            }
        }
    }

    fn plan(&mut self, after: Ms, coming: Coming) {
        self.order += 1;
        self.coming.insert((self.now + after, self.order), coming);
    }

    fn collect(&mut self) {
        let (texts, later) = self.far.take();
        let attempt = self.open.unwrap_or_default();
        for text in texts {
            self.plan(self.latency, Coming::Text(attempt, text.to_string()));
        }
        for (after, step) in later {
            self.plan(after, Coming::Far(attempt, step));
        }
    }

    fn drain(&mut self) {
        self.follow_watchdogs();
        while let Some(effect) = self.core.poll_effect() {
            self.effects.push((self.now, effect.clone()));
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        let trip = Ms(self.latency.0 * 2);
        match effect {
            Effect::AcquireMicrophone(attempt) => {
                self.microphone_held = self.microphone.is_ok();
                let answer = match &self.microphone {
                    Ok(()) => MicrophoneInput::Ready { label: None },
                    Err(error) => MicrophoneInput::Refused(error.clone()),
                };
                self.plan(Ms(300), Coming::In(Input::Microphone(attempt, answer)));
            }
            Effect::ReleaseMicrophone => self.microphone_held = false,
            Effect::MintKey(attempt) => {
                let answer = match self.keys.pop_front() {
                    Some(failure) => LinkInput::KeyRefused(failure),
                    None => LinkInput::KeyMinted { key: EphemeralKey::new("ek_secret") },
                };
                self.plan(trip, Coming::In(Input::Link(attempt, answer)));
            }
            Effect::OpenCall { attempt, .. } => self.open_call(attempt, trip),
            Effect::CloseCall(attempt) => {
                assert_eq!(self.open, Some(attempt), "only a call that is open can be closed");
                self.open = None;
                self.held.clear();
            }
            Effect::Send(attempt, text) => {
                assert_eq!(self.open, Some(attempt), "nothing is sent without a call: {text}");
                let message = message(&text);
                if message.event.kind() == "response.create" {
                    self.check_request();
                }
                self.plan(self.latency, Coming::Out(attempt, message));
            }
            Effect::SetGain { gain, .. } => self.gain = gain,
            Effect::EnableMicrophone(_)
            | Effect::HangUp(_)
            | Effect::ResumeAudio
            | Effect::ReportTurn(_)
            | Effect::Trace(_)
            | Effect::SignIn => {}
            Effect::LookUp { id, request } => {
                assert!(self.asking.insert(id), "every look-up has a number of its own");
                for (after, reply) in (self.server)(&request) {
                    let input = match reply {
                        Reply::Event(event) => Input::Context(id, event),
                        Reply::End(failure) => Input::ContextEnded(id, failure),
                    };
                    self.plan(trip + after, Coming::In(input));
                }
            }
            Effect::CancelLookUp(id) => assert!(self.asking.remove(&id), "only what is under way can be cancelled"),
            Effect::Run { id, errand } => {
                let outcome = match errand {
                    Errand::Remember(_) => self.stores.clone().map(|()| "{}".to_owned()),
                    Errand::Watch(_) | Errand::Unwatch(_) => self.watches.clone().map(str::to_owned),
                };
                self.plan(trip, Coming::In(Input::Ran(id, outcome)));
            }
        }
    }

    fn open_call(&mut self, attempt: Attempt, trip: Ms) {
        assert_eq!(self.open, None, "there is one call at a time");
        self.open = Some(attempt);
        (self.active, self.asked) = (None, false);
        if let Some(failure) = self.calls.pop_front() {
            self.plan(trip, Coming::In(Input::Link(attempt, LinkInput::CallRefused(failure))));
            return;
        }
        let call = CallId::new(format!("rtc_{}", attempt.0));
        let answered = LinkInput::Answered { call_id: Some(call) };
        self.plan(trip, Coming::In(Input::Link(attempt, answered)));
        if self.down {
            return;
        }
        self.plan(trip + Ms(50), Coming::In(Input::Link(attempt, LinkInput::Peer(PeerState::Connected))));
        self.plan(trip + Ms(60), Coming::In(Input::Link(attempt, LinkInput::ChannelOpened)));
        if self.greets {
            self.far.renew();
            let (texts, _) = self.far.take();
            for text in texts {
                self.plan(trip + Ms(70), Coming::Text(attempt, text.to_string()));
            }
        }
    }

    // What can be looked at.

    /// What was looked up, with its time.
    pub(crate) fn questions(&self) -> Vec<(Time, ContextRequest)> {
        let asked = self.effects.iter().filter_map(|(at, effect)| match effect {
            Effect::LookUp { request, .. } => Some((*at, request.clone())),
            _ => None,
        });
        asked.collect()
    }

    /// What our server was to do.
    pub(crate) fn errands(&self) -> Vec<Errand> {
        let errands = self.effects.iter().filter_map(|(_, effect)| match effect {
            Effect::Run { errand, .. } => Some(errand.clone()),
            _ => None,
        });
        errands.collect()
    }

    /// What the model has been given and still has, oldest first.
    pub(crate) fn injected(&self) -> Vec<String> {
        self.far.items.iter().filter(|(id, _)| id.starts_with("ctx")).map(|(_, text)| text.clone()).collect()
    }

    pub(crate) fn view(&self) -> View {
        self.core.view()
    }

    /// The types of what was sent since the last look.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let new = self.effects[self.seen..].iter();
        let sent = new.filter_map(|(_, effect)| match effect {
            Effect::Send(_, text) => Some(message(text).event.kind().to_owned()),
            _ => None,
        });
        let sent = sent.collect();
        self.seen = self.effects.len();
        sent
    }

    pub(crate) fn records(&self) -> Vec<TurnRecord> {
        let records = self.effects.iter().filter_map(|(_, effect)| match effect {
            Effect::ReportTurn(record) => Some(record.clone()),
            _ => None,
        });
        records.collect()
    }

    pub(crate) fn record(&self) -> TurnRecord {
        self.records().pop().unwrap_or_default()
    }

    /// How often the core asked for this.
    pub(crate) fn count(&self, wanted: impl Fn(&Effect) -> bool) -> usize {
        self.effects.iter().filter(|(_, effect)| wanted(effect)).count()
    }

    /// The transcript as lines: who, what was heard, and how far it is where it is not whole.
    pub(crate) fn transcript(&self) -> Vec<String> {
        self.view().transcript.iter().map(line).collect()
    }

    pub(crate) fn notice(&self) -> String {
        self.view().notice.map(|notice| notice.title).unwrap_or_default()
    }

    pub(crate) fn noted(&self, name: &str, detail: &str) -> bool {
        let view = self.view();
        view.log.iter().any(|line| line.direction == Direction::Note && line.name == name && line.detail == detail)
    }
}

fn line(row: &Row) -> String {
    let who = match row.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    let heard = row.text.get(..row.heard).expect("what was heard ends at a character");
    match row.state {
        RowState::Done => format!("{who}: {heard}"),
        state => format!("{who}: {heard} ({state:?})"),
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.core.poll_effect(), None, "an effect was not performed");
            let due = self.core.poll_timeout().filter(|(at, _)| *at < self.now);
            assert_eq!(due, None, "a timer is past due");
        }
    }
}

/// What was sent, as the service reads it.
pub(crate) fn message(text: &str) -> ClientMessage {
    ClientMessage::parse(text).unwrap()
}
