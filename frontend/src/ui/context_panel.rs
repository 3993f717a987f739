//! What was noted of the talk, and what the assistant was given, turn by turn, and where from.

use crate::dom::Listener;
use crate::ui::citations;
use crate::ui::ledger;
use crate::ui::markup::draw;
use crate::ui::notes::notes;
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::List;
use std::sync::Arc;
use web_sys::MouseEvent;

const MARKUP: &str = "<details class=context data-testid=context><summary>Context<span class=count></span>\
    <span class=asking role=status></span></summary><div class=context-rows role=region aria-label='Given to the assistant' tabindex=0></div></details>";

/// A panel that is closed at first; its head says in a few words what is in it.
pub(super) fn context_panel(talk: Talk) -> Part {
    let mut part = Part::new(MARKUP)
        .at(".count")
        .text(talk.text(ledger::count))
        .at(".asking")
        .text(talk.text(|view| ledger::asking(&view.sources)))
        .at(".context-rows");
    // Chips are everywhere in the transcript.
    part.keep(
        web_sys::window()
            .and_then(|window| window.document())
            .map(|document| Listener::new(&document, "click", |event: MouseEvent| citations::follow(&event))),
    );
    let place = part.place();
    let (mut context, mut sources, mut noted) = (List::default(), List::default(), Arc::default());
    part.follow(move || {
        talk.look(&mut |view| {
            if view.context == context && view.sources == sources && Arc::ptr_eq(&view.notes, &noted) {
                return;
            }
            context = view.context.clone();
            sources = view.sources.clone();
            noted = view.notes.clone();
            let mut tags = vec![ledger::sources(&sources)];
            tags.extend(notes(&noted));
            tags.append(&mut ledger::ledger(&context));
            draw(&place, &tags);
        });
    })
}
