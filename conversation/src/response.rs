//! The response: one at a time. Asking and cancelling are serialised, and races with the service are understood.
//!
//! It never asks for a response while it believes that one is active: the wish is kept until that one has ended.

use crate::config::TurnPolicy;
use crate::outbox::Outbox;
use crate::time::Ms;
use crate::timer::Timer;
use crate::wire::{Ask, Fault, Refusal};
use protocol::{EventId, ResponseId};

/// The machine.
#[derive(Debug)]
pub(crate) struct ResponseMachine {
    timeout: Ms,
    state: State,
    /// Whether another is to be asked for when this one has ended.
    wanted: bool,
}

#[derive(Debug)]
enum State {
    Idle,
    /// The service is to begin one by itself. `again` where it has been asked once already.
    Expected,
    Asked {
        ask: EventId,
        again: bool,
        unwanted: bool,
        /// Whether it only bridges a wait, and is no answer.
        bridge: bool,
    },
    /// `asked` names our request while it may turn out that the response is another one's.
    Active {
        id: ResponseId,
        asked: Option<EventId>,
        cancel: Option<EventId>,
    },
}

/// What the parent must see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing.
    Nothing,
    /// It never began, or was refused.
    NeverBegan(Fault),
    /// It began and got stuck; it is being cancelled.
    Stuck,
}

impl ResponseMachine {
    pub(crate) fn new(policy: &TurnPolicy) -> Self {
        Self { timeout: policy.response_timeout, state: State::Idle, wanted: false }
    }

    /// Whether one is awaited or being made.
    #[cfg(test)]
    fn is_busy(&self) -> bool {
        self.wanted || !self.is_idle()
    }

    /// Whether one was asked for, or is expected, and has not begun.
    pub(crate) fn is_awaited(&self) -> bool {
        matches!(self.state, State::Expected | State::Asked { unwanted: false, .. })
    }

    /// Whether none is awaited or being made.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// The one being made.
    pub(crate) fn active(&self) -> Option<&ResponseId> {
        match &self.state {
            State::Active { id, .. } => Some(id),
            State::Idle | State::Expected | State::Asked { .. } => None,
        }
    }

    /// Whether an answer is on its way that somebody wants.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted || (!matches!(self.state, State::Idle) && !self.is_stopping())
    }

    /// Whether another one is wanted after the one being made.
    pub(crate) fn is_next_wanted(&self) -> bool {
        self.wanted
    }

    /// Whether the one being made is no longer wanted.
    pub(crate) fn is_stopping(&self) -> bool {
        matches!(&self.state, State::Active { cancel: Some(_), .. } | State::Asked { unwanted: true, .. })
    }

    /// Asks for one, now or as soon as the one that is active has ended.
    pub(crate) fn request(&mut self, out: &mut Outbox) {
        match self.state {
            State::Idle | State::Expected => self.ask(false, out),
            State::Asked { unwanted: false, bridge: false, .. } => {}
            State::Asked { .. } | State::Active { .. } => self.wanted = true,
        }
    }

    /// Asks for no other one after this.
    pub(crate) fn ask_no_more(&mut self) {
        self.wanted = false;
    }

    /// Asks for a few words that bridge a wait, if nothing else is awaited or being made. Says whether it did.
    pub(crate) fn bridge(&mut self, words: &str, out: &mut Outbox) -> bool {
        self.order(Ask::Bridge(words.to_owned()), true, out)
    }

    /// Asks for one that tells what is new, if nothing else is awaited or being made. It is asked for once.
    pub(crate) fn announce(&mut self, out: &mut Outbox) {
        self.order(Ask::Announce, false, out);
    }

    fn order(&mut self, ask: Ask, bridge: bool, out: &mut Outbox) -> bool {
        let free = self.is_idle();
        if free {
            let ask = out.ask(ask);
            out.arm(Timer::Response, self.timeout);
            self.state = State::Asked { ask, again: true, unwanted: false, bridge };
        }
        free
    }

    /// Waits for one that the service begins by itself.
    pub(crate) fn expect(&mut self, out: &mut Outbox) {
        if matches!(self.state, State::Idle) {
            self.state = State::Expected;
            out.arm(Timer::Response, self.timeout);
        }
    }

    fn ask(&mut self, again: bool, out: &mut Outbox) {
        self.wanted = false;
        let ask = out.ask(Ask::Answer);
        out.arm(Timer::Response, self.timeout);
        self.state = State::Asked { ask, again, unwanted: false, bridge: false };
    }

    /// Stops the one that is being made, or is about to be. The service is told only if it is active.
    pub(crate) fn stop(&mut self, out: &mut Outbox) {
        self.wanted = false;
        match &mut self.state {
            State::Expected => self.settle(out),
            State::Asked { unwanted, .. } => *unwanted = true,
            State::Active { id, cancel, .. } if cancel.is_none() => {
                *cancel = Some(out.ask(Ask::Cancel(Some(id.clone()))));
                out.arm(Timer::Cancel, CANCEL_WITHIN);
            }
            State::Idle | State::Active { .. } => {}
        }
    }

    /// The service began one. Says whether it is wanted; if not, it is being cancelled.
    pub(crate) fn began(&mut self, id: ResponseId, out: &mut Outbox) -> bool {
        if self.active() == Some(&id) {
            return !self.is_stopping();
        }
        let unwanted = matches!(self.state, State::Asked { unwanted: true, .. });
        let asked = match &self.state {
            State::Asked { ask, again: false, .. } => Some(ask.clone()),
            _ => None,
        };
        out.disarm(Timer::Response);
        out.disarm(Timer::Cancel);
        out.arm(Timer::Stall, STALL_AFTER);
        self.state = State::Active { id, asked, cancel: None };
        if unwanted {
            let wanted = self.wanted;
            self.stop(out);
            self.wanted = wanted;
        }
        !unwanted
    }

    /// Something came of it.
    pub(crate) fn goes_on(&mut self, out: &mut Outbox) {
        if matches!(self.state, State::Active { .. }) {
            out.arm(Timer::Stall, STALL_AFTER);
        }
    }

    /// It ended. Says whether it was the active one.
    pub(crate) fn ended(&mut self, id: &ResponseId, out: &mut Outbox) -> bool {
        let ours = self.active() == Some(id);
        if ours {
            self.settle(out);
        }
        ours
    }

    /// An error that names one of our events. Says nothing of errors that are not about a response.
    pub(crate) fn refused(&mut self, refusal: &Refusal, out: &mut Outbox) -> Option<Outcome> {
        let cause = refusal.cause.as_ref()?;
        match &mut self.state {
            State::Asked { ask, again, unwanted, bridge } if ask == cause => match refusal.fault {
                // Another one is active that we do not know of, or no longer: it has to go.
                Fault::Busy if !*unwanted && !*again && !*bridge => {
                    out.ask(Ask::Cancel(None));
                    out.arm(Timer::Response, ASK_AGAIN_AFTER);
                    Some(Outcome::Nothing)
                }
                fault => {
                    let unwanted = *unwanted || *bridge;
                    self.settle(out);
                    Some(if unwanted { Outcome::Nothing } else { Outcome::NeverBegan(fault) })
                }
            },
            State::Active { cancel: Some(cancel), .. } if cancel == cause => {
                self.settle(out);
                Some(Outcome::Nothing)
            }
            State::Active { asked, cancel: None, .. } if asked.as_ref() == Some(cause) => {
                *asked = None;
                self.wanted = true;
                Some(Outcome::Nothing)
            }
            _ if refusal.fault == Fault::Busy => Some(Outcome::Nothing),
            _ => None,
        }
    }

    pub(crate) fn ring(&mut self, timer: Timer, out: &mut Outbox) -> Outcome {
        match (timer, &self.state) {
            (Timer::Response, State::Expected) => self.ask(false, out),
            (Timer::Response, State::Asked { again: false, unwanted: false, bridge: false, .. }) => {
                out.note("watchdog", "asking again");
                self.ask(true, out);
            }
            (Timer::Response, State::Asked { unwanted, bridge, .. }) => {
                let unwanted = *unwanted || *bridge;
                out.note("watchdog", "no answer");
                self.settle(out);
                if !unwanted {
                    return Outcome::NeverBegan(Fault::Other);
                }
            }
            (Timer::Stall, State::Active { .. }) => {
                out.note("watchdog", "answer stuck");
                self.stop(out);
                return Outcome::Stuck;
            }
            (Timer::Cancel, State::Active { .. }) => {
                out.note("watchdog", "cancel unanswered");
                self.settle(out);
            }
            _ => {}
        }
        Outcome::Nothing
    }

    /// Nothing is active any more; what was wanted next is asked for.
    fn settle(&mut self, out: &mut Outbox) {
        for timer in [Timer::Response, Timer::Stall, Timer::Cancel] {
            out.disarm(timer);
        }
        self.state = State::Idle;
        if self.wanted {
            self.ask(false, out);
        }
    }

    /// The call is gone, and with it every response.
    pub(crate) fn reset(&mut self, out: &mut Outbox) {
        self.wanted = false;
        self.settle(out);
    }
}

/// How long a response may be made without any sign of progress.
const STALL_AFTER: Ms = Ms(30_000);
/// When another response is active that we do not know of, it is asked for again after this.
const ASK_AGAIN_AFTER: Ms = Ms(1_000);
/// How long the service may take to end what was cancelled.
const CANCEL_WITHIN: Ms = Ms(5_000);

#[cfg(test)]
mod tests {
    use super::{Outcome, ResponseMachine};
    use crate::config::{Config, TurnPolicy};
    use crate::effect::Effect;
    use crate::outbox::Outbox;
    use crate::timer::Timer;
    use crate::wire::{Fault, Refusal};
    use protocol::EventId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn machine() -> (ResponseMachine, Outbox) {
        (ResponseMachine::new(&TurnPolicy::default()), Outbox::new(&Config::default(), 1))
    }

    /// What was sent since the last look, with the event ids.
    fn sent(out: &mut Outbox) -> (Vec<String>, Option<EventId>) {
        let mut last = None;
        let names = std::mem::take(&mut out.effects)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Send(_, text) => {
                    let message = protocol::ClientMessage::parse(&text).unwrap();
                    last.clone_from(&message.event_id);
                    Some(message.event.kind().to_owned())
                }
                _ => None,
            })
            .collect();
        (names, last)
    }

    #[test]
    fn a_second_request_waits_for_the_end_of_the_first() {
        let (mut response, mut out) = machine();
        response.request(&mut out);
        response.request(&mut out);
        assert_eq!(sent(&mut out).0, ["response.create"]);
        assert!(response.began("r1".into(), &mut out));
        response.request(&mut out);
        assert!(sent(&mut out).0.is_empty());
        assert!(!response.ended(&"r0".into(), &mut out));
        assert!(response.ended(&"r1".into(), &mut out));
        assert_eq!(sent(&mut out).0, ["response.create"]);
    }

    #[test]
    fn a_request_that_is_no_longer_wanted_is_cancelled_when_it_begins() {
        let (mut response, mut out) = machine();
        response.request(&mut out);
        response.stop(&mut out);
        response.request(&mut out);
        assert_eq!(sent(&mut out).0, ["response.create"]);
        assert!(!response.began("r1".into(), &mut out));
        assert_eq!(sent(&mut out).0, ["response.cancel"]);
        response.ended(&"r1".into(), &mut out);
        assert_eq!(sent(&mut out).0, ["response.create"]);
    }

    #[test]
    fn cancelling_twice_sends_once_and_a_late_cancel_is_no_error() {
        let (mut response, mut out) = machine();
        response.began("r1".into(), &mut out);
        response.stop(&mut out);
        response.stop(&mut out);
        let (names, cause) = sent(&mut out);
        assert_eq!(names, ["response.cancel"]);
        let refusal = Refusal { cause, fault: Fault::Benign };
        assert_eq!(response.refused(&refusal, &mut out), Some(Outcome::Nothing));
        assert!(!response.is_busy());
    }

    #[test]
    fn what_never_begins_is_asked_for_again_once() {
        let (mut response, mut out) = machine();
        response.request(&mut out);
        assert_eq!(response.ring(Timer::Response, &mut out), Outcome::Nothing);
        assert_eq!(sent(&mut out).0, ["response.create", "response.create"]);
        assert_eq!(response.ring(Timer::Response, &mut out), Outcome::NeverBegan(Fault::Other));
        assert!(!response.is_busy() && !out.timers.is_armed(Timer::Response));
    }

    #[test]
    fn one_the_service_was_to_begin_is_asked_for_when_it_does_not() {
        let (mut response, mut out) = machine();
        response.expect(&mut out);
        assert!(response.is_awaited() && sent(&mut out).0.is_empty());
        response.ring(Timer::Response, &mut out);
        assert_eq!(sent(&mut out).0, ["response.create"]);
    }

    #[test]
    fn a_refused_request_fails_unless_another_response_is_active() {
        let (mut response, mut out) = machine();
        response.request(&mut out);
        let cause = sent(&mut out).1;
        let busy = Refusal { cause: cause.clone(), fault: Fault::Busy };
        assert_eq!(response.refused(&busy, &mut out), Some(Outcome::Nothing));
        assert!(response.is_awaited());
        let limit = Refusal { cause, fault: Fault::TooMuch };
        assert_eq!(response.refused(&limit, &mut out), Some(Outcome::NeverBegan(Fault::TooMuch)));
        assert!(!response.is_busy());
    }

    #[test]
    fn a_request_that_lost_against_another_response_is_made_again_after_it() {
        let (mut response, mut out) = machine();
        response.request(&mut out);
        let cause = sent(&mut out).1;
        assert!(response.began("theirs".into(), &mut out));
        response.refused(&Refusal { cause, fault: Fault::Busy }, &mut out);
        assert!(sent(&mut out).0.is_empty());
        response.ended(&"theirs".into(), &mut out);
        assert_eq!(sent(&mut out).0, ["response.create"]);
    }

    #[test]
    fn one_that_gets_stuck_is_cancelled_and_let_go_even_if_the_service_says_nothing() {
        let (mut response, mut out) = machine();
        response.began("r1".into(), &mut out);
        assert_eq!(response.ring(Timer::Stall, &mut out), Outcome::Stuck);
        assert_eq!(sent(&mut out).0, ["response.cancel"]);
        response.ring(Timer::Cancel, &mut out);
        assert!(!response.is_busy());
    }
}
