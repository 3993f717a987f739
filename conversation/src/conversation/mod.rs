//! The parent of all machines: routes inputs to them, and alone decides what follows for the others.

mod announce;
mod answer;
mod attach;
mod call;
mod context;
mod intent;
mod picture;
mod speech;
mod tools;

use crate::barge_in::BargeIn;
use crate::config::{Config, TurnPolicy};
use crate::context::ContextMachine;
use crate::effect::Effect;
use crate::input::Input;
use crate::link::LinkMachine;
use crate::memory::Remembering;
use crate::microphone::MicrophoneMachine;
use crate::notice::{self, Notices, Trouble};
use crate::outbox::Outbox;
use crate::playback::Playback;
use crate::response::ResponseMachine;
use crate::time::Time;
use crate::timer::Timer;
use crate::tools::Tools;
use crate::transcript::Transcript;
use crate::turns::Turns;
use crate::view::View;
use crate::wire::{self, News};
use protocol::ResponseId;

/// One conversation, from the first click to the last word.
#[derive(Debug)]
pub struct Conversation {
    config: Config,
    out: Outbox,
    link: LinkMachine,
    microphone: MicrophoneMachine,
    response: ResponseMachine,
    playback: Playback,
    barge_in: BargeIn,
    turns: Turns,
    transcript: Transcript,
    notices: Notices,
    context: ContextMachine,
    tools: Tools,
    remembering: Remembering,
    hearing: Hearing,
    /// Responses that called functions since the user's last turn.
    rounds: u32,
    /// The newest of them.
    calling: Option<ResponseId>,
    /// Whether a called function is being worked at, or the model goes on with what it gave.
    searching: bool,
    /// The response of which a sentence may be lit.
    lit: Option<ResponseId>,
    /// The response whose sound the service was last told to stop.
    cleared: Option<ResponseId>,
    /// When something was typed last.
    typed: Time,
    /// Whether an answer is to be asked for as soon as there is a call.
    owed: bool,
    /// Whether the user ended the talk, so that the next one begins anew.
    over: bool,
    page: Page,
    odd_events: u32,
}

/// What the page knows of its surroundings.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
struct Page {
    /// The browser waits for a click before it plays audio.
    audio_blocked: bool,
    /// The browser believes that it has a network.
    online: bool,
    /// The page can be seen.
    visible: bool,
    /// The user was told that our server does not know any more who asks.
    signed_out: bool,
}

/// What the service hears of the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hearing {
    /// Nothing.
    #[default]
    Silence,
    /// Speech.
    Speech,
    /// The end of it; it will be committed.
    End,
}

impl Conversation {
    /// A conversation that has not begun. `seed` is any random number: it spreads the backoff of many clients and
    /// makes identifiers unique.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            out: Outbox::new(&config, seed),
            link: LinkMachine::new(config.link.clone()),
            microphone: MicrophoneMachine::default(),
            response: ResponseMachine::new(&config.turns),
            playback: Playback::new(config.turns.silent_speech_timeout),
            barge_in: BargeIn::new(config.barge_in.clone()),
            turns: Turns::default(),
            transcript: Transcript::new(config.keep.rows),
            notices: Notices::default(),
            context: ContextMachine::new(config.context.clone(), config.turns.starter, config.keep.context_rows),
            tools: Tools::default(),
            remembering: Remembering::default(),
            hearing: Hearing::Silence,
            rounds: 0,
            calling: None,
            searching: false,
            lit: None,
            cleared: None,
            typed: Time::ZERO,
            owed: false,
            over: true,
            page: Page { audio_blocked: false, online: true, visible: true, signed_out: false },
            odd_events: 0,
            config,
        }
    }

    /// Tells the core what happened at `now`.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        self.begin_mutation(now);
        match input {
            Input::Intent(intent) => self.handle_intent(intent),
            Input::Link(attempt, input) => {
                let outcome = self.link.handle(attempt, input, &mut self.out);
                self.follow_link(outcome);
            }
            Input::Microphone(attempt, input) => {
                let outcome = self.microphone.handle(attempt, input, &mut self.out);
                self.follow_microphone(outcome);
            }
            Input::Received(attempt, text) => {
                if self.link.listens(attempt, &self.out) {
                    let news = wire::read(&text, &mut self.out);
                    self.handle_news(news);
                }
            }
            Input::MicrophoneLevel(level) => self.hear_user(level),
            Input::PlaybackLevel(level) => self.hear_answer(level),
            Input::AudioBlocked(blocked) => {
                self.page.audio_blocked = blocked;
                if blocked {
                    self.notices.set(Trouble::Audio, notice::audio_blocked());
                } else {
                    self.notices.clear(Trouble::Audio);
                }
            }
            Input::Online(online) => {
                if online && !std::mem::replace(&mut self.page.online, online) {
                    self.link.hurry(&mut self.out);
                }
                self.page.online = online;
            }
            Input::Visible(visible) => {
                if visible && !std::mem::replace(&mut self.page.visible, visible) {
                    self.link.hurry(&mut self.out);
                }
                self.page.visible = visible;
            }
            Input::Policy(policy) => self.context.policy = *policy,
            Input::Context(id, event) => self.look_up_goes_on(id, event),
            Input::ContextEnded(id, failure) => self.look_up_ended(id, failure.as_ref()),
            Input::Ran(id, outcome) => self.ran(id, &outcome),
        }
        self.follow_up();
    }

    /// Tells the core that the time of [`Conversation::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Time) {
        self.begin_mutation(now);
        while let Some(timer) = self.out.timers.take_due(self.out.now) {
            self.ring(timer);
        }
        self.follow_up();
    }

    /// The next thing to do, until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effects = &mut self.out.effects;
        (!effects.is_empty()).then(|| effects.remove(0))
    }

    /// When to wake the core next, and why.
    pub fn poll_timeout(&self) -> Option<(Time, Timer)> {
        self.out.timers.next()
    }

    /// What the user can see. Cheap: text is shared, not copied.
    pub fn view(&self) -> View {
        self.picture()
    }

    fn begin_mutation(&mut self, now: Time) {
        debug_assert!(self.out.effects.is_empty(), "poll_effect must be drained before the next mutation");
        self.out.now = self.out.now.max(now);
    }

    fn ring(&mut self, timer: Timer) {
        match timer {
            Timer::Connect | Timer::Session | Timer::Grace | Timer::Retry => {
                let outcome = self.link.ring(timer, &mut self.out);
                self.follow_link(outcome);
            }
            Timer::Response | Timer::Stall | Timer::Cancel => {
                let outcome = self.response.ring(timer, &mut self.out);
                self.follow_response(outcome);
            }
            Timer::Silent => self.answer_is_silent(),
            Timer::Quiet => self.sound_is_over(),
            Timer::Restore => self.nothing_confirmed(),
            Timer::Cut => self.cut_was_not_taken(),
            Timer::Commit => self.speech_came_to_nothing(),
            Timer::Drain => self.turns.ring_drain(self.playback.is_speaking(), &mut self.out),
            Timer::Gate => self.gate_is_due(),
            Timer::Tool => self.tools_are_due(),
            Timer::Filler => self.search_takes_long(),
            Timer::Expiry => self.context.ring_expiry(self.turns.number(), &mut self.out),
            Timer::Light => self.light(),
            Timer::Pause => self.announce(),
            Timer::Follow => self.context.follow(&mut self.out),
        }
    }

    fn handle_news(&mut self, news: News) {
        match news {
            News::SessionBegan => {
                let turns = TurnPolicy { starter: self.context.starter(), ..self.config.turns.clone() };
                let outcome = self.link.session_began(&turns, &self.config.barge_in, &mut self.out);
                self.follow_link(outcome);
            }
            News::SessionSet => {
                let outcome = self.link.session_set(&mut self.out);
                self.follow_link(outcome);
            }
            News::Refused(refusal) => self.refused(&refusal),
            News::SpeechBegan(item) => self.speech_began(item),
            News::SpeechEnded(_) => self.speech_ended(),
            News::SpeechDropped => self.speech_came_to_nothing(),
            News::Committed(item, previous) => self.committed(item, previous),
            News::Placed(placed) => self.transcript.placed(placed),
            News::UserWords(item, words) => {
                self.transcript.user_words(&item, &words);
                self.words_arrived(&item, None);
            }
            News::UserSaid(item, words) => self.user_said(&item, &words),
            News::UserUnclear(item) => {
                self.transcript.user_unclear(&item);
                self.words_arrived(&item, Some(""));
            }
            News::AnswerBegan(response) => self.answer_began(response),
            News::AnswerItem(response, item) => self.answer_item(response, item),
            News::AnswerWords(words) => self.answer_words(&words, false),
            News::AnswerSaid(words) => self.answer_words(&words, true),
            News::AnswerGoesOn => self.response.goes_on(&mut self.out),
            News::AnswerEnded(response, ending, usage) => self.answer_ended(&response, ending, usage),
            News::FunctionWanted(call) => self.function_wanted(call),
            News::PlaybackBegan(response) => self.playback_began(&response),
            News::PlaybackEnded(response) => self.playback_ended(&response),
            News::PlaybackCleared(response) => self.playback_cleared(&response),
            News::Shortened(item, played) => self.shortened(&item, played),
            News::Nothing => {}
            News::Odd => self.odd_events = self.odd_events.saturating_add(1),
        }
    }
}
