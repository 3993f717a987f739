//! The one screen.

use crate::shell::Levels;
use crate::ui::announcer::Announcer;
use crate::ui::composer::Composer;
use crate::ui::controls::{ActionButton, Controls};
use crate::ui::event_log::EventLog;
use crate::ui::figures::Figures;
use crate::ui::icon::{Glyph, Logo};
use crate::ui::link_status::LinkStatus;
use crate::ui::notice_card::NoticeCard;
use crate::ui::orb::Orb;
use crate::ui::phase_words::{label, link_name, name};
use crate::ui::shortcuts::Shortcuts;
use crate::ui::slice::{facts, flag, slice, word};
use crate::ui::transcript::Transcript;
use conversation::{Intent, View};
use leptos::prelude::*;

/// Everything that can be seen, from a view alone.
#[component]
pub fn Page(
    /// What to show.
    view: Signal<View>,
    /// What moves the orb.
    levels: Levels,
) -> impl IntoView {
    let facts = facts(view);
    let rows = slice(view, |view| view.transcript.clone());
    view! {
        <a class="skip" href="#say">"Skip to the text box"</a>
        <main
            data-phase=word(facts, |facts| name(facts.phase))
            data-link=word(facts, |facts| link_name(facts.link))
            data-muted=flag(facts, |facts| facts.muted)
        >
            <header class="top">
                <h1 class="wordmark"><Logo />"Colloquy"</h1>
                <LinkStatus facts />
            </header>
            <section class="stage" aria-label="Conversation">
                <Orb facts levels />
                <p class="phase" role="status" data-testid="phase">{word(facts, |facts| label(facts.phase))}</p>
                <p class="hint">{word(facts, |facts| facts.hint)}</p>
                <Controls facts />
                <Figures facts />
            </section>
            <section class="talk" aria-label="What was said">
                <NoticeCard notice=slice(view, |view| view.notice.clone()) />
                <ActionButton testid="start-audio" label="Play audio" glyph=Glyph::Loudspeaker intent=Intent::StartAudio
                    facts enabled=|facts| facts.needs_audio_button />
                <Transcript rows />
                <Composer facts />
            </section>
            <footer class="foot">
                <EventLog log=slice(view, |view| view.log.clone()) facts />
                <Shortcuts facts />
            </footer>
            <Announcer rows />
        </main>
    }
}
