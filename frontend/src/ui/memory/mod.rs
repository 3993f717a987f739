//! The memory's own view, at `#memory`: to see, search, correct, forget and take along what is remembered.
//!
//! It is a program of its own, `colloquy-memory-view`, which the page fetches when somebody looks. Its frame is plain
//! text that the browser reads, its rows are drawn from data, and one keeper listens to all of it.

pub(super) mod address;
mod keeper;
mod rows;
mod shelf;

use crate::service::Service;
use futures::channel::oneshot;
use keeper::Keeper;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Shows it at the end of `place`, as a dialog over the whole page, until it is closed or the page is at another
/// address; the talk goes on below it. Dropping the future takes it away.
pub async fn show(place: Element, service: Service) {
    if !address::is_wanted() || place.insert_adjacent_html("beforeend", FRAME).is_err() {
        return;
    }
    let Some(dialog) = place.last_element_child() else { return };
    let (tell, closed) = oneshot::channel();
    let keeper = Keeper::of(dialog.unchecked_into(), service, tell);
    // What tells it is dropped instead of told.
    let _ = closed.await;
    drop(keeper);
}

/// Tells whoever is around it that something was forgotten or corrected.
pub(super) const CHANGED: &str = "memory-changed";

/// What never changes. Nothing from outside is in it.
const FRAME: &str = r#"<dialog class="memory" data-testid="memory-page" aria-labelledby="memory-title"><header><h2 id="memory-title">What is remembered</h2>
<button type="button" class="secondary" data-testid="memory-close" data-do="close">Close</button></header>
<p>What the assistant keeps of your talks, newest first. You can correct all of it and have any of it forgotten: then it is deleted, with the turns that say the same in the same words. What says it in other words stays: search for it here.</p>
<form data-do="search" role="search">
<label for="memory-search">Search</label><input id="memory-search" type="search" data-testid="memory-search" autocomplete="off">
<label for="memory-kind">Kind</label><select id="memory-kind" data-testid="memory-kind"><option value="">All</option><option value="fact">Facts</option><option value="preference">Preferences</option><option value="person">People</option><option value="place">Places</option><option value="project">Projects</option><option value="decision">Decisions</option><option value="todo">To-dos</option><option value="turn">Turns</option></select>
</form>
<div data-drawn></div>
<form data-do="add">
<label for="memory-new">Add a fact</label><input id="memory-new" data-testid="memory-new" autocomplete="off" maxlength="2000" required>
<label for="memory-about">Project</label><input id="memory-about" data-testid="memory-about" autocomplete="off" maxlength="200">
<label for="memory-people">People</label><input id="memory-people" data-testid="memory-people" autocomplete="off" maxlength="500" placeholder="Ana, Ben">
<label class="memory-personal"><input id="memory-personal" type="checkbox" data-testid="memory-personal"><span>Personal: not for the assistant</span></label>
<button type="submit" class="secondary" data-testid="memory-add">Add</button></form>
<footer><a class="quiet" data-testid="memory-export" download="colloquy-memory.json">Export as a file</a>
<button type="button" class="quiet alarming" data-testid="memory-forget-all" data-do="ask-all" data-of="">Forget everything</button></footer></dialog>"#;
