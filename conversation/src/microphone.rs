//! The microphone: asked for, open, or not to be had. Whether it is muted is a fact of its own.

use crate::effect::Effect;
use crate::input::{Attempt, MicrophoneError, MicrophoneInput};
use crate::outbox::Outbox;
use crate::view;

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct MicrophoneMachine {
    state: view::Microphone,
    /// The attempt that asked; an answer to another is dropped.
    asked: Attempt,
    muted: bool,
}

/// What the parent must see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing.
    Nothing,
    /// It is open.
    Opened,
    /// It cannot be had.
    Refused(MicrophoneError),
    /// It went away.
    Ended,
}

impl MicrophoneMachine {
    pub(crate) fn view(&self) -> view::Microphone {
        self.state
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted
    }

    /// Whether what it hears is the user.
    pub(crate) fn hears(&self) -> bool {
        self.state == view::Microphone::On && !self.muted
    }

    /// Asks for it, unless it is open or already asked for.
    pub(crate) fn acquire(&mut self, out: &mut Outbox) {
        if matches!(self.state, view::Microphone::Off | view::Microphone::Unavailable) {
            self.state = view::Microphone::Asking;
            self.asked = out.attempt;
            out.perform(Effect::AcquireMicrophone(out.attempt));
        }
    }

    pub(crate) fn handle(&mut self, attempt: Attempt, input: MicrophoneInput, out: &mut Outbox) -> Outcome {
        if attempt != self.asked || self.state == view::Microphone::Off {
            if self.state == view::Microphone::Off && matches!(input, MicrophoneInput::Ready { .. }) {
                out.perform(Effect::ReleaseMicrophone);
            }
            return Outcome::Nothing;
        }
        match (input, self.state) {
            (MicrophoneInput::Ready { .. }, view::Microphone::Asking) => {
                self.state = view::Microphone::On;
                out.note("microphone", "open");
                if self.muted {
                    out.perform(Effect::EnableMicrophone(false));
                }
                Outcome::Opened
            }
            (MicrophoneInput::Refused(error), view::Microphone::Asking) => {
                self.state = view::Microphone::Unavailable;
                out.note("microphone", "refused");
                Outcome::Refused(error)
            }
            (MicrophoneInput::Ended, view::Microphone::Asking | view::Microphone::On) => {
                self.state = view::Microphone::Unavailable;
                out.note("microphone", "ended");
                Outcome::Ended
            }
            _ => Outcome::Nothing,
        }
    }

    /// Closes or opens its track; the wish holds also while there is none.
    pub(crate) fn mute(&mut self, muted: bool, out: &mut Outbox) {
        if self.muted != muted {
            self.muted = muted;
            out.note("microphone", if muted { "muted" } else { "unmuted" });
            if self.state == view::Microphone::On {
                out.perform(Effect::EnableMicrophone(!muted));
            }
        }
    }

    /// Gives it back.
    pub(crate) fn release(&mut self, out: &mut Outbox) {
        if self.state != view::Microphone::Off {
            self.state = view::Microphone::Off;
            out.perform(Effect::ReleaseMicrophone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MicrophoneMachine, Outcome};
    use crate::config::Config;
    use crate::effect::Effect;
    use crate::input::{Attempt, MicrophoneError, MicrophoneInput};
    use crate::outbox::Outbox;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn machine() -> (MicrophoneMachine, Outbox) {
        let mut out = Outbox::new(&Config::default(), 1);
        let mut microphone = MicrophoneMachine::default();
        microphone.acquire(&mut out);
        out.effects.clear();
        (microphone, out)
    }

    const READY: MicrophoneInput = MicrophoneInput::Ready { label: None };

    #[test]
    fn a_wish_for_silence_made_before_it_opens_is_kept() {
        let (mut microphone, mut out) = machine();
        microphone.mute(true, &mut out);
        assert!(out.effects.is_empty());
        assert_eq!(microphone.handle(Attempt(0), READY, &mut out), Outcome::Opened);
        assert_eq!(out.effects, [Effect::EnableMicrophone(false)]);
        assert!(!microphone.hears());
    }

    #[test]
    fn it_can_be_asked_for_again_after_a_refusal_but_not_twice_at_once() {
        let (mut microphone, mut out) = machine();
        microphone.acquire(&mut out);
        assert!(out.effects.is_empty());
        let refused = MicrophoneInput::Refused(MicrophoneError::Denied);
        assert_eq!(microphone.handle(Attempt(0), refused, &mut out), Outcome::Refused(MicrophoneError::Denied));
        microphone.acquire(&mut out);
        assert_eq!(out.effects, [Effect::AcquireMicrophone(Attempt(0))]);
    }

    #[test]
    fn one_that_opens_after_the_end_is_given_back() {
        let (mut microphone, mut out) = machine();
        microphone.release(&mut out);
        microphone.release(&mut out);
        assert_eq!(microphone.handle(Attempt(0), READY, &mut out), Outcome::Nothing);
        assert_eq!(out.effects, [Effect::ReleaseMicrophone, Effect::ReleaseMicrophone]);
    }
}
