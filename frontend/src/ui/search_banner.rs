//! What the model is looking up by itself, and the button that stops it.

use crate::ui::controls::action_button;
use crate::ui::icon::icon;
use crate::ui::ledger;
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::{Intent, Search, View};

/// Empty, and hidden by the style sheet, while nothing is searched.
pub(super) fn search_banner(talk: Talk) -> Part {
    let stop = concat!(
        "<button type=button class=secondary data-testid=cancel-search>",
        icon!(Close),
        "Cancel<span class=unseen>the search</span></button>"
    );
    Part::new("<div class=search data-testid=search></div>")
        .with(
            Part::new("<p role=status></p>")
                .text(talk.text(|view| view.search.as_ref().map(|search| words(search, view)).unwrap_or_default())),
        )
        .with(action_button(stop, talk, |view| view.can.cancel_search.then_some(Intent::CancelSearch)))
}

fn words(search: &Search, view: &View) -> String {
    let asked = if search.source.is_empty() { ledger::asked(&view.sources, true) } else { search.source.clone() };
    let place = if asked.is_empty() { "all sources" } else { &asked };
    if search.what.is_empty() {
        ["In ", place].concat()
    } else {
        ["In ", place, ": \u{201c}", &search.what, "\u{201d}"].concat()
    }
}
