//! The user speaks while the assistant does.

use crate::sim::Sim;
use conversation::{Config, Cutter, Effect, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn client_cuts() -> Config {
    let mut config = Config::default();
    config.barge_in.cutter = Cutter::Client;
    config
}

fn speaking(config: Config) -> Sim {
    let mut sim = Sim::connected_with(config);
    sim.far.answers.push_back("one two three four five six seven eight nine ten eleven twelve");
    sim.say("count");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(1_000));
    sim.sent();
    sim
}

/// When the gain was set to this, first.
fn gain_at(sim: &Sim, wanted: f32) -> Option<f64> {
    let mut effects = sim.effects.iter();
    effects.find_map(|(at, effect)| match effect {
        Effect::SetGain { gain, .. } if (gain - wanted).abs() < 0.001 => Some(at.as_millis()),
        _ => None,
    })
}

#[test]
fn speech_turns_the_answer_down_within_tens_of_milliseconds_and_the_service_cuts_it() {
    let mut sim = speaking(Config::default());
    let onset = sim.now.as_millis();
    sim.speak(Ms(1_200));
    sim.run(Ms(30));
    assert!(sim.view().ducked);
    sim.run(Ms(300));
    assert_eq!((sim.view().ducked, sim.gain, sim.view().phase), (false, 0.0, Phase::Listening));
    assert!(gain_at(&sim, 0.05).is_some_and(|at| at - onset <= 30.0));
    assert!(sim.sent().is_empty(), "the service has cut by itself");
    let transcript = sim.transcript();
    assert!(transcript[1].ends_with("(Interrupted)") && !transcript[1].contains("twelve"), "{transcript:?}");
    sim.run_until("the next answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.gain, 1.0);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let records = sim.records();
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome.as_str()).collect();
    assert_eq!(outcomes, ["interrupted", "answered"]);
    assert!(records[0].stamps.contains_key("interrupted") && records[0].stamps.contains_key("audio_stopped"));
}

#[test]
fn how_long_it_took_to_turn_down_is_summed_up() {
    let mut sim = speaking(Config::default());
    sim.speak(Ms(1_200));
    sim.run_until("the interrupted turn is over", |view| view.last_turn.is_some_and(|last| last.duck_ms.is_some()));
    assert!(sim.view().last_turn.and_then(|last| last.duck_ms).is_some_and(|ms| ms <= 30.0));
}

#[test]
fn a_cough_turns_the_answer_down_and_it_comes_back() {
    let mut sim = speaking(Config::default());
    sim.speak(Ms(120));
    sim.run(Ms(50));
    assert!(sim.view().ducked);
    sim.run(Ms(450));
    assert_eq!((sim.view().ducked, sim.gain, sim.view().phase), (false, 1.0, Phase::Speaking));
    sim.run_until("the end of the answer", |view| view.phase == Phase::Listening);
    assert_eq!(sim.record().outcome, "answered");
    assert!(sim.transcript()[1].ends_with("twelve"));
}

#[test]
fn where_the_client_cuts_only_lasting_speech_does() {
    let mut sim = speaking(client_cuts());
    assert!(!sim.far.interrupt_response);
    sim.speak(Ms(1_200));
    sim.run(Ms(250));
    assert_eq!((sim.view().ducked, sim.sent()), (true, vec![]), "the service's word alone does not cut");
    sim.run(Ms(200));
    assert_eq!(sim.gain, 0.0);
    let sent = sim.sent();
    assert_eq!(sent, ["output_audio_buffer.clear"], "the answer was made already, so there is nothing to cancel");
    sim.run_until("the next answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.gain, 1.0);
}

#[test]
fn where_the_client_cuts_an_answer_still_being_made_is_cancelled_first() {
    let mut sim = Sim::connected_with(client_cuts());
    sim.far
        .answers
        .push_back("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s");
    sim.say("the alphabet");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.sent();
    sim.speak(Ms(1_200));
    sim.run(Ms(450));
    assert_eq!(sim.sent(), ["response.cancel", "output_audio_buffer.clear"]);
}

#[test]
fn where_the_client_cuts_a_short_word_does_not_stop_the_answer() {
    let mut sim = speaking(client_cuts());
    sim.far.says.push_back("mm-hm");
    sim.speak(Ms(250));
    sim.run(Ms(1_000));
    assert_eq!((sim.gain, sim.view().phase), (1.0, Phase::Speaking));
    sim.run_until("the end of the answer", |view| view.phase == Phase::Listening);
    sim.run(Ms(500));
    assert_eq!(sim.sent(), Vec::<String>::new(), "it is no turn of its own");
    assert_eq!(sim.transcript().last().map(String::as_str), Some("user: mm-hm"));
}

#[test]
fn without_levels_the_service_is_believed() {
    for config in [client_cuts(), Config::default()] {
        let mut sim = Sim::with(config);
        sim.measures = false;
        sim.connect();
        sim.say("count");
        sim.run_until("the answer", |view| view.phase == Phase::Speaking);
        sim.speak(Ms(1_000));
        sim.run(Ms(300));
        assert_eq!(sim.gain, 0.0);
        sim.run_until("the next answer", |view| view.phase == Phase::Speaking);
        assert_eq!(sim.gain, 1.0);
        sim.run_until("its end", |view| view.phase == Phase::Listening);
    }
}

#[test]
fn a_service_that_goes_on_with_a_cut_answer_is_told() {
    let mut sim = speaking(Config::default());
    sim.far.interrupt_response = false;
    sim.speak(Ms(2_000));
    sim.run(Ms(1_900));
    assert!(sim.sent().contains(&"output_audio_buffer.clear".to_owned()));
    sim.run_until("the next answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.gain, 1.0);
}
