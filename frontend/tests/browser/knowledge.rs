//! Where facts come from, shown from views alone: the search, the ledger, the chips, what is attached.

use crate::stand::{js, settle, text, until};
use crate::views::{Shown, quiet};
use conversation::{
    Attachment, AttachmentKind, Can, Citation, ContextRow, Fate, Intent, List, Phase, Row, RowState, Search, SourceRow,
    SourceState, Speaker, Time, View, Why,
};
use protocol::context::{Lane, Scratchpad};
use std::sync::Arc;
use wasm_bindgen_test::wasm_bindgen_test as test;

fn row(key: u64, source: &str, url: Option<&str>, fate: Fate) -> ContextRow {
    ContextRow {
        key,
        turn: 2,
        lane: Lane::Turn,
        source: source.to_owned(),
        title: "Team review".to_owned(),
        url: url.map(str::to_owned),
        attribution: "Example calendar".to_owned(),
        text: "At 14:00 in Zurich.".to_owned(),
        tokens: 12,
        as_of: 0,
        fate,
    }
}

fn given() -> Fate {
    Fate::Given { at: Time::ZERO, cut: false }
}

fn source(name: &str, state: SourceState) -> SourceRow {
    SourceRow { name: name.to_owned(), reason: "it knows about meetings".to_owned(), state }
}

fn answer(citations: impl IntoIterator<Item = Citation>) -> Row {
    Row {
        key: 1,
        speaker: Speaker::Assistant,
        typed: false,
        text: "It is at two.".to_owned(),
        heard: 13,
        state: RowState::Done,
        citations: citations.into_iter().collect(),
        attachment: None,
    }
}

fn citation(label: u32, url: Option<&str>, lit: bool) -> Citation {
    Citation {
        label,
        title: "Team review".to_owned(),
        source: "calendar".to_owned(),
        url: url.map(str::to_owned),
        ages: false,
        start: 0,
        end: 13,
        lit,
    }
}

fn list<T: Clone>(entries: impl IntoIterator<Item = T>) -> List<T> {
    entries.into_iter().collect()
}

#[test]
async fn a_search_says_where_it_looks_and_can_be_cancelled() {
    let search = Search { source: "calendar".to_owned(), what: "dentist".to_owned() };
    let can = Can { cancel_search: true, ..Can::default() };
    let shown = Shown::page(View { phase: Phase::Searching, search: Some(search), can, ..quiet() }).await;
    assert_eq!(shown.text("[data-testid=search] p"), "In calendar: \u{201c}dentist\u{201d}");
    shown.click("[data-testid=cancel-search]");
    assert_eq!(shown.intents(), [Intent::CancelSearch]);
    let search = Search { source: String::new(), what: "dentist".to_owned() };
    let sources = list([source("news", SourceState::Asking), source("web", SourceState::Late)]);
    let view = View { phase: Phase::Searching, search: Some(search), can, ..quiet() };
    shown.show(View { sources, ..view.clone() }).await;
    assert_eq!(shown.text("[data-testid=search] p"), "In news, web: \u{201c}dentist\u{201d}");
    shown.show(view).await;
    assert_eq!(shown.text("[data-testid=search] p"), "In all sources: \u{201c}dentist\u{201d}");
    shown.unmount().await;
}

#[test]
async fn the_ledger_says_what_was_given_and_why_something_was_not() {
    let context = list([
        row(1, "calendar", Some("https://calendar.test/1"), given()),
        row(2, "web", Some("javascript:alert(1)"), Fate::Dropped(Why::Budget)),
    ]);
    let shown = Shown::page(View { context, ..quiet() }).await;
    let kept = "li[data-testid=context-row][data-source=calendar][data-lane=turn][data-fate=given]";
    assert_eq!(shown.attribute(&format!("{kept} a"), "href"), "https://calendar.test/1");
    assert_eq!(shown.attribute(&format!("{kept} a"), "rel"), "noopener noreferrer");
    let words = shown.text(kept);
    assert!(words.contains("12 tokens") && words.contains("days ago") && words.contains("Example calendar"), "{words}");
    let dropped = "li[data-testid=context-row][data-source=web][data-fate=dropped]";
    assert!(shown.text(dropped).contains("not given: no room"));
    assert!(!shown.has(&format!("{dropped} a")), "only the web is linked");
    assert!(shown.text("[data-testid=context] summary").contains("1 given, 1 not"));
    shown.unmount().await;
}

#[test]
async fn notes_of_the_talk_stand_by_kind() {
    let pad = Scratchpad {
        decisions: vec!["we wait".to_owned(), "we paint it blue".to_owned()],
        todos: vec!["call Anna".to_owned()],
        ..Scratchpad::default()
    };
    let shown = Shown::page(View { notes: Arc::new(pad), ..quiet() }).await;
    let notes = "[data-testid=context] .notes";
    assert_eq!(shown.text(notes), "Notes of this talkDecisionswe waitwe paint it blueTo docall Anna");
    assert_eq!(shown.text("[data-testid=context] .count"), "3 noted");
    shown.show(quiet()).await;
    assert!(!shown.has(notes), "a new talk begins without notes");
    shown.unmount().await;
}

#[test]
async fn every_source_says_how_far_it_is() {
    let found = |cached| SourceState::Found { count: 2, cached, elapsed_ms: 30 };
    let failed = SourceState::Failed { reason: "it does not answer.".to_owned(), elapsed_ms: 9 };
    let sources = list([
        source("a", SourceState::Asking),
        source("b", found(false)),
        source("c", found(true)),
        source("d", failed),
        source("e", SourceState::Late),
        source("f", SourceState::Resting { seconds: 12 }),
    ]);
    let shown = Shown::page(View { sources, ..quiet() }).await;
    let states = ["asking", "found", "cached", "failed", "late", "resting"];
    for (name, state) in ["a", "b", "c", "d", "e", "f"].into_iter().zip(states) {
        assert_eq!(shown.attribute(&format!("[data-testid=source][data-source={name}]"), "data-state"), state);
    }
    assert!(shown.text("[data-testid=source][data-source=d]").contains("failed: it does not answer."));
    assert!(shown.text("[data-testid=source][data-source=f]").contains("rests for 12 s"));
    assert_eq!(shown.text("[data-testid=context] .asking"), "asking a");
    shown.unmount().await;
}

#[test]
async fn a_chip_stands_once_for_each_fact_and_is_lit_while_one_of_its_sentences_is_heard() {
    let url = Some("https://calendar.test/1");
    let dark = [citation(1, url, false), citation(2, None, false), citation(1, url, false)];
    let lit = [citation(1, url, false), citation(2, None, false), citation(1, url, true)];
    let shown = Shown::page(View { transcript: list([answer(dark)]), ..quiet() }).await;
    let chip = shown.find("a[data-testid=citation][data-source=calendar][data-lit=false]");
    assert_eq!(chip.get_attribute("target").as_deref(), Some("_blank"));
    assert_eq!(chip.get_attribute("aria-label").as_deref(), Some("1: Team review, calendar, opens a new tab"));
    shown.show(View { transcript: list([answer(lit)]), ..quiet() }).await;
    assert_eq!(shown.find("a[data-testid=citation][data-lit=true]"), chip);
    assert_eq!(shown.text(".beside"), "12");
    shown.unmount().await;
}

#[test]
async fn a_chip_without_a_link_leads_to_its_row_in_the_ledger() {
    let view = View {
        transcript: list([answer([citation(1, None, true)])]),
        context: list([row(1, "web", None, given()), row(2, "calendar", None, given())]),
        ..quiet()
    };
    let shown = Shown::page(view).await;
    let address = text("location.href");
    shown.click("a[data-testid=citation]");
    settle().await;
    assert!(shown.find("[data-testid=context]").has_attribute("open"));
    assert_eq!(text("document.activeElement.dataset.source"), "calendar");
    assert_eq!(text("location.href"), address);
    shown.unmount().await;
}

#[test]
async fn what_was_attached_is_shown_and_text_from_outside_stays_text() {
    let attached = |key, name: &str, kind| Row {
        key,
        attachment: Some(Arc::new(Attachment { name: name.to_owned(), kind })),
        speaker: Speaker::User,
        text: String::new(),
        ..answer([])
    };
    let picture = AttachmentKind::Image { data_url: "data:image/gif;base64,R0lGODlhAQABAAAAACw=".to_owned() };
    let document = AttachmentKind::Text { text: "a".repeat(2_500) };
    let rows = [attached(1, "cat.gif", picture), attached(2, "<b>notes</b>.md", document)];
    let shown = Shown::page(View { transcript: list(rows), ..quiet() }).await;
    assert_eq!(shown.attribute("[data-testid=attachment] img", "alt"), "Picture: cat.gif");
    let words = shown.text("[data-testid=attachment][data-kind=text]");
    assert_eq!(words, "<b>notes</b>.md2 kB");
    assert_eq!(shown.text("p[aria-live=polite]"), "You: <b>notes</b>.md");
    shown.unmount().await;
}

fn talking() -> View {
    View { can: Can { say: true, ..Can::default() }, ..quiet() }
}

/// Gives files to the page as a drop does.
fn drop_files(files: &str) {
    js(&format!(
        "(() => {{ const held = new DataTransfer(); for (const file of [{files}]) held.items.add(file); \
         document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: held, bubbles: true, cancelable: true }})) \
         }})()"
    ));
}

fn attached(shown: &Shown) -> Option<Attachment> {
    shown.intents().into_iter().find_map(|intent| match intent {
        Intent::Attach(attachment) => Some(attachment),
        _ => None,
    })
}

#[test]
async fn a_large_picture_that_is_dropped_is_made_small() {
    let shown = Shown::page(talking()).await;
    js("(() => { const big = document.createElement('canvas'); big.width = 3000; big.height = 1500; \
        big.getContext('2d').fillRect(9, 9, 900, 900); big.toBlob(blob => { window.bigPicture = blob }) })()");
    until("a picture", || js("window.bigPicture").is_truthy()).await;
    drop_files("new File([bigPicture], 'big.png', { type: 'image/png' })");
    let intents = shown.remembered();
    until("the intent", || !intents.borrow().is_empty()).await;
    let Some(Attachment { name, kind: AttachmentKind::Image { data_url } }) = attached(&shown) else {
        panic!("no picture")
    };
    assert!(name == "big.png" && data_url.starts_with("data:image/jpeg;base64,") && data_url.len() < 200_000);
    js(&format!("window.small = new Image(); small.src = '{data_url}'"));
    until("the small picture", || js("small.complete").is_truthy()).await;
    assert_eq!(text("small.naturalWidth + 'x' + small.naturalHeight"), "1024x512");
    shown.unmount().await;
}

#[test]
async fn documents_are_taken_as_text_and_what_is_unknown_or_too_large_is_refused_in_words() {
    let shown = Shown::page(talking()).await;
    drop_files("new File(['# Plan'], 'plan.md')");
    let intents = shown.remembered();
    until("the intent", || !intents.borrow().is_empty()).await;
    let kind = AttachmentKind::Text { text: "# Plan".to_owned() };
    assert_eq!(attached(&shown), Some(Attachment { name: "plan.md".to_owned(), kind }));
    for (file, word) in [
        ("new File(['x'], 'a.zip', { type: 'application/zip' })", "cannot be attached"),
        ("new File(['x'.repeat(1000001)], 'a.txt')", "too large"),
        ("new File(['no picture'], 'a.png', { type: 'image/png' })", "cannot be read"),
        ("new File([' '], 'a.csv')", "no text"),
    ] {
        drop_files(file);
        until(word, || shown.text("[data-testid=attach-problem]").contains(word)).await;
    }
    assert_eq!(shown.intents(), []);
    shown.unmount().await;
}

const TABLE: &str = "city\\tpeople\\nZurich\\t400000";

#[test]
async fn a_table_or_a_long_text_is_pasted_as_a_document_and_other_text_goes_where_it_always_goes() {
    let shown = Shown::page(talking()).await;
    let paste = |field: &str, words: &str| {
        js(&format!(
            "(() => {{ const held = new DataTransfer(); held.setData('text/plain', '{words}'); \
             return document.getElementById('{field}').dispatchEvent(new ClipboardEvent('paste', \
             {{ clipboardData: held, bubbles: true, cancelable: true }})) }})()"
        ))
    };
    assert!(paste("say", "just words").is_truthy());
    assert_eq!(shown.intents(), []);
    assert!(paste("log-filter", TABLE).is_truthy());
    assert_eq!(shown.intents(), []);
    assert!(!paste("say", TABLE).is_truthy());
    let kind = AttachmentKind::Text { text: "city\tpeople\nZurich\t400000".to_owned() };
    assert_eq!(attached(&shown), Some(Attachment { name: "Pasted table".to_owned(), kind }));
    assert!(paste("say", &"\u{e4}".repeat(4_000)).is_truthy(), "as much as can be typed");
    let long = "\u{e4}".repeat(4_001);
    assert!(!paste("say", &long).is_truthy());
    let kind = AttachmentKind::Text { text: long };
    assert_eq!(attached(&shown), Some(Attachment { name: "Pasted text".to_owned(), kind }));
    shown.unmount().await;
}

#[test]
async fn of_several_files_every_refusal_is_told_until_something_else_is_given() {
    let shown = Shown::page(talking()).await;
    let intents = shown.remembered();
    drop_files(
        "new File(['x'], 'report.pdf', { type: 'application/pdf' }), new File(['x'], 'a.exe'), \
         new File(['# Notes'], 'notes.md')",
    );
    until("the last one", || !intents.borrow().is_empty()).await;
    let told = shown.text("[data-testid=attach-problem]");
    assert!(told.starts_with("report.pdf is a PDF") && told.contains("a.exe cannot be attached"), "{told}");
    drop_files("new File(['# Plan'], 'plan.md')");
    until("the next", || intents.borrow().len() == 2).await;
    assert_eq!(shown.text("[data-testid=attach-problem]"), "");
    shown.unmount().await;
}

#[test]
async fn a_file_dropped_on_what_is_open_above_the_talk_is_not_given_to_it() {
    let shown = Shown::page(talking()).await;
    js("document.querySelector('main').insertAdjacentHTML('beforeend', '<dialog open><p></p></dialog>')");
    let stays = js("(() => { const held = new DataTransfer(); held.items.add(new File(['# Plan'], 'plan.md')); \
        const options = { dataTransfer: held, bubbles: true, cancelable: true }; \
        return !document.querySelector('dialog p').dispatchEvent(new DragEvent('drop', options)) })()");
    settle().await;
    assert!(stays.is_truthy(), "the browser would leave the page for the file");
    assert_eq!(attached(&shown), None);
    js("document.querySelector('main dialog').remove()");
    shown.unmount().await;
}

#[test]
async fn nothing_is_attached_without_a_talk_and_the_page_says_so() {
    let shown = Shown::page(quiet()).await;
    shown.click("[data-testid=attach]");
    settle().await;
    assert!(shown.text("[data-testid=attach-problem]").contains("Connect first"));
    shown.unmount().await;
}

#[test]
async fn the_private_switch_tells_the_core_and_follows_it() {
    let shown = Shown::page(View { private: true, ..quiet() }).await;
    assert!(js("document.querySelector('[data-testid=private]').checked").is_truthy());
    shown.click("[data-testid=private]");
    assert_eq!(shown.intents(), [Intent::KeepPrivate(false)]);
    shown.unmount().await;
}
