//! Giving the model a picture, a document or a table: by a button, dropped, or pasted.

use crate::dom::{Listener, Task, shrink};
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::{Attachment, AttachmentKind, Intent};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, Event, EventTarget, File, FileList, HtmlInputElement};

/// The markup of a button, and of what belongs to it.
macro_rules! attach_markup {
    () => {
        concat!(
            "<button type=button class=attach data-testid=attach>",
            $crate::ui::icon::icon!(Attach),
            "<span class=unseen>Attach a picture or a document</span></button>",
            "<input id=attach-file type=file data-testid=attach-file hidden \
             accept='image/*,text/*,.md,.markdown,.csv,.tsv,.json,.txt'>",
            "<p class=attach-problem role=status data-testid=attach-problem></p>"
        )
    };
}

/// Brings the button to life in what it is part of, and takes whatever comes over the page. `problem` is where it is
/// said why something was not taken.
pub(super) fn attach(mut part: Part, talk: Talk, problem: Element) -> Part {
    let desk = Rc::new(Desk { talk, problem, reading: RefCell::default() });
    let document = web_sys::window().and_then(|window| window.document());
    part.keep(document.map(|document| {
        ["change", "dragover", "drop", "paste"].map(|name| {
            let desk = desk.clone();
            Listener::new(&document, name, move |event: Event| desk.hear(&event))
        })
    }));
    part.at(".attach").on("click", move |_: Event| {
        desk.complain("");
        if desk.is_open()
            && let Some(input) = file_input()
        {
            input.click();
        }
    })
}

/// Takes what the user gives.
struct Desk {
    talk: Talk,
    problem: Element,
    reading: RefCell<Option<Task>>,
}

impl Desk {
    fn hear(self: &Rc<Self>, event: &Event) {
        match event.type_().as_str() {
            "change" => {
                let input = file_input().filter(|input| is_target(event, input));
                if let Some(input) = input {
                    self.take(input.files());
                    // The same file can be chosen again.
                    input.set_value("");
                }
            }
            "paste" => self.paste(event),
            name => {
                let held = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
                let Some(held) = held.filter(|held| held.types().includes(&"Files".into(), 0)) else {
                    return;
                };
                event.prevent_default();
                if name == "drop" && is_for_talk(event) {
                    self.take(held.files());
                }
            }
        }
    }

    /// A file, a table, or a text that is longer than what can be typed; anything else goes where it always goes, and so
    /// does what is pasted elsewhere than into the talk.
    fn paste(self: &Rc<Self>, event: &Event) {
        let held = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
        let Some(held) = held.filter(|_| is_for_talk(event)) else { return };
        let text = held.get_data("text/plain").unwrap_or_default();
        let is_table = is_table(&text);
        if is_table || text.encode_utf16().nth(LONGEST_TYPED).is_some() {
            event.prevent_default();
            self.complain("");
            let name = if is_table { "Pasted table" } else { "Pasted text" };
            self.give(name.to_owned(), AttachmentKind::Text { text });
        } else if has_files(&held) {
            event.prevent_default();
            self.take(held.files());
        }
    }

    fn take(self: &Rc<Self>, files: Option<FileList>) {
        let Some(files) = files.filter(|files| files.length() > 0) else {
            return;
        };
        self.complain("");
        let desk = Rc::downgrade(self);
        let task = Task::spawn(async move {
            let mut problems = String::new();
            for file in (0..files.length()).filter_map(|at| files.get(at)) {
                let read = read(&file).await;
                let Some(desk) = desk.upgrade() else { return };
                match read {
                    Ok(kind) => desk.give(file.name(), kind),
                    Err(problem) => {
                        problems.push_str(&[&file.name(), " ", problem, " "].concat());
                        desk.complain(&problems);
                    }
                }
            }
        });
        *self.reading.borrow_mut() = Some(task);
    }

    fn give(&self, name: String, kind: AttachmentKind) {
        if self.is_open() {
            self.talk.send(Intent::Attach(Attachment { name, kind }));
        }
    }

    /// Whether something can be given now; says why not.
    fn is_open(&self) -> bool {
        let mut open = false;
        self.talk.glance(&mut |view| open = view.can.say);
        if !open {
            self.complain(CONNECT_FIRST);
        }
        open
    }

    fn complain(&self, problem: &str) {
        self.problem.set_text_content(Some(problem));
    }
}

async fn read(file: &File) -> Result<AttachmentKind, &'static str> {
    let name = file.name().to_ascii_lowercase();
    let kind = file.type_();
    if kind.starts_with("image/") {
        if file.size() > LARGEST_FILE {
            return Err("is too large: a picture may have 30 MB.");
        }
        let data_url = shrink(file, LARGEST_PICTURE).await.map_err(|_| "cannot be read as a picture.")?;
        return Ok(AttachmentKind::Image { data_url });
    }
    if kind == "application/pdf" {
        return Err("is a PDF: paste its text here, or put it into a folder of documents that the server reads.");
    }
    if !kind.starts_with("text/") && !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return Err("cannot be attached: a picture can, or a document of text, Markdown, CSV, TSV or JSON.");
    }
    if file.size() > LARGEST_TEXT {
        return Err("is too large: a document may have 1 MB.");
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
    let text = text.filter(|text| !text.trim().is_empty() && !text.contains('\0'));
    text.map(|text| AttachmentKind::Text { text }).ok_or("has no text in it.")
}

/// Whether it comes over the talk, and not over what is open above it or searched in.
fn is_for_talk(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    !target.is_some_and(|target| target.closest("dialog, [type=search]").is_ok_and(|other| other.is_some()))
}

/// Whether it has rows and columns.
fn is_table(text: &str) -> bool {
    text.lines().filter(|line| line.contains('\t')).count() >= 2
}

fn has_files(held: &DataTransfer) -> bool {
    held.files().is_some_and(|files| files.length() > 0)
}

fn is_target(event: &Event, input: &HtmlInputElement) -> bool {
    let input: &EventTarget = input.as_ref();
    event.target().as_ref() == Some(input)
}

fn file_input() -> Option<HtmlInputElement> {
    web_sys::window()?.document()?.get_element_by_id("attach-file")?.dyn_into().ok()
}

/// Why nothing can be given or sent without a talk.
pub(super) const CONNECT_FIRST: &str = "Connect first: then it can be sent.";

/// What the text box takes, in units of UTF-16.
const LONGEST_TYPED: usize = 4_000;

/// How the names of documents end that a browser may know no type of.
const ENDINGS: [&str; 6] = [".md", ".markdown", ".csv", ".tsv", ".json", ".txt"];

/// The largest picture that is opened, in bytes.
const LARGEST_FILE: f64 = 30e6;

/// The largest document that is read, in bytes.
const LARGEST_TEXT: f64 = 1e6;

/// The largest picture that is given to the core, in bytes of its data URI: what it sends at most.
const LARGEST_PICTURE: usize = 200_000;

pub(super) use attach_markup;
