//! A part of the page: markup as plain text, and the few places in it that live.
//!
//! All parts are of one type. A type for every element with its attributes, as the `view!` macro makes them, would be
//! code for every element that somebody has to download; markup as text is a few bytes, and the browser reads it faster
//! than we could build it.

use crate::dom::Listener;
use crate::ui::talk::Text;
use leptos::prelude::*;
use leptos::tachys::renderer::Rndr;
use std::any::Any;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// An element that leaves the document when it is dropped, with all that listens to it and keeps it up to date.
#[must_use = "dropping a part removes it"]
pub(super) struct Part {
    live: Box<Live>,
}

/// Teardown is field order: nothing calls back while the elements go.
struct Live {
    kept: Vec<Box<dyn Any>>,
    /// Where the next thing is added: the root, or an element inside.
    place: Element,
    root: Root,
}

struct Root(Element);

impl Drop for Root {
    fn drop(&mut self) {
        self.0.remove();
    }
}

impl Part {
    /// Of this markup: one element with whatever is inside. Nothing from outside may be in it.
    pub(super) fn new(markup: &'static str) -> Self {
        Self::of(Rndr::create_element_from_html(markup.into()))
    }

    /// Of an element that is there already.
    pub(super) fn of(root: Element) -> Self {
        Self { live: Box::new(Live { kept: Vec::new(), place: root.clone(), root: Root(root) }) }
    }

    /// The element itself.
    pub(super) fn element(&self) -> &Element {
        &self.live.root.0
    }

    /// Goes on at the first element inside that fits the selector.
    pub(super) fn at(mut self, selector: &str) -> Self {
        if let Ok(Some(place)) = self.live.root.0.query_selector(selector) {
            self.live.place = place;
        }
        self
    }

    /// Goes on at the element itself.
    pub(super) fn at_root(mut self) -> Self {
        self.live.place = self.live.root.0.clone();
        self
    }

    /// Where it goes on.
    pub(super) fn place(&self) -> Element {
        self.live.place.clone()
    }

    /// Adds a part at the end.
    pub(super) fn with(mut self, part: Part) -> Self {
        // An element takes any other but its own ancestors.
        drop(self.live.place.append_child(part.element()));
        self.keep(part);
        self
    }

    /// Says a text that stays as it is.
    pub(super) fn say(self, text: &str) -> Self {
        self.live.place.set_text_content(Some(text));
        self
    }

    /// Sets an attribute that stays as it is.
    pub(super) fn put(self, name: &str, value: &str) -> Self {
        // The name is one of ours, which an element does not refuse.
        drop(self.live.place.set_attribute(name, value));
        self
    }

    /// Shows a text and nothing else.
    pub(super) fn text(self, text: Text) -> Self {
        let place = self.live.place.clone();
        self.shows(text, Box::new(move |text| place.set_text_content(Some(text))))
    }

    /// Sets an attribute.
    pub(super) fn attr(self, name: &'static str, value: Text) -> Self {
        let place = self.live.place.clone();
        // The name is one of ours, which an element does not refuse.
        self.shows(value, Box::new(move |value| drop(place.set_attribute(name, value))))
    }

    /// Listens to an event; `E` is its class, which is not checked.
    pub(super) fn on<E: JsCast>(mut self, event: &'static str, act: impl FnMut(E) + 'static) -> Self {
        let listener = Listener::new(&self.live.place, event, act);
        self.keep(listener);
        self
    }

    /// Runs now, and again whenever something changes that it read.
    pub(super) fn follow(mut self, effect: impl FnMut() + 'static) -> Self {
        self.run(Box::new(effect));
        self
    }

    /// Keeps something until the part is dropped.
    pub(super) fn keep(&mut self, thing: impl Any) {
        self.live.kept.push(Box::new(thing));
    }

    #[inline(never)]
    fn shows(mut self, read: Text, write: Box<dyn Fn(&str)>) -> Self {
        let mut shown = None;
        self.run(Box::new(move || {
            let text = Some(read());
            if text != shown {
                write(text.as_deref().unwrap_or_default());
                shown = text;
            }
        }));
        self
    }

    #[inline(never)]
    fn run(&mut self, mut effect: Box<dyn FnMut()>) {
        self.keep(RenderEffect::new(move |_: Option<()>| effect()));
    }
}
