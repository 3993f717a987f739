//! The way to the memory, and the switch that keeps a talk out of it; both only where the server remembers.

use crate::service::Service;
use crate::ui::memory::CHANGED;
use crate::ui::memory_door::MemoryDoor;
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::Intent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement};

const MARKUP: &str = "<div class=memory-tools data-on=false>\
    <a class=quiet href='#memory' data-testid=memory>Memory</a>\
    <label class=switch><input type=checkbox data-testid=private aria-describedby=private-means><span>Private<span class=unseen> talk</span></span></label>\
    <span id=private-means>When on, nothing more of this talk is stored and nothing remembered is used.</span>\
    <p class=memory-problem role=alert data-testid=memory-unavailable></p></div>";

/// Hidden until the server says that its memory is on.
pub(super) fn memory_tools(talk: Talk) -> Part {
    let service = use_context::<Service>().unwrap_or_default();
    let mut part = Part::new(MARKUP);
    part.keep(MemoryDoor::of(part.place(), service));
    let part = part.on(CHANGED, move |_: Event| talk.send(Intent::DropRecalled)).at("input");
    let switch: HtmlInputElement = part.place().unchecked_into();
    let chosen = switch.clone();
    part.follow(move || talk.look(&mut |view| switch.set_checked(view.private)))
        .on("change", move |_: Event| talk.send(Intent::KeepPrivate(chosen.checked())))
}
