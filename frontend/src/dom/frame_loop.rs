//! A callback before each painted frame.

use js_sys::Function;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Calls back before each frame until it is dropped. A hidden page has no frames, so it costs nothing there.
#[must_use = "dropping a frame loop ends it"]
#[derive(Debug)]
pub struct FrameLoop {
    pending: Rc<Cell<Option<i32>>>,
    _closure: Closure<dyn FnMut()>,
}

impl FrameLoop {
    /// Starts to call `callback`.
    pub fn start(mut callback: impl FnMut() + 'static) -> Self {
        let pending = Rc::new(Cell::new(None));
        let own = Rc::new(OnceCell::<Function>::new());
        let closure = Closure::<dyn FnMut()>::new({
            let (pending, own) = (pending.clone(), own.clone());
            move || {
                callback();
                pending.set(own.get().and_then(request));
            }
        });
        let function: Function = closure.as_ref().unchecked_ref::<Function>().clone();
        pending.set(request(&function));
        // Set once, a line after it was made.
        drop(own.set(function));
        Self { pending, _closure: closure }
    }
}

impl Drop for FrameLoop {
    fn drop(&mut self) {
        if let (Some(window), Some(handle)) = (web_sys::window(), self.pending.take()) {
            drop(window.cancel_animation_frame(handle));
        }
    }
}

fn request(function: &Function) -> Option<i32> {
    web_sys::window()?.request_animation_frame(function).ok()
}
