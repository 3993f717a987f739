//! Two voices as two discs: left the user, right the assistant. How they stand to each other is the phase; how large
//! they are is how loud they are.

use crate::dom::{FrameLoop, prefers_reduced_motion};
use crate::shell::Levels;
use crate::ui::slice::Facts;
use conversation::Phase;
use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// How fast a disc grows, as a share of the way per frame.
const RISE: f32 = 0.45;

/// How fast a disc shrinks.
const FALL: f32 = 0.10;

/// A voice this loud fills the disc.
const FULL: f32 = 0.2;

/// The drawing. It says nothing to a screen reader: the words below it do.
#[component]
pub(super) fn Orb(
    /// What to show.
    facts: Signal<Facts>,
    /// What moves it.
    levels: Levels,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    // Dropped with this component, so that no frame comes after it.
    let frames = StoredValue::new_local(None::<FrameLoop>);
    Effect::new(move |_| {
        let element = node.get();
        let wanted = !matches!(facts.get().phase, Phase::Idle | Phase::Failed) && !prefers_reduced_motion();
        let _ = frames.try_update_value(|frames| match element {
            Some(element) if wanted => {
                frames.get_or_insert_with(|| follow(element.unchecked_into(), levels.clone()));
            }
            _ => *frames = None,
        });
    });
    view! {
        <div class="orb" node_ref=node aria-hidden="true">
            <svg viewBox="-120 -80 240 160">
                <g class="pair">
                    <g class="voice you">
                        <circle class="ripple" r="54" />
                        <circle class="disc" r="46" />
                        <path class="slash" d="M-30 30L30 -30" />
                    </g>
                    <g class="voice they">
                        <circle class="ripple" r="54" />
                        <circle class="disc" r="46" />
                    </g>
                </g>
                <Signs />
            </svg>
        </div>
    }
}

/// What the discs alone do not say; the style sheet shows the one that fits the phase.
#[component]
fn Signs() -> impl IntoView {
    view! {
        <g class="sign thinking-sign">
            <circle cx="-18" r="5" />
            <circle cx="0" r="5" />
            <circle cx="18" r="5" />
        </g>
        <g class="sign searching-sign">
            <circle cx="-4" cy="-4" r="15" />
            <path d="M7 7L20 20" />
        </g>
        <g class="sign error-sign">
            <path d="M0 -34V10" />
            <circle cy="28" r="4.500" />
        </g>
    }
}

/// Sets two custom properties before each frame, smoothed as the eye expects it.
fn follow(element: HtmlElement, levels: Levels) -> FrameLoop {
    let (you, they) = (Cell::new(0.0), Cell::new(0.0));
    FrameLoop::start(move || {
        let style = element.style();
        for (name, shown, level) in
            [("--you-loud", &you, levels.microphone()), ("--they-loud", &they, levels.playback())]
        {
            let target = (level / FULL).sqrt().min(1.0);
            let from = shown.get();
            let next = from + (target - from) * if target > from { RISE } else { FALL };
            shown.set(next);
            // A style that cannot be set leaves the disc as it is.
            let thousandths = (next * 1000.0).clamp(0.0, 999.0) as u32;
            drop(style.set_property(name, &format!("0.{thousandths:03}")));
        }
    })
}
