//! Parts of the view, as few types of signal as possible: every type that the page shows costs code that somebody has
//! to download.

use conversation::{Action, Can, Link, Phase, TurnSummary, View};
use leptos::prelude::*;

/// Whatever is small in the view. It changes rarely, so one signal serves all components that read only this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Facts {
    pub(super) phase: Phase,
    pub(super) link: Link,
    pub(super) muted: bool,
    pub(super) can: Can,
    pub(super) last_turn: Option<TurnSummary>,
    pub(super) odd_events: u32,
    /// What the user can do in this state.
    pub(super) hint: &'static str,
    /// Audio waits for a click, and no notice offers that click.
    pub(super) needs_audio_button: bool,
}

impl Facts {
    fn of(view: &View) -> Self {
        let offered = view.notice.as_ref().and_then(|notice| notice.action) == Some(Action::StartAudio);
        Self {
            phase: view.phase,
            link: view.link,
            muted: view.muted,
            can: view.can,
            last_turn: view.last_turn,
            odd_events: view.odd_events,
            hint: super::phase_words::hint(view),
            needs_audio_button: view.audio_blocked && !offered,
        }
    }
}

/// The small facts of a view.
pub(super) fn facts(view: Signal<View>) -> Signal<Facts> {
    slice(view, Facts::of)
}

/// A part of the view; what depends on it does not notice changes elsewhere.
pub(super) fn slice<T>(view: Signal<View>, part: fn(&View) -> T) -> Signal<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| view.with(part)).into()
}

/// Text that follows what it reads.
pub(super) fn text(read: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(read)
}

/// A word chosen by the facts.
pub(super) fn word(facts: Signal<Facts>, choose: fn(Facts) -> &'static str) -> Signal<String> {
    text(move || choose(facts.get()).to_owned())
}

/// An attribute that says `true` or `false`.
pub(super) fn flag(facts: Signal<Facts>, holds: fn(Facts) -> bool) -> Signal<String> {
    text(move || holds(facts.get()).to_string())
}
