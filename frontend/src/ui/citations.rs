//! What an answer's sentences rest on: numbered chips that are lit while their sentence is heard.

use crate::ui::markup::{Tag, is_web, outside, tag};
use crate::ui::talk::bool_word;
use conversation::{Citation, Row};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent};

/// A chip for each fact of a row, in the order of their first use.
pub(super) fn chips(row: &Row) -> Vec<Tag> {
    let mut chips: Vec<(&Citation, bool)> = Vec::new();
    for citation in row.citations.iter() {
        match chips.iter_mut().find(|(chip, _)| chip.label == citation.label) {
            Some((_, lit)) => *lit |= citation.lit,
            None => chips.push((citation, citation.lit)),
        }
    }
    chips.into_iter().map(|(citation, lit)| chip(citation, lit)).collect()
}

fn chip(citation: &Citation, lit: bool) -> Tag {
    let label = citation.label.to_string();
    let url = citation.url.as_deref().filter(|url| is_web(url));
    let leaves = if url.is_some() { ", opens a new tab" } else { "" };
    let name = [&label, ": ", &citation.title, ", ", &citation.source, leaves].concat();
    let chip = tag("a", "chip")
        .named("citation")
        .with("data-lit", bool_word(lit))
        .with("data-source", &citation.source)
        .with("data-title", &citation.title)
        .with("aria-label", &name)
        .with("title", &name)
        .text(&label);
    match url {
        Some(url) => outside(chip, url),
        None => chip.with("href", "#context"),
    }
}

/// Shows the ledger's row of a chip that leads nowhere else.
pub(super) fn follow(event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let chip = target.and_then(|target| target.closest("a[href='#context']").ok().flatten());
    if let Some(chip) = chip {
        event.prevent_default();
        show_row(&chip);
    }
}

fn show_row(chip: &Element) -> Option<()> {
    let panel = web_sys::window()?.document()?.query_selector("details.context").ok()??;
    panel.set_attribute("open", "").ok()?;
    let wanted = ["data-source", "data-title"].map(|name| chip.get_attribute(name));
    let rows = panel.query_selector_all("li.given").ok()?;
    let rows = (0..rows.length()).filter_map(|at| rows.get(at)?.dyn_into::<HtmlElement>().ok());
    let row =
        rows.into_iter().find(|row| ["data-source", "data-title"].map(|name| row.get_attribute(name)) == wanted)?;
    // Focus brings it into view.
    row.focus().ok()
}
