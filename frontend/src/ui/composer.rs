//! The text box: whatever can be said can be typed.

use crate::ui::attach::{CONNECT_FIRST, attach, attach_markup};
use crate::ui::icon::icon;
use crate::ui::part::Part;
use crate::ui::talk::{Talk, bool_word};
use conversation::Intent;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement};

const MARKUP: &str = concat!(
    "<form class=composer><span aria-hidden=true>Or type</span>",
    "<input id=say aria-label='Or type' type=text data-testid=say autocomplete=off enterkeyhint=send maxlength=4000>",
    attach_markup!(),
    "<button type=submit class=send data-testid=send>",
    icon!(Send),
    "<span>Send</span></button></form>"
);

/// A line of text and its button. What is typed before a call stays until it can be sent.
pub(super) fn composer(talk: Talk) -> Part {
    let part = Part::new(MARKUP).at(".attach-problem");
    let problem = part.place();
    let part = part.at("input");
    let field: HtmlInputElement = part.place().unchecked_into();
    let typed = Trigger::new();
    let idle = {
        let (field, told, could) = (field.clone(), problem.clone(), Cell::new(false));
        move || {
            typed.track();
            let mut can = false;
            talk.look(&mut |view| can = view.can.say);
            if !could.replace(can) && can {
                told.set_text_content(None);
            }
            bool_word(!can || text_in(&field).is_empty()).to_owned()
        }
    };
    let told = problem.clone();
    let send = move |event: Event| {
        event.prevent_default();
        let said = text_in(&field);
        let mut can = false;
        talk.glance(&mut |view| can = view.can.say);
        if said.is_empty() {
            return;
        }
        if can {
            talk.send(Intent::Say(said));
            field.set_value("");
            typed.notify();
        } else {
            told.set_text_content(Some(CONNECT_FIRST));
        }
    };
    let part = part
        .attr("placeholder", talk.word(|view| if view.can.say { "Type a message" } else { "Connect to send" }))
        .on("input", move |_: Event| {
            talk.send(Intent::Typing);
            typed.notify();
        })
        .at(".send")
        .attr("aria-disabled", Box::new(idle))
        .at_root()
        .on("submit", send);
    attach(part, talk, problem)
}

fn text_in(field: &HtmlInputElement) -> String {
    field.value().trim().to_owned()
}
