//! Every answered turn is stored, and what was noted in it, unless the talk is private; then nothing is recalled.

use crate::server::{ZERO, answering, end, found, item, knowing, looking_up, summary};
use crate::sim::Sim;
use conversation::{Config, Errand, HttpFailure, Intent, Ms, Phase};
use protocol::context::{ContextItem, Lane};
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

/// A server that finds all of this for every question.
fn knowing_all(sim: &mut Sim, items: Vec<ContextItem>) {
    answering(sim, move |_| vec![(Ms(5), found(items.clone())), (Ms(5), summary(items.clone())), (Ms(5), end())]);
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
fn a_sentence_that_rests_on_what_holds_for_a_time_only_is_not_stored() {
    let mut sim = Sim::connected_with(looking_up());
    let rain = ContextItem { expires_at: Some(ZERO + 3_600), ..item("w", "Rain in Lisbon, 19 degrees") };
    let review = item("c", "Team review at 14:00 in Zurich");
    knowing_all(&mut sim, vec![rain, review]);
    let answers = ["It is 19 degrees and there is rain.", "You meet at 14:00. It is 19 degrees. Anything else?"];
    sim.far.answers.extend(answers);
    turn(&mut sim, "is it cold there");
    assert!(stored(&sim).is_empty(), "nothing else was said: {:?}", stored(&sim));
    turn(&mut sim, "and my day");
    let texts: Vec<_> = stored(&sim).into_iter().map(|memory| memory.text).collect();
    assert_eq!(texts, ["User: and my day\nAssistant: You meet at 14:00. Anything else?"]);
}

#[test]
fn a_private_talk_stores_nothing_and_says_so_in_every_question() {
    let mut sim = Sim::connected_with(looking_up());
    sim.intent(Intent::KeepPrivate(true));
    assert!(sim.view().private);
    sim.far.calls.extend([
        ("remember", r#"{"text":"a secret"}"#.to_owned()),
        ("recall", r#"{"query":"a secret"}"#.to_owned()),
        ("watch", r#"{"query":"a secret"}"#.to_owned()),
    ]);
    turn(&mut sim, "remember a secret");
    assert!(sim.questions().iter().all(|(_, question)| question.private) && !sim.questions().is_empty());
    assert!(sim.far.outputs.iter().all(|output| output.starts_with("This talk is private")), "{:?}", sim.far.outputs);
    assert_eq!((sim.errands().len(), sim.far.outputs.len()), (0, 3));
}

#[test]
fn what_is_decided_is_stored_with_those_who_did_and_an_agenda_is_not() {
    let mut sim = Sim::connected_with(looking_up());
    let decision = r#"{"kind":"decision","text":"Ship in May","about":"Atlas","people":["Maria"]}"#;
    let agenda = r#"{"kind":"agenda","text":"the budget"}"#;
    sim.far.calls.extend([("note", decision.to_owned()), ("note", agenda.to_owned())]);
    turn(&mut sim, "we decided to ship");
    let stored = stored(&sim);
    let [noted, said] = stored.as_slice() else { panic!("{stored:?}") };
    assert_eq!((noted.kind, noted.text.as_str(), said.kind), (MemoryKind::Decision, "Ship in May", MemoryKind::Turn));
    assert_eq!((noted.about.as_deref(), noted.people.as_slice()), (Some("Atlas"), &["Maria".to_owned()][..]));
    assert_eq!(noted.origin, said.origin, "both come from one turn");
    sim.intent(Intent::KeepPrivate(true));
    sim.far.calls.push_back(("note", decision.to_owned()));
    turn(&mut sim, "we decided it again");
    assert_eq!((self::stored(&sim).len(), sim.far.outputs.len()), (2, 3));
}

fn tea() -> ContextItem {
    ContextItem { lane: Lane::Memory, source: "memory".into(), ..item("m", "The tea is sencha") }
}

/// Whether the service has been told of the tea.
fn knows_tea(sim: &Sim) -> bool {
    sim.far.items.iter().any(|(_, text)| text.contains("sencha"))
}

/// A talk in which the tea was recalled for a turn, and a cup by a function of the model's.
fn recalled() -> Sim {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |request| {
        let cup = ContextItem { id: "c".into(), text: "The cup is blue".into(), ..tea() };
        let item = if request.sources.is_empty() { tea() } else { cup };
        vec![(Ms(5), found(vec![item.clone()])), (Ms(5), summary(vec![item])), (Ms(5), end())]
    });
    turn(&mut sim, "which tea");
    sim.far.calls.push_back(("recall", r#"{"query":"the tea"}"#.to_owned()));
    turn(&mut sim, "which one again");
    assert!(knows_tea(&sim) && sim.far.outputs[0].contains("blue"), "{:?}", sim.far);
    sim
}

/// Expects both to be taken back by what the user does.
fn is_taken_back(sim: &mut Sim, by: Intent) {
    let before = sim.far.items.len();
    sim.intent(by);
    sim.run(Ms(300));
    assert!(!knows_tea(sim));
    assert_eq!(sim.far.items.len(), before - 2, "what was given, and what its function gave");
}

#[test]
fn what_was_recalled_is_taken_back_when_something_is_forgotten_and_the_rest_is_recalled_anew() {
    let mut sim = recalled();
    is_taken_back(&mut sim, Intent::DropRecalled);
    turn(&mut sim, "which tea");
    assert!(knows_tea(&sim), "it was another memory that was forgotten");
}

#[test]
fn the_turn_in_which_something_is_forgotten_is_not_stored_and_the_next_one_is() {
    let mut sim = Sim::connected_with(looking_up());
    sim.say("my locker code is 4821");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.intent(Intent::DropRecalled);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    turn(&mut sim, "and then");
    let stored = stored(&sim);
    assert!(stored.len() == 1 && stored[0].text.contains("and then"), "{stored:?}");
}

#[test]
fn a_talk_that_becomes_private_takes_back_what_was_recalled() {
    let mut sim = recalled();
    is_taken_back(&mut sim, Intent::KeepPrivate(true));
    turn(&mut sim, "and now");
    assert!(!knows_tea(&sim), "a server that recalls nevertheless is not heard");
}

#[test]
fn what_was_recalled_too_late_is_not_given_to_a_private_turn() {
    let mut sim = Sim::connected_with(looking_up());
    knowing(&mut sim, tea(), Ms(2_500));
    turn(&mut sim, "which tea");
    sim.run(Ms(3_000));
    let waits = sim.view().context.iter().any(|row| row.text.contains("sencha"));
    assert!(waits && !knows_tea(&sim), "{:?}", sim.view().context);
    answering(&mut sim, |_| Vec::new());
    sim.intent(Intent::KeepPrivate(true));
    turn(&mut sim, "and now");
    sim.intent(Intent::KeepPrivate(false));
    turn(&mut sim, "and then");
    assert!(!knows_tea(&sim));
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
