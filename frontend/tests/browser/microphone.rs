//! The microphone: opened, named, closed, refused. The browser's fake device beeps.

use crate::stand::{holds, js, nothing_is_held, reset, settle};
use colloquy_frontend::rtc::Microphone;
use conversation::MicrophoneError;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
async fn it_opens_with_a_name_and_is_released_when_it_is_dropped() {
    reset();
    let microphone = Microphone::open().await.unwrap();
    assert!(microphone.is_live() && microphone.label().is_some());
    drop(microphone);
    assert!(nothing_is_held() && holds("stand.streams.length === 1"));
}

#[test]
async fn it_asks_for_what_a_conversation_over_loudspeakers_needs() {
    reset();
    let _microphone = Microphone::open().await.unwrap();
    for feature in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
        assert!(holds(&format!("stand.streams[0].getTracks()[0].getSettings().{feature}")), "{feature}");
    }
}

#[test]
async fn closing_it_keeps_the_device_and_sends_silence() {
    reset();
    let microphone = Microphone::open().await.unwrap();
    microphone.enable(false);
    assert!(microphone.is_live() && holds("!stand.streams[0].getTracks()[0].enabled"));
    microphone.enable(true);
    assert!(holds("stand.streams[0].getTracks()[0].enabled"));
}

#[test]
async fn an_unplugged_one_tells_it_and_a_dropped_one_does_not() {
    reset();
    let ended = Rc::new(Cell::new(0));
    let mut microphone = Microphone::open().await.unwrap();
    let counted = ended.clone();
    microphone.on_ended(move || counted.set(counted.get() + 1));
    js("stand.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))");
    assert_eq!(ended.get(), 1);
    drop(microphone);
    js("stand.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))");
    settle().await;
    assert_eq!(ended.get(), 1);
}

#[test]
async fn every_refusal_of_the_browser_has_its_meaning() {
    for (name, meaning) in [
        ("NotAllowedError", MicrophoneError::Denied),
        ("NotFoundError", MicrophoneError::Missing),
        ("NotReadableError", MicrophoneError::InUse),
    ] {
        reset();
        js(&format!("stand.microphone = '{name}'"));
        assert_eq!(Microphone::open().await.unwrap_err(), meaning, "{name}");
    }
    reset();
    js("stand.microphone = 'StrangeError'");
    assert!(matches!(Microphone::open().await, Err(MicrophoneError::Other(text)) if text.contains("StrangeError")));
}
