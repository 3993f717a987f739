//! The server does not know any more who the user is: it is said, nothing is lost, and signing in again goes on.

use crate::server::{answering, end, looking_up, summary};
use crate::sim::{Reply, Sim};
use conversation::{Action, Effect, HttpFailure, Intent, LinkInput, Ms, Phase};
use std::cell::Cell;
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn signed_out() -> HttpFailure {
    let code = Some("login_required".to_owned());
    HttpFailure::Status { status: 401, code, message: None, retry_after: None }
}

fn offered(sim: &Sim) -> Option<Action> {
    sim.view().notice.and_then(|notice| notice.action)
}

#[test]
fn a_talk_that_cannot_go_on_keeps_its_words_until_the_user_is_back() {
    let mut sim = Sim::connected();
    sim.turn();
    let before = sim.transcript();
    sim.keys.push_back(signed_out());
    sim.link(LinkInput::ChannelClosed);
    sim.run_until("given up", |view| view.phase == Phase::Failed);
    assert_eq!(sim.keys.len(), 0, "another key would be refused too");
    assert_eq!((sim.notice().as_str(), offered(&sim)), ("You are signed out", Some(Action::SignIn)));
    sim.intent(Intent::SignIn);
    assert_eq!(sim.count(|effect| *effect == Effect::SignIn), 1);
    assert_eq!(offered(&sim), Some(Action::Connect));
    sim.connect();
    assert_eq!((sim.notice(), sim.transcript()), (String::new(), before));
}

#[test]
fn in_a_call_it_is_said_once_and_the_call_goes_on() {
    let mut sim = Sim::connected_with(looking_up());
    let known = Rc::new(Cell::new(false));
    let told = Rc::clone(&known);
    answering(&mut sim, move |_| {
        if told.get() {
            vec![(Ms(1), summary(Vec::new())), (Ms(1), end())]
        } else {
            vec![(Ms(1), Reply::End(Some(signed_out())))]
        }
    });
    sim.stores = Err(signed_out());
    let answered = |sim: &mut Sim| {
        sim.say("what is new today");
        sim.run_until("the answer", |view| view.phase == Phase::Speaking);
        sim.run_until("its end", |view| view.phase == Phase::Listening);
        sim.run(Ms(1_000));
    };
    answered(&mut sim);
    assert_eq!((sim.notice().as_str(), offered(&sim)), ("You are signed out", Some(Action::SignIn)));
    sim.intent(Intent::Dismiss);
    answered(&mut sim);
    assert_eq!(sim.notice(), "", "it is not said again at every turn");
    let refused = sim.count(|effect| matches!(effect, Effect::Run { .. }));
    known.set(true);
    sim.stores = Ok(());
    answered(&mut sim);
    assert_eq!(refused, 2, "turns are stored again as soon as the user is back");
    assert_eq!(sim.count(|effect| matches!(effect, Effect::Run { .. })), 3);
    known.set(false);
    answered(&mut sim);
    assert_eq!(sim.notice(), "You are signed out", "once more, after it had been well");
    known.set(true);
    answered(&mut sim);
    assert_eq!(sim.notice(), "");
}
