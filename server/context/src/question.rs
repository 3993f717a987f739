//! What a source is asked.

use std::ops::RangeInclusive;

use jiff::{Timestamp, Zoned, civil::Date, fmt::temporal::DateTimeParser, tz::TimeZone};
use protocol::context::{ContextRequest, Scratchpad};

use crate::{
    days::{Reading, When},
    place, words,
};

/// One question to one source: the words, and what is known around them.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who asks; empty when the server knows only one user.
    pub user: String,
    /// Which talk.
    pub talk: String,
    /// Which turn, from 1.
    pub turn: u32,
    /// The words, or for a follow-up what the earlier source named.
    pub query: String,
    /// Whether the words are all there will be.
    pub complete: bool,
    /// The sources that are asked by name, and no others; none: those that fit.
    pub sources: Vec<String>,
    /// Nobody has said a word yet: the query is what the talk was about last.
    pub onset: bool,
    /// What the talk is about so far.
    pub scratchpad: Scratchpad,
    /// Where the user's clock is set; UTC when nobody said.
    pub zone: TimeZone,
    /// Nothing of this talk may be stored or recalled.
    pub private: bool,
    /// When it is asked.
    pub now: Timestamp,
    /// Which source's result named this question; `None` for the user's own.
    pub because_of: Option<String>,
}

impl Question {
    /// A question of nobody in particular, for example for a standing subscription.
    pub fn new(query: impl Into<String>, now: Timestamp) -> Self {
        Self {
            user: String::new(),
            talk: String::new(),
            turn: 0,
            query: query.into(),
            complete: true,
            sources: Vec::new(),
            onset: false,
            scratchpad: Scratchpad::default(),
            zone: TimeZone::UTC,
            private: false,
            now,
            because_of: None,
        }
    }

    /// The question a request asks. A zone that is not [known](zone_named) is taken as UTC.
    pub fn of_request(user: &str, request: &ContextRequest, now: Timestamp) -> Self {
        let onset = words::words(&request.query).is_empty();
        let query = if onset { gist(&request.scratchpad) } else { request.query.clone() };
        Self {
            user: user.to_owned(),
            talk: request.talk.clone(),
            turn: request.turn,
            query: query.chars().take(LONGEST_QUERY).collect(),
            complete: request.complete,
            sources: request.sources.clone(),
            onset,
            scratchpad: request.scratchpad.clone(),
            zone: request.zone.as_deref().and_then(zone_named).unwrap_or(TimeZone::UTC),
            private: request.private,
            now,
            because_of: None,
        }
    }

    /// The same circumstances, another query, named by a source's result.
    #[must_use]
    pub fn follow_up(&self, query: &str, because_of: &str) -> Self {
        Self {
            query: query.chars().take(LONGEST_QUERY).collect(),
            onset: false,
            because_of: Some(because_of.to_owned()),
            ..self.clone()
        }
    }

    /// The same circumstances, and some of the words; the places that all of them name have been spoken of.
    pub(crate) fn part(&self, query: &str) -> Self {
        let mut part = Self { query: query.to_owned(), ..self.clone() };
        part.scratchpad.places.extend(place::all_named_in(&self.query));
        part
    }

    /// Now, on the user's clock.
    pub fn local(&self) -> Zoned {
        self.now.to_zoned(self.zone.clone())
    }

    /// The days the words name, none where they name none, and the words without them; none at all where it is unclear
    /// which days are meant.
    pub fn days(&self) -> Option<(Option<RangeInclusive<Date>>, String)> {
        let reading = Reading::of(&self.query, self.local().datetime());
        match reading.when {
            When::Unsaid => Some((None, reading.rest)),
            When::Said(days) => Some((Some(days.first..=days.last), reading.rest)),
            When::Unclear(_) => None,
        }
    }

    /// The same for questions that differ only in case, punctuation or white space.
    pub fn key(&self) -> String {
        words::normalise(&self.query)
    }

    /// The place the words name ("… in Tokyo tomorrow"), or that "there" means.
    pub fn place(&self) -> Option<String> {
        self.places().into_iter().next()
    }

    /// The places the words name ("… in Porto or in Lisbon"), or the one that "there" means.
    pub fn places(&self) -> Vec<String> {
        let named = place::all_named_in(&self.query);
        if !named.is_empty() || !self.points_there() {
            return named;
        }
        self.scratchpad.places.last().cloned().into_iter().collect()
    }

    /// Whether a place is meant that was spoken of before.
    pub(crate) fn points_there(&self) -> bool {
        place::points_there(&self.query)
    }

    /// The place the words name, else the one the talk mentioned last.
    pub fn place_or_last(&self) -> Option<String> {
        self.place().or_else(|| self.scratchpad.places.last().cloned())
    }
}

/// The zone of this name, as IANA gives it, or at this distance from UTC (`+05:30`).
pub fn zone_named(name: &str) -> Option<TimeZone> {
    DateTimeParser::new().parse_time_zone(name.trim()).ok()
}

/// What a talk was about last: the newest of each kind of note that may still be to come.
fn gist(scratchpad: &Scratchpad) -> String {
    let notes = [&scratchpad.agenda, &scratchpad.todos, &scratchpad.people, &scratchpad.places];
    notes.into_iter().filter_map(|notes| notes.last()).map(String::as_str).collect::<Vec<_>>().join(". ")
}

const LONGEST_QUERY: usize = 2_000;
