//! A reference model with generated steps: whatever the user, the browser and the far end do, in any order and with
//! any nonsense in between, the promises of the core hold.

use crate::far::Manner;
use crate::server::{ZERO, end, found, item, looking_up, started, summary};
use crate::sim::{Reply, Script, Sim};
use conversation::{
    Attachment, AttachmentKind, Attempt, Config, Cutter, Effect, Errand, HttpFailure, Input, Intent, LinkInput,
    LookUpId, MicrophoneError, MicrophoneInput, Ms, PeerState, Phase, RowState, Starter,
};
use proptest::collection::vec;
use proptest::prelude::*;
use protocol::EphemeralKey;
use protocol::context::{ContextEvent, ContextItem, Lane};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    Intent(Intent),
    Speak(u64),
    Wait(u64),
    Manner(Manner),
    Understand(u64, bool),
    Down,
    Up,
    /// The next key, or the next call, is refused.
    Refuse(bool, u16),
    Link(LinkInput),
    Late(LinkInput),
    Microphone(MicrophoneInput),
    Deny(bool),
    Level(f32, bool),
    Text(&'static str),
    Error(&'static str),
    /// The far end begins a response by itself.
    Begin,
    /// Our server answers look-ups like this from now on.
    Server(Server),
    /// The next response calls this function.
    Call(&'static str, &'static str),
    /// A look-up's answer arrives that nobody sent.
    Found(u32, bool),
    Blocked(bool),
    Online(bool),
    Visible(bool),
}

/// How our server answers look-ups.
#[derive(Clone, Copy, Debug)]
enum Server {
    Empty,
    Quick,
    Late,
    Hanging,
    Failing,
    Garbage,
}

impl Server {
    fn script(self) -> Script {
        let fact = |text: &str| vec![item(text, text), ContextItem { lane: Lane::Memory, ..item("m", text) }];
        match self {
            Self::Empty => vec![(Ms(1), summary(Vec::new())), (Ms(1), end())],
            Self::Quick => vec![(Ms(5), found(fact("It is at 14:00."))), (Ms(6), summary(Vec::new())), (Ms(6), end())],
            Self::Late => vec![(Ms(90), summary(Vec::new())), (Ms(1_500), found(fact("Late."))), (Ms(1_600), end())],
            Self::Hanging => vec![(Ms(1), started("news"))],
            Self::Failing => vec![(Ms(1), started("news")), (Ms(3), Reply::End(Some(HttpFailure::TimedOut)))],
            Self::Garbage => {
                let short = ContextItem { expires_at: Some(ZERO + 60), lane: Lane::Hint, ..item("g", "[1] <<<x>>>") };
                let policy = ContextItem { lane: Lane::Policy, relevance: f32::NAN, ..item("", "\u{0} Obey! ") };
                vec![(Ms(0), end()), (Ms(1), summary(vec![short.clone(), policy])), (Ms(2), found(vec![short; 70]))]
            }
        }
    }
}

fn server() -> impl Strategy<Value = Server> {
    prop_oneof![
        Just(Server::Empty),
        Just(Server::Quick),
        Just(Server::Late),
        Just(Server::Hanging),
        Just(Server::Failing),
        Just(Server::Garbage),
    ]
}

fn call() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("search", r#"{"query":"rain","source":"weather"}"#)),
        Just(("recall", r#"{"query":"rain"}"#)),
        Just(("remember", r#"{"text":"rain"}"#)),
        Just(("note", r#"{"kind":"place","text":"rain"}"#)),
        Just(("watch", r#"{"query":"rain","change":1}"#)),
        Just(("unwatch", r#"{"name":"rain"}"#)),
        Just(("search", "{")),
    ]
}

fn attachment() -> impl Strategy<Value = Intent> {
    let text = AttachmentKind::Text { text: "one, two".into() };
    let image = AttachmentKind::Image { data_url: "data:image/png;base64,AAAA".into() };
    let kinds = prop_oneof![Just(text), Just(image), Just(AttachmentKind::Image { data_url: "x".into() })];
    kinds.prop_map(|kind| Intent::Attach(Attachment { name: "file".into(), kind }))
}

fn intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        6 => Just(Intent::Connect),
        2 => Just(Intent::Disconnect),
        1 => any::<bool>().prop_map(Intent::Mute),
        3 => Just(Intent::Interrupt),
        4 => prop_oneof![Just("hello"), Just(" "), Just("what is the time?")].prop_map(|text| Intent::Say(text.into())),
        1 => Just(Intent::RetryNow),
        1 => Just(Intent::Typing),
        2 => Just(Intent::AskAgain),
        1 => Just(Intent::StartAudio),
        1 => Just(Intent::RetryMicrophone),
        1 => Just(Intent::Dismiss),
        1 => any::<bool>().prop_map(Intent::KeepPrivate),
        1 => Just(Intent::DropRecalled),
        1 => Just(Intent::CancelSearch),
        1 => attachment(),
    ]
}

fn link() -> impl Strategy<Value = LinkInput> {
    prop_oneof![
        Just(LinkInput::KeyMinted { key: EphemeralKey::new("ek_x") }),
        Just(LinkInput::KeyRefused(HttpFailure::TimedOut)),
        Just(LinkInput::CallRefused(HttpFailure::Malformed("x".into()))),
        Just(LinkInput::Answered { call_id: None }),
        Just(LinkInput::Answered { call_id: Some("rtc_x".into()) }),
        Just(LinkInput::ChannelOpened),
        Just(LinkInput::ChannelClosed),
        Just(LinkInput::Browser("x".into())),
        prop_oneof![
            Just(PeerState::Connecting),
            Just(PeerState::Connected),
            Just(PeerState::Disconnected),
            Just(PeerState::Failed),
            Just(PeerState::Closed),
        ]
        .prop_map(LinkInput::Peer),
    ]
}

fn manner() -> impl Strategy<Value = Manner> {
    prop_oneof![
        4 => Just(Manner::Spoken),
        1 => Just(Manner::SpokenUntold),
        1 => Just(Manner::Written),
        1 => Just(Manner::Silent),
        1 => Just(Manner::Never),
        1 => Just(Manner::Failing),
        1 => Just(Manner::Filtered),
        1 => Just(Manner::Stuck),
        2 => Just(Manner::Calling),
    ]
}

fn text() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("nonsense"),
        Just(r#"{"type":"unheard.of","event_id":"e"}"#),
        Just(r#"{"type":"session.created","session":{}}"#),
        Just(r#"{"type":"session.updated","session":{}}"#),
        Just(r#"{"type":"response.created","response":{"id":"x","output":[]}}"#),
        Just(r#"{"type":"response.done","response":{"id":"x","status":"completed","output":[]}}"#),
        Just(r#"{"type":"output_audio_buffer.started","response_id":"x"}"#),
        Just(r#"{"type":"output_audio_buffer.stopped","response_id":"x"}"#),
        Just(r#"{"type":"output_audio_buffer.cleared","response_id":"x"}"#),
        Just(r#"{"type":"input_audio_buffer.speech_started","item_id":"x","audio_start_ms":0}"#),
        Just(r#"{"type":"input_audio_buffer.speech_stopped","item_id":"x","audio_end_ms":0}"#),
        Just(r#"{"type":"input_audio_buffer.committed","item_id":"x","previous_item_id":"x"}"#),
        Just(r#"{"type":"input_audio_buffer.committed","item_id":"y","previous_item_id":"x"}"#),
        Just(r#"{"type":"input_audio_buffer.cleared"}"#),
        Just(
            r#"{"type":"response.output_audio_transcript.delta","response_id":"x","item_id":"z","output_index":0,
            "content_index":0,"delta":"word "}"#
        ),
        Just(
            r#"{"type":"conversation.item.input_audio_transcription.completed","item_id":"x","content_index":0,
            "transcript":""}"#
        ),
        Just(
            r#"{"type":"conversation.item.added","previous_item_id":"y","item":{"id":"x","type":"message",
            "role":"assistant","content":[]}}"#
        ),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => intent().prop_map(Event::Intent),
        5 => prop_oneof![Just(120_u64), Just(250), Just(1_000), Just(2_500)].prop_map(Event::Speak),
        14 => prop_oneof![0..60_u64, 60..2_000_u64, 2_000..40_000_u64].prop_map(Event::Wait),
        2 => manner().prop_map(Event::Manner),
        1 => (0..5_000_u64, any::<bool>()).prop_map(|(after, can)| Event::Understand(after, can)),
        1 => Just(Event::Down),
        1 => Just(Event::Up),
        1 => (any::<bool>(), prop_oneof![Just(401), Just(429), Just(500), Just(403)])
            .prop_map(|(key, status)| Event::Refuse(key, status)),
        1 => link().prop_map(Event::Link),
        1 => link().prop_map(Event::Late),
        1 => prop_oneof![
            Just(MicrophoneInput::Ready { label: None }),
            Just(MicrophoneInput::Ended),
            Just(MicrophoneInput::Refused(MicrophoneError::Denied)),
        ]
        .prop_map(Event::Microphone),
        1 => any::<bool>().prop_map(Event::Deny),
        2 => (prop_oneof![Just(0.0_f32), Just(0.5), Just(f32::NAN), Just(-1.0), Just(f32::INFINITY)], any::<bool>())
            .prop_map(|(level, microphone)| Event::Level(level, microphone)),
        3 => text().prop_map(Event::Text),
        1 => prop_oneof![
            Just("session_expired"),
            Just("conversation_already_has_active_response"),
            Just("rate_limit_exceeded"),
            Just("whatever"),
        ]
        .prop_map(Event::Error),
        1 => Just(Event::Begin),
        3 => server().prop_map(Event::Server),
        2 => call().prop_map(|(name, arguments)| Event::Call(name, arguments)),
        1 => (0..9_u32, any::<bool>()).prop_map(|(id, end)| Event::Found(id, end)),
        1 => any::<bool>().prop_map(Event::Blocked),
        1 => any::<bool>().prop_map(Event::Online),
        1 => any::<bool>().prop_map(Event::Visible),
    ]
}

fn config() -> impl Strategy<Value = Config> {
    let context = (any::<bool>(), 0..3_u8, any::<bool>());
    (any::<bool>(), any::<bool>(), 1..8_usize, 8..30_usize, context).prop_map(|(starts, cuts, rows, lines, context)| {
        let mut config = looking_up();
        config.context.enabled = context.0;
        config.context.strategy = match context.1 {
            0 => conversation::Strategy::Parallel,
            1 => conversation::Strategy::Sequential,
            _ => conversation::Strategy::Hybrid,
        };
        config.context.house_rules = vec!["Be kind.".into()];
        config.context.watches = context.2;
        config.keep.context_rows = rows;
        config.turns.starter = if starts { Starter::Client } else { Starter::Upstream };
        config.barge_in.cutter = if cuts { Cutter::Client } else { Cutter::Upstream };
        config.keep.rows = rows;
        config.keep.log_lines = lines;
        config
    })
}

/// What the model knows of the effects that were performed.
#[derive(Debug, Default)]
struct Model {
    seen: usize,
    /// Attempts that are over.
    over: Option<Attempt>,
    newest: Attempt,
    microphones: usize,
    releases: usize,
    turns: Vec<u32>,
}

impl Model {
    /// Looks at what the core asked for since the last look.
    fn follow(&mut self, sim: &Sim) {
        for (_, effect) in &sim.effects[self.seen..] {
            match effect {
                Effect::AcquireMicrophone(attempt) => {
                    // It is asked for beside the calls; the number only tells its answers apart.
                    self.microphones += 1;
                    assert_eq!(*attempt, self.newest);
                }
                Effect::ReleaseMicrophone => self.releases += 1,
                Effect::MintKey(attempt) => {
                    assert!(*attempt > self.newest, "attempts are numbered: {effect:?}");
                    self.newest = *attempt;
                }
                Effect::OpenCall { attempt, .. } | Effect::Send(attempt, _) => self.alive(*attempt, effect),
                Effect::CloseCall(attempt) => {
                    self.alive(*attempt, effect);
                    self.over = Some(*attempt);
                }
                Effect::SetGain { gain, .. } => assert!((0.0..=1.0).contains(gain)),
                Effect::ReportTurn(record) => {
                    let known = ["answered", "interrupted", "failed", "unanswered"];
                    assert!(known.contains(&record.outcome.as_str()), "{record:?}");
                    assert!(record.stamps.values().all(|at| at.is_finite() && *at >= 0.0), "{record:?}");
                    self.turns.push(record.turn);
                }
                Effect::EnableMicrophone(_)
                | Effect::HangUp(_)
                | Effect::ResumeAudio
                | Effect::CancelLookUp(_)
                | Effect::Trace(_)
                | Effect::SignIn => {}
                Effect::LookUp { request, .. } => assert!(!request.talk.is_empty(), "{request:?}"),
                Effect::Run { errand, .. } => {
                    assert!(!matches!(errand, Errand::Remember(_)) || !sim.view().private, "{errand:?}");
                }
            }
        }
        self.seen = sim.effects.len();
    }

    fn alive(&self, attempt: Attempt, effect: &Effect) {
        assert_eq!(attempt, self.newest, "only the newest attempt is worked at: {effect:?}");
        assert!(self.over != Some(attempt), "nothing is done for an attempt that is over: {effect:?}");
    }
}

fn happen(sim: &mut Sim, event: Event) {
    let attempt = sim.open.unwrap_or(Attempt(1));
    match event {
        Event::Intent(intent) => sim.intent(intent),
        Event::Speak(length) => sim.speak(Ms(length)),
        Event::Wait(length) => sim.run(Ms(length)),
        Event::Manner(manner) => sim.far.manner = manner,
        Event::Understand(after, can) => (sim.far.understands_after, sim.far.understands) = (Ms(after), can),
        Event::Down => sim.link_down(),
        Event::Up => sim.link_up(),
        Event::Refuse(key, status) => {
            let failure = HttpFailure::Status { status, code: None, message: None, retry_after: None };
            if key { sim.keys.push_back(failure) } else { sim.calls.push_back(failure) }
        }
        Event::Link(LinkInput::KeyMinted { .. }) | Event::Late(LinkInput::KeyMinted { .. }) => {
            sim.tell(Input::Link(Attempt(0), LinkInput::KeyMinted { key: EphemeralKey::new("ek_x") }));
        }
        Event::Link(input) => sim.tell(Input::Link(attempt, input)),
        Event::Late(input) => sim.tell(Input::Link(Attempt(attempt.0.saturating_sub(1)), input)),
        Event::Microphone(input) => sim.tell(Input::Microphone(attempt, input)),
        Event::Deny(deny) => sim.microphone = if deny { Err(MicrophoneError::Denied) } else { Ok(()) },
        Event::Level(level, true) => sim.tell(Input::MicrophoneLevel(level)),
        Event::Level(level, false) => sim.tell(Input::PlaybackLevel(level)),
        Event::Text(text) => sim.receive(text),
        Event::Error(code) => {
            sim.far.error(code, None);
            sim.emit(json!({"type": "rate_limits.updated", "rate_limits": []}));
        }
        Event::Begin => {
            if sim.open.is_some() {
                let create = protocol::ResponseCreate { response: None };
                sim.far.receive(protocol::ClientMessage::from(protocol::ClientEvent::from(create)));
                sim.emit(json!({"type": "rate_limits.updated", "rate_limits": []}));
            }
        }
        Event::Server(server) => sim.server = Box::new(move |_| server.script()),
        Event::Call(name, arguments) => sim.far.calls.push_back((name, arguments.to_owned())),
        Event::Found(id, true) => sim.tell(Input::ContextEnded(LookUpId(id), None)),
        Event::Found(id, false) => {
            let event = ContextEvent::Summary { query: "q".into(), items: vec![item("x", "Stray.")], elapsed_ms: 0 };
            sim.tell(Input::Context(LookUpId(id), event));
        }
        Event::Blocked(blocked) => sim.tell(Input::AudioBlocked(blocked)),
        Event::Online(online) => sim.tell(Input::Online(online)),
        Event::Visible(visible) => sim.tell(Input::Visible(visible)),
    }
}

/// What is true at any time.
fn check(sim: &Sim, config: &Config) {
    let view = sim.view();
    assert!(view.transcript.len() <= config.keep.rows && view.log.len() <= config.keep.log_lines);
    assert!(view.context.len() <= config.keep.context_rows && view.sources.len() <= 32);
    assert!(view.search.is_none() || view.phase == Phase::Searching, "{:?}", view.phase);
    assert!(sim.asking.len() <= 7, "look-ups under way are bounded, and one follows");
    assert_eq!(view.phase == Phase::Idle, view.can.connect && view.phase != Phase::Failed);
    for row in view.transcript.iter() {
        assert!(row.text.is_char_boundary(row.heard), "{row:?}");
        assert!(row.state == RowState::Interrupted || row.heard == row.text.len(), "{row:?}");
        for cited in row.citations.iter() {
            assert!(row.text.get(cited.start..cited.end).is_some_and(|sentence| !sentence.is_empty()), "{row:?}");
        }
    }
    let keys: std::collections::BTreeSet<_> = view.transcript.iter().map(|row| row.key).collect();
    assert_eq!(keys.len(), view.transcript.len(), "a row is there once");
    if sim.open.is_none() {
        assert!(!matches!(view.phase, Phase::Listening | Phase::Thinking | Phase::Speaking | Phase::Searching));
        assert!((sim.gain - 1.0).abs() < f32::EPSILON, "the gain is whole between calls");
    }
}

proptest! {
    #![proptest_config(proptest_config())]

    #[test]
    fn the_promises_hold_whatever_happens(config in config(), events in vec(event(), 1..60)) {
        let mut sim = Sim::with(config.clone());
        let mut model = Model::default();
        sim.intent(Intent::Connect);
        for event in events {
            happen(&mut sim, event);
            model.follow(&sim);
            check(&sim, &config);
        }

        // Whatever came before: once the world is well again, a typed turn is answered and heard in full.
        sim.link_up();
        sim.keys.clear();
        sim.calls.clear();
        sim.far.manner = Manner::Spoken;
        sim.far.calls.clear();
        sim.tell(Input::AudioBlocked(false));
        sim.intent(Intent::Connect);
        sim.run(Ms(100_000));
        // A refusal that was under way may have ended the attempt.
        sim.intent(Intent::Connect);
        sim.run(Ms(10_000));
        sim.say("are you there?");
        let answered = |sim: &Sim| sim.view().phase == Phase::Speaking && (sim.gain - 1.0).abs() < f32::EPSILON;
        for _ in 0..200 {
            if answered(&sim) {
                break;
            }
            sim.run(Ms(100));
        }
        prop_assert!(answered(&sim), "the talk is stuck: {:#?}", sim.view());
        model.follow(&sim);
        check(&sim, &config);

        sim.intent(Intent::Disconnect);
        model.follow(&sim);
        check(&sim, &config);
        prop_assert!(sim.open.is_none() && !sim.microphone_held);
        prop_assert!(model.releases >= 1 || model.microphones == 0);
        prop_assert_eq!(sim.core.poll_timeout(), None);
    }

    #[test]
    fn rows_stand_as_the_far_end_has_them(events in vec((0..4_u8, 0..3_000_u64), 1..25)) {
        let mut sim = Sim::connected();
        sim.far.says.extend(SAID);
        sim.far.answers.extend(ANSWERED);
        for (number, (what, wait)) in events.into_iter().enumerate() {
            match what {
                0 => sim.speak(Ms(800)),
                1 => sim.say(&format!("typed {number} and sent")),
                2 => sim.intent(Intent::Interrupt),
                _ => sim.far.understands_after = Ms(wait * 2),
            }
            sim.run(Ms(wait));
        }
        sim.run(Ms(30_000));
        let there: Vec<_> = sim.far.items.iter().map(|(_, text)| text.as_str()).collect();
        let view = sim.view();
        let mut last = None;
        for row in view.transcript.iter().filter(|row| !row.text.is_empty()) {
            let at = there.iter().position(|text| text.starts_with(&row.text));
            prop_assert!(at.is_some() && at > last, "{:?} stands wrong in {there:?}", row.text);
            last = at;
        }
    }
}

const SAID: [&str; 25] = [
    "said a", "said b", "said c", "said d", "said e", "said f", "said g", "said h", "said i", "said j", "said k",
    "said l", "said m", "said n", "said o", "said p", "said q", "said r", "said s", "said t", "said u", "said v",
    "said w", "said x", "said y",
];
const ANSWERED: [&str; 25] = [
    "a one two",
    "b one two",
    "c one two",
    "d one two",
    "e one two",
    "f one two",
    "g one two",
    "h one two",
    "i one two",
    "j one two",
    "k one two",
    "l one two",
    "m one two",
    "n one two",
    "o one two",
    "p one two",
    "q one two",
    "r one two",
    "s one two",
    "t one two",
    "u one two",
    "v one two",
    "w one two",
    "x one two",
    "y one two",
];
/// On the host `PROPTEST_CASES` says how many cases are tried; a browser tries a few.
fn proptest_config() -> ProptestConfig {
    let cases = if cfg!(target_arch = "wasm32") { 16 } else { ProptestConfig::default().cases };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
