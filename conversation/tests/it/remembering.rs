//! Every answered turn is stored, unless the talk is private.

use crate::server::looking_up;
use crate::sim::Sim;
use conversation::{Config, Errand, HttpFailure, Intent, Ms, Phase};
use protocol::memory::{MemoryKind, NewMemory};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn stored(sim: &Sim) -> Vec<NewMemory> {
    let stored = sim.errands().into_iter().filter_map(|errand| match errand {
        Errand::Remember(memory) => Some(memory.memories),
        Errand::Watch(_) | Errand::Unwatch(_) => None,
    });
    stored.flatten().collect()
}

fn turn(sim: &mut Sim, text: &str) {
    sim.say(text);
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    sim.run(Ms(300));
}

#[test]
fn a_turn_is_stored_as_it_was_said_and_heard() {
    let mut sim = Sim::connected_with(looking_up());
    sim.far.says.push_back("what was it");
    sim.turn();
    turn(&mut sim, "and then");
    let stored = stored(&sim);
    let texts: Vec<_> = stored.iter().map(|memory| memory.text.as_str()).collect();
    let answer = "Assistant: one two three four five six";
    assert_eq!(texts, [format!("User: what was it\n{answer}"), format!("User: and then\n{answer}")]);
    let origins: Vec<_> = stored.iter().filter_map(|memory| memory.origin.clone()).collect();
    assert_eq!((origins[0].turn.as_str(), origins[1].turn.as_str()), ("1", "2"));
    assert!(origins[0].talk == origins[1].talk && stored[0].kind == MemoryKind::Turn && stored[0].id != stored[1].id);
}

#[test]
fn of_an_answer_that_was_cut_only_what_was_heard_is_stored() {
    let mut sim = Sim::connected_with(looking_up());
    sim.say("count please");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(700));
    sim.intent(Intent::Interrupt);
    sim.run(Ms(3_000));
    let stored = stored(&sim);
    assert!(stored.len() == 1 && stored[0].text.contains("one") && !stored[0].text.contains("six"), "{stored:?}");
}

#[test]
fn a_private_talk_stores_nothing_and_says_so_in_every_question() {
    let mut sim = Sim::connected_with(looking_up());
    sim.intent(Intent::KeepPrivate(true));
    assert!(sim.view().private);
    sim.far
        .calls
        .extend([("remember", r#"{"text":"a secret"}"#.to_owned()), ("recall", r#"{"query":"a secret"}"#.to_owned())]);
    turn(&mut sim, "remember a secret");
    assert!(sim.questions().iter().all(|(_, question)| question.private) && !sim.questions().is_empty());
    assert!(sim.far.outputs.iter().all(|output| output.starts_with("This talk is private")), "{:?}", sim.far.outputs);
    assert_eq!((stored(&sim).len(), sim.far.outputs.len()), (0, 2));
}

#[test]
fn a_turn_that_was_private_in_part_is_not_stored() {
    let mut sim = Sim::connected_with(looking_up());
    sim.intent(Intent::KeepPrivate(true));
    sim.say("a secret");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.intent(Intent::KeepPrivate(false));
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    sim.run(Ms(300));
    assert!(stored(&sim).is_empty());
    turn(&mut sim, "nothing secret");
    turn(&mut sim, "nothing at all");
    assert!(stored(&sim).iter().all(|memory| !memory.text.contains("a secret")) && !stored(&sim).is_empty());
}

#[test]
fn a_server_that_stores_nothing_is_not_asked_again_and_again() {
    let mut sim = Sim::connected_with(looking_up());
    sim.stores = Err(HttpFailure::Status { status: 403, code: None, message: None, retry_after: None });
    (0..3).for_each(|_| turn(&mut sim, "and then"));
    assert_eq!((stored(&sim).len(), sim.notice()), (1, String::new()));
}

#[test]
fn without_context_nothing_is_stored() {
    let mut sim = Sim::connected_with(Config::default());
    turn(&mut sim, "and then");
    assert!(stored(&sim).is_empty());
}
