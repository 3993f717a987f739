//! What the assistant was given, turn by turn, and where from.

use crate::dom::Listener;
use crate::ui::citations;
use crate::ui::ledger;
use crate::ui::markup::draw;
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::List;
use web_sys::MouseEvent;

const MARKUP: &str = "<details class=context data-testid=context><summary>Context<span class=count></span>\
    <span class=asking role=status></span></summary><div class=context-rows role=region aria-label='Given to the assistant' tabindex=0></div></details>";

/// A panel that is closed at first; its head says in a few words what is in it.
pub(super) fn context_panel(talk: Talk) -> Part {
    let mut part = Part::new(MARKUP)
        .at(".count")
        .text(talk.text(|view| ledger::count(&view.context)))
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
    let (mut context, mut sources) = (List::default(), List::default());
    part.follow(move || {
        talk.look(&mut |view| {
            if view.context == context && view.sources == sources {
                return;
            }
            context = view.context.clone();
            sources = view.sources.clone();
            let mut tags = vec![ledger::sources(&sources)];
            tags.append(&mut ledger::ledger(&context));
            draw(&place, &tags);
        });
    })
}
