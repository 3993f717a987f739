//! A mounted page that shows what a test gives it and remembers what the user asked for.

use crate::stand::settle;
use colloquy_frontend::shell::Levels;
use colloquy_frontend::ui::{Dispatch, Page};
use conversation::{Config, Conversation, Intent, View};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::Mountable;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What a mounted page looks like from outside.
pub(crate) struct Shown {
    root: HtmlElement,
    view: RwSignal<View>,
    intents: Rc<RefCell<Vec<Intent>>>,
    mounted: Box<dyn std::any::Any>,
}

/// A view in which nothing has happened.
pub(crate) fn quiet() -> View {
    Conversation::new(Config::default(), 0).view()
}

impl Shown {
    /// Mounts a page that shows `view`.
    pub(crate) async fn page(view: View) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        document.body().unwrap().append_child(&root).unwrap();
        let intents = Rc::new(RefCell::new(Vec::new()));
        let slot = Rc::new(RefCell::new(None));
        let (pushed, kept) = (intents.clone(), slot.clone());
        let unmount = mount_to(root.clone(), move || {
            let signal = RwSignal::new(view);
            *kept.borrow_mut() = Some(signal);
            provide_context(Dispatch::new(move |intent| pushed.borrow_mut().push(intent)));
            leptos::view! { <Page view=signal levels=Levels::default() /> }
        });
        let view = slot.borrow_mut().take().unwrap();
        settle().await;
        Self { root, view, intents, mounted: boxed(unmount) }
    }

    /// Shows another view.
    pub(crate) async fn show(&self, view: View) {
        self.view.set(view);
        settle().await;
    }

    /// Whether there is such an element.
    pub(crate) fn has(&self, selector: &str) -> bool {
        self.root.query_selector(selector).unwrap().is_some()
    }

    /// The element.
    pub(crate) fn find(&self, selector: &str) -> Element {
        self.root.query_selector(selector).unwrap().unwrap_or_else(|| panic!("no {selector}"))
    }

    /// Its text.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.find(selector).text_content().unwrap_or_default()
    }

    /// Its attribute.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        self.find(selector).get_attribute(name).unwrap_or_default()
    }

    /// Clicks it.
    pub(crate) fn click(&self, selector: &str) {
        self.find(selector).unchecked_into::<HtmlElement>().click();
    }

    /// What the user asked for since the last time.
    pub(crate) fn intents(&self) -> Vec<Intent> {
        self.intents.borrow_mut().drain(..).collect()
    }

    /// The list of what the user asked for, which outlives the page.
    pub(crate) fn remembered(&self) -> Rc<RefCell<Vec<Intent>>> {
        self.intents.clone()
    }

    /// What is left on the page after it is unmounted.
    pub(crate) async fn unmount(self) -> String {
        let Self { root, mounted, .. } = self;
        drop(mounted);
        settle().await;
        let left = root.inner_html();
        root.remove();
        left
    }
}

fn boxed<M: Mountable + 'static>(handle: UnmountHandle<M>) -> Box<dyn std::any::Any> {
    Box::new(handle)
}
