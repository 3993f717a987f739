//! The link: key, call, channel, session, rules; then connected. What breaks is tried again with growing delays, until
//! it is given up.
//!
//! It never keeps two calls: a call is closed and hung up before the next attempt begins. News of an attempt that is
//! over is dropped, except that a call which was answered too late is hung up.

use crate::config::{BargeInPolicy, LinkPolicy, TurnPolicy};
use crate::effect::Effect;
use crate::input::{Attempt, LinkInput, PeerState};
use crate::loss::{Loss, Remedy};
use crate::outbox::Outbox;
use crate::time::{Ms, Time};
use crate::timer::Timer;
use crate::trace;
use crate::view;
use crate::wire::Ask;
use protocol::{CallId, EventId};

/// The machine.
#[derive(Debug)]
pub(crate) struct LinkMachine {
    policy: LinkPolicy,
    state: State,
    /// Losses in a row.
    losses: u32,
    /// Keys that were refused in a row.
    refused_keys: u32,
    /// Whether the shell holds a call.
    call_open: bool,
    call: Option<CallId>,
    loss: Option<Loss>,
}

#[derive(Debug)]
enum State {
    Off,
    Key,
    Calling,
    Greeting,
    Setting { rules: EventId },
    Connected { since: Time, unstable: bool },
    Waiting { retry_at: Time },
    GivenUp,
}

/// What the parent must see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing.
    Nothing,
    /// The session exists: what was said can be told to it.
    Began,
    /// The talk can go on.
    Connected,
    /// The call is gone; another try is coming or under way.
    Lost,
    /// The call is gone and no try is coming.
    GivenUp,
}

impl LinkPolicy {
    /// How long to wait after so many losses in a row, with `random` from -1 to 1; `None` is giving up.
    fn delay(&self, losses: u32, random: f32) -> Option<Ms> {
        if losses >= self.max_attempts {
            return None;
        }
        let at = (losses as usize).saturating_sub(1);
        let base = self.backoff.get(at).or(self.backoff.last()).map_or(0, |delay| delay.0);
        Some(Ms((base as f32 * (1.0 + self.jitter.clamp(0.0, 1.0) * random)) as u64))
    }
}

impl LinkMachine {
    pub(crate) fn new(policy: LinkPolicy) -> Self {
        Self { policy, state: State::Off, losses: 0, refused_keys: 0, call_open: false, call: None, loss: None }
    }

    pub(crate) fn is_off(&self) -> bool {
        matches!(self.state, State::Off)
    }

    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.state, State::GivenUp)
    }

    /// Whether a call exists or is being tried for.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.is_off() && !self.is_given_up()
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected { .. })
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// Whether texts of this attempt are listened to.
    pub(crate) fn listens(&self, attempt: Attempt, out: &Outbox) -> bool {
        let open =
            matches!(self.state, State::Calling | State::Greeting | State::Setting { .. } | State::Connected { .. });
        open && attempt == out.attempt
    }

    pub(crate) fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    pub(crate) fn view(&self) -> view::Link {
        match self.state {
            State::Off => view::Link::Off,
            State::GivenUp => view::Link::Failed,
            State::Connected { unstable: false, .. } => view::Link::Connected,
            State::Connected { unstable: true, .. } => view::Link::Unstable,
            State::Waiting { retry_at } => {
                view::Link::Reconnecting { attempt: self.losses.max(1), retry_at: Some(retry_at) }
            }
            State::Key | State::Calling | State::Greeting | State::Setting { .. } if self.losses == 0 => {
                view::Link::Connecting
            }
            State::Key | State::Calling | State::Greeting | State::Setting { .. } => {
                view::Link::Reconnecting { attempt: self.losses, retry_at: None }
            }
        }
    }

    /// Begins from nothing; the first attempt's number is in the outbox afterwards.
    pub(crate) fn begin(&mut self, out: &mut Outbox) {
        self.losses = 0;
        self.refused_keys = 0;
        self.try_now(out);
    }

    /// The user, or a hint that the network is back, cuts the countdown short.
    pub(crate) fn hurry(&mut self, out: &mut Outbox) {
        if self.is_waiting() {
            self.try_now(out);
        }
    }

    fn try_now(&mut self, out: &mut Outbox) {
        out.attempt = Attempt(out.attempt.0.wrapping_add(1));
        self.state = State::Key;
        out.disarm(Timer::Retry);
        out.arm(Timer::Connect, self.policy.connect_timeout);
        out.note("connecting", "");
        let trace = trace::parent(&mut out.random);
        out.perform(Effect::Trace(trace));
        out.perform(Effect::MintKey(out.attempt));
    }

    pub(crate) fn handle(&mut self, attempt: Attempt, input: LinkInput, out: &mut Outbox) -> Outcome {
        let over = attempt != out.attempt || !self.is_wanted() || self.is_waiting();
        match (input, &mut self.state) {
            // A call that nobody waits for would go on at the service.
            (LinkInput::Answered { call_id: Some(call) }, _)
                if self.call.as_ref() != Some(&call) && (over || self.call.is_some()) =>
            {
                out.perform(Effect::HangUp(call));
            }
            _ if over => {}
            (LinkInput::Browser(_), _) => return self.lose(Loss::Browser, out),
            (LinkInput::KeyMinted { key }, State::Key) => {
                self.state = State::Calling;
                self.call_open = true;
                out.perform(Effect::OpenCall { attempt, key });
            }
            (LinkInput::KeyRefused(failure), State::Key) => return self.lose(Loss::Key(failure), out),
            (_, State::Key) => {}
            (LinkInput::Answered { call_id }, _) => self.call = call_id,
            (LinkInput::CallRefused(failure), State::Calling) => return self.lose(Loss::Call(failure), out),
            (LinkInput::ChannelOpened, State::Calling) => {
                self.state = State::Greeting;
                out.disarm(Timer::Connect);
                out.arm(Timer::Session, self.policy.session_timeout);
            }
            (LinkInput::ChannelClosed, _) => return self.lose(Loss::Channel, out),
            (LinkInput::Peer(PeerState::Failed | PeerState::Closed), _) => return self.lose(Loss::Peer, out),
            (LinkInput::Peer(PeerState::Connected), State::Connected { unstable, .. }) => {
                *unstable = false;
                out.disarm(Timer::Grace);
            }
            (LinkInput::Peer(PeerState::Disconnected), State::Connected { unstable, .. }) if !*unstable => {
                *unstable = true;
                out.note("unstable", "");
                out.arm(Timer::Grace, self.policy.disconnect_grace);
            }
            _ => {}
        }
        Outcome::Nothing
    }

    /// The service says that the session exists.
    pub(crate) fn session_began(&mut self, turns: &TurnPolicy, barge_in: &BargeInPolicy, out: &mut Outbox) -> Outcome {
        if !matches!(self.state, State::Calling | State::Greeting) {
            return Outcome::Nothing;
        }
        out.disarm(Timer::Connect);
        out.arm(Timer::Session, self.policy.session_timeout);
        let rules = out.ask(Ask::Rules { turns: turns.clone(), barge_in: barge_in.clone() });
        self.state = State::Setting { rules };
        Outcome::Began
    }

    /// The service says that our rules are in force.
    pub(crate) fn session_set(&mut self, out: &mut Outbox) -> Outcome {
        if !matches!(self.state, State::Setting { .. }) {
            return Outcome::Nothing;
        }
        out.disarm(Timer::Session);
        out.note("connected", "");
        self.refused_keys = 0;
        self.state = State::Connected { since: out.now, unstable: false };
        Outcome::Connected
    }

    /// An error that names `cause`; losing the link is the answer if it was our rules.
    pub(crate) fn refused(&mut self, cause: &EventId, out: &mut Outbox) -> Outcome {
        match &self.state {
            State::Setting { rules } if rules == cause => self.lose(Loss::RulesRefused, out),
            _ => Outcome::Nothing,
        }
    }

    /// The service says that the session is over by age.
    pub(crate) fn expired(&mut self, out: &mut Outbox) -> Outcome {
        self.lose(Loss::Expired, out)
    }

    pub(crate) fn ring(&mut self, timer: Timer, out: &mut Outbox) -> Outcome {
        match timer {
            Timer::Connect => self.lose(Loss::ConnectTimeout, out),
            Timer::Session => self.lose(Loss::NoSession, out),
            Timer::Grace => self.lose(Loss::Peer, out),
            Timer::Retry => {
                self.hurry(out);
                Outcome::Nothing
            }
            _ => Outcome::Nothing,
        }
    }

    /// Ends it for good: the call is dropped and hung up.
    pub(crate) fn end(&mut self, out: &mut Outbox) {
        self.close_call(out);
        self.state = State::Off;
        self.loss = None;
    }

    fn lose(&mut self, loss: Loss, out: &mut Outbox) -> Outcome {
        if matches!(self.state, State::Connected { since, .. } if out.now - since >= STABLE_AFTER) {
            self.losses = 0;
        }
        self.close_call(out);
        out.note("lost", loss.word());
        let remedy = match loss.remedy() {
            Remedy::FreshKey if self.refused_keys < MAX_REFUSED_KEYS => Remedy::FreshKey,
            Remedy::FreshKey => Remedy::GiveUp,
            other => other,
        };
        self.loss = Some(loss);
        let delay = match remedy {
            Remedy::FreshKey => {
                self.refused_keys += 1;
                Some(Ms(0))
            }
            Remedy::Again(asked) => {
                self.losses += 1;
                let delay = self.policy.delay(self.losses, out.random.around_zero());
                delay.map(|delay| asked.unwrap_or(delay))
            }
            Remedy::GiveUp => None,
        };
        match delay {
            None => {
                self.state = State::GivenUp;
                return Outcome::GivenUp;
            }
            Some(Ms(0)) => self.try_now(out),
            Some(delay) => {
                out.arm(Timer::Retry, delay);
                self.state = State::Waiting { retry_at: out.now + delay };
            }
        }
        Outcome::Lost
    }

    fn close_call(&mut self, out: &mut Outbox) {
        for timer in [Timer::Connect, Timer::Session, Timer::Grace, Timer::Retry] {
            out.disarm(timer);
        }
        if std::mem::take(&mut self.call_open) {
            out.perform(Effect::CloseCall(out.attempt));
        }
        if let Some(call) = self.call.take() {
            out.perform(Effect::HangUp(call));
        }
    }
}

/// Keys in a row that may be refused before it is the server's fault.
const MAX_REFUSED_KEYS: u32 = 2;
/// A link that held for this long is a good one: the losses before it are forgotten.
const STABLE_AFTER: Ms = Ms(5_000);

#[cfg(test)]
mod tests {
    use super::{LinkMachine, Outcome};
    use crate::config::{BargeInPolicy, Config, LinkPolicy, TurnPolicy};
    use crate::effect::Effect;
    use crate::input::{Attempt, HttpFailure, LinkInput, PeerState};
    use crate::outbox::Outbox;
    use crate::time::{Ms, Time};
    use crate::timer::Timer;
    use crate::view::Link;
    use protocol::EphemeralKey;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn machine() -> (LinkMachine, Outbox) {
        let mut out = Outbox::new(&Config::default(), 3);
        let mut link = LinkMachine::new(LinkPolicy::default());
        link.begin(&mut out);
        (link, out)
    }

    fn key() -> LinkInput {
        LinkInput::KeyMinted { key: EphemeralKey::new("ek_1") }
    }

    fn connect(link: &mut LinkMachine, out: &mut Outbox) {
        let attempt = out.attempt;
        link.handle(attempt, key(), out);
        link.handle(attempt, LinkInput::Answered { call_id: Some("rtc_1".into()) }, out);
        link.handle(attempt, LinkInput::ChannelOpened, out);
        assert_eq!(link.session_began(&TurnPolicy::default(), &BargeInPolicy::default(), out), Outcome::Began);
        assert_eq!(link.session_set(out), Outcome::Connected);
        out.effects.clear();
    }

    fn unreachable() -> LinkInput {
        LinkInput::KeyRefused(HttpFailure::Unreachable)
    }

    #[test]
    fn delays_grow_with_jitter_and_end() {
        let policy = LinkPolicy::default();
        let delays: Vec<_> = (1..=11).map(|losses| policy.delay(losses, 0.0).map(|delay| delay.0)).collect();
        assert_eq!(delays[..7], [0, 300, 1200, 2700, 4800, 7000, 7000].map(Some));
        assert_eq!(delays[9..], [None, None]);
        assert_eq!((policy.delay(2, 1.0), policy.delay(2, -1.0)), (Some(Ms(360)), Some(Ms(240))));
    }

    #[test]
    fn the_first_loss_is_answered_at_once_and_the_second_after_a_moment() {
        let (mut link, mut out) = machine();
        assert_eq!(link.handle(Attempt(1), unreachable(), &mut out), Outcome::Lost);
        assert_eq!(link.view(), Link::Reconnecting { attempt: 1, retry_at: None });
        assert_eq!(link.handle(Attempt(2), unreachable(), &mut out), Outcome::Lost);
        assert!(matches!(link.view(), Link::Reconnecting { attempt: 2, retry_at: Some(_) }));
        assert_eq!(link.handle(Attempt(2), key(), &mut out), Outcome::Nothing);
        assert!(link.is_waiting(), "a late answer of the attempt that failed changes nothing");
    }

    #[test]
    fn a_call_that_was_answered_too_late_is_hung_up() {
        let (mut link, mut out) = machine();
        link.handle(Attempt(1), key(), &mut out);
        link.end(&mut out);
        out.effects.clear();
        link.handle(Attempt(1), LinkInput::Answered { call_id: Some("rtc_9".into()) }, &mut out);
        assert_eq!(out.effects, [Effect::HangUp("rtc_9".into())]);
    }

    #[test]
    fn a_short_silence_of_the_peer_is_borne() {
        let (mut link, mut out) = machine();
        connect(&mut link, &mut out);
        link.handle(Attempt(1), LinkInput::Peer(PeerState::Disconnected), &mut out);
        assert_eq!(link.view(), Link::Unstable);
        link.handle(Attempt(1), LinkInput::Peer(PeerState::Connected), &mut out);
        assert_eq!((link.view(), out.timers.is_armed(Timer::Grace)), (Link::Connected, false));
    }

    #[test]
    fn a_link_that_breaks_again_and_again_is_given_up() {
        let (mut link, mut out) = machine();
        let mut outcome = Outcome::Nothing;
        for _ in 0..10 {
            link.hurry(&mut out);
            connect(&mut link, &mut out);
            outcome = link.handle(out.attempt, LinkInput::ChannelClosed, &mut out);
        }
        assert_eq!((outcome, link.view()), (Outcome::GivenUp, Link::Failed));
    }

    #[test]
    fn a_link_that_held_is_made_again_at_once() {
        let (mut link, mut out) = machine();
        for round in 1..30 {
            connect(&mut link, &mut out);
            out.now = Time::ZERO + Ms(round * 10_000);
            assert_eq!(link.expired(&mut out), Outcome::Lost);
            assert!(!link.is_waiting());
        }
    }
}
