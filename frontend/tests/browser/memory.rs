//! The memory's view against a server inside the page, and the way to it.

use crate::stand::{count, holds, js, reset, settle, text, until};
use crate::views::{Shown, quiet};
use colloquy_frontend::dom::Task;
use colloquy_frontend::service::Service;
use colloquy_frontend::ui::memory;
use conversation::Intent;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A server that remembers three things on two pages and notes what it is asked.
const SERVER: &str = r#"(() => {
  const origin = { talk: "talk_1", turn: "3" };
  const memory = (id, kind, text, origin) =>
    ({ id, kind, text, restricted: false, origin, created: Date.now() - 7200e3, updated: Date.now() - 7200e3 });
  stand.memories = [
    memory("m1", "decision", "Ship in May", origin),
    memory("m2", "fact", "The tram is number 4"),
    memory("m3", "fact", "An older fact", origin),
  ];
  stand.asked = [];
  const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
  stand.respond = async (asked, url) => {
    const line = asked.method + " " + url.pathname + url.search;
    if (url.pathname === "/status") return json({ memory: { kind: stand.kind ?? "sqlite" } });
    if (!url.pathname.startsWith("/memory")) return null;
    stand.asked.push(line);
    const id = url.pathname.split("/").at(-1);
    if (stand.refuse) return json({ code: "memory_unavailable", message: "The memory is switched off." }, 503);
    if (asked.method === "POST") {
      const { memories } = await asked.json();
      stand.added = JSON.stringify(memories[0]);
      stand.memories.unshift(memory("m9", memories[0].kind, memories[0].text));
      return json({ ids: ["m9"], added: 1, links: 0 }, 201);
    }
    if (asked.method === "PATCH") {
      const { text, restricted } = await asked.json();
      stand.corrected = id + ": " + text + ", " + restricted;
      return json(Object.assign(stand.memories.find((one) => one.id === id), { text, restricted }));
    }
    if (asked.method === "DELETE") {
      stand.confirmed = asked.headers.get("x-colloquy-confirm");
      const goes = { talk_1: (one) => one.origin, memory: () => true }[id] ?? ((one) => one.id === id);
      stand.memories = stand.memories.filter((one) => !goes(one));
      return json({ memories: 1, purged: true });
    }
    if (id === "m1") {
      const linked = { relation: "decided_by", outgoing: true, id: "m7", kind: "person", text: "Ana" };
      return json({ ...stand.memories[0], linked: [linked] });
    }
    if (id === "m7") {
      const linked = { relation: "decided_by", outgoing: false, id: "m1", kind: "decision", text: "Ship in May" };
      return json({ ...memory("m7", "person", "Ana"), linked: [linked] });
    }
    const later = url.searchParams.get("page");
    return json(later ? { memories: stand.memories.slice(2) } : { memories: stand.memories.slice(0, 2), next: stand.memories[2] && "c 1" });
  };
})()"#;

/// The page says by this where the view's program is.
const PROGRAM: &str = "document.querySelector('meta[name=colloquy-memory-view]')";

/// A page that finds this program for the view, and whose way to it is open.
async fn before(program: &str) -> Shown {
    reset();
    js(SERVER);
    js("document.head.append(Object.assign(document.createElement('meta'), { name: 'colloquy-memory-view' }))");
    js(&format!("{PROGRAM}.content = {program}"));
    let shown = Shown::page(quiet()).await;
    until("the way in", || shown.has("[data-on=true] [data-testid=memory]")).await;
    shown
}

/// The program of the page as that of the view, which is told where to show itself.
const STAND_IN: &str = "'data:text/javascript,export default async () => {}; \
                         export const open = (place) => new Promise((close) => { stand.open = { place, close } })'";

/// A page with the view that this program holds itself.
async fn opened() -> (Shown, Task) {
    let shown = before(STAND_IN).await;
    shown.click("[data-testid=memory]");
    until("the program", || holds("stand.open")).await;
    let view = Task::spawn(memory::show(shown.find(".memory-tools"), Service::default()));
    until("the rows", || rows(&shown) == 2).await;
    (shown, view)
}

async fn closed((shown, view): (Shown, Task)) {
    js("location.hash = ''");
    until("the end", || view.is_finished()).await;
    assert!(!shown.has("[data-testid=memory-page]"));
    js(&format!("{PROGRAM}.remove(); delete stand.open"));
    shown.unmount().await;
}

fn rows(shown: &Shown) -> i64 {
    let _ = shown;
    count("document.querySelectorAll('[data-testid=memory-row]').length")
}

fn asked() -> String {
    text("stand.asked.at(-1)")
}

fn was_asked(line: &str) -> bool {
    holds(&format!("stand.asked.includes('{line}')"))
}

fn fill(selector: &str, value: &str) {
    js(&format!(
        "(() => {{ const field = document.querySelector('{selector}'); field.value = '{value}'; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})) }})()"
    ));
}

#[test]
async fn without_a_memory_there_is_no_way_to_it() {
    reset();
    js(SERVER);
    js("stand.kind = 'off'");
    let shown = Shown::page(quiet()).await;
    until("the question", || holds("stand.requests.includes('/status')")).await;
    settle().await;
    assert_eq!(shown.attribute(".memory-tools", "data-on"), "false");
    shown.unmount().await;
    js("stand.kind = null");
}

#[test]
async fn the_memory_is_shown_page_by_page_with_where_each_comes_from_and_can_be_taken_along() {
    let (shown, view) = opened().await;
    assert!(holds("document.querySelector('[data-testid=memory-page]').open"));
    let first = shown.text("[data-testid=memory-row][data-id=m1]");
    for word in ["Decision", "Ship in May", "2 h ago", "from turn 3 of talk 1"] {
        assert!(first.contains(word), "{word}: {first}");
    }
    assert!(shown.text("[data-testid=memory-row][data-id=m2]").contains("typed in"));
    shown.click("[data-testid=memory-more]");
    until("the second page", || rows(&shown) == 3).await;
    assert_eq!(asked(), "GET /memory?&page=c%201");
    assert!(!shown.has("[data-testid=memory-more]"));
    assert_eq!(shown.attribute("[data-testid=memory-export]", "href"), "/memory/export");
    closed((shown, view)).await;
}

#[test]
async fn searching_and_choosing_a_kind_ask_the_server() {
    let (shown, view) = opened().await;
    fill("[data-testid=memory-search]", "tram & bus");
    until("the search", || asked() == "GET /memory?query=tram%20%26%20bus").await;
    fill("[data-testid=memory-kind]", "decision");
    until("the kind", || asked() == "GET /memory?query=tram%20%26%20bus&kind=decision").await;
    closed((shown, view)).await;
}

#[test]
async fn a_memory_is_corrected_in_its_row() {
    let (shown, view) = opened().await;
    shown.click("[data-testid=memory-row][data-id=m1] [data-testid=memory-correct]");
    assert_eq!(text("document.activeElement.dataset.testid"), "memory-edit");
    fill("[data-testid=memory-edit]", "Ship in June");
    shown.click("[data-testid=memory-edit-personal]");
    shown.click("[data-testid=memory-save]");
    until("the correction", || text("stand.corrected") == "m1: Ship in June, true").await;
    until("the row", || shown.text("[data-testid=memory-row][data-id=m1] .memory-text") == "Ship in June").await;
    assert!(shown.text("[data-testid=memory-row][data-id=m1] .facts").contains("personal"));
    assert_eq!(shown.intents(), [Intent::DropRecalled]);
    shown.click("[data-testid=memory-row][data-id=m1] [data-testid=memory-correct]");
    assert!(holds("document.querySelector('[data-testid=memory-edit-personal]').checked"), "it is what it was");
    shown.click("[data-testid=memory-cancel]");
    assert!(!shown.has("[data-testid=memory-edit]"));
    closed((shown, view)).await;
}

#[test]
async fn what_belongs_to_a_memory_is_shown_on_demand() {
    let (shown, view) = opened().await;
    shown.click("[data-testid=memory-row][data-id=m1] [data-testid=memory-show]");
    until("the link", || shown.text("[data-testid=memory-row][data-id=m1] .memory-links") == "decided by: Ana").await;
    assert!(!shown.has("[data-testid=memory-row][data-id=m7]"));
    shown.click("[data-testid=memory-link]");
    until("the entry", || text("document.activeElement.dataset.id") == "m7").await;
    assert!(shown.text("[data-testid=memory-row][data-id=m7] .memory-links").contains("decided: Ship in May"));
    closed((shown, view)).await;
}

#[test]
async fn one_a_talk_and_everything_are_forgotten_only_when_confirmed() {
    let (shown, view) = opened().await;
    let forget = "[data-testid=memory-row][data-id=m2] [data-testid=memory-forget]";
    js(&format!(
        "document.querySelector('{forget}').dispatchEvent(new MouseEvent('click', {{ detail: 2, bubbles: true }}))"
    ));
    assert!(!shown.has("[data-testid=memory-keep]"), "the second click of a double one is not meant for it");
    js(&format!("document.querySelector('{forget}').focus()"));
    shown.click(forget);
    assert!(shown.text(".memory-confirm").contains("The tram is number 4"));
    assert_eq!(text("document.activeElement.dataset.testid"), "memory-keep");
    shown.click("[data-testid=memory-keep]");
    settle().await;
    assert!(!was_asked("DELETE /memory/m2") && !shown.has("[data-testid=memory-keep]"));
    assert!(holds(&format!("document.activeElement.matches('{forget}')")), "the focus is where it was");
    shown.click(forget);
    shown.click("[data-testid=memory-confirm]");
    assert_eq!(text("document.activeElement.dataset.testid"), "memory-close");
    until("another in its place", || shown.has("[data-testid=memory-row][data-id=m3]")).await;
    assert!(was_asked("DELETE /memory/m2") && !shown.has("[data-testid=memory-row][data-id=m2]"));
    shown.click("[data-testid=memory-forget-talk]");
    shown.click("[data-testid=memory-keep]");
    settle().await;
    assert_eq!(rows(&shown), 2);
    shown.click("[data-testid=memory-forget-talk]");
    shown.click("[data-testid=memory-confirm]");
    until("the talk gone", || rows(&shown) == 0).await;
    assert!(was_asked("DELETE /memory/talks/talk_1"));
    shown.click("[data-testid=memory-forget-all]");
    shown.click("[data-testid=memory-confirm]");
    until("everything", || was_asked("DELETE /memory")).await;
    assert_eq!(text("stand.confirmed"), "forget-everything");
    let told = shown.remembered();
    until("the talk to be told", || told.borrow().len() == 3).await;
    assert!(told.borrow().iter().all(|intent| *intent == Intent::DropRecalled));
    assert_eq!(shown.text("[data-testid=memory-none]"), "Nothing here.");
    closed((shown, view)).await;
}

#[test]
async fn a_key_that_is_held_presses_one_button() {
    let (shown, view) = opened().await;
    let goes_on = |element: &str| {
        holds(&format!(
            "document.querySelector('{element}').dispatchEvent(new KeyboardEvent('keydown', \
             {{ key: 'Enter', repeat: true, bubbles: true, cancelable: true }}))"
        ))
    };
    assert!(!goes_on("[data-testid=memory-forget]") && goes_on("#memory-new"));
    closed((shown, view)).await;
}

#[test]
async fn a_correction_is_kept_while_the_list_changes_around_it() {
    let (shown, view) = opened().await;
    shown.click("[data-testid=memory-row][data-id=m2] [data-testid=memory-correct]");
    fill("[data-testid=memory-edit]", "The tram is number 6");
    shown.click("[data-testid=memory-edit-personal]");
    shown.click("[data-testid=memory-row][data-id=m1] [data-testid=memory-forget]");
    shown.click("[data-testid=memory-keep]");
    shown.click("[data-testid=memory-row][data-id=m1] [data-testid=memory-forget]");
    shown.click("[data-testid=memory-confirm]");
    until("the row to move", || shown.has("[data-testid=memory-row][data-id=m3]")).await;
    let field = "document.querySelector('[data-id=m2] [data-testid=memory-edit]')";
    assert_eq!(text(&format!("{field}.value")), "The tram is number 6");
    assert!(holds("document.querySelector('[data-id=m2] [data-testid=memory-edit-personal]').checked"));
    shown.click("[data-testid=memory-row][data-id=m3] [data-testid=memory-correct]");
    assert_eq!(text("document.querySelector('[data-testid=memory-edit]').value"), "An older fact");
    shown.click("[data-testid=memory-cancel]");
    assert!(holds("document.activeElement.matches('[data-id=m3] [data-testid=memory-correct]')"));
    closed((shown, view)).await;
}

#[test]
async fn a_fact_is_added_and_stands_in_the_list() {
    let (shown, view) = opened().await;
    fill("[data-testid=memory-new]", "I like tea");
    fill("[data-testid=memory-people]", "Ana,Ben");
    fill("[data-testid=memory-about]", "Atlas");
    shown.click("[data-testid=memory-personal]");
    shown.click("[data-testid=memory-add]");
    until("the new row", || shown.has("[data-testid=memory-row][data-id=m9]")).await;
    let added = r#"{"kind":"fact","text":"I like tea","restricted":true,"about":"Atlas","people":["Ana","Ben"]}"#;
    assert_eq!(text("stand.added"), added);
    assert_eq!(text("document.querySelector('[data-testid=memory-new]').value"), "");
    assert!(!holds("document.querySelector('[data-testid=memory-personal]').checked"));
    closed((shown, view)).await;
}

#[test]
async fn a_refusal_is_told_in_the_servers_words() {
    let (shown, view) = opened().await;
    js("stand.refuse = true");
    shown.click("[data-testid=memory-forget]");
    shown.click("[data-testid=memory-confirm]");
    until("the words", || shown.text("[data-testid=memory-problem]") == "The memory is switched off.").await;
    assert_eq!((rows(&shown), shown.intents()), (2, Vec::new()));
    js("stand.refuse = false");
    closed((shown, view)).await;
}

#[test]
async fn the_way_leads_to_the_program_of_the_view_again_when_it_was_closed() {
    let shown = before(STAND_IN).await;
    for _ in ["once", "again"] {
        shown.click("[data-testid=memory]");
        until("the program", || holds("stand.open?.place.matches('.memory-tools')")).await;
        js("location.hash = ''; stand.open.close(); delete stand.open");
        settle().await;
    }
    js(&format!("{PROGRAM}.remove()"));
    shown.unmount().await;
}

#[test]
async fn a_page_that_is_opened_at_the_view_shows_it() {
    js("location.hash = '#memory'");
    let shown = before(STAND_IN).await;
    until("the program", || holds("stand.open")).await;
    js(&format!("location.hash = ''; {PROGRAM}.remove(); delete stand.open"));
    shown.unmount().await;
}

#[test]
async fn a_program_that_cannot_be_loaded_is_told_and_can_be_tried_again() {
    let shown = before("'./there-is-none.js'").await;
    shown.click("[data-testid=memory]");
    until("the words", || shown.text("[data-testid=memory-unavailable]").contains("could not be loaded")).await;
    assert_eq!(text("location.hash"), "");
    js(&format!("{PROGRAM}.content = {STAND_IN}"));
    shown.click("[data-testid=memory]");
    until("the program", || holds("stand.open")).await;
    assert_eq!(shown.text("[data-testid=memory-unavailable]"), "");
    js(&format!("location.hash = ''; {PROGRAM}.remove(); delete stand.open"));
    shown.unmount().await;
}

#[test]
async fn closing_leaves_the_address_for_good_and_nothing_of_the_view_stays() {
    let (shown, view) = opened().await;
    let visited = count("history.length");
    shown.click("[data-testid=memory-close]");
    until("the end", || view.is_finished()).await;
    assert_eq!(text("location.hash"), "");
    assert_eq!(count("history.length"), visited, "going back does not lead to it again");
    closed((shown, view)).await;
}
