//! Two voices as two discs: left the user, right the assistant. How they stand to each other is the phase; how large
//! they are is how loud they are.

use crate::dom::{FrameLoop, prefers_reduced_motion};
use crate::shell::Levels;
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::{Phase, padded};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// How fast a disc grows, as a share of the way per frame.
const RISE: f32 = 0.45;

/// How fast a disc shrinks.
const FALL: f32 = 0.10;

/// A voice this loud fills the disc.
const FULL: f32 = 0.2;

const MARKUP: &str = "<div class=orb aria-hidden=true><svg viewBox='-120 -80 240 160'><g class=pair>\
    <g class='voice you'><circle class=ripple r=54 /><circle class=disc r=46 /><path class=slash d='M-30 30L30 -30'/></g>\
    <g class='voice they'><circle class=ripple r=54 /><circle class=disc r=46 /></g></g>\
    <g class='sign thinking-sign'><circle cx=-18 r=5 /><circle cx=0 r=5 /><circle cx=18 r=5 /></g>\
    <g class='sign searching-sign'><circle cx=-4 cy=-4 r=15 /><path d='M7 7L20 20'/></g>\
    <g class='sign error-sign'><path d='M0 -34V10'/><circle cy=28 r=4.5 /></g></svg></div>";

/// The drawing. It says nothing to a screen reader: the words below it do. What the discs alone do not say is said by
/// signs, of which the style sheet shows the one that fits the phase.
pub(super) fn orb(talk: Talk, levels: Levels) -> Part {
    let part = Part::new(MARKUP);
    let element: HtmlElement = part.place().unchecked_into();
    let mut frames = None;
    part.follow(move || {
        let mut sounds = false;
        talk.look(&mut |view| sounds = !matches!(view.phase, Phase::Idle | Phase::Failed));
        if !sounds || prefers_reduced_motion() {
            frames = None;
        } else if frames.is_none() {
            frames = Some(swing(element.clone(), levels.clone()));
        }
    })
}

/// Sets two custom properties before each frame, smoothed as the eye expects it.
fn swing(element: HtmlElement, levels: Levels) -> FrameLoop {
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
            let thousandths = (next * 1000.0).clamp(0.0, 999.0) as u64;
            drop(style.set_property(name, &["0.", &padded(thousandths, 3)].concat()));
        }
    })
}
