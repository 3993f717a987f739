//! The one screen.

use crate::shell::Levels;
use crate::ui::announcer::announcer;
use crate::ui::composer::composer;
use crate::ui::context_panel::context_panel;
use crate::ui::controls::{action_button, controls};
use crate::ui::event_log::event_log;
use crate::ui::figures::figures;
use crate::ui::icon::icon;
use crate::ui::link_status::link_status;
use crate::ui::memory_tools::memory_tools;
use crate::ui::notice_card::notices;
use crate::ui::orb::orb;
use crate::ui::part::Part;
use crate::ui::phase_words::{hint, label, link_name, name};
use crate::ui::search_banner::search_banner;
use crate::ui::shortcuts::shortcuts;
use crate::ui::talk::Talk;
use crate::ui::transcript::transcript;
use conversation::{Action, Intent, View};
use leptos::prelude::*;
use web_sys::Element;

/// Everything that can be seen, from a view alone.
#[component]
pub fn Page(
    /// What to show.
    view: RwSignal<View>,
    /// What moves the orb.
    levels: Levels,
) -> impl IntoView {
    let talk = Talk::of(view);
    view! {
        <a class="skip" href="#say">"Skip to the text box"</a>
        <main use:furnish=(talk, levels)></main>
    }
}

/// Puts everything into the page; it lives as long as the page.
fn furnish(main: Element, (talk, levels): (Talk, Levels)) {
    let page = Part::of(main)
        .attr("data-phase", talk.word(|view| name(view.phase)))
        .attr("data-link", talk.word(|view| link_name(view.link)))
        .attr("data-muted", talk.flag(|view| view.muted))
        .with(Part::new(TOP).with(link_status(talk)))
        .with(stage(talk, levels))
        .with(what_was_said(talk))
        .with(
            Part::new("<footer class=foot></footer>")
                .with(event_log(talk))
                .with(shortcuts(talk))
                .with(memory_tools(talk)),
        )
        .with(announcer(talk));
    StoredValue::new_local(page);
}

const TOP: &str = "<header class=top><h1 class=wordmark><svg class=logo viewBox='0 0 36 24' aria-hidden=true>\
    <circle class=logo-you cx=12 cy=12 r=10 /><circle class=logo-they cx=24 cy=12 r=10 /></svg>Colloquy</h1></header>";

fn stage(talk: Talk, levels: Levels) -> Part {
    Part::new("<section class=stage aria-label=Conversation></section>")
        .with(orb(talk, levels))
        .with(Part::new("<p class=phase role=status data-testid=phase></p>").text(talk.word(|view| label(view.phase))))
        .with(Part::new("<p class=hint></p>").text(talk.word(hint)))
        .with(search_banner(talk))
        .with(controls(talk))
        .with(figures(talk))
}

fn what_was_said(talk: Talk) -> Part {
    Part::new("<section class=talk aria-label='What was said'></section>")
        .with(notices(talk))
        .with(action_button(
            concat!(
                "<button type=button class=secondary data-testid=start-audio>",
                icon!(Loudspeaker),
                "Play audio</button>"
            ),
            talk,
            |view| needs_audio_button(view).then_some(Intent::StartAudio),
        ))
        .with(transcript(talk))
        .with(context_panel(talk))
        .with(composer(talk))
}

/// Whether audio waits for a click, and no notice offers that click.
fn needs_audio_button(view: &View) -> bool {
    let offered = view.notice.as_ref().and_then(|notice| notice.action) == Some(Action::StartAudio);
    view.audio_blocked && !offered
}
