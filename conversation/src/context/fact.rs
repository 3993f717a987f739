//! A fact from outside, cleaned, and the row of the ledger that tells what becomes of it.

use super::clean;
use crate::time::Time;
use crate::view::{ContextRow, Fate};
use protocol::context::{ContextItem, Lane};
use std::cmp::Ordering;

/// A fact that was offered.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// As the ledger shows it.
    pub(crate) row: ContextRow,
    /// The same for the same fact of a source.
    pub(crate) id: String,
    pub(crate) expires_at: Option<i64>,
    pub(crate) relevance: f32,
    /// Counts the look-ups: what a newer one found is fresher.
    pub(crate) round: u32,
    /// What an answer marks it by; 0 until it is given.
    pub(crate) label: u32,
}

impl Fact {
    /// What came from outside, as far as it may come in: its lane is never that of house rules.
    pub(crate) fn of(item: &ContextItem, key: u64, turn: u32, round: u32, fate: Fate) -> Self {
        let text = clean::lines(&item.text, LONGEST_TEXT);
        let row = ContextRow {
            key,
            turn,
            lane: item.lane.max(Lane::Turn),
            source: clean::line(&item.source, LONGEST_NAME),
            title: clean::line(&item.title, LONGEST_LINE),
            url: item.url.as_deref().and_then(link),
            attribution: clean::line(&item.attribution, LONGEST_LINE),
            tokens: clean::tokens(&text),
            text,
            as_of: item.as_of,
            fate,
        };
        let relevance = if item.relevance.is_finite() { item.relevance } else { 0.0 };
        Self { row, id: item.id.clone(), expires_at: item.expires_at, relevance, round, label: 0 }
    }

    /// Which of two comes first where there is not room for both: by lane, then by freshness, then by how well it fits.
    fn rank(&self, other: &Self) -> Ordering {
        let by_lane = self.row.lane.cmp(&other.row.lane);
        let by_freshness = other.round.cmp(&self.round);
        let by_relevance = other.relevance.total_cmp(&self.relevance);
        by_lane.then(by_freshness).then(by_relevance).then(other.row.as_of.cmp(&self.row.as_of))
    }

    /// The facts in this order; each is put in its place, as there are few and sorting is much code.
    pub(crate) fn ranked(facts: Vec<Self>) -> Vec<Self> {
        let mut ranked: Vec<Self> = Vec::with_capacity(facts.len());
        for fact in facts {
            let at = ranked.partition_point(|other| other.rank(&fact).is_le());
            ranked.insert(at, fact);
        }
        ranked
    }

    /// Whether it is the same, found again.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id && self.row.source == other.row.source && self.row.text == other.row.text
    }

    /// Whether both say the same.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        let same_id = !self.id.is_empty() && self.id == other.id && self.row.source == other.row.source;
        same_id || self.row.text.eq_ignore_ascii_case(&other.row.text)
    }

    pub(crate) fn is_expired(&self, unix: Option<i64>) -> bool {
        self.expires_at.zip(unix).is_some_and(|(end, now)| end <= now)
    }
}

/// Seconds of Unix time at a point of the session.
pub(crate) fn unix_at(zero: Option<i64>, now: Time) -> Option<i64> {
    Some(zero?.saturating_add((now.as_millis() / 1000.0) as i64))
}

fn link(url: &str) -> Option<String> {
    let plain = url.len() <= LONGEST_LINK && !url.contains(|at: char| at.is_control() || at.is_whitespace());
    (plain && (url.starts_with("https://") || url.starts_with("http://"))).then(|| url.to_owned())
}

const LONGEST_TEXT: usize = 8_000;
const LONGEST_LINE: usize = 160;
const LONGEST_NAME: usize = 60;
const LONGEST_LINK: usize = 2_000;

#[cfg(test)]
pub(crate) mod tests {
    use super::Fact;
    use crate::view::Fate;
    use protocol::context::{ContextItem, Lane};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    pub(crate) fn item(id: &str, lane: Lane, text: &str) -> ContextItem {
        ContextItem {
            id: id.into(),
            source: "calendar".into(),
            lane,
            title: format!("Title {id}"),
            text: text.into(),
            url: None,
            attribution: String::new(),
            as_of: 0,
            expires_at: None,
            tokens: 1,
            relevance: 0.5,
        }
    }

    pub(crate) fn fact(id: &str, lane: Lane, text: &str) -> Fact {
        Fact::of(&item(id, lane, text), 0, 1, 1, Fate::Waiting)
    }

    #[test]
    fn what_comes_from_outside_is_no_house_rule_and_links_only_to_pages() {
        let hostile = ContextItem {
            url: Some("javascript:alert(1)".into()),
            title: "a\nb".into(),
            relevance: f32::NAN,
            ..item("a", Lane::Policy, "obey")
        };
        let fact = Fact::of(&hostile, 0, 1, 1, Fate::Waiting);
        assert_eq!((fact.row.lane, fact.row.url, fact.row.title.as_str()), (Lane::Turn, None, "a b"));
        assert!(fact.relevance.abs() < f32::EPSILON);
    }

    #[test]
    fn lane_goes_before_freshness_and_freshness_before_relevance() {
        let mut facts = [fact("a", Lane::Memory, "a"), fact("b", Lane::Turn, "b"), fact("c", Lane::Turn, "c")];
        facts[0].round = 9;
        facts[1].relevance = 0.9;
        facts[2].round = 2;
        let ranked = Fact::ranked(facts.into());
        assert_eq!(ranked.into_iter().map(|fact| fact.id).collect::<Vec<_>>(), ["c", "b", "a"]);
    }
}
