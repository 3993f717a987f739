//! The longest duration of a session is reached.

use crate::sim::Sim;
use conversation::{Effect, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_new_call_continues_the_talk() {
    let mut sim = Sim::connected();
    sim.turn();
    sim.far.error("session_expired", None);
    sim.emit(serde_json::json!({"type": "rate_limits.updated", "rate_limits": []}));
    sim.run_until("a new call", |view| view.phase == Phase::Connecting);
    sim.run_until("the talk goes on", |view| view.phase == Phase::Listening);
    assert_eq!(sim.view().notice, None);
    assert_eq!(sim.count(|effect| matches!(effect, Effect::HangUp(_))), 1);
    sim.run(Ms(100));
    assert_eq!(sim.far.items.len(), 2);
}
