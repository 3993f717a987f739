//! An event listener that removes itself.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// A listener on one target; dropping it removes it.
///
/// The callback must not drop its own listener: it converts the event and hands it on, nothing else.
#[must_use = "dropping a listener removes it"]
#[derive(Debug)]
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `callback` for each event of this name. `E` is the event's class; it is not checked.
    pub fn new<E: JsCast>(target: &EventTarget, name: &'static str, mut callback: impl FnMut(E) + 'static) -> Self {
        Self::add(target, name, Box::new(move |event: Event| callback(event.unchecked_into())))
    }

    #[inline(never)]
    fn add(target: &EventTarget, name: &'static str, callback: Box<dyn FnMut(Event)>) -> Self {
        let closure = Closure::wrap(callback);
        // Adding a listener does not fail for a callable.
        drop(target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()));
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref()));
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    // The test is the expectation: it is unfulfilled, and the lint run fails, when the lint misses a planted leak.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "planted")]
    fn a_leaked_closure_is_found_by_the_lints() {
        Closure::<dyn FnMut()>::new(|| ()).forget();
    }
}
