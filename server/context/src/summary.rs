//! All that made the deadline, without repetition, best first, within each lane's budget.

use std::collections::BTreeSet;

use protocol::context::{Budgets, ContextItem};

use crate::words::normalise;

/// Ranked by lane, then by how well an item fits, then by freshness; the same fact once; within each budget.
pub(crate) fn summarise(budgets: &Budgets, items: Vec<ContextItem>, now: i64) -> Vec<ContextItem> {
    let mut items: Vec<ContextItem> =
        items.into_iter().filter(|item| item.expires_at.is_none_or(|end| end > now)).collect();
    items.sort_by(|one, other| {
        let by_lane = one.lane.cmp(&other.lane);
        by_lane.then(other.relevance.total_cmp(&one.relevance)).then(other.as_of.cmp(&one.as_of))
    });
    let mut spent = [0_u32; 4];
    let mut ids = BTreeSet::new();
    let mut texts: Vec<String> = Vec::new();
    items.retain(|item| {
        let text = normalise(&item.text);
        if !ids.insert((item.source.clone(), item.id.clone())) || repeats(&text, &texts) {
            return false;
        }
        let Some(spent) = spent.get_mut(item.lane as usize) else { return false };
        let fits = spent.saturating_add(item.tokens) <= budgets.of(item.lane);
        if fits {
            *spent += item.tokens;
            texts.push(text);
        }
        fits
    });
    items
}

/// Whether a text is one of those already taken, or a long part of one.
fn repeats(text: &str, taken: &[String]) -> bool {
    taken.iter().any(|other| other == text || (text.len() >= LONG && other.contains(text)))
}

const LONG: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item;
    use protocol::context::Lane;

    fn fact(id: &str, lane: Lane, relevance: f32, tokens: u32) -> ContextItem {
        ContextItem { lane, relevance, tokens, ..item(id, "", format!("fact {id}")) }
    }

    fn ids(items: &[ContextItem]) -> Vec<&str> {
        items.iter().map(|item| item.id.as_str()).collect()
    }

    #[test]
    fn lanes_come_in_order_and_the_best_first() {
        let items = vec![
            fact("hint", Lane::Hint, 1.0, 1),
            fact("weak", Lane::Turn, 0.2, 1),
            fact("rule", Lane::Policy, 0.1, 1),
            fact("strong", Lane::Turn, 0.9, 1),
        ];
        assert_eq!(ids(&summarise(&Budgets::default(), items, 0)), ["rule", "strong", "weak", "hint"]);
    }

    #[test]
    fn no_lane_passes_its_budget_and_a_smaller_item_may_still_fit() {
        let items = vec![
            fact("big", Lane::Hint, 0.9, 200),
            fact("too big", Lane::Hint, 0.8, 100),
            fact("small", Lane::Hint, 0.7, 50),
        ];
        assert_eq!(ids(&summarise(&Budgets::default(), items, 0)), ["big", "small"]);
    }

    #[test]
    fn the_same_fact_is_said_once() {
        let long = "the deadline of the project falcon is the third of december";
        let items = vec![
            item("a", "", format!("We noted that {long}.")),
            item("b", "", long),
            item("c", "", format!("{long}!")),
            item("a", "", "another text under the same id"),
        ];
        assert_eq!(ids(&summarise(&Budgets::default(), items, 0)), ["a"]);
    }

    #[test]
    fn what_is_no_longer_true_is_left_out() {
        let past = ContextItem { expires_at: Some(99), ..item("past", "", "past") };
        assert!(summarise(&Budgets::default(), vec![past], 100).is_empty());
    }
}
