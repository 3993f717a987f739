//! Every control, twice, at any time.

use crate::sim::Sim;
use conversation::{Effect, Intent, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn all() -> Vec<Intent> {
    vec![
        Intent::Connect,
        Intent::Mute(true),
        Intent::Mute(false),
        Intent::Interrupt,
        Intent::RetryNow,
        Intent::AskAgain,
        Intent::StartAudio,
        Intent::RetryMicrophone,
        Intent::Dismiss,
    ]
}

#[test]
fn a_second_click_changes_nothing() {
    for (moment, steps) in [("idle", 0), ("connecting", 1), ("listening", 2), ("thinking", 3), ("speaking", 4)] {
        for intent in all() {
            let mut sim = Sim::new();
            if steps > 0 {
                sim.intent(Intent::Connect);
            }
            if steps > 1 {
                sim.run(Ms(1_000));
            }
            if steps > 2 {
                sim.say("count");
            }
            if steps > 3 {
                sim.run_until("the answer", |view| view.phase == Phase::Speaking);
            }
            sim.intent(intent.clone());
            let once = sim.effects.len();
            sim.intent(intent.clone());
            let again = &sim.effects[once..];
            let harmless = again.iter().all(|(_, effect)| *effect == Effect::ResumeAudio);
            assert!(harmless, "{intent:?} while {moment}: {again:?}");
        }
    }
}

#[test]
fn asking_again_asks_once() {
    let mut sim = Sim::connected();
    sim.turn();
    sim.sent();
    sim.intent(Intent::AskAgain);
    sim.intent(Intent::AskAgain);
    assert_eq!(sim.sent(), ["response.create"]);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
}

#[test]
fn nothing_works_before_the_talk_but_its_beginning() {
    let mut sim = Sim::new();
    for intent in all().into_iter().skip(3).filter(|intent| *intent != Intent::StartAudio) {
        sim.intent(intent);
    }
    sim.say("hello");
    sim.intent(Intent::Disconnect);
    assert!(sim.effects.is_empty() && sim.transcript().is_empty());
    let can = sim.view().can;
    assert!(can.connect && !can.say && !can.disconnect && !can.interrupt && !can.retry && !can.ask_again);
}
