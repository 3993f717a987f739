//! The newest events, for whoever wants to know.

use crate::dom::{copy_text, save_text};
use crate::ui::log_text::{lines, to_json};
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDetailsElement, HtmlInputElement};

const MARKUP: &str = "<details class=log data-testid=log>\
    <summary>Events<span class=count></span><span class=odd data-testid=odd></span></summary>\
    <div class=log-tools><label for=log-filter>Filter</label>\
    <input id=log-filter type=search data-testid=log-filter autocomplete=off>\
    <button type=button class=quiet data-testid=log-copy>Copy</button>\
    <button type=button class=quiet data-testid=log-save>Save</button></div>\
    <pre class=log-lines role=region aria-label='Events, newest first' tabindex=0></pre></details>";

/// A closed panel; its lines are only made while it is open.
pub(super) fn event_log(talk: Talk) -> Part {
    let part = Part::new(MARKUP);
    let panel: HtmlDetailsElement = part.place().unchecked_into();
    let part = part.at("input");
    let filter: HtmlInputElement = part.place().unchecked_into();
    let changed = Trigger::new();
    let json = {
        let filter = filter.clone();
        move |take: fn(&str)| talk.glance(&mut |view| take(&to_json(&view.log, &filter.value())))
    };
    let (copy, save) = (json.clone(), json);
    let shown = move || {
        changed.track();
        let mut text = String::new();
        if panel.open() {
            talk.look(&mut |view| text = lines(&view.log, &filter.value()));
        }
        text
    };
    part.on("input", move |_: Event| changed.notify())
        .at("pre")
        .text(Box::new(shown))
        .at("[data-testid=log-copy]")
        .on("click", move |_: Event| copy(copy_text))
        .at("[data-testid=log-save]")
        .on("click", move |_: Event| save(|json| save_text("colloquy-events.json", json)))
        .at(".count")
        .text(talk.text(|view| view.log.len().to_string()))
        .at(".odd")
        .text(talk.text(|view| match view.odd_events {
            0 => String::new(),
            odd => [&odd.to_string(), " odd"].concat(),
        }))
        .at_root()
        .on("toggle", move |_: Event| changed.notify())
}
