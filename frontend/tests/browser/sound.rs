//! Sound: measured, ramped, closed.

use crate::stand::{holds, nothing_is_held, reset, settle, until};
use colloquy_frontend::rtc::{MeterWay, Microphone, Playback, Sound, SoundEvent, Tell};
use conversation::Ms;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::AudioContext;

type Events = Rc<RefCell<Vec<SoundEvent>>>;

fn recorded() -> (Events, Tell) {
    let events = Events::default();
    let pushed = events.clone();
    (events, Rc::new(move |event| pushed.borrow_mut().push(event)))
}

fn loudest(events: &RefCell<Vec<SoundEvent>>) -> f32 {
    let level = |event: &SoundEvent| match event {
        SoundEvent::Microphone(block) => block.level,
        _ => 0.0,
    };
    events.borrow().iter().map(level).fold(0.0, f32::max)
}

#[test]
async fn the_microphone_is_measured_even_without_the_worklet() {
    reset();
    let (events, tell) = recorded();
    let mut sound = Sound::open(tell).unwrap();
    // The page of these tests has no `level-meter.js` beside it.
    until("a way to measure", || events.borrow().contains(&SoundEvent::MetersReady(MeterWay::Analyser))).await;
    sound.meter_by(MeterWay::Analyser);
    sound.listen_to(&Microphone::open().await.unwrap());
    assert!(loudest(&events) < f32::EPSILON);
    let microphone = Microphone::open().await.unwrap();
    sound.listen_to(&microphone);
    until("the fake device's beep", || loudest(&events) > 0.01).await;
}

#[test]
async fn a_dropped_sound_closes_its_context_and_says_nothing_more() {
    reset();
    let (events, tell) = recorded();
    let mut sound = Sound::open(tell).unwrap();
    sound.meter_by(MeterWay::Analyser);
    let microphone = Microphone::open().await.unwrap();
    sound.listen_to(&microphone);
    until("a measurement", || events.borrow().iter().any(|event| matches!(event, SoundEvent::Microphone(_)))).await;
    drop(sound);
    let told = events.borrow().len();
    settle().await;
    assert_eq!(events.borrow().len(), told);
    assert!(holds("stand.contexts.every(context => context.state === 'closed')"));
    drop(microphone);
    assert!(nothing_is_held());
}

#[test]
async fn playing_starts_the_context_and_tells_that_nothing_is_blocked() {
    reset();
    let (events, tell) = recorded();
    let sound = Sound::open(tell).unwrap();
    until("running", || events.borrow().contains(&SoundEvent::Blocked(false))).await;
    assert_eq!(sound.context().state(), web_sys::AudioContextState::Running);
}

#[test]
async fn the_gain_goes_where_it_is_told_in_the_time_it_is_given() {
    reset();
    let microphone = Microphone::open().await.unwrap();
    let context = AudioContext::new().unwrap();
    let playback = Playback::new(&context, &microphone.track().unwrap()).unwrap();
    assert!((playback.gain() - 1.0).abs() < f32::EPSILON);
    let clock = context.current_time();
    playback.ramp(0.05, Ms(10)).unwrap();
    until("turned down", || (playback.gain() - 0.05).abs() < 0.001).await;
    // One ramp, and what a page needs to look at it.
    assert!(context.current_time() - clock < 1.0);
    playback.ramp(1.0, Ms(10)).unwrap();
    until("back", || (playback.gain() - 1.0).abs() < 0.001).await;
    drop(context.close());
}
