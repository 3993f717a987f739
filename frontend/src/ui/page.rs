//! The one screen.

use crate::shell::Levels;
use crate::ui::announcer::Announcer;
use crate::ui::composer::Composer;
use crate::ui::controls::Controls;
use crate::ui::event_log::EventLog;
use crate::ui::figures::Figures;
use crate::ui::icon::Logo;
use crate::ui::link_status::LinkStatus;
use crate::ui::notice_card::NoticeCard;
use crate::ui::orb::Orb;
use crate::ui::phase_words::{hint, label, link_name, name};
use crate::ui::shortcuts::Shortcuts;
use crate::ui::slice::slice;
use crate::ui::transcript::Transcript;
use conversation::View;
use leptos::prelude::*;

/// Everything that can be seen, from a view alone.
#[component]
pub fn Page(
    /// What to show.
    view: Signal<View>,
    /// What moves the orb.
    levels: Levels,
) -> impl IntoView {
    let phase = slice(view, |view| view.phase);
    let link = slice(view, |view| view.link);
    let muted = slice(view, |view| view.muted);
    let can = slice(view, |view| view.can);
    let hint = slice(view, hint);
    let transcript = slice(view, |view| view.transcript.clone());

    view! {
        <a class="skip" href="#say">"Skip to the text box"</a>
        <main
            data-phase=move || name(phase.get())
            data-link=move || link_name(link.get())
            data-muted=move || muted.get().to_string()
        >
            <header class="top">
                <h1 class="wordmark"><Logo />"Colloquy"</h1>
                <LinkStatus link can />
            </header>
            <section class="stage" aria-label="Conversation">
                <Orb phase muted levels />
                <p class="phase" role="status" data-testid="phase">{move || label(phase.get())}</p>
                <p class="hint">{move || hint.get()}</p>
                <Controls can muted />
                <Figures turn=slice(view, |view| view.last_turn) />
            </section>
            <section class="talk" aria-label="What was said">
                <NoticeCard notice=slice(view, |view| view.notice.clone()) blocked=slice(view, |view| view.audio_blocked) />
                <Transcript rows=transcript />
                <Composer can />
            </section>
            <footer class="foot">
                <EventLog log=slice(view, |view| view.log.clone()) odd=slice(view, |view| view.odd_events) />
                <Shortcuts can muted />
            </footer>
            <Announcer rows=transcript />
        </main>
    }
}
