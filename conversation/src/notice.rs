//! What went wrong, in plain words, grouped by who must act; and which of several troubles is shown.

use crate::input::{HttpFailure, MicrophoneError};
use crate::loss::Loss;
use crate::view::{Action, Actor, Notice};
use crate::wire::{Ending, Fault};
use protocol::api::error_code;

/// The troubles there are, one of each kind; the most pressing is shown.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    notices: [Option<Notice>; Trouble::ALL.len()],
    /// What the user has taken away of the link: the next try that fails in the same way says nothing new.
    dismissed: Option<Notice>,
}

/// The kinds of trouble, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// There is no call.
    Link,
    /// There is no microphone.
    Microphone,
    /// The browser plays no audio.
    Audio,
    /// An answer failed.
    Answer,
    /// The service refused something else.
    Service,
    /// The server does not know any more who the user is.
    SignedOut,
    /// Something that the user gave was not taken, or not all of it.
    Attachment,
}

impl Trouble {
    const ALL: [Self; 7] =
        [Self::Link, Self::Microphone, Self::Audio, Self::Answer, Self::Service, Self::SignedOut, Self::Attachment];
}

impl Notices {
    pub(crate) fn set(&mut self, trouble: Trouble, notice: Notice) {
        if trouble == Trouble::Link && self.dismissed.as_ref() == Some(&notice) {
            return;
        }
        self.notices[trouble as usize] = Some(notice);
    }

    pub(crate) fn clear(&mut self, trouble: Trouble) {
        self.notices[trouble as usize] = None;
        if trouble == Trouble::Link {
            self.dismissed = None;
        }
    }

    pub(crate) fn shown(&self) -> Option<&Notice> {
        self.notices.iter().flatten().next()
    }

    /// Takes away the one that is shown.
    pub(crate) fn dismiss(&mut self) {
        if let Some(link) = self.notices[Trouble::Link as usize].take() {
            self.dismissed = Some(link);
        } else if let Some(shown) = self.notices.iter_mut().find(|notice| notice.is_some()) {
            *shown = None;
        }
    }
}

fn notice(actor: Actor, title: &str, cure: &str, action: Option<Action>) -> Notice {
    Notice { actor, title: title.to_owned(), cure: cure.to_owned(), action }
}

/// A picture was not taken: it is too large, or none.
pub(crate) fn picture_refused(large: bool) -> Notice {
    if large {
        let cure = "Make it smaller, or send a part of it.";
        return notice(Actor::Refused, "This picture is too large", cure, None);
    }
    notice(Actor::Refused, "This picture cannot be sent", "Use a PNG or JPEG picture.", None)
}

/// Only the beginning of a text was taken.
pub(crate) fn text_cut() -> Notice {
    let cure = "Only its beginning was given to the assistant. Send the part that matters.";
    notice(Actor::Refused, "This text is too long", cure, None)
}

/// Why there is no call. `retrying` says whether another try is coming by itself.
pub(crate) fn of_loss(loss: &Loss, retrying: bool, online: bool) -> Notice {
    let action = Some(if retrying { Action::RetryNow } else { Action::Connect });
    if retrying && !online {
        let cure = "Check your connection; the talk goes on as soon as there is one.";
        return notice(Actor::Network, "Your device is offline", cure, action);
    }
    match loss {
        Loss::Key(failure) | Loss::Call(failure) => of_http(failure, action),
        Loss::ConnectTimeout => notice(
            Actor::Network,
            "The call did not come about in time",
            "The network may block calls. Try another network, or ask whoever runs this one to allow UDP.",
            action,
        ),
        Loss::NoSession => notice(
            Actor::Service,
            "The service answered the call but said nothing",
            "This mostly passes by itself. Try again in a moment.",
            action,
        ),
        Loss::RulesRefused => notice(
            Actor::Refused,
            "The service refused this page's settings",
            "Whoever runs this page must change its settings for turns.",
            action,
        ),
        Loss::Peer | Loss::Channel => {
            notice(Actor::Network, "The connection was lost", "Check your network; a new call is being tried.", action)
        }
        Loss::Expired => {
            notice(Actor::Service, "The session reached its longest duration", "A new one continues the talk.", action)
        }
        Loss::Browser => notice(
            Actor::Bug,
            "This browser could not make the call",
            "Reload the page. If that does not help, use a current Chrome, Edge, Firefox or Safari.",
            action,
        ),
    }
}

fn of_http(failure: &HttpFailure, action: Option<Action>) -> Notice {
    let (status, code, message) = match failure {
        HttpFailure::Unreachable => {
            let cure = "Check your network, and that the server is running.";
            return notice(Actor::Network, "The server cannot be reached", cure, action);
        }
        HttpFailure::TimedOut => {
            let cure = "The network is slow or the server is busy. Try again in a moment.";
            return notice(Actor::Network, "The server did not answer in time", cure, action);
        }
        HttpFailure::Malformed(_) => {
            let cure = "Reload the page: it may be older than the server.";
            return notice(Actor::Bug, "The server's answer could not be understood", cure, action);
        }
        HttpFailure::Status { status, code, message, .. } => {
            (*status, code.as_deref().unwrap_or_default(), message.as_deref().unwrap_or_default())
        }
    };
    // What our own server refuses by itself it explains better than its status does.
    let explained = !message.is_empty() && status != 500 && !code.starts_with("upstream_");
    match (status, code) {
        (_, error_code::LOGIN_REQUIRED) => signed_out(),
        (_, protocol::code::INSUFFICIENT_QUOTA) => no_credit(action),
        (_, error_code::UPSTREAM_UNREACHABLE | error_code::UPSTREAM_TIMEOUT) => notice(
            Actor::Service,
            "The speech service cannot be reached",
            "The server is running, but the service behind it does not answer. Try again in a moment.",
            action,
        ),
        (401, _) | (_, error_code::UPSTREAM_KEY_REFUSED | protocol::code::INVALID_API_KEY) => notice(
            Actor::Refused,
            "The speech service refused the server's key",
            "Whoever runs the server must give it a valid key.",
            action,
        ),
        (429, _) | (_, error_code::UPSTREAM_BUSY) if !explained => {
            notice(Actor::Service, "The service has too much to do", "Wait a moment, then try again.", action)
        }
        (500.., _) if !explained => notice(
            Actor::Service,
            "The service has a fault",
            "This mostly passes by itself. Try again in a moment.",
            action,
        ),
        _ => {
            let cure = if message.is_empty() { "Whoever runs the server must change a setting." } else { message };
            notice(Actor::Refused, "The service refused the call", cure, action)
        }
    }
}

/// The server does not know any more who the user is.
pub(crate) fn signed_out() -> Notice {
    let cure = "Sign in again in the tab that opens. What was said stays here.";
    notice(Actor::Refused, SIGNED_OUT, cure, Some(Action::SignIn))
}

/// The user is signing in elsewhere, and there is no call to come back to.
pub(crate) fn signing_in() -> Notice {
    let cure = "When you have signed in, go on here. What was said is kept.";
    notice(Actor::Refused, SIGNED_OUT, cure, Some(Action::Connect))
}

const SIGNED_OUT: &str = "You are signed out";

fn no_credit(action: Option<Action>) -> Notice {
    let cure = "Whoever runs the server must add credit to its account.";
    notice(Actor::Refused, "The account of the speech service has no credit left", cure, action)
}

/// Why there is no microphone.
pub(crate) fn of_microphone(error: &MicrophoneError) -> Notice {
    let (title, cure) = match error {
        MicrophoneError::Denied => (
            "The microphone is not allowed",
            "Click the microphone or lock sign beside the address, allow it, then try again. You can type meanwhile.",
        ),
        MicrophoneError::Missing => {
            ("No microphone was found", "Plug one in or switch it on, then try again. You can type meanwhile.")
        }
        MicrophoneError::InUse => (
            "Another program uses the microphone",
            "Close the other call or recorder, then try again. You can type meanwhile.",
        ),
        MicrophoneError::Insecure => (
            "The browser gives no microphone to this address",
            "Open the page by https, or as localhost on the same machine. You can type meanwhile.",
        ),
        MicrophoneError::Unsupported => (
            "This browser offers no microphone",
            "Use a current Chrome, Edge, Firefox or Safari. You can type meanwhile.",
        ),
        MicrophoneError::Other(_) => {
            ("The microphone could not be opened", "Check its plug and try again. You can type meanwhile.")
        }
    };
    notice(Actor::Microphone, title, cure, Some(Action::RetryMicrophone))
}

/// The microphone was there and went away.
pub(crate) fn microphone_ended() -> Notice {
    let cure = "Plug it in again, then try again. You can type meanwhile.";
    notice(Actor::Microphone, "The microphone was taken away", cure, Some(Action::RetryMicrophone))
}

/// The browser waits for a click.
pub(crate) fn audio_blocked() -> Notice {
    let cure = "Click to hear the answers.";
    notice(Actor::Microphone, "The browser is holding back the sound", cure, Some(Action::StartAudio))
}

/// An answer was asked for and never began.
pub(crate) fn no_answer() -> Notice {
    let cure = "Ask again; if it stays silent, end the talk and begin a new one.";
    notice(Actor::Service, "No answer came", cure, Some(Action::AskAgain))
}

/// An answer claimed to speak and was silent.
pub(crate) fn silent_answer() -> Notice {
    let cure = "It was stopped. Ask again.";
    notice(Actor::Service, "The answer could not be heard", cure, Some(Action::AskAgain))
}

/// An answer began and nothing more came of it.
pub(crate) fn stalled_answer() -> Notice {
    let cure = "It was stopped. Ask again.";
    notice(Actor::Service, "The answer got stuck", cure, Some(Action::AskAgain))
}

/// The model called functions again and again.
pub(crate) fn endless_search() -> Notice {
    let cure = "The model kept asking for tools that this page does not have. Ask in other words.";
    notice(Actor::Refused, "The search did not end", cure, Some(Action::AskAgain))
}

/// How an answer ended, if not well.
pub(crate) fn of_ending(ending: Ending) -> Option<Notice> {
    let again = Some(Action::AskAgain);
    match ending {
        Ending::Completed | Ending::Cancelled => None,
        Ending::TooLong => {
            Some(notice(Actor::Service, "The answer grew too long and was cut short", "Ask for a shorter one.", again))
        }
        Ending::Filtered => Some(notice(
            Actor::Refused,
            "The service's content filter stopped the answer",
            "Ask in other words.",
            again,
        )),
        Ending::Failed(fault) => Some(of_fault(fault)),
    }
}

/// An error that is no race.
pub(crate) fn of_fault(fault: Fault) -> Notice {
    let again = Some(Action::AskAgain);
    match fault {
        Fault::TooMuch => {
            notice(Actor::Service, "The service's limit is reached", "Wait a moment, then ask again.", again)
        }
        Fault::NoCredit => no_credit(again),
        Fault::Benign | Fault::Busy | Fault::Expired | Fault::Other => {
            notice(Actor::Service, "The service could not answer", "Ask again in a moment.", again)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Notices, Trouble, audio_blocked, no_answer, of_loss, of_microphone};
    use crate::input::{HttpFailure, MicrophoneError};
    use crate::loss::Loss;
    use crate::view::{Action, Actor};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_most_pressing_is_shown_until_it_is_over() {
        let mut notices = Notices::default();
        notices.set(Trouble::Answer, no_answer());
        notices.set(Trouble::Microphone, of_microphone(&MicrophoneError::Denied));
        notices.set(Trouble::Audio, audio_blocked());
        assert_eq!(notices.shown(), Some(&of_microphone(&MicrophoneError::Denied)));
        notices.dismiss();
        assert_eq!(notices.shown(), Some(&audio_blocked()));
        notices.clear(Trouble::Audio);
        notices.dismiss();
        assert_eq!(notices.shown(), None);
    }

    #[test]
    fn who_must_act_follows_from_the_failure() {
        let status = |status, code: &str| {
            Loss::Key(HttpFailure::Status { status, code: Some(code.into()), message: None, retry_after: None })
        };
        for (loss, actor) in [
            (Loss::Key(HttpFailure::Unreachable), Actor::Network),
            (status(502, "upstream_unreachable"), Actor::Service),
            (status(502, "upstream_key_refused"), Actor::Refused),
            (status(429, "rate_limit_exceeded"), Actor::Service),
            (status(429, "insufficient_quota"), Actor::Refused),
            (status(403, "origin_refused"), Actor::Refused),
            (status(401, "login_required"), Actor::Refused),
            (status(500, "internal"), Actor::Service),
            (Loss::Browser, Actor::Bug),
        ] {
            assert_eq!(of_loss(&loss, true, true).actor, actor, "{loss:?}");
        }
    }

    #[test]
    fn being_offline_is_said_while_a_try_is_coming() {
        let offline = of_loss(&Loss::Peer, true, false);
        assert_eq!((offline.actor, offline.action), (Actor::Network, Some(Action::RetryNow)));
        assert!(offline.title.contains("offline"));
    }
}
