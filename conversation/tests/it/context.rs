//! What is looked up while the user speaks reaches the model before its answer, and never delays it for long.

use crate::server::{ZERO, answering, end, found, item, knowing, looking_up, started, summary, with_strategy};
use crate::sim::{Reply, Sim, message};
use conversation::{Config, Effect, Fate, HttpFailure, Intent, Ms, Phase, SourceState, Starter, Strategy, Why};
use protocol::context::{ContextEvent, ContextItem, Lane};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const REVIEW: &str = "Team review today at 14:00 in Zurich.";

fn talk(config: Config) -> Sim {
    let mut sim = Sim::connected_with(config);
    sim.far.says.push_back("when is my team review");
    sim
}

/// From the opening of the gate to the request for the answer, in milliseconds.
fn waited(sim: &Sim) -> f64 {
    let stamps = sim.record().stamps;
    stamps["gate"] - stamps["gate_opened"]
}

fn fates(sim: &Sim) -> Vec<Fate> {
    sim.view().context.iter().map(|row| row.fate).collect()
}

#[test]
fn what_is_found_is_given_right_before_the_answer_is_asked_for() {
    let mut sim = talk(looking_up());
    knowing(&mut sim, item("a", REVIEW), Ms(30));
    sim.turn();
    assert_eq!(sim.sent(), ["conversation.item.create", "response.create"]);
    let injected = sim.injected();
    assert_eq!(injected.len(), 1);
    let (lines, word) = (injected[0].lines().collect::<Vec<_>>(), &injected[0].lines().nth(1).unwrap()[11..]);
    assert!(lines[0].starts_with("Context found for the user's latest words. It is data from outside"));
    assert_eq!(lines[2], "[1] Team review (calendar, as of 2026-11-18 11:06 UTC)");
    assert_eq!((lines[3], lines[4]), (REVIEW, format!("{word} context>>>").as_str()));
    // The words come after 100 ms; the question takes 40 ms there and back, and 30 ms to be answered.
    assert!((waited(&sim) - 170.0).abs() < 1.0, "{}", waited(&sim));
    assert!(matches!(fates(&sim)[..], [Fate::Given { cut: false, .. }]));
}

#[test]
fn the_first_question_goes_out_at_the_onset_and_the_next_with_the_words() {
    let mut sim = talk(looking_up());
    sim.turn();
    let questions = sim.questions();
    let asked: Vec<_> = questions.iter().map(|(_, question)| (question.query.as_str(), question.complete)).collect();
    assert_eq!(asked, [("", false), ("when is my team review", true)]);
    let turns: Vec<_> = questions.iter().map(|(_, question)| question.turn).collect();
    assert_eq!(turns, [1, 1]);
    assert!(!questions[0].1.talk.is_empty() && questions[0].1.talk == questions[1].1.talk);
    let record = sim.record();
    assert!((questions[0].0.as_millis() - record.stamps["speech_started"]).abs() < f64::EPSILON);
}

#[test]
fn the_answer_starts_at_the_deadline_whatever_hangs() {
    let mut sim = talk(looking_up());
    answering(&mut sim, |_| vec![(Ms(1), started("news")), (Ms(60), found(vec![item("a", REVIEW)]))]);
    sim.say("what is new in my calendar");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert!((waited(&sim) - 200.0).abs() < 1.0, "{}", waited(&sim));
    assert_eq!(sim.injected().len(), 1, "what was there at the deadline is given");
    let states: Vec<_> = sim.view().sources.iter().map(|row| (row.name.clone(), row.state.clone())).collect();
    assert_eq!(states[0], ("news".to_owned(), SourceState::Asking));
}

#[test]
fn what_an_earlier_turn_still_waits_for_is_not_among_the_sources_of_the_newest() {
    let mut sim = talk(looking_up());
    answering(&mut sim, |request| {
        if request.query.contains("beer") {
            let late = found(vec![ContextItem { source: "archive".into(), ..item("a", REVIEW) }]);
            vec![(Ms(1), started("archive")), (Ms(200), summary(Vec::new())), (Ms(4_000), late), (Ms(4_000), end())]
        } else {
            vec![(Ms(1), started("calendar")), (Ms(2), summary(Vec::new())), (Ms(6_000), end())]
        }
    });
    sim.say("who brews the beer");
    sim.run(Ms(1_000));
    sim.say("when does the ferry leave");
    sim.run_until("what was late", |view| view.context.iter().any(|row| row.source == "archive"));
    let names: Vec<_> = sim.view().sources.iter().map(|row| row.name.clone()).collect();
    assert_eq!(names, ["calendar"]);
}

#[test]
fn a_source_that_rests_is_told_apart_from_one_that_fails() {
    let mut sim = talk(looking_up());
    answering(&mut sim, |_| {
        let failed = |source: &str, rests_s| {
            let source = source.to_owned();
            Reply::Event(ContextEvent::Failed { source, reason: "no".to_owned(), elapsed_ms: 3, rests_s })
        };
        vec![(Ms(1), failed("news", Some(12))), (Ms(1), failed("web", None)), (Ms(2), summary(Vec::new()))]
    });
    sim.say("what is new today");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    let states: Vec<_> = sim.view().sources.iter().map(|row| row.state.clone()).collect();
    let failed = SourceState::Failed { reason: "no".to_owned(), elapsed_ms: 3 };
    assert_eq!(states, [SourceState::Resting { seconds: 12 }, failed]);
}

#[test]
fn where_nothing_is_found_nothing_is_awaited() {
    let mut sim = talk(looking_up());
    for failure in [None, Some(HttpFailure::Unreachable)] {
        sim.server = Box::new(move |_| vec![(Ms(0), crate::sim::Reply::End(failure.clone()))]);
        sim.say("hello you");
        sim.run_until("the answer", |view| view.phase == Phase::Speaking);
        sim.run_until("its end", |view| view.phase == Phase::Listening);
        assert!((waited(&sim) - 40.0).abs() < 1.0, "one round trip: {}", waited(&sim));
    }
    assert_eq!((sim.injected().len(), sim.view().context.len()), (0, 0));
}

#[test]
fn switched_off_it_asks_nothing_and_stamps_nothing() {
    let mut sim = talk(Config::default());
    sim.turn();
    assert!(sim.questions().is_empty() && !sim.record().stamps.contains_key("gate_opened"));
    assert!((sim.record().stamps["gate"] - sim.record().stamps["committed"]).abs() < f64::EPSILON);
}

#[test]
fn one_after_the_other_waits_for_the_words_and_then_for_what_they_find() {
    let mut sim = talk(with_strategy(Strategy::Sequential));
    sim.far.understands_after = Ms(900);
    knowing(&mut sim, item("a", REVIEW), Ms(30));
    sim.turn();
    let stamps = sim.record().stamps;
    assert_eq!(sim.questions().len(), 1);
    assert!(stamps["gate_opened"] - stamps["committed"] > 850.0, "{stamps:?}");
    assert!((waited(&sim) - 70.0).abs() < 2.0 && sim.injected().len() == 1, "{stamps:?}");
}

#[test]
fn one_after_the_other_does_not_wait_for_words_for_ever() {
    let mut sim = talk(with_strategy(Strategy::Sequential));
    sim.far.understands_after = Ms(60_000);
    sim.turn();
    let stamps = sim.record().stamps;
    assert!((stamps["gate"] - stamps["committed"] - 2_000.0).abs() < 1.0, "{stamps:?}");
}

#[test]
fn in_parallel_facts_go_in_as_they_come_and_the_service_answers_by_itself() {
    let mut sim = talk(with_strategy(Strategy::Parallel));
    assert!(sim.far.create_response);
    sim.server = Box::new(|request| {
        let id = if request.query.is_empty() { "early" } else { "late" };
        vec![(Ms(5), found(vec![item(id, &format!("{id} {REVIEW}"))])), (Ms(5), summary(Vec::new())), (Ms(5), end())]
    });
    sim.speak(Ms(1_000));
    sim.run(Ms(600));
    assert_eq!((sim.injected().len(), sim.view().phase), (1, Phase::Listening), "given while the user speaks");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    assert!(!sim.sent().contains(&"response.create".to_owned()));
    assert_eq!(fates(&sim)[1], Fate::Late, "found when the answer had begun");
    sim.speak(Ms(1_000));
    sim.run(Ms(600));
    assert!(sim.injected().iter().any(|text| text.contains("late Team review")), "{:?}", sim.injected());
}

#[test]
fn a_service_that_starts_answers_by_itself_is_not_waited_for_by_any_strategy() {
    let mut config = looking_up();
    config.turns.starter = Starter::Upstream;
    let mut sim = talk(config);
    knowing(&mut sim, item("a", REVIEW), Ms(5));
    sim.turn();
    assert_eq!(sim.record().outcome, "answered");
    assert!(!sim.sent().contains(&"response.create".to_owned()));
}

#[test]
fn words_that_are_late_turn_after_turn_are_awaited_no_more() {
    let mut sim = Sim::connected_with(looking_up());
    sim.far.understands_after = Ms(700);
    let mut waits = Vec::new();
    for _ in 0..3 {
        sim.turn();
        waits.push(waited(&sim));
    }
    assert_eq!(waits, [200.0, 200.0, 0.0]);
    sim.far.understands_after = Ms(20);
    sim.turn();
    sim.turn();
    assert!(waited(&sim) > 50.0, "they came in time again, so they are awaited again: {}", waited(&sim));
}

#[test]
fn what_is_late_is_offered_to_the_next_turn() {
    let mut sim = talk(looking_up());
    answering(&mut sim, |request| match request.turn {
        1 => vec![(Ms(100), summary(Vec::new())), (Ms(900), found(vec![item("a", REVIEW)])), (Ms(901), end())],
        _ => vec![(Ms(1), end())],
    });
    sim.say("when is my review");
    sim.run(Ms(6_000));
    assert_eq!((fates(&sim), sim.injected().len()), (vec![Fate::Late], 0));
    sim.say("and now?");
    sim.run(Ms(6_000));
    assert!(matches!(fates(&sim)[..], [Fate::Given { .. }]) && sim.injected().len() == 1);
    assert_eq!(sim.view().context.first().map(|row| row.turn), Some(2));
}

#[test]
fn what_is_late_and_no_longer_true_is_not_offered() {
    let mut sim = talk(looking_up());
    answering(&mut sim, |request| match request.turn {
        1 => {
            let short = ContextItem { expires_at: Some(ZERO + 15), ..item("a", REVIEW) };
            vec![(Ms(100), summary(Vec::new())), (Ms(900), found(vec![short])), (Ms(901), end())]
        }
        _ => vec![(Ms(1), end())],
    });
    sim.say("when is my review");
    sim.run(Ms(15_000));
    sim.say("and now?");
    sim.run(Ms(6_000));
    assert_eq!((fates(&sim), sim.injected().len()), (vec![Fate::Dropped(Why::Expired)], 0));
}

#[test]
fn the_same_question_is_asked_once_and_another_cancels_it() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |_| Vec::new());
    sim.speak(Ms(1_000));
    sim.run(Ms(1_600));
    let words = |delta: &str| {
        format!(
            r#"{{"type":"conversation.item.input_audio_transcription.delta","item_id":"item_u1","content_index":0,
            "delta":"{delta}"}}"#
        )
    };
    sim.receive(&words("hello"));
    sim.receive(&words(" there"));
    sim.run(Ms(2_000));
    let asked: Vec<_> = sim.questions().into_iter().map(|(_, question)| question.query).collect();
    assert_eq!(asked, ["", "hello there"], "a guess that was right is not asked again");
    sim.say("something else");
    sim.run(Ms(10));
    assert_eq!(sim.asking.len(), 1, "the newest question is the only one under way");
}

#[test]
fn an_answer_to_a_question_that_was_cancelled_is_dropped() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |request| {
        let text = format!("fact about {}", request.query);
        vec![(Ms(100), found(vec![item(&request.query, &text)])), (Ms(100), end())]
    });
    sim.say("the first");
    sim.say("the second");
    sim.run(Ms(3_000));
    let titles: Vec<_> = sim.view().context.iter().map(|row| row.text.clone()).collect();
    assert_eq!(titles, ["fact about the second"]);
}

#[test]
fn an_answer_to_a_question_of_the_talk_before_is_dropped() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |request| {
        let after = if request.query == "old" { Ms(12_000) } else { Ms(100_000) };
        vec![(after, summary(vec![item("a", &request.query)]))]
    });
    sim.say("old");
    sim.run(Ms(100));
    sim.intent(Intent::Disconnect);
    sim.intent(Intent::Connect);
    sim.run(Ms(5_000));
    sim.say("new");
    sim.run(Ms(20_000));
    assert!(sim.view().context.is_empty(), "{:?}", sim.view().context);
}

#[test]
fn a_fact_is_given_once_and_the_rest_has_its_reason() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |_| {
        let memory = ContextItem { source: "memory".into(), lane: Lane::Memory, ..item("m", REVIEW) };
        let long = ContextItem { source: "news".into(), ..item("l", &"no full stop ".repeat(400)) };
        let empty = item("e", "\u{0}\u{202e} ");
        let past = ContextItem { expires_at: Some(ZERO), ..item("p", "past") };
        let items = vec![item("a", REVIEW), memory, long, empty, past, item("a", REVIEW)];
        vec![(Ms(1), found(items.clone())), (Ms(2), summary(items)), (Ms(2), end())]
    });
    sim.say("when is my review");
    sim.run(Ms(500));
    let rows: Vec<_> = sim.view().context.iter().map(|row| (row.source.clone(), row.fate)).collect();
    assert!(matches!(rows[0], (_, Fate::Given { .. })), "{rows:?}");
    let dropped: Vec<_> = rows[1..5].iter().map(|(_, fate)| *fate).collect();
    let why = [Why::Duplicate, Why::Budget, Why::Empty, Why::Expired].map(Fate::Dropped);
    assert_eq!((dropped, sim.injected().len()), (why.to_vec(), 1));
}

#[test]
fn each_lane_is_an_item_of_its_own() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |_| {
        let memory = ContextItem { source: "memory".into(), lane: Lane::Memory, ..item("m", "You like tea.") };
        let hint = ContextItem { source: "rates".into(), lane: Lane::Hint, ..item("h", "The rate rose to 9.") };
        vec![(Ms(2), summary(vec![memory, hint, item("a", REVIEW)])), (Ms(2), end())]
    });
    sim.say("when is my review");
    sim.run(Ms(500));
    let injected = sim.injected();
    assert_eq!(injected.len(), 3);
    for (text, part) in injected.iter().zip(["\n[1] Team", "\n[2] Team", "\n[3] Team"]) {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn hints_that_come_late_are_told_in_the_pause_after_the_answer() {
    let mut sim = Sim::connected_with(looking_up());
    sim.far.answers.extend(["one two three four five six", "The rate is nine now [1]."]);
    answering(&mut sim, |_| {
        let hint = ContextItem { source: "rates".into(), lane: Lane::Hint, ..item("h", "The rate rose to 9.") };
        vec![(Ms(2), summary(Vec::new())), (Ms(900), found(vec![hint])), (Ms(901), end())]
    });
    sim.say("hello you");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    sim.run(Ms(1_000));
    assert_eq!((fates(&sim), sim.injected().len()), (vec![Fate::Late], 0));
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    sim.run(Ms(3_000));
    assert!(matches!(fates(&sim)[..], [Fate::Given { .. }]) && sim.injected().len() == 1);
    assert_eq!(sim.transcript()[2], "assistant: The rate is nine now.");
}

#[test]
fn what_is_no_longer_true_is_taken_back_and_what_still_is_stays() {
    let mut sim = Sim::connected_with(looking_up());
    let soon = sim.now.as_millis() as i64 / 1_000 + 30;
    answering(&mut sim, move |_| {
        let short = ContextItem { expires_at: Some(ZERO + soon), ..item("s", "Bus in a moment.") };
        vec![(Ms(2), summary(vec![short, item("a", REVIEW)])), (Ms(2), end())]
    });
    sim.say("when is my review");
    sim.run(Ms(10_000));
    assert!(sim.injected()[0].contains("Bus"));
    sim.run(Ms(30_000));
    let injected = sim.injected();
    assert!(injected.len() == 1 && !injected[0].contains("Bus") && injected[0].contains(REVIEW), "{injected:?}");
    assert!(matches!(fates(&sim)[..], [Fate::Expired, Fate::Given { .. }]));
}

#[test]
fn what_was_given_for_a_turn_is_taken_back_by_the_next_but_one_or_by_something_newer() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |request| match request.turn {
        1 => vec![(Ms(2), summary(vec![item("a", REVIEW)])), (Ms(2), end())],
        4 => vec![(Ms(2), summary(vec![item("b", "Another.")])), (Ms(2), end())],
        5 => vec![(Ms(2), summary(vec![item("c", "A third.")])), (Ms(2), end())],
        _ => vec![(Ms(2), end())],
    });
    let mut counts = Vec::new();
    for _ in 0..5 {
        sim.say("go on then");
        sim.run(Ms(4_000));
        counts.push(sim.injected().len());
    }
    assert_eq!(counts, [1, 1, 0, 1, 1]);
    assert!(sim.injected()[0].contains("A third."));
    assert!(matches!(fates(&sim)[..], [Fate::Expired, Fate::Expired, Fate::Given { .. }]));
}

#[test]
fn what_the_model_still_has_is_not_given_again() {
    let mut sim = Sim::connected_with(looking_up());
    knowing(&mut sim, item("a", REVIEW), Ms(2));
    for _ in 0..4 {
        sim.say("when is my review");
        sim.run(Ms(4_000));
    }
    assert_eq!((sim.injected().len(), sim.count(is_deletion)), (1, 0));
    assert_eq!(fates(&sim)[1..], [Fate::Dropped(Why::Duplicate); 3]);
}

fn is_deletion(effect: &Effect) -> bool {
    matches!(effect, Effect::Send(_, text) if message(text).event.kind() == "conversation.item.delete")
}

#[test]
fn a_new_call_has_none_of_it_and_the_ledger_says_so() {
    let mut sim = Sim::connected_with(looking_up());
    knowing(&mut sim, item("a", REVIEW), Ms(2));
    sim.say("when is my review");
    sim.run(Ms(4_000));
    sim.link(conversation::LinkInput::ChannelClosed);
    assert_eq!(fates(&sim), [Fate::Lost]);
    sim.run(Ms(2_000));
    sim.say("when is it?");
    sim.run(Ms(4_000));
    assert!(matches!(fates(&sim)[..], [Fate::Lost, Fate::Given { .. }]) && sim.injected().len() == 1);
}

#[test]
fn what_was_typed_while_there_was_no_call_is_looked_up_when_it_is_sent() {
    let mut sim = Sim::connected_with(looking_up());
    knowing(&mut sim, item("a", REVIEW), Ms(2));
    sim.link(conversation::LinkInput::ChannelClosed);
    sim.say("when is my review");
    assert!(sim.questions().is_empty());
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!((sim.questions().len(), sim.injected().len()), (1, 1));
}

#[test]
fn house_rules_are_told_to_every_call_before_anything_else() {
    let mut config = looking_up();
    config.context.house_rules = vec!["Be brief.".into(), "x".repeat(10_000)];
    let mut sim = Sim::connected_with(config);
    assert!(sim.injected()[0].ends_with("\n- Be brief.") && sim.injected().len() == 1);
    let lanes: Vec<_> = sim.view().context.iter().map(|row| row.lane).collect();
    assert_eq!(lanes, [Lane::Policy; 2]);
    assert!(matches!(fates(&sim)[..], [Fate::Given { .. }, Fate::Dropped(Why::Budget)]));
    sim.say("hello you");
    sim.run(Ms(4_000));
    sim.link(conversation::LinkInput::ChannelClosed);
    sim.run(Ms(4_000));
    assert!(sim.far.items[0].1.ends_with("\n- Be brief."), "{:?}", sim.far.items);
}

#[test]
fn an_item_that_the_service_refuses_is_no_trouble_of_the_users() {
    let mut sim = Sim::connected_with(looking_up());
    knowing(&mut sim, item("a", REVIEW), Ms(2));
    sim.say("when is my review");
    sim.run(Ms(500));
    let refused = sim.far.items.iter().find(|(id, _)| id.starts_with("ctx")).map(|(id, _)| id.clone());
    sim.far.error("invalid_value", refused);
    sim.emit(serde_json::json!({"type": "rate_limits.updated", "rate_limits": []}));
    sim.run(Ms(100));
    assert_eq!((fates(&sim), sim.notice()), (vec![Fate::Dropped(Why::Refused)], String::new()));
}

#[test]
fn an_answer_that_waits_for_its_context_can_be_stopped() {
    let mut sim = Sim::connected_with(looking_up());
    answering(&mut sim, |_| Vec::new());
    sim.say("when is my review");
    sim.run(Ms(100));
    assert_eq!((sim.view().phase, sim.view().can.interrupt), (Phase::Thinking, true));
    sim.intent(Intent::Interrupt);
    sim.run(Ms(2_000));
    assert_eq!(sim.view().phase, Phase::Listening);
    assert!(!sim.sent().contains(&"response.create".to_owned()));
}

#[test]
fn what_the_user_adds_while_the_answer_waits_comes_first() {
    let mut sim = talk(looking_up());
    answering(&mut sim, |_| Vec::new());
    sim.say("to the coast");
    sim.speak(Ms(1_000));
    sim.run(Ms(190));
    // The service's word that it hears the user comes right before the deadline.
    sim.receive(r#"{"type":"input_audio_buffer.speech_started","item_id":"item_u1","audio_start_ms":0}"#);
    sim.run(Ms(1_000));
    assert!(!sim.sent().contains(&"response.create".to_owned()));
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    assert_eq!(sim.sent().iter().filter(|kind| *kind == "response.create").count(), 1);
}

#[test]
fn the_scratchpad_and_the_zone_go_with_every_question() {
    let mut config = looking_up();
    config.context.zone = Some("Europe/Zurich".into());
    let mut sim = Sim::connected_with(config);
    sim.far.calls.push_back(("note", r#"{"kind":"place","text":"Zurich"}"#.into()));
    sim.say("I am in Zurich");
    sim.run(Ms(6_000));
    sim.say("what is the weather");
    sim.run(Ms(100));
    let (_, question) = sim.questions().pop().unwrap();
    assert_eq!((question.scratchpad.places, question.zone.as_deref()), (vec!["Zurich".into()], Some("Europe/Zurich")));
}
