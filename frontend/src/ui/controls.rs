//! The buttons: one obvious one, and a few beside it.

use crate::ui::icon::icon;
use crate::ui::part::Part;
use crate::ui::talk::{Talk, bool_word};
use conversation::{Intent, View};
use web_sys::{Event, MouseEvent};

/// Connect or end, mute, interrupt, and asking again where that helps.
pub(super) fn controls(talk: Talk) -> Part {
    Part::new("<div class=controls></div>")
        .with(main_button(talk))
        .with(mute_button(talk))
        .with(action_button(
            concat!("<button type=button class=secondary data-testid=interrupt>", icon!(Stop), "Interrupt</button>"),
            talk,
            |view| view.can.interrupt.then_some(Intent::Interrupt),
        ))
        .with(action_button(
            concat!("<button type=button class=secondary data-testid=ask-again>", icon!(Again), "Ask again</button>"),
            talk,
            |view| view.can.ask_again.then_some(Intent::AskAgain),
        ))
}

/// One button for both ways, so that the focus stays where it is when the call begins or ends. The second click of a
/// double one is not meant for what the button has become by then.
fn main_button(talk: Talk) -> Part {
    let markup = concat!("<button type=button class=primary>", icon!(Call or HangUp), "<span></span></button>");
    let want = |view: &View| {
        if view.can.disconnect { Some(Intent::Disconnect) } else { view.can.connect.then_some(Intent::Connect) }
    };
    idle_button(markup, talk, want)
        .on("click", move |event: MouseEvent| {
            if event.detail() < 2 {
                talk.want(want);
            }
        })
        .attr("data-testid", talk.word(|view| if view.can.disconnect { "disconnect" } else { "connect" }))
        .at("span")
        .text(talk.word(|view| if view.can.disconnect { "End" } else { "Connect" }))
}

/// Its name stays the same, as a pressed button's must.
fn mute_button(talk: Talk) -> Part {
    let markup = concat!(
        "<button type=button class=secondary data-testid=mute>",
        icon!(Microphone or MicrophoneOff),
        "Mute</button>"
    );
    action_button(markup, talk, mute).attr("aria-pressed", talk.flag(|view| view.muted))
}

/// Muting and unmuting, where that is possible.
pub(super) fn mute(view: &View) -> Option<Intent> {
    view.can.mute.then_some(Intent::Mute(!view.muted))
}

/// A button that wants something of the conversation. It stays focusable while it has nothing to do, as it comes and
/// goes with every answer. Which ones are then hidden is the style sheet's.
pub(super) fn action_button(markup: &'static str, talk: Talk, want: fn(&View) -> Option<Intent>) -> Part {
    idle_button(markup, talk, want).on("click", move |_: Event| talk.want(want))
}

/// The same before it hears a click.
fn idle_button(markup: &'static str, talk: Talk, want: fn(&View) -> Option<Intent>) -> Part {
    let idle = move || {
        let mut idle = false;
        talk.look(&mut |view| idle = want(view).is_none());
        bool_word(idle).to_owned()
    };
    Part::new(markup).attr("aria-disabled", Box::new(idle))
}
