//! "Keep me updated on …": watched by our server, followed for as long as there is a call, and told at a pause.

use crate::server::{ZERO, end, found, item, looking_up, with_strategy};
use crate::sim::{Reply, Sim};
use conversation::{
    Config, Effect, Errand, Fate, HttpFailure, Input, Intent, LinkInput, LookUpId, Ms, Phase, Strategy, Time,
};
use protocol::context::{ContextItem, Lane};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NEWS: &str = "The oven has 200 degrees.";

fn watched() -> Config {
    let mut config = looking_up();
    config.context.watches = true;
    config
}

/// A talk of somebody for whom something is watched, and the look-up that follows it.
fn following() -> (Sim, LookUpId) {
    let mut sim = Sim::with(watched());
    sim.server = Box::new(|request| if request.follow { Vec::new() } else { vec![(Ms(0), end())] });
    sim.connect();
    let id = *sim.asking.first().expect("something is followed");
    (sim, id)
}

fn hint(id: &str, text: &str) -> ContextItem {
    ContextItem { source: "the oven".into(), lane: Lane::Hint, title: "Oven".into(), ..item(id, text) }
}

/// Our server tells what it has found.
fn tell(sim: &mut Sim, id: LookUpId, items: Vec<ContextItem>) {
    let Reply::Event(event) = found(items) else { return };
    sim.tell(Input::Context(id, event));
}

fn fates(sim: &Sim) -> Vec<Fate> {
    sim.view().context.iter().map(|row| row.fate).collect()
}

fn announced(sim: &Sim) -> usize {
    sim.far.orders.iter().filter(|order| order.starts_with("Tell the news")).count()
}

/// When answers were asked for since `begin`.
fn asked_since(sim: &Sim, begin: Time) -> Vec<Ms> {
    let asked = sim.effects.iter().filter(|(at, effect)| match effect {
        Effect::Send(_, text) => *at >= begin && text.contains("response.create"),
        _ => false,
    });
    asked.map(|(at, _)| *at - begin).collect()
}

#[test]
fn the_model_has_something_watched_and_is_told_where() {
    let mut config = looking_up();
    config.context.zone = Some("Europe/Zurich".to_owned());
    let mut sim = Sim::connected_with(config);
    sim.far.calls.push_back(("watch", r#"{"query":"the oven","change":5}"#.to_owned()));
    sim.say("keep me updated on the oven");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    let body = r#"{"zone":"Europe/Zurich","query":"the oven","change":5}"#;
    assert_eq!(sim.errands(), [Errand::Watch(body.to_owned())]);
    assert_eq!(sim.far.outputs, ["Watching the oven every minute."]);
    let followed = sim.questions().into_iter().filter(|(_, question)| question.follow).count();
    assert_eq!(followed, 1, "now there is something to follow");
}

#[test]
fn what_cannot_be_watched_is_told_with_the_servers_reason() {
    let refused = |message: Option<&str>| HttpFailure::Status {
        status: 400,
        code: None,
        message: message.map(str::to_owned),
        retry_after: None,
    };
    for (watches, call, told) in [
        (Err(refused(Some("No source fits that."))), "watch", "No source fits that."),
        (Err(HttpFailure::Unreachable), "watch", "It could not be done. Say so."),
        (Ok("nonsense"), "watch", "It is watched."),
        (Ok(""), "unwatch", "It is watched no more."),
        (Err(refused(None)), "unwatch", "It could not be done. Say so."),
    ] {
        let mut sim = Sim::connected_with(looking_up());
        sim.watches = watches;
        sim.far.calls.push_back((call, r#"{"query":"the oven"}"#.to_owned()));
        sim.say("do it please");
        sim.run_until("the answer", |view| view.phase == Phase::Speaking);
        assert_eq!(sim.far.outputs, [told]);
    }
}

#[test]
fn news_is_told_unasked_when_nobody_has_said_anything_for_a_moment() {
    let (mut sim, id) = following();
    sim.far.answers.push_back("It has two hundred degrees [1].");
    let begin = sim.now;
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run(Ms(900));
    assert_eq!((fates(&sim), sim.injected().len()), (vec![Fate::Waiting], 0));
    sim.run(Ms(8_000));
    assert_eq!((announced(&sim), asked_since(&sim, begin)), (1, vec![Ms(1_000)]));
    assert!(
        sim.injected()[0].starts_with("News that the user wants to be told of.") && sim.injected()[0].contains(NEWS)
    );
    assert_eq!(sim.transcript(), ["assistant: It has two hundred degrees."]);
    let view = sim.view();
    let row = view.transcript.last().expect("a row");
    assert_eq!(row.citations.first().map(|cited| cited.source.as_str()), Some("the oven"));
    assert!(matches!(fates(&sim)[..], [Fate::Given { at, .. }] if at == begin + Ms(1_000)));
    assert_eq!((sim.record().kind.as_str(), sim.record().outcome.as_str()), ("told", "answered"));
    assert!(sim.errands().is_empty(), "it is no turn of the user's that could be remembered");
}

#[test]
fn news_interrupts_nobody_and_goes_with_the_users_turn() {
    let (mut sim, id) = following();
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run(Ms(800));
    sim.speak(Ms(1_500));
    sim.run(Ms(2_400));
    assert!(announced(&sim) == 0 && sim.injected()[0].contains(NEWS), "it was given at the gate");
    sim.run_until("the answer", |view| view.phase == Phase::Speaking);
    tell(&mut sim, id, vec![hint("b", "The oven has 250 degrees.")]);
    sim.run_until("its end", |view| view.phase == Phase::Listening);
    let over = sim.now;
    sim.run(Ms(5_000));
    assert_eq!(announced(&sim), 1);
    let waited = asked_since(&sim, over)[0];
    assert!((Ms(1_000)..Ms(1_300)).contains(&waited), "{waited:?} after the answer");
    assert!(sim.injected().iter().all(|text| !text.contains(NEWS)), "what is no longer true was taken back");
}

#[test]
fn who_types_is_not_interrupted_either() {
    let (mut sim, id) = following();
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    for _ in 0..5 {
        sim.run(Ms(900));
        sim.intent(Intent::Typing);
    }
    let last = sim.now;
    assert_eq!(announced(&sim), 0);
    sim.run(Ms(10_000));
    assert_eq!(asked_since(&sim, last), [Ms(4_000)]);
}

#[test]
fn somebody_who_is_muted_or_keeps_the_talk_private_is_told_too() {
    let (mut sim, id) = following();
    sim.intent(Intent::Mute(true));
    sim.intent(Intent::KeepPrivate(true));
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run(Ms(5_000));
    assert_eq!(announced(&sim), 1);
}

#[test]
fn of_what_changed_twice_before_it_could_be_told_only_the_newest_is() {
    let (mut sim, id) = following();
    tell(&mut sim, id, vec![hint("a", NEWS), ContextItem { title: "Stove".into(), ..hint("s", "The stove is on.") }]);
    tell(&mut sim, id, vec![hint("b", "The oven has 250 degrees.")]);
    tell(&mut sim, id, vec![hint("b", "The oven has 250 degrees.")]);
    sim.run(Ms(5_000));
    let given = |fate: &Fate| matches!(fate, Fate::Given { .. });
    assert_eq!(fates(&sim).iter().map(given).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!((fates(&sim)[0], announced(&sim)), (Fate::Expired, 1));
}

#[test]
fn what_is_no_longer_true_at_the_pause_is_not_told() {
    let (mut sim, id) = following();
    let now = ZERO + sim.now.as_millis() as i64 / 1_000;
    sim.intent(Intent::Typing);
    tell(&mut sim, id, vec![ContextItem { expires_at: Some(now + 2), ..hint("a", NEWS) }]);
    sim.run(Ms(10_000));
    assert_eq!((announced(&sim), sim.injected().len()), (0, 0));
}

#[test]
fn switched_off_it_waits_for_the_users_turn() {
    let mut config = watched();
    config.context.announce_after = None;
    let mut sim = Sim::with(config);
    sim.server =
        Box::new(
            |request| {
                if request.follow { vec![(Ms(9_000), found(vec![hint("a", NEWS)]))] } else { vec![(Ms(0), end())] }
            },
        );
    sim.connect();
    sim.run(Ms(60_000));
    assert_eq!((announced(&sim), fates(&sim)), (0, vec![Fate::Waiting]));
    sim.say("and now?");
    sim.run(Ms(500));
    assert!(sim.injected()[0].contains(NEWS));
}

#[test]
fn the_news_itself_can_be_interrupted() {
    let (mut sim, id) = following();
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run_until("the news", |view| view.phase == Phase::Speaking);
    sim.run(Ms(400));
    sim.far.says.push_back("thank you that is enough");
    sim.speak(Ms(1_000));
    sim.run(Ms(2_000));
    sim.run_until("the answer is over", |view| view.phase == Phase::Listening);
    sim.run(Ms(5_000));
    let outcomes: Vec<_> = sim.records().iter().map(|record| (record.kind.clone(), record.outcome.clone())).collect();
    assert_eq!(outcomes, [("told", "interrupted"), ("spoken", "answered")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(announced(&sim), 1);
}

#[test]
fn news_that_the_service_does_not_tell_is_no_failure() {
    let (mut sim, id) = following();
    sim.far.manner = crate::far::Manner::Never;
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run(Ms(20_000));
    assert_eq!(
        (sim.notice(), sim.view().phase, asked_since(&sim, Time::ZERO).len()),
        (String::new(), Phase::Listening, 1)
    );
    sim.far.manner = crate::far::Manner::Spoken;
    sim.turn();
    assert_eq!(sim.record().outcome, "answered");
}

#[test]
fn a_call_that_is_lost_before_news_is_heard_owes_no_answer() {
    let (mut sim, id) = following();
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run(Ms(1_010));
    assert_eq!((sim.view().phase, fates(&sim).len()), (Phase::Thinking, 1));
    sim.link(LinkInput::ChannelClosed);
    sim.run(Ms(20_000));
    assert_eq!((sim.view().phase, fates(&sim)), (Phase::Listening, vec![Fate::Lost]));
    assert_eq!(asked_since(&sim, Time::ZERO).len(), 1);
}

#[test]
fn what_is_followed_is_let_go_with_the_call_and_followed_again_by_the_next() {
    let (mut sim, id) = following();
    sim.link(LinkInput::ChannelClosed);
    assert!(!sim.asking.contains(&id));
    tell(&mut sim, id, vec![hint("a", NEWS)]);
    sim.run_until("another call", |view| view.phase == Phase::Listening);
    assert!(sim.asking.len() == 1 && fates(&sim).is_empty(), "what comes late is dropped");
    sim.intent(Intent::Disconnect);
    assert_eq!((sim.asking.len(), sim.core.poll_timeout()), (0, None));
}

#[test]
fn an_answer_that_ends_is_followed_again_with_growing_pauses() {
    let (mut sim, id) = following();
    let begin = sim.now;
    sim.server = Box::new(|_| vec![(Ms(0), Reply::End(Some(HttpFailure::Unreachable)))]);
    sim.tell(Input::ContextEnded(id, None));
    sim.run(Ms(60_000));
    let again: Vec<Ms> =
        sim.questions().iter().map(|(at, _)| *at).filter(|at| *at > begin).map(|at| at - begin).collect();
    let pauses: Vec<u64> = again.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(again[0] < Ms(2_000) && pauses.windows(2).all(|pair| pair[1] > pair[0]), "{pauses:?}");
    assert!((4..8).contains(&again.len()), "{again:?}");
}

#[test]
fn one_that_the_server_refuses_is_not_asked_for_again() {
    let (mut sim, id) = following();
    let refusal = HttpFailure::Status { status: 403, code: None, message: None, retry_after: None };
    sim.tell(Input::ContextEnded(id, Some(refusal)));
    sim.run(Ms(600_000));
    assert!(sim.asking.is_empty());
}

#[test]
fn one_that_does_not_know_who_asks_is_asked_again() {
    let (mut sim, id) = following();
    let code = Some("login_required".to_owned());
    sim.tell(Input::ContextEnded(
        id,
        Some(HttpFailure::Status { status: 401, code, message: None, retry_after: None }),
    ));
    sim.run(Ms(10_000));
    assert_eq!(sim.asking.len(), 1);
}

#[test]
fn with_every_strategy_news_is_told() {
    for strategy in [Strategy::Parallel, Strategy::Sequential, Strategy::Hybrid] {
        let mut config = with_strategy(strategy);
        config.context.watches = true;
        let mut sim = Sim::with(config);
        sim.server = Box::new(|request| if request.follow { Vec::new() } else { vec![(Ms(0), end())] });
        sim.connect();
        let id = *sim.asking.first().expect("something is followed");
        tell(&mut sim, id, vec![hint("a", NEWS)]);
        sim.run(Ms(9_000));
        assert_eq!((announced(&sim), sim.record().kind.as_str()), (1, "told"), "{strategy:?}");
    }
}

#[test]
fn without_anything_watched_nothing_is_followed() {
    for config in [looking_up(), Config::default()] {
        let sim = Sim::connected_with(config);
        assert!(sim.questions().is_empty());
    }
}
