//! Listens to the memory's view, asks the server, draws what it answers.

use super::address::{is_wanted, leave};
use super::shelf::Shelf;
use super::{CHANGED, rows};
use crate::dom::{Listener, Task};
use crate::service::{MemoryQuestion, Service};
use crate::ui::markup::draw;
use conversation::HttpFailure;
use futures::channel::oneshot;
use js_sys::Reflect;
use protocol::memory::{MemoryKind, NewMemory, RememberRequest};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventInit, HtmlDialogElement, HtmlElement, KeyboardEvent, MouseEvent};

/// Teardown is field order: nobody calls it any more, its dialog goes, then its questions stop.
pub(super) struct Keeper {
    _listeners: Vec<Listener>,
    own: Weak<Self>,
    dialog: Dialog,
    /// Tells that the dialog was closed.
    closed: Cell<Option<oneshot::Sender<()>>>,
    service: Service,
    shelf: RefCell<Shelf>,
    /// The newest list; an older one is of no interest.
    list: RefCell<Option<Task>>,
    /// Everything else, which is done to its end.
    doing: RefCell<Vec<Task>>,
    /// Whether the entry that is asked for is gone to when it is there.
    going: Cell<bool>,
    /// The button that led to the newest question of whether something is to be forgotten.
    asked_at: RefCell<Option<HtmlElement>>,
}

/// Leaves the page when it is dropped.
struct Dialog(HtmlDialogElement);

impl Drop for Dialog {
    fn drop(&mut self) {
        self.0.remove();
    }
}

impl Keeper {
    /// Opens this dialog and keeps it; tells when it is closed.
    pub(super) fn of(dialog: HtmlDialogElement, service: Service, closed: oneshot::Sender<()>) -> Rc<Self> {
        let keeper = Rc::new_cyclic(|own: &Weak<Self>| {
            let listen = |target: &web_sys::EventTarget, name| {
                let own = own.clone();
                Listener::new(target, name, move |event: Event| {
                    if let Some(keeper) = own.upgrade() {
                        keeper.hear(&event);
                    }
                })
            };
            let mut listeners: Vec<Listener> =
                ["click", "input", "submit", "close", "keydown"].map(|name| listen(&dialog, name)).into();
            listeners.extend(web_sys::window().map(|window| listen(&window, "hashchange")));
            Self {
                _listeners: listeners,
                own: own.clone(),
                dialog: Dialog(dialog),
                closed: Cell::new(Some(closed)),
                service,
                shelf: RefCell::default(),
                list: RefCell::default(),
                doing: RefCell::default(),
                going: Cell::default(),
                asked_at: RefCell::default(),
            }
        });
        if let Some(export) = keeper.find("a[download]") {
            drop(export.set_attribute("href", &keeper.service.memory_export()));
        }
        if keeper.dialog.0.show_modal().is_ok() {
            keeper.ask_list(String::new());
        } else {
            keeper.closed.take();
        }
        keeper
    }

    fn hear(&self, event: &Event) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        match (event.type_().as_str(), target) {
            ("hashchange", _) if !is_wanted() => self.dialog.0.close(),
            ("close", _) => {
                leave();
                self.closed.take();
            }
            ("keydown", target) => {
                // Keys that are shortcuts of the page below are none here.
                event.stop_propagation();
                // One that is held presses one button, not what comes in its place.
                let held = event.dyn_ref::<KeyboardEvent>().is_some_and(KeyboardEvent::repeat);
                if held && target.is_some_and(|target| target.local_name() == "button") {
                    event.prevent_default();
                }
            }
            ("submit", Some(form)) => {
                event.prevent_default();
                if form.get_attribute("data-do").as_deref() == Some("add") {
                    self.add();
                }
            }
            ("input", Some(field)) if field.closest("form[data-do=search]").is_ok_and(|form| form.is_some()) => {
                self.ask_list(String::new());
            }
            // The second click of a double one is not meant for what has come under it.
            ("click", Some(target)) if event.dyn_ref::<MouseEvent>().is_none_or(|click| click.detail() < 2) => {
                if let Ok(Some(button)) = target.closest("button[data-do]") {
                    let given = |name| button.get_attribute(name).unwrap_or_default();
                    self.act(&given("data-do"), given("data-of"), button.unchecked_ref());
                }
            }
            _ => {}
        }
    }

    fn act(&self, action: &str, of: String, button: &HtmlElement) {
        match action {
            "close" => self.dialog.0.close(),
            "more" => self.ask_list(self.shelf.borrow().next.clone().unwrap_or_default()),
            "correct" => self.edit(of),
            "save" => {
                let (text, restricted) = (self.value(TEXT), self.ticked(PERSONAL));
                self.ask(MemoryQuestion::Correct { id: of, text, restricted });
            }
            "show" => self.ask(MemoryQuestion::Show(of)),
            "go" => {
                self.going.set(true);
                self.ask(MemoryQuestion::Show(of));
            }
            "forget" => self.confirm(MemoryQuestion::Forget(of), button),
            "ask-talk" => self.confirm(MemoryQuestion::ForgetTalk(of), button),
            "ask-all" => self.confirm(MemoryQuestion::ForgetEverything, button),
            "confirm" => {
                let confirmed = self.shelf.borrow_mut().confirming.take();
                if let Some(question) = confirmed {
                    self.ask(question);
                }
                self.draw();
                // What led here may be gone in a moment.
                self.focus("[data-do=close]");
            }
            "cancel" => {
                self.shelf.borrow_mut().editing = None;
                self.draw();
                self.focus(&["[data-do=correct][data-of='", &of, "']"].concat());
            }
            _ => {
                self.shelf.borrow_mut().confirming = None;
                self.draw();
                if let Some(button) = self.asked_at.take() {
                    // One that has gone meanwhile takes no focus.
                    drop(button.focus());
                }
            }
        }
    }

    fn edit(&self, id: String) {
        let memory = self.shelf.borrow().memories.iter().find(|memory| memory.id == id).cloned();
        self.shelf.borrow_mut().editing = Some(id);
        self.draw();
        if let Some(memory) = memory {
            self.type_in(&memory.text, memory.restricted);
        }
        self.focus(TEXT);
    }

    /// Puts a correction into its fields, where there is one.
    fn type_in(&self, text: &str, restricted: bool) {
        self.set(TEXT, "value", &text.into());
        self.set(PERSONAL, "checked", &restricted.into());
    }

    fn confirm(&self, question: MemoryQuestion, button: &HtmlElement) {
        self.shelf.borrow_mut().confirming = Some(question);
        *self.asked_at.borrow_mut() = Some(button.clone());
        self.draw();
        self.focus(".memory-confirm button:last-child");
    }

    fn add(&self) {
        let text = self.value("#memory-new").trim().to_owned();
        if text.is_empty() {
            return;
        }
        let names = self.value("#memory-people");
        let memory = NewMemory {
            about: Some(self.value("#memory-about")),
            people: names.split(',').map(str::to_owned).collect(),
            restricted: self.ticked("#memory-personal"),
            ..NewMemory::new(MemoryKind::Fact, text)
        };
        self.ask(MemoryQuestion::Remember(RememberRequest { memories: vec![memory], ..RememberRequest::default() }));
    }

    fn ask_list(&self, page: String) {
        let (query, kind) = (self.value("#memory-search"), self.value("#memory-kind"));
        let task = self.question(MemoryQuestion::List { query, kind, page });
        *self.list.borrow_mut() = Some(task);
    }

    fn ask(&self, question: MemoryQuestion) {
        let task = self.question(question);
        let mut doing = self.doing.borrow_mut();
        doing.retain(|task| !task.is_finished());
        doing.push(task);
    }

    fn question(&self, question: MemoryQuestion) -> Task {
        let (own, service) = (self.own.clone(), self.service.clone());
        Task::spawn(async move {
            let answer = service.memory(&question).await;
            if let Some(keeper) = own.upgrade() {
                keeper.answered(question, answer);
            }
        })
    }

    fn answered(&self, question: MemoryQuestion, answer: Result<String, HttpFailure>) {
        if answer.is_ok() && matches!(question, MemoryQuestion::Remember(_)) {
            for field in ["#memory-new", "#memory-about", "#memory-people"] {
                self.set(field, "value", &"".into());
            }
            self.set("#memory-personal", "checked", &false.into());
            self.ask_list(String::new());
        }
        if answer.is_ok() && changes(&question) {
            self.tell();
            // The turns that told it are gone with it.
            self.ask_list(String::new());
        }
        let place = self.shelf.borrow_mut().take(question, answer);
        self.draw();
        if let Some(place) = place.filter(|_| self.going.take()) {
            self.focus(&[".memory-list > li:nth-child(", &(place + 1).to_string(), ")"].concat());
        }
    }

    fn tell(&self) {
        let init = EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = Event::new_with_event_init_dict(CHANGED, &init) {
            // An event that was just made can be dispatched.
            drop(self.dialog.0.dispatch_event(&event));
        }
    }

    fn draw(&self) {
        // The row that is being corrected may stand elsewhere afterwards.
        let typed = self.find(TEXT).map(|_| (self.value(TEXT), self.ticked(PERSONAL)));
        if let Some(place) = self.find("[data-drawn]") {
            draw(&place, &rows::tags(&self.shelf.borrow()));
        }
        if let Some((text, restricted)) = typed {
            self.type_in(&text, restricted);
        }
    }

    fn focus(&self, selector: &str) {
        if let Some(element) = self.find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // A field that refuses the focus leaves it where it was.
            drop(element.focus());
        }
    }

    /// What is in a field.
    fn value(&self, selector: &str) -> String {
        let field = self.find(selector);
        let value = field.and_then(|field| Reflect::get(&field, &"value".into()).ok());
        value.and_then(|value| value.as_string()).unwrap_or_default()
    }

    /// Whether a box is ticked.
    fn ticked(&self, selector: &str) -> bool {
        self.find(&[selector, ":checked"].concat()).is_some()
    }

    fn set(&self, selector: &str, name: &str, value: &JsValue) {
        if let Some(field) = self.find(selector) {
            // A field takes whatever it is given.
            drop(Reflect::set(&field, &name.into(), value));
        }
    }

    fn find(&self, selector: &str) -> Option<Element> {
        self.dialog.0.query_selector(selector).ok().flatten()
    }
}

/// The fields of a correction.
const TEXT: &str = ".memory-list textarea";
const PERSONAL: &str = ".memory-list input";

/// Whether something is no longer as it may have been recalled.
fn changes(question: &MemoryQuestion) -> bool {
    use MemoryQuestion::{Correct, Forget, ForgetEverything, ForgetTalk};
    matches!(question, Correct { .. } | Forget(_) | ForgetTalk(_) | ForgetEverything)
}
