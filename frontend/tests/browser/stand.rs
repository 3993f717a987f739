//! The test's view of `stand.js`: what the page holds of the browser, and a server inside the page.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;

/// Sets the stand up afresh: nothing held, the server up, the microphone allowed.
pub(crate) fn reset() {
    js(include_str!("stand.js"));
    js("stand.reset()");
}

/// Evaluates JavaScript.
pub(crate) fn js(source: &str) -> JsValue {
    js_sys::eval(source).unwrap_or_else(|error| panic!("{source}: {error:?}"))
}

/// Whether a JavaScript expression holds.
pub(crate) fn holds(expression: &str) -> bool {
    js(expression).is_truthy()
}

/// A JavaScript expression as a number.
pub(crate) fn number(expression: &str) -> f64 {
    js(expression).as_f64().unwrap_or(f64::NAN)
}

/// A JavaScript expression as a whole number.
pub(crate) fn count(expression: &str) -> i64 {
    number(expression).round() as i64
}

/// A JavaScript expression as text.
pub(crate) fn text(expression: &str) -> String {
    js(expression).as_string().unwrap_or_default()
}

/// Waits until something is so; fails, with its name, when it does not come within ten seconds.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if so() {
            return;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("never: {what}");
}

/// Lets everything that is due by now happen.
pub(crate) async fn settle() {
    TimeoutFuture::new(60).await;
}

/// Whether nothing of the browser is held any more: tracks ended, contexts and peers closed.
pub(crate) fn nothing_is_held() -> bool {
    holds("stand.streams.every(stream => stream.getTracks().every(track => track.readyState === 'ended'))")
        && holds("stand.contexts.every(context => context.state === 'closed')")
        && holds("stand.peers.every(peer => peer.connectionState === 'closed')")
}
