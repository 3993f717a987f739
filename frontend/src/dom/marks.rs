//! Marks of the standard User Timing interface, which developer tools show on their timeline.

use conversation::Time;
use js_sys::{Function, Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Performance;

/// The most marks of one name that are kept; then the older ones are cleared together.
const MOST_OF_A_NAME: u32 = 200;

/// Sets marks named `colloquy:…` and clears old ones.
#[derive(Debug, Default)]
pub struct Marks {
    set: RefCell<Vec<(&'static str, u32)>>,
}

impl Marks {
    /// Marks `at`. `detail` are numbers with names, in milliseconds where they are times.
    pub fn set(&self, name: &'static str, at: Time, detail: &[(&str, f64)]) {
        let Some(performance) = web_sys::window().and_then(|window| window.performance()) else { return };
        self.prune(&performance, name);
        // A browser that refuses a mark loses a mark.
        drop(mark(&performance, name, at, detail));
    }

    fn prune(&self, performance: &Performance, name: &'static str) {
        let Ok(mut set) = self.set.try_borrow_mut() else { return };
        match set.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) if *count >= MOST_OF_A_NAME => {
                performance.clear_marks_with_mark_name(name);
                *count = 1;
            }
            Some((_, count)) => *count += 1,
            None => set.push((name, 1)),
        }
    }
}

/// The binding knows `mark` without options only.
fn mark(performance: &Performance, name: &str, at: Time, detail: &[(&str, f64)]) -> Result<JsValue, JsValue> {
    let fields = Object::new();
    for (key, value) in detail {
        Reflect::set(&fields, &(*key).into(), &(*value).into())?;
    }
    let options = Object::new();
    Reflect::set(&options, &"startTime".into(), &at.as_millis().into())?;
    Reflect::set(&options, &"detail".into(), &fields)?;
    let mark: Function = Reflect::get(performance, &"mark".into())?.dyn_into()?;
    mark.call2(performance, &name.into(), &options)
}
