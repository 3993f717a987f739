//! What the server's operator chose for a talk, as the core wants to know it, with what only this browser knows.

use crate::dom::{unix_at_zero, zone};
use conversation::{ContextPolicy, Ms, Strategy};
use protocol::api::Talk;

/// How things are looked up in a talk.
pub(super) fn policy(talk: Talk) -> ContextPolicy {
    ContextPolicy {
        enabled: talk.strategy != "off",
        strategy: match talk.strategy.as_str() {
            "parallel" => Strategy::Parallel,
            "sequential" => Strategy::Sequential,
            _ => Strategy::Hybrid,
        },
        deadline: Ms(talk.deadline_ms.into()),
        budgets: talk.budgets,
        house_rules: talk.house_rules,
        filler_after: (!talk.filler.is_empty()).then_some(Ms(talk.filler_after_ms.into())),
        filler: talk.filler,
        announce_after: (talk.announce_after_ms > 0).then_some(Ms(talk.announce_after_ms.into())),
        watches: talk.watches,
        zone: zone(),
        unix_at_zero: unix_at_zero(),
        ..ContextPolicy::default()
    }
}

#[cfg(test)]
mod tests {
    use super::policy;
    use conversation::{Ms, Strategy};
    use protocol::api::Talk;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn talk(strategy: &str) -> Talk {
        Talk { strategy: strategy.to_owned(), deadline_ms: 150, filler_after_ms: 900, ..Talk::default() }
    }

    #[test]
    fn every_strategy_is_known_by_its_name_and_off_looks_nothing_up() {
        for (name, strategy) in
            [("parallel", Strategy::Parallel), ("sequential", Strategy::Sequential), ("hybrid", Strategy::Hybrid)]
        {
            let policy = policy(talk(name));
            assert!(policy.enabled && policy.strategy == strategy, "{name}");
        }
        assert!(!policy(talk("off")).enabled);
    }

    #[test]
    fn budgets_and_house_rules_are_the_operators() {
        let mut talk = talk("hybrid");
        talk.budgets.turn = 7;
        talk.house_rules = vec!["Be kind.".to_owned()];
        let policy = policy(talk);
        assert_eq!((policy.budgets.turn, policy.house_rules), (7, vec!["Be kind.".to_owned()]));
    }

    #[test]
    fn an_empty_filler_is_never_said() {
        assert_eq!(policy(talk("hybrid")).filler_after, None);
        let talk = Talk { filler: "Wait.".to_owned(), ..talk("hybrid") };
        assert_eq!(policy(talk).filler_after, Some(Ms(900)));
    }

    #[test]
    fn news_is_told_after_the_quiet_that_the_operator_chose_or_never() {
        assert_eq!(policy(talk("hybrid")).announce_after, None);
        let talk = Talk { announce_after_ms: 2_500, ..talk("hybrid") };
        assert_eq!(policy(talk).announce_after, Some(Ms(2_500)));
    }

    #[test]
    fn the_browser_knows_the_zone_and_the_date() {
        let policy = policy(talk("hybrid"));
        assert!(policy.zone.is_some_and(|zone| !zone.is_empty()));
        assert!(policy.unix_at_zero.is_some_and(|seconds| seconds > 1_700_000_000));
    }
}
