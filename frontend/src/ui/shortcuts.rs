//! Single keys for what is done often, and the list of them.

use crate::dom::Listener;
use crate::ui::controls::mute;
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::Intent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

const MARKUP: &str = "<details class=keys data-testid=keys><summary>Keyboard</summary><dl>\
    <div><dt><kbd>M</kbd></dt><dd>mute or unmute</dd></div>\
    <div><dt><kbd>Esc</kbd></dt><dd>interrupt the answer</dd></div>\
    <div><dt><kbd>/</kbd></dt><dd>go to the text box</dd></div></dl>\
    <label class=switch><input type=checkbox data-testid=keys-enabled checked>Use these keys</label></details>";

/// Listens to the keyboard while it is there, and shows what it knows. Single keys can be switched off: they collide
/// with voice control of the computer.
pub(super) fn shortcuts(talk: Talk) -> Part {
    let mut part = Part::new(MARKUP).at("input");
    let switch: HtmlInputElement = part.place().unchecked_into();
    part.keep(web_sys::window().and_then(|window| window.document()).map(|document| {
        Listener::new(&document, "keydown", move |event: KeyboardEvent| {
            if event.repeat() {
                ignore_held(&event);
            } else if switch.checked() {
                press(&event, talk);
            }
        })
    }));
    part
}

/// A key that is held presses a button once, whatever the button becomes by that.
fn ignore_held(event: &KeyboardEvent) {
    if event.key() == "Enter" {
        event.prevent_default();
    }
}

fn press(event: &KeyboardEvent, talk: Talk) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
        return;
    }
    let typing = is_typing(event);
    match event.key().as_str() {
        "Escape" => talk.want(|view| view.can.interrupt.then_some(Intent::Interrupt)),
        "m" | "M" if !typing => talk.want(mute),
        "/" if !typing => {
            event.prevent_default();
            focus_text();
        }
        _ => {}
    }
}

/// Whether the key goes into a field.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        element
            .closest("input:not([type=checkbox]), textarea, select, [contenteditable]")
            .is_ok_and(|field| field.is_some())
    })
}

fn focus_text() {
    let field = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("say"))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(field) = field {
        // A field that refuses the focus leaves it where it was.
        drop(field.focus());
    }
}
