//! The page, shown from views alone.

use crate::rows::after;
use crate::stand::{js, settle};
use crate::views::{Shown, quiet};
use colloquy_frontend::dom::now;
use conversation::{Action, Actor, Can, Intent, Link, Ms, Notice, Phase, TurnSummary, View};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::HtmlInputElement;

fn everything() -> Can {
    Can {
        connect: false,
        disconnect: true,
        mute: true,
        interrupt: true,
        say: true,
        retry: true,
        ask_again: true,
        cancel_search: true,
    }
}

fn notice(action: Action) -> Notice {
    Notice {
        actor: Actor::Microphone,
        title: "The microphone is not allowed".to_owned(),
        cure: "Allow it.".to_owned(),
        action: Some(action),
    }
}

#[test]
async fn every_phase_has_its_word_and_its_mark() {
    let shown = Shown::page(quiet()).await;
    for (phase, mark, word) in [
        (Phase::Idle, "idle", "Ready"),
        (Phase::Connecting, "connecting", "Connecting"),
        (Phase::Listening, "listening", "Listening"),
        (Phase::Thinking, "thinking", "Thinking"),
        (Phase::Searching, "searching", "Searching"),
        (Phase::Speaking, "speaking", "Speaking"),
        (Phase::Failed, "error", "Stopped"),
    ] {
        shown.show(View { phase, ..quiet() }).await;
        assert_eq!(shown.attribute("main", "data-phase"), mark);
        assert_eq!(shown.text("[data-testid=phase]"), word);
    }
    shown.unmount().await;
}

#[test]
async fn every_state_of_the_link_has_its_mark() {
    let shown = Shown::page(quiet()).await;
    for (link, mark) in [
        (Link::Off, "off"),
        (Link::Connecting, "connecting"),
        (Link::Connected, "connected"),
        (Link::Unstable, "unstable"),
        (Link::Reconnecting { attempt: 2, retry_at: None }, "reconnecting"),
        (Link::Failed, "failed"),
    ] {
        shown.show(View { link, ..quiet() }).await;
        assert_eq!(shown.attribute("main", "data-link"), mark);
        assert!(!shown.text("[data-testid=link]").trim().is_empty());
    }
    shown.unmount().await;
}

#[test]
async fn a_countdown_counts_and_can_be_cut_short() {
    let link = Link::Reconnecting { attempt: 3, retry_at: Some(now() + Ms(3_000)) };
    let shown = Shown::page(View { link, can: everything(), ..quiet() }).await;
    assert_eq!(shown.text("[data-testid=countdown]"), "Try 3 in 3 s");
    shown.click("[data-testid=retry]");
    assert_eq!(shown.intents(), [Intent::RetryNow]);
    shown.unmount().await;
}

#[test]
async fn the_main_button_connects_and_then_ends_and_stays_the_same_element() {
    let shown = Shown::page(View { can: Can { connect: true, ..Can::default() }, ..quiet() }).await;
    let button = shown.find("[data-testid=connect]");
    shown.click("[data-testid=connect]");
    shown.show(View { can: everything(), ..quiet() }).await;
    assert_eq!(shown.find("[data-testid=disconnect]"), button);
    shown.click("[data-testid=disconnect]");
    assert_eq!(shown.intents(), [Intent::Connect, Intent::Disconnect]);
    shown.unmount().await;
}

#[test]
async fn the_second_click_of_a_double_one_does_not_end_what_the_first_began() {
    let shown = Shown::page(View { can: Can { connect: true, ..Can::default() }, ..quiet() }).await;
    let click = |nth: u32, button: &str| {
        js(&format!(
            "document.querySelector('[data-testid={button}]')\
             .dispatchEvent(new MouseEvent('click', {{ detail: {nth}, bubbles: true }}))"
        ));
    };
    click(1, "connect");
    shown.show(View { can: everything(), ..quiet() }).await;
    click(2, "disconnect");
    assert_eq!(shown.intents(), [Intent::Connect]);
    click(1, "mute");
    click(2, "mute");
    assert_eq!(shown.intents(), [Intent::Mute(true), Intent::Mute(true)], "other buttons may be clicked fast");
    click(1, "disconnect");
    assert_eq!(shown.intents(), [Intent::Disconnect]);
    shown.unmount().await;
}

#[test]
async fn a_key_that_is_held_presses_a_button_once() {
    let shown = Shown::page(quiet()).await;
    let pressed = |repeat: bool| {
        js(&format!(
            "document.querySelector('[data-testid=connect]').dispatchEvent(new KeyboardEvent('keydown', \
             {{ key: 'Enter', repeat: {repeat}, bubbles: true, cancelable: true }}))"
        ))
        .is_truthy()
    };
    assert!(pressed(false) && !pressed(true));
    shown.unmount().await;
}

#[test]
async fn a_notice_that_goes_leaves_the_focus_in_its_place() {
    let shown = Shown::page(View { notice: Some(notice(Action::RetryMicrophone)), ..quiet() }).await;
    js("document.querySelector('[data-testid=notice-action]').focus()");
    shown.show(quiet()).await;
    assert!(js("document.activeElement.matches('.notices')").is_truthy());
    js("document.querySelector('[data-testid=say]').focus()");
    shown.show(View { notice: Some(notice(Action::RetryMicrophone)), ..quiet() }).await;
    shown.show(quiet()).await;
    assert!(js("document.activeElement.id === 'say'").is_truthy(), "nobody else's focus is taken");
    shown.unmount().await;
}

#[test]
async fn buttons_do_what_they_say() {
    let shown = Shown::page(View { can: everything(), ..quiet() }).await;
    for (button, intent) in
        [("mute", Intent::Mute(true)), ("interrupt", Intent::Interrupt), ("ask-again", Intent::AskAgain)]
    {
        shown.click(&format!("[data-testid={button}]"));
        assert_eq!(shown.intents(), [intent]);
    }
    shown.show(View { muted: true, can: everything(), ..quiet() }).await;
    assert_eq!(shown.attribute("[data-testid=mute]", "aria-pressed"), "true");
    assert_eq!(shown.attribute("main", "data-muted"), "true");
    shown.click("[data-testid=mute]");
    assert_eq!(shown.intents(), [Intent::Mute(false)]);
    shown.unmount().await;
}

#[test]
async fn buttons_with_nothing_to_do_say_so_and_do_nothing() {
    let shown = Shown::page(quiet()).await;
    for button in ["mute", "interrupt"] {
        let selector = format!("[data-testid={button}]");
        assert_eq!(shown.attribute(&selector, "aria-disabled"), "true");
        shown.click(&selector);
    }
    assert_eq!(shown.intents(), []);
    shown.unmount().await;
}

#[test]
async fn a_notice_says_what_to_do_and_its_button_does_it() {
    let shown = Shown::page(View { notice: Some(notice(Action::RetryMicrophone)), ..quiet() }).await;
    assert!(shown.text("[role=alert] [data-testid=notice]").contains("Allow it."));
    assert_eq!(shown.attribute("[data-testid=notice]", "data-actor"), "microphone");
    shown.click("[data-testid=notice-action]");
    shown.click("[data-testid=dismiss]");
    assert_eq!(shown.intents(), [Intent::RetryMicrophone, Intent::Dismiss]);
    shown.show(quiet()).await;
    assert!(!shown.has("[data-testid=notice]"));
    shown.unmount().await;
}

#[test]
async fn blocked_audio_has_one_button_that_starts_it() {
    let shown = Shown::page(View { audio_blocked: true, ..quiet() }).await;
    shown.click("[data-testid=start-audio]");
    assert_eq!(shown.intents(), [Intent::StartAudio]);
    shown.show(View { audio_blocked: true, notice: Some(notice(Action::StartAudio)), ..quiet() }).await;
    shown.click("[data-testid=start-audio]");
    assert_eq!(shown.intents(), [], "the notice has the button already");
    shown.unmount().await;
}

#[test]
async fn what_is_typed_is_sent_once_and_the_box_is_empty_again() {
    let shown = Shown::page(View { can: everything(), ..quiet() }).await;
    let field: HtmlInputElement = shown.find("[data-testid=say]").unchecked_into();
    field.set_value("  hello there ");
    field.dispatch_event(&bubbling("input")).unwrap();
    shown.click("[data-testid=send]");
    assert_eq!(shown.intents(), [Intent::Typing, Intent::Say("hello there".to_owned())]);
    settle().await;
    assert_eq!(field.value(), "");
    shown.click("[data-testid=send]");
    assert_eq!(shown.intents(), []);
    shown.unmount().await;
}

#[test]
async fn what_is_typed_before_a_call_is_kept_and_it_is_said_why() {
    let shown = Shown::page(quiet()).await;
    let field: HtmlInputElement = shown.find("[data-testid=say]").unchecked_into();
    field.set_value("hello");
    field.dispatch_event(&bubbling("input")).unwrap();
    shown.click("[data-testid=send]");
    settle().await;
    assert_eq!((shown.intents(), field.value()), (vec![Intent::Typing], "hello".to_owned()));
    assert!(shown.text("[data-testid=attach-problem]").contains("Connect first"));
    shown.show(View { can: everything(), ..quiet() }).await;
    assert_eq!(shown.text("[data-testid=attach-problem]"), "", "it was said for as long as it was so");
    shown.unmount().await;
}

const SPOKEN: &[&str] = &[
    r#"{"type":"input_audio_buffer.speech_started","item_id":"u1","audio_start_ms":0}"#,
    r#"{"type":"input_audio_buffer.speech_stopped","item_id":"u1","audio_end_ms":900}"#,
    r#"{"type":"input_audio_buffer.committed","item_id":"u1","previous_item_id":null}"#,
];

#[test]
async fn words_that_are_awaited_have_a_placeholder_and_then_appear_in_the_same_row() {
    let shown = Shown::page(after(SPOKEN)).await;
    let row = shown.find("li[data-speaker=user][data-state=waiting]");
    let said = r#"{"type":"conversation.item.input_audio_transcription.completed","item_id":"u1","content_index":0,"transcript":"what time is it"}"#;
    let events: Vec<&str> = SPOKEN.iter().copied().chain([said]).collect();
    shown.show(after(&events)).await;
    assert_eq!(shown.find("li[data-speaker=user][data-state=done]"), row);
    assert!(row.text_content().unwrap().contains("what time is it"));
    shown.unmount().await;
}

#[test]
async fn only_a_finished_row_is_read_aloud() {
    let shown = Shown::page(after(SPOKEN)).await;
    assert_eq!(shown.text("p[aria-live=polite]"), "");
    let said = r#"{"type":"conversation.item.input_audio_transcription.completed","item_id":"u1","content_index":0,"transcript":"what time is it"}"#;
    let events: Vec<&str> = SPOKEN.iter().copied().chain([said]).collect();
    shown.show(after(&events)).await;
    assert_eq!(shown.text("p[aria-live=polite]"), "You: what time is it");
    shown.unmount().await;
}

#[test]
async fn the_log_is_made_only_when_it_is_open_and_can_be_filtered() {
    let shown = Shown::page(after(SPOKEN)).await;
    assert_eq!(shown.text(".log-lines"), "");
    shown.find("[data-testid=log]").set_attribute("open", "").unwrap();
    settle().await;
    assert!(shown.text(".log-lines").lines().count() >= 5, "{}", shown.text(".log-lines"));
    let filter: HtmlInputElement = shown.find("[data-testid=log-filter]").unchecked_into();
    filter.set_value("COMMITTED");
    filter.dispatch_event(&bubbling("input")).unwrap();
    settle().await;
    let lines = shown.text(".log-lines");
    assert!(lines.lines().count() == 1 && lines.contains("\u{2190} input_audio_buffer.committed"), "{lines}");
    shown.unmount().await;
}

#[test]
async fn the_figures_of_the_last_turn_are_shown() {
    let turn = TurnSummary { turn: 1, gap_ms: Some(640.4), response_ms: None, duck_ms: Some(23.0) };
    let shown = Shown::page(View { last_turn: Some(turn), ..quiet() }).await;
    let text = shown.text("[data-testid=figures]");
    assert!(text.contains("640 ms") && text.contains("23 ms"), "{text}");
    shown.unmount().await;
}

#[test]
async fn single_keys_work_outside_fields_and_can_be_switched_off() {
    let shown = Shown::page(View { can: everything(), ..quiet() }).await;
    press("document.body", "m");
    press("document.body", "Escape");
    assert_eq!(shown.intents(), [Intent::Mute(true), Intent::Interrupt]);
    press("document.getElementById('say')", "m");
    assert_eq!(shown.intents(), []);
    press("document.body", "/");
    assert!(js("document.activeElement.id").as_string().as_deref() == Some("say"));
    shown.click("[data-testid=keys-enabled]");
    press("document.body", "m");
    assert_eq!(shown.intents(), []);
    shown.unmount().await;
}

#[test]
async fn unmounting_leaves_nothing_and_the_keys_are_deaf() {
    let shown = Shown::page(View { can: everything(), ..after(SPOKEN) }).await;
    let intents = shown.remembered();
    assert_eq!(shown.unmount().await, "");
    press("document.body", "m");
    assert!(intents.borrow().is_empty());
}

fn press(target: &str, key: &str) {
    js(&format!("{target}.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))"));
}

fn bubbling(name: &str) -> web_sys::Event {
    let options = web_sys::EventInit::new();
    options.set_bubbles(true);
    web_sys::Event::new_with_event_init_dict(name, &options).unwrap()
}
