//! Whoever is dropped gives back what it had, and is never heard of again.

use crate::stand::{count, js, number, reset, settle};
use colloquy_frontend::dom::{FrameLoop, Listener, Marks, Task, Timer, ignore, now};
use conversation::{Ms, Time};
use futures::channel::oneshot;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::{Event, EventTarget};

#[test]
fn a_listener_hears_until_it_is_dropped() {
    reset();
    let target = EventTarget::new().unwrap();
    let heard = Rc::new(Cell::new(0));
    let counted = heard.clone();
    let listener = Listener::new(&target, "ping", move |_: Event| counted.set(counted.get() + 1));
    target.dispatch_event(&Event::new("ping").unwrap()).unwrap();
    drop(listener);
    target.dispatch_event(&Event::new("ping").unwrap()).unwrap();
    assert_eq!(heard.get(), 1);
    assert_eq!(count("stand.listeners"), 0);
}

#[test]
async fn a_timer_fires_once_and_not_before_its_time() {
    let fired = Rc::new(Cell::new(None));
    let told = fired.clone();
    let when = now() + Ms(20);
    let timer = Timer::at(when, now(), move || told.set(Some(now())));
    settle().await;
    assert!(fired.get().is_some_and(|at: Time| at >= when), "{:?} {when:?}", fired.get());
    drop(timer);
}

#[test]
async fn a_dropped_timer_never_fires() {
    let fired = Rc::new(Cell::new(false));
    let told = fired.clone();
    drop(Timer::after(Ms(1), move || told.set(true)));
    let told = fired.clone();
    drop(Timer::every(Ms(1), move || told.set(true)));
    settle().await;
    assert!(!fired.get());
}

#[test]
async fn a_dropped_task_drops_what_it_holds_at_once_and_never_goes_on() {
    let held = Rc::new(Cell::new(false));
    let (sender, receiver) = oneshot::channel::<()>();
    let inside = held.clone();
    let task = Task::spawn(async move {
        let _ = receiver.await;
        inside.set(true);
    });
    settle().await;
    assert!(!task.is_finished());
    drop(task);
    assert_eq!(Rc::strong_count(&held), 1, "the future is gone in the same moment");
    assert!(sender.send(()).is_err());
    settle().await;
    assert!(!held.get());
}

#[test]
async fn a_task_runs_to_its_end_by_itself() {
    let done = Rc::new(Cell::new(false));
    let told = done.clone();
    let task = Task::spawn(async move { told.set(true) });
    settle().await;
    assert!(done.get() && task.is_finished());
}

#[test]
async fn a_frame_loop_draws_until_it_is_dropped() {
    let frames = Rc::new(Cell::new(0));
    let counted = frames.clone();
    let frame_loop = FrameLoop::start(move || counted.set(counted.get() + 1));
    crate::stand::until("two frames", || frames.get() >= 2).await;
    drop(frame_loop);
    let drawn = frames.get();
    settle().await;
    assert_eq!(frames.get(), drawn);
}

#[test]
async fn a_rejection_that_nobody_awaits_is_not_unhandled() {
    js("window.unhandled = 0; addEventListener('unhandledrejection', () => { window.unhandled += 1 })");
    ignore(js("Promise.reject(new Error('nobody cares'))").into());
    settle().await;
    assert_eq!(count("window.unhandled"), 0);
}

#[test]
fn marks_carry_their_time_and_are_bounded() {
    let marks = Marks::default();
    for step in 0..1000 {
        marks.set("colloquy:test", Time::from_millis(f64::from(step)), &[("ms", f64::from(step))]);
    }
    assert_eq!(count("performance.getEntriesByName('colloquy:test').at(-1).detail.ms"), 999);
    assert_eq!(count("performance.getEntriesByName('colloquy:test').at(-1).startTime"), 999);
    assert!(number("performance.getEntriesByName('colloquy:test').length") <= 200.0);
}
