//! What is kept is bounded, and holds nothing it should not.

use crate::far::Manner;
use crate::sim::Sim;
use conversation::{Config, Intent, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn transcript_and_log_prune_the_oldest() {
    let mut config = Config::default();
    (config.keep.rows, config.keep.log_lines) = (10, 20);
    let mut sim = Sim::connected_with(config);
    sim.far.manner = Manner::Written;
    for number in 0..30 {
        sim.say(&format!("question {number}"));
        sim.run_until("the answer", |view| view.phase == Phase::Listening);
    }
    let view = sim.view();
    assert_eq!((view.transcript.len(), view.log.len()), (10, 20));
    assert_eq!(sim.transcript()[8], "user: question 29");
    let keys: Vec<_> = view.transcript.iter().map(|row| row.key).collect();
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
}

#[test]
fn the_log_holds_neither_words_nor_keys() {
    let mut sim = Sim::connected();
    sim.far.says.push_back("whispered");
    sim.far.answers.extend(["murmured", "muttered"]);
    sim.turn();
    sim.say("scribbled");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.receive(r#"{"type":"response.done","response":"mumbled"}"#);
    sim.intent(Intent::Disconnect);
    let log = format!("{:?}", sim.view().log);
    for word in ["whispered", "murmured", "muttered", "scribbled", "mumbled", "ek_secret"] {
        assert!(!log.contains(word), "{word} in {log}");
    }
    assert!(log.contains("response.create") && log.contains("speech_started"));
}

#[test]
fn repeated_deltas_are_one_line() {
    let mut sim = Sim::connected();
    sim.far.manner = Manner::Written;
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Listening);
    let log = sim.view().log;
    let deltas: Vec<_> =
        log.iter().filter(|line| line.name == "response.output_text.delta").map(|line| line.count).collect();
    assert_eq!(deltas, [6]);
}

#[test]
fn a_view_that_did_not_change_is_equal() {
    let mut sim = Sim::connected();
    sim.turn();
    let before = sim.view();
    sim.run(Ms(5));
    assert_eq!(before, sim.view());
    sim.say("more");
    assert_ne!(before, sim.view());
}
