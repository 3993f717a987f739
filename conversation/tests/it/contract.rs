//! The contract with the shell: one mutation, then the drain.

use conversation::{Config, Conversation, Input, Intent, Ms, Phase, Time};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn core() -> Conversation {
    Conversation::new(Config::default(), 1)
}

#[test]
#[cfg(all(debug_assertions, not(target_arch = "wasm32")))]
#[should_panic(expected = "poll_effect must be drained")]
fn a_second_mutation_before_the_drain_is_a_fault_of_the_shell() {
    let mut core = core();
    core.handle_input(Time::ZERO, Input::Intent(Intent::Connect));
    core.handle_timeout(Time::ZERO);
}

#[test]
fn the_same_inputs_at_the_same_times_give_the_same_effects() {
    let run = || {
        let mut core = core();
        core.handle_input(Time::ZERO, Input::Intent(Intent::Connect));
        let mut effects: Vec<_> = std::iter::from_fn(|| core.poll_effect()).collect();
        while let Some((at, _)) = core.poll_timeout() {
            core.handle_timeout(at);
            effects.extend(std::iter::from_fn(|| core.poll_effect()));
        }
        assert_eq!(core.view().phase, Phase::Failed, "nobody ever answers");
        effects
    };
    assert_eq!(run(), run());
}

#[test]
fn a_clock_that_runs_backwards_changes_nothing() {
    let mut core = core();
    core.handle_input(Time::ZERO + Ms(1_000), Input::Intent(Intent::Connect));
    while core.poll_effect().is_some() {}
    let armed = core.poll_timeout();
    core.handle_timeout(Time::ZERO);
    assert_eq!((core.poll_timeout(), core.poll_effect()), (armed, None));
}

#[test]
fn a_timeout_that_comes_early_is_harmless() {
    let mut core = core();
    core.handle_timeout(Time::ZERO);
    assert_eq!((core.poll_effect(), core.poll_timeout()), (None, None));
}
