//! The model looks things up by itself: seen, bounded in time, and answered whatever happens.

use crate::server::{ZERO, answering, end, found, item, looking_up, started, summary};
use crate::sim::{Reply, Script, Sim};
use conversation::{Errand, Fate, HttpFailure, Intent, LinkInput, Ms, Phase, Search};
use protocol::context::{ContextItem, Scratchpad};
use protocol::memory::MemoryKind;
use std::collections::BTreeSet;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const REVIEW: &str = "Team review today at 14:00 in Zurich.";

/// A talk in which the next response calls this function; what the turn itself looks up finds nothing.
fn calling(name: &'static str, arguments: &str) -> Sim {
    let mut sim = Sim::connected_with(looking_up());
    sim.far.calls.push_back((name, arguments.to_owned()));
    sim
}

fn searching() -> Sim {
    calling("search", r#"{"query":"team review","source":"calendar"}"#)
}

fn to_the_end(sim: &mut Sim) {
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
}

/// How our server answers.
type Answer = fn() -> Script;

/// A server that answers only what the model asks, with this.
fn for_the_model(sim: &mut Sim, script: impl Fn() -> Script + 'static) {
    answering(sim, move |request| if request.sources.is_empty() { vec![(Ms(0), end())] } else { script() });
}

#[test]
fn a_search_is_seen_and_its_facts_are_given_and_cited() {
    let mut sim = searching();
    for_the_model(&mut sim, || {
        vec![(Ms(1), started("calendar")), (Ms(300), summary(vec![item("a", REVIEW)])), (Ms(300), end())]
    });
    sim.far.answers.push_back("It is at two [1] in Zurich.");
    // The response that calls takes the first of the answers.
    sim.far.answers.push_front("nothing");
    sim.say("when is my review");
    sim.run_until("the search", |view| view.search.is_some());
    let view = sim.view();
    let search = Search { source: "calendar".into(), what: "team review".into() };
    assert_eq!((view.phase, view.search, view.can.cancel_search), (Phase::Searching, Some(search), true));
    to_the_end(&mut sim);
    assert!(sim.far.outputs[0].contains("\n[1] Team review (calendar") && sim.far.outputs[0].contains(REVIEW));
    let view = sim.view();
    assert!(matches!(view.context.first().map(|row| row.fate), Some(Fate::Given { .. })));
    let row = view.transcript.last().expect("an answer");
    assert_eq!(row.text, "It is at two in Zurich.");
    assert_eq!(row.citations.first().map(|cited| (cited.label, cited.source.as_str())), Some((1, "calendar")));
    assert_eq!((sim.record().outcome.as_str(), sim.records().len(), view.search), ("answered", 1, None));
}

#[test]
fn a_search_waits_for_slow_sources_as_long_as_nothing_was_found() {
    let mut sim = searching();
    for_the_model(&mut sim, || {
        vec![(Ms(200), summary(Vec::new())), (Ms(1_200), found(vec![item("a", REVIEW)])), (Ms(9_000), end())]
    });
    sim.say("when is my review");
    sim.run(Ms(1_600));
    assert!(sim.far.outputs[0].contains(REVIEW));
    assert!(sim.asking.is_empty(), "what is still asked then is let go of");
}

#[test]
fn what_fails_hangs_or_finds_nothing_is_told_in_a_plain_sentence() {
    let failing = || vec![(Ms(10), Reply::End(Some(HttpFailure::Unreachable)))];
    let empty = || vec![(Ms(10), summary(Vec::new())), (Ms(10), end())];
    let hanging = Vec::new;
    let scripts: [(Answer, &str); 3] = [
        (failing, "The search failed. Answer without it, and say so."),
        (empty, "Nothing was found. Answer without it, and say so."),
        (hanging, "It took too long. Answer without it, and say so."),
    ];
    for (script, told) in scripts {
        let mut sim = searching();
        for_the_model(&mut sim, script);
        sim.say("when is my review");
        sim.run(Ms(25_000));
        assert_eq!((sim.far.outputs.as_slice(), sim.view().phase), ([told.to_owned()].as_slice(), Phase::Listening));
        assert_eq!(sim.record().outcome, "answered");
        assert!(sim.asking.is_empty());
    }
}

#[test]
fn a_search_that_the_user_stops_is_answered_without() {
    let mut sim = searching();
    for_the_model(&mut sim, Vec::new);
    sim.say("when is my review");
    sim.run_until("the search", |view| view.search.is_some());
    sim.run(Ms(200));
    sim.intent(Intent::CancelSearch);
    assert_eq!((sim.view().search, sim.asking.len()), (None, 0));
    to_the_end(&mut sim);
    assert_eq!(sim.far.outputs, ["The user stopped the search. Answer without it."]);
}

#[test]
fn a_search_that_takes_long_is_spoken_of_once_and_then_answered() {
    let mut sim = searching();
    for_the_model(&mut sim, || vec![(Ms(6_000), summary(vec![item("a", REVIEW)])), (Ms(6_000), end())]);
    sim.far.answers.extend(["nothing", "One moment, I am looking that up.", "It is at two."]);
    sim.say("when is my review");
    sim.run(Ms(3_000));
    assert_eq!(sim.view().phase, Phase::Searching, "it is heard, and goes on searching");
    assert_eq!(sim.transcript()[1], "assistant: One moment, I am looking that up.");
    sim.run(Ms(12_000));
    assert_eq!(sim.far.orders, [r#"Say only this, in the user's language: "One moment, I am looking that up.""#]);
    assert_eq!(sim.transcript()[2], "assistant: It is at two.");
    assert_eq!((sim.records().len(), sim.record().outcome.as_str()), (1, "answered"));
}

#[test]
fn a_word_to_bridge_the_wait_that_never_comes_is_no_failure() {
    let mut sim = searching();
    for_the_model(&mut sim, || vec![(Ms(9_500), summary(vec![item("a", REVIEW)])), (Ms(9_500), end())]);
    sim.say("when is my review");
    sim.run_until("the search", |view| view.search.is_some());
    sim.far.manner = crate::far::Manner::Never;
    sim.run(Ms(9_000));
    assert_eq!(sim.notice(), "");
    sim.far.manner = crate::far::Manner::Spoken;
    to_the_end(&mut sim);
    assert_eq!(sim.record().outcome, "answered");
}

#[test]
fn several_calls_of_one_response_are_carried_out_together_and_answered_once() {
    let mut sim = Sim::connected_with(looking_up());
    for_the_model(&mut sim, || vec![(Ms(900), summary(vec![item("a", REVIEW)])), (Ms(900), end())]);
    sim.far.manner = crate::far::Manner::Stuck;
    sim.say("note this and look that up");
    sim.run(Ms(300));
    let response = format!("resp_{}", sim.far.active.unwrap_or_default());
    let notes = (0..5).map(|at| (format!("n{at}"), "note", r#"{\"kind\":\"todo\",\"text\":\"x\"}"#));
    let searches = (0..6).map(|at| (format!("s{at}"), "search", r#"{\"query\":\"x\",\"source\":\"news\"}"#));
    for (call, name, arguments) in notes.chain(searches) {
        sim.receive(&format!(
            r#"{{"type":"response.output_item.done","response_id":"{response}","output_index":0,"item":{{"id":"{call}",
            "type":"function_call","call_id":"{call}","name":"{name}","arguments":"{arguments}"}}}}"#
        ));
    }
    assert_eq!((sim.asking.len(), sim.notice()), (4, String::new()));
    let talks: BTreeSet<_> = sim.questions().into_iter().map(|(_, question)| question.talk).collect();
    assert_eq!(talks.len(), 5, "none of the searches cancels another, nor the turn's");
    sim.far.manner = crate::far::Manner::Spoken;
    sim.far.finish();
    sim.emit(serde_json::json!({"type": "rate_limits.updated", "rate_limits": []}));
    to_the_end(&mut sim);
    let told = |text: &str| sim.far.outputs.iter().filter(|output| output.contains(text)).count();
    assert_eq!((told("Noted."), told("too many calls"), told(REVIEW)), (5, 2, 4), "{:?}", sim.far.outputs);
    assert_eq!(sim.sent().iter().filter(|kind| *kind == "response.create").count(), 2);
}

#[test]
fn who_goes_on_speaking_is_not_kept_waiting_by_a_search() {
    let mut sim = searching();
    for_the_model(&mut sim, Vec::new);
    sim.say("when is my review");
    sim.run_until("the search", |view| view.search.is_some());
    sim.run(Ms(500));
    sim.far.says.push_back("never mind, hello");
    sim.speak(Ms(1_000));
    sim.run(Ms(300));
    assert_eq!((sim.view().search, sim.view().phase), (None, Phase::Listening));
    assert_eq!(sim.far.outputs, ["The user went on before this was done."]);
    sim.run(Ms(1_500));
    to_the_end(&mut sim);
    assert_eq!(sim.record().kind, "spoken");
}

#[test]
fn a_search_ends_with_its_call() {
    let mut sim = searching();
    for_the_model(&mut sim, Vec::new);
    sim.say("when is my review");
    sim.run_until("the search", |view| view.search.is_some());
    sim.link(LinkInput::ChannelClosed);
    assert_eq!((sim.view().search, sim.asking.len()), (None, 0));
    to_the_end(&mut sim);
    assert!(sim.far.outputs.is_empty());
}

#[test]
fn functions_that_are_not_there_and_arguments_that_make_no_sense_are_answered() {
    for (name, arguments, told) in [
        ("launch", "{}", "This tool is not available. Answer without it."),
        (
            "search",
            "{\"query\":",
            "The arguments of this call cannot be understood. Correct them, or answer without it.",
        ),
        ("note", "[]", "The arguments of this call cannot be understood. Correct them, or answer without it."),
        ("note", r#"{"kind":"todo","text":"call Anna"}"#, "Noted."),
    ] {
        let mut sim = calling(name, arguments);
        sim.say("do it please");
        to_the_end(&mut sim);
        assert_eq!(sim.far.outputs, [told]);
    }
}

#[test]
fn what_is_noted_can_be_seen_until_a_new_talk_begins() {
    let mut sim = calling("note", r#"{"kind":"decision","text":"we paint it blue"}"#);
    assert_eq!(*sim.view().notes, Scratchpad::default());
    sim.say("note that please");
    to_the_end(&mut sim);
    let blue = Scratchpad { decisions: vec!["we paint it blue".to_owned()], ..Scratchpad::default() };
    assert_eq!(*sim.view().notes, blue);
    sim.intent(Intent::Disconnect);
    assert_eq!(*sim.view().notes, blue, "what was noted can still be read");
    sim.intent(Intent::Connect);
    assert_eq!(*sim.view().notes, Scratchpad::default());
}

#[test]
fn something_is_remembered_with_its_turn_or_the_model_is_told_why_not() {
    for (stores, told) in
        [(Ok(()), "It is remembered."), (Err(HttpFailure::TimedOut), "It could not be stored. Say so.")]
    {
        let mut sim = calling("remember", r#"{"text":"Anna likes tea","kind":"preference"}"#);
        sim.stores = stores;
        sim.say("remember that please");
        to_the_end(&mut sim);
        assert_eq!(sim.far.outputs, [told]);
        let Some(Errand::Remember(memory)) = sim.errands().into_iter().next() else { panic!("nothing is stored") };
        let stored = memory.memories[0].clone();
        assert_eq!((stored.kind, stored.text.as_str()), (MemoryKind::Preference, "Anna likes tea"));
        assert_eq!(stored.origin.map(|origin| origin.turn).as_deref(), Some("1"));
    }
}

#[test]
fn recall_asks_the_memory_and_nothing_else() {
    let mut sim = calling("recall", r#"{"query":"the deadline"}"#);
    for_the_model(&mut sim, || {
        let memory = ContextItem { source: "memory".into(), expires_at: Some(ZERO + 9_999), ..item("m", "On Friday.") };
        vec![(Ms(5), summary(vec![memory])), (Ms(5), end())]
    });
    sim.say("what did we decide");
    to_the_end(&mut sim);
    let (_, question) = sim.questions().pop().expect("a question");
    assert_eq!((question.sources, question.query), (vec!["memory".to_owned()], "the deadline".to_owned()));
    assert!(sim.far.outputs[0].contains("On Friday."));
}
