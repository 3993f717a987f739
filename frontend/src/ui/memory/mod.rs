//! The memory's own view, at `#memory`: to see, search, correct, forget and take along what is remembered.
//!
//! Its frame is plain text that the browser reads, its rows are drawn from data, and one keeper listens to all of it:
//! few people look at it, and everybody downloads it.

mod keeper;
mod rows;
mod shelf;

use crate::service::Service;
use crate::ui::part::Part;
use keeper::Keeper;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// A dialog over the whole page; the talk goes on below it. `tools` say `data-on=true` once the server is known to
/// remember, and before that the dialog does not open.
pub(super) fn memory_page(service: Service, tools: Element) -> Part {
    let mut part = Part::new(FRAME);
    let keeper = Keeper::of(part.place().unchecked_into(), service, tools);
    part.keep(keeper);
    part
}

/// What never changes. Nothing from outside is in it.
const FRAME: &str = r#"<dialog class="memory" data-testid="memory-page" aria-labelledby="memory-title"><header><h2 id="memory-title">What is remembered</h2>
<button type="button" class="secondary" data-testid="memory-close" data-do="close">Close</button></header>
<p>What the assistant keeps of your talks, newest first. You can correct all of it and have any of it forgotten: then it is deleted.</p>
<form data-do="search" role="search">
<label for="memory-search">Search</label><input id="memory-search" type="search" data-testid="memory-search" autocomplete="off">
<label for="memory-kind">Kind</label><select id="memory-kind" data-testid="memory-kind"><option value="">All</option><option value="fact">Facts</option><option value="preference">Preferences</option><option value="person">People</option><option value="place">Places</option><option value="project">Projects</option><option value="decision">Decisions</option><option value="todo">To-dos</option><option value="turn">Turns</option></select>
</form>
<div data-drawn></div>
<form data-do="add">
<label for="memory-new">Add a fact</label><input id="memory-new" data-testid="memory-new" autocomplete="off" maxlength="2000">
<button type="submit" class="secondary" data-testid="memory-add">Add</button></form>
<footer><a class="quiet" data-testid="memory-export" download="colloquy-memory.json">Export as a file</a>
<button type="button" class="quiet alarming" data-testid="memory-forget-all" data-do="ask-all" data-of="">Forget everything</button></footer></dialog>"#;
