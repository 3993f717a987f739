//! What went wrong, what to do about it, and the button that does it.

use crate::ui::icon::icon;
use crate::ui::part::Part;
use crate::ui::talk::{Talk, bool_word};
use conversation::{Action, Actor, Intent, Notice};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement};

const CARD: &str = concat!(
    "<div class=notice data-testid=notice><p class=notice-title></p><p class=notice-cure></p>",
    "<div class=notice-actions><button type=button class=secondary data-testid=notice-action></button>",
    "<button type=button class=quiet data-testid=dismiss>",
    icon!(Close),
    "Dismiss</button></div></div>"
);

/// The place for notices. It is always there, so that a screen reader hears what appears in it, and so that it can take
/// the focus of a card that goes.
pub(super) fn notices(talk: Talk) -> Part {
    let part = Part::new("<div class=notices role=alert tabindex=-1></div>");
    let place: HtmlElement = part.place().unchecked_into();
    let (mut told, mut _shown) = (None, None);
    part.follow(move || {
        let mut notice = None;
        talk.look(&mut |view| notice.clone_from(&view.notice));
        if notice == told {
            return;
        }
        let held = place.matches(":focus-within").unwrap_or_default();
        _shown = notice.as_ref().map(|notice| {
            let card = card(talk, notice);
            // A place takes any other element but its own ancestors.
            drop(place.append_child(card.element()));
            card
        });
        if held {
            // A place that refuses the focus leaves it where the browser puts it.
            drop(place.focus());
        }
        told = notice;
    })
}

fn card(talk: Talk, notice: &Notice) -> Part {
    let action = notice.action;
    let card = Part::new(CARD)
        .put("data-actor", actor_name(notice.actor))
        .at(".notice-title")
        .say(&notice.title)
        .at(".notice-cure")
        .say(&notice.cure)
        .at("[data-testid=notice-action]")
        .put("data-retries", bool_word(action == Some(Action::RetryNow)))
        .say(action.map_or("", words))
        .on("click", move |_: Event| talk.want(|view| view.notice.as_ref()?.action.map(intent)));
    let card = if action.is_none() { card.put("hidden", "") } else { card };
    card.at("[data-testid=dismiss]").on("click", move |_: Event| talk.send(Intent::Dismiss))
}

const fn actor_name(actor: Actor) -> &'static str {
    match actor {
        Actor::Microphone => "microphone",
        Actor::Network => "network",
        Actor::Service => "service",
        Actor::Refused => "refused",
        Actor::Bug => "bug",
    }
}

const fn words(action: Action) -> &'static str {
    match action {
        Action::Connect => "Connect again",
        Action::RetryNow => "Retry now",
        Action::RetryMicrophone => "Try the microphone again",
        Action::SignIn => "Sign in",
        Action::StartAudio => "Play audio",
        Action::AskAgain => "Ask again",
    }
}

const fn intent(action: Action) -> Intent {
    match action {
        Action::Connect => Intent::Connect,
        Action::RetryNow => Intent::RetryNow,
        Action::RetryMicrophone => Intent::RetryMicrophone,
        Action::SignIn => Intent::SignIn,
        Action::StartAudio => Intent::StartAudio,
        Action::AskAgain => Intent::AskAgain,
    }
}
