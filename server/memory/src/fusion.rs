//! Joining what was found by text, by vector and by link into one order.

use std::collections::BTreeMap;

use crate::Timestamp;

/// One list of memories, best first, each with how well it fits by that list's own measure (0 to 1).
pub(crate) type RankedList = Vec<(i64, f32)>;

/// Joins two lists by the ranks that memories have in them (reciprocal rank fusion), tempered by their own measure.
/// A memory that is first in both with full measure gets 1.
pub(crate) fn fuse(lists: &[RankedList]) -> BTreeMap<i64, f32> {
    let best_possible = lists.len() as f32 / (RANK_OFFSET + 1.0);
    let mut scores = BTreeMap::new();
    for list in lists {
        for (rank, (seq, fit)) in list.iter().enumerate() {
            let score = (0.5 + 0.5 * fit.clamp(0.0, 1.0)) / (RANK_OFFSET + 1.0 + rank as f32);
            *scores.entry(*seq).or_insert(0.0) += score / best_possible;
        }
    }
    scores
}

/// What newness adds: between two that fit equally well the newer one wins, but age hides nothing.
pub(crate) fn freshness(updated: Timestamp, now: Timestamp) -> f32 {
    let days = now.0.saturating_sub(updated.0).max(0) as f64 / 86_400_000.0;
    1.0 - FRESHNESS + FRESHNESS * (-days / 90.0).exp2() as f32
}

/// Damps how much the first ranks stand out. The usual value of the method.
const RANK_OFFSET: f32 = 60.0;
/// The part of a score that age can take away.
const FRESHNESS: f32 = 0.05;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_found_comes_before_what_one_found() {
        let scores = fuse(&[vec![(1, 0.9), (2, 0.9)], vec![(2, 0.9), (3, 0.9)]]);
        assert!(scores[&2] > scores[&1] && scores[&1] > scores[&3]);
        assert!(scores.values().all(|score| (0.0..=1.0).contains(score)));
    }

    #[test]
    fn first_in_both_with_full_measure_is_one() {
        assert!((fuse(&[vec![(1, 1.0)], vec![(1, 1.0)]])[&1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn age_takes_away_little() {
        let year = Timestamp(365 * 86_400_000);
        assert!(freshness(Timestamp(0), year) > 0.95 && freshness(Timestamp(0), year) < 1.0);
        assert!((freshness(year, Timestamp(0)) - 1.0).abs() < 1e-6, "a time in the future is as good as now");
        assert!(freshness(Timestamp(i64::MIN), Timestamp(i64::MAX)) > 0.94);
    }
}
