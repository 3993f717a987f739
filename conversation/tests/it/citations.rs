//! An answer shows where its sentences come from, and the source is lit while its sentence is heard.

use crate::far::Manner;
use crate::server::{answering, end, item, knowing, looking_up, summary};
use crate::sim::Sim;
use conversation::{Citation, Config, Intent, LinkInput, Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const REVIEW: &str = "Team review today at 14:00 in Zurich.";

fn talk(answer: &'static str) -> Sim {
    let mut sim = Sim::connected_with(looking_up());
    knowing(&mut sim, item("a", REVIEW), Ms(2));
    sim.far.answers.push_back(answer);
    sim.say("when is my team review");
    sim
}

/// The answer's citations and the sentences they stand for.
fn cited(sim: &Sim) -> Vec<(Citation, String)> {
    let view = sim.view();
    let row = view.transcript.last().expect("a row");
    let cited = row.citations.iter().map(|cited| (cited.clone(), row.text[cited.start..cited.end].to_owned()));
    cited.collect()
}

#[test]
fn a_mark_becomes_the_citation_of_its_sentence_and_is_not_shown() {
    let mut sim = talk("Well, let me see. You meet at two. [1] Anything else?");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert_eq!(sim.transcript()[1], "assistant: Well, let me see. You meet at two. Anything else?");
    let cited = cited(&sim);
    assert_eq!((cited.len(), cited[0].1.as_str(), cited[0].0.label), (1, "You meet at two.", 1));
    assert_eq!(cited[0].0.url.as_deref(), Some("https://calendar.test/1"));
}

#[test]
fn without_a_mark_likeness_cites() {
    let mut sim = talk("Sure, here it is. It begins at 14:00. Bye");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let sentences: Vec<_> = cited(&sim).into_iter().map(|(_, sentence)| sentence).collect();
    assert_eq!(sentences, ["It begins at 14:00."]);
}

#[test]
fn brackets_that_name_nothing_stay() {
    let mut sim = talk("See [7] and [x] and [");
    sim.run(Ms(6_000));
    assert_eq!(sim.transcript()[1], "assistant: See [7] and [x] and [");
}

#[test]
fn a_source_is_lit_while_its_sentence_is_heard_and_not_before_or_after() {
    let mut sim = talk("aaaa bbbb cccc dddd. eeee ffff at 14:00. gggg hhhh iiii jjjj.");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    let mut lit = Vec::new();
    while sim.view().phase == Phase::Speaking {
        sim.run(Ms(10));
        let now = cited(&sim).iter().any(|(cited, _)| cited.lit);
        if lit.last() != Some(&now) {
            lit.push(now);
        }
    }
    assert_eq!(lit, [false, true, false]);
}

#[test]
fn a_single_sentence_is_lit_from_beginning_to_end() {
    let mut sim = talk("It is at two [1].");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(300));
    while sim.records().is_empty() {
        assert!(cited(&sim)[0].0.lit, "{:?}", cited(&sim));
        sim.run(Ms(10));
    }
    assert!(!cited(&sim)[0].0.lit);
}

#[test]
fn what_was_not_heard_is_not_cited() {
    let mut sim = talk("One two three four five six seven eight nine ten. You meet at two [1].");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(900));
    sim.intent(Intent::Interrupt);
    sim.run(Ms(300));
    assert!(cited(&sim).is_empty(), "{:?}", cited(&sim));
}

#[test]
fn a_written_answer_is_cited_and_nothing_is_lit() {
    let mut sim = Sim::connected_with(looking_up());
    sim.far.manner = Manner::Written;
    knowing(&mut sim, item("a", REVIEW), Ms(2));
    sim.far.answers.push_back("At two [1].");
    sim.say("when is my team review");
    sim.run(Ms(3_000));
    let cited = cited(&sim);
    assert_eq!((cited.len(), cited[0].0.lit), (1, false));
}

#[test]
fn labels_of_a_row_count_from_one_whatever_the_marks_are() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |request| {
        let items = (0..3).map(|at| item(&format!("{}{at}", request.turn), &format!("Fact {} {at}", request.turn)));
        vec![(Ms(1), summary(items.collect())), (Ms(1), end())]
    });
    sim.far.answers.extend(["First.", "Second [6]. Third [4]. Again [6]."]);
    for _ in 0..2 {
        sim.say("tell me more");
        sim.run(Ms(6_000));
    }
    let labels: Vec<_> = cited(&sim).into_iter().map(|(cited, _)| cited.label).collect();
    assert_eq!((labels, sim.transcript()[3].as_str()), (vec![1, 2, 1], "assistant: Second. Third. Again."));
}

#[test]
fn without_context_brackets_are_just_brackets() {
    let mut sim = Sim::connected_with(Config::default());
    sim.far.answers.push_back("Item [1] it is.");
    sim.say("which one");
    sim.run(Ms(4_000));
    assert_eq!(sim.transcript()[1], "assistant: Item [1] it is.");
    sim.link(LinkInput::ChannelClosed);
}
