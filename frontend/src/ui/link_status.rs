//! How the link is, and the countdown to the next try.

use crate::ui::controls::action_button;
use crate::ui::countdown::countdown;
use crate::ui::icon::icon;
use crate::ui::part::Part;
use crate::ui::phase_words::link_label;
use crate::ui::talk::Talk;
use conversation::Intent;

/// One line with a mark whose shape tells the state as well.
pub(super) fn link_status(talk: Talk) -> Part {
    let state = "<p class=link-state role=status data-testid=link>\
        <span class=link-mark aria-hidden=true></span><span class=link-name></span></p>";
    Part::new("<div class=link></div>")
        .with(Part::new(state).at(".link-name").text(talk.word(|view| link_label(view.link))))
        .with(countdown(talk))
        .with(action_button(
            concat!("<button type=button class=secondary data-testid=retry>", icon!(Again), "Retry now</button>"),
            talk,
            |view| view.can.retry.then_some(Intent::RetryNow),
        ))
}
