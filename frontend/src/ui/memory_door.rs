//! Fetches the memory's view when it is wanted: a program of its own, because few people look at it.

use super::memory::address::{is_wanted, leave};
use crate::dom::{Listener, Task, meta_content};
use crate::service::Service;
use js_sys::{Function, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event};

#[wasm_bindgen]
extern "C" {
    /// The browser's own: fetches a module. What is relative is so to the file of this program.
    fn import(address: &str) -> Promise;
}

/// Says on the tools whether the server remembers.
const ON: &str = "data-on";

const UNAVAILABLE: &str = "The memory cannot be shown: a part of this page could not be loaded. Try again.";

/// The way to the view, which is closed until the server is known to remember.
pub(super) struct MemoryDoor {
    _listener: Option<Listener>,
    _asked: Task,
}

impl MemoryDoor {
    /// Among these tools, one of which says what went wrong.
    pub(super) fn of(tools: Element, service: Service) -> Self {
        let way = Rc::new(Way { tools, shown: RefCell::default() });
        let changed = way.clone();
        let listener =
            web_sys::window().map(|window| Listener::new(&window, "hashchange", move |_: Event| changed.look()));
        let asked = Task::spawn(async move {
            if service.remembers().await {
                // The name is one of ours, which an element does not refuse.
                drop(way.tools.set_attribute(ON, "true"));
                way.look();
            }
        });
        Self { _listener: listener, _asked: asked }
    }
}

struct Way {
    tools: Element,
    /// From when the view is wanted until it is closed.
    shown: RefCell<Option<Task>>,
}

impl Way {
    fn look(&self) {
        let mut shown = self.shown.borrow_mut();
        let is_open = self.tools.get_attribute(ON).as_deref() == Some("true");
        if !is_open || !is_wanted() || shown.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let tools = self.tools.clone();
        *shown = Some(Task::spawn(async move {
            say(&tools, "");
            if show(&tools).await.is_err() {
                say(&tools, UNAVAILABLE);
                leave();
            }
        }));
    }
}

/// Shows the view until it is closed; every failure is one to load it.
async fn show(tools: &Element) -> Result<(), JsValue> {
    let address = meta_content("colloquy-memory-view").ok_or(JsValue::UNDEFINED)?;
    let module = JsFuture::from(import(&address)).await?;
    // What the glue exports starts it once, however often it is called.
    for (step, given) in [("default", &JsValue::UNDEFINED), ("open", tools)] {
        let step: Function = Reflect::get(&module, &step.into())?.dyn_into()?;
        let done: Promise = step.call1(&JsValue::UNDEFINED, given)?.dyn_into()?;
        JsFuture::from(done).await?;
    }
    Ok(())
}

fn say(tools: &Element, words: &str) {
    if let Ok(Some(place)) = tools.query_selector(".memory-problem") {
        place.set_text_content(Some(words));
    }
}
