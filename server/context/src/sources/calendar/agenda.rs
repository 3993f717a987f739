//! The events of a calendar, and the words by which they are called.

use std::collections::BTreeMap;

use super::{ics::Event, wish::Wish};
use crate::{language::fold, words::terms};

/// Events with an index of their titles and people.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    pub(super) events: Vec<Event>,
    named: BTreeMap<String, Vec<usize>>,
}

impl Agenda {
    pub(super) fn of(events: Vec<Event>) -> Self {
        let mut named = BTreeMap::<String, Vec<usize>>::new();
        for (index, event) in events.iter().enumerate().filter(|(_, event)| !event.cancelled) {
            for term in terms(&fold(&format!("{} {}", event.summary, event.people.join(" ")))) {
                named.entry(term).or_default().push(index);
            }
        }
        named.values_mut().for_each(Vec::dedup);
        Self { events, named }
    }

    /// An event that most of what a question names is the name of, and that can answer it. Where something is, or when
    /// it is in a town, is asked of other things as well: a town alone is no event.
    pub(super) fn named_by(&self, wish: &Wish) -> Option<&Event> {
        let subject = wish.subject()?;
        let mut hits = BTreeMap::<usize, usize>::new();
        for index in subject.iter().filter_map(|stem| self.named.get(*stem)).flatten() {
            *hits.entry(*index).or_default() += 1;
        }
        let most = hits.into_iter().filter(|(_, count)| count * 2 > subject.len());
        let mut found = most.filter_map(|(index, count)| Some((count, self.events.get(index)?))).collect::<Vec<_>>();
        found.retain(|(_, event)| !wish.asks_where || !event.location.is_empty());
        found.into_iter().max_by_key(|(count, _)| *count).map(|(_, event)| event)
    }
}
