//! The long-term memory as a source of context: a few lines of what the user said before.
//!
//! What is asked about something is recalled by its words. What is asked about nothing in particular ("what did we decide
//! last week", "what's on my to-do list") is answered with the newest of that time and kind.

use crate::config::MEMORY;
use crate::error::causes;
use ::context::{Bounds, Finding, Interests, Known, Profile, Question, Source, SourceError, item};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use memory::{
    Asked, Direction, Kind, Linked, MemoryError, MemoryStore, Newest, Origin, RecallLine, RecallOptions, Relation,
    TalkId, UserId,
};
use protocol::context::{ContextItem, Lane};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// Recalls for the user who asks, and for nobody else. A private talk recalls nothing; personal data is left out unless
/// the server's policy allows it.
pub struct MemorySource {
    profile: Profile,
    store: Arc<dyn MemoryStore>,
    allow_restricted: bool,
}

impl MemorySource {
    /// Recalls from this memory.
    pub fn new(store: Arc<dyn MemoryStore>, allow_restricted: bool) -> Self {
        let mut profile = Profile::new(MEMORY, MEMORY).interested(Interests::in_topics(TOPICS)).in_lane(Lane::Memory);
        profile.bounds = Bounds { items: NEWEST, characters: 600, tokens: 512 };
        profile.limit = Duration::from_secs(1);
        profile.concurrency = 16;
        Self { profile, store, allow_restricted }
    }

    async fn recall(&self, question: &Question) -> Result<Finding, SourceError> {
        let user = UserId::new(question.user.as_str());
        let Some(user) = user.ok().filter(|_| may_recall(question)) else { return Ok(Finding::default()) };
        let at_large = at_large(question).map(|wanted| Newest { allow_restricted: self.allow_restricted, ..wanted });
        if let Some(wanted) = at_large {
            let newest = self.store.newest(&user, &wanted).await.map_err(|error| broken(&error))?;
            // What may have been stored as another kind still has its words. Another time has nothing of this one.
            if !newest.is_empty() || wanted.from > EVER {
                return Ok(to_items(&newest, &question.zone));
            }
        }
        let options = RecallOptions {
            allow_restricted: self.allow_restricted,
            ..RecallOptions::at(memory::Timestamp(question.now.as_millisecond()))
        };
        let recall = self.store.recall(&user, &question.query, &options).await.map_err(|error| broken(&error))?;
        Ok(to_items(&recall.lines, &question.zone))
    }
}

fn broken(error: &MemoryError) -> SourceError {
    tracing::warn!(error = causes(error), "nothing is recalled");
    SourceError::Broken
}

/// What is wanted where a question is about nothing in particular.
fn at_large(question: &Question) -> Option<Newest> {
    let (days, rest) = question.days().filter(|_| !question.onset)?;
    let asked = Asked::of(&rest)?;
    let said = asked.said || asked.remembered;
    let today = question.local().date();
    // The day of a to-do is the one on which it is to be done.
    let is_when = |days: &RangeInclusive<Date>| {
        *days.end() < today || *days.start() <= today && (said || !asked.kinds.contains(&Kind::Todo))
    };
    let days = days.filter(is_when);
    let names = !asked.kinds.is_empty() || asked.remembered || asked.said && (asked.before || days.is_some());
    if !names {
        return None;
    }
    let begins =
        |day: Date| day.to_zoned(question.zone.clone()).map(|at| memory::Timestamp(at.timestamp().as_millisecond()));
    let (from, until) = match days {
        Some(days) => (begins(*days.start()).ok()?, begins(days.end().tomorrow().ok()?).ok()?),
        None => (EVER, memory::Timestamp(i64::MAX)),
    };
    let kinds = if asked.kinds.is_empty() { SAID.into() } else { asked.kinds };
    let not_of = if asked.before { TalkId::new(question.talk.as_str()).ok() } else { None };
    Some(Newest { limit: NEWEST, allow_restricted: false, kinds, from, until, not_of })
}

impl Source for MemorySource {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Anything may have been talked about before, and looking is quick.
    fn knows(&self, question: &Question) -> Option<Known> {
        may_recall(question).then(|| Known { score: 0.3, because: "it may have been said before".to_owned() })
    }

    /// What one user said is never kept for another, nor after it was forgotten.
    fn cache_key(&self, _question: &Question) -> Option<String> {
        None
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.recall(question).boxed()
    }
}

fn may_recall(question: &Question) -> bool {
    !question.private && !question.user.is_empty()
}

fn to_items(lines: &[RecallLine], zone: &TimeZone) -> Finding {
    lines.iter().map(|line| to_item(line, zone)).collect::<Vec<_>>().into()
}

fn to_item(line: &RecallLine, zone: &TimeZone) -> ContextItem {
    let shown = |linked: &&Linked| match linked.kind {
        // The turn is named beside it, and the subject before it.
        Kind::Turn => line.origin.is_none(),
        _ => linked.relation != Relation::About || line.subject.as_ref() != Some(&linked.text),
    };
    let hanging: String = line.linked.iter().filter(shown).map(hangs).collect();
    let date = if line.kind == Kind::Decision { decided(line.created, zone) } else { String::new() };
    let subject = line.subject.as_ref().map(|subject| format!(" about {subject}")).unwrap_or_default();
    let title = format!("{}{subject}{}", named(line.kind), day(line.updated, zone));
    ContextItem {
        attribution: line.turn().map_or_else(|| "your memory".to_owned(), from_turn),
        as_of: line.updated.0.div_euclid(1_000),
        relevance: line.score,
        ..item(line.id.as_str(), title, format!("{}{hanging}{date}", line.text))
    }
}

fn from_turn(Origin { talk, turn }: &Origin) -> String {
    format!("your memory, turn {turn} of talk {talk}")
}

fn day(at: memory::Timestamp, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(at.0).ok();
    at.map(|at| format!(", {}", at.to_zoned(zone.clone()).date())).unwrap_or_default()
}

/// When it was decided is part of what is asked, so it stands in what may be said.
fn decided(at: memory::Timestamp, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(at.0).ok();
    at.map(|at| format!("; decided on {}", at.to_zoned(zone.clone()).strftime("%-d %B %Y"))).unwrap_or_default()
}

fn named(kind: Kind) -> &'static str {
    match kind {
        Kind::Fact => "Fact",
        Kind::Preference => "Preference",
        Kind::Person => "Person",
        Kind::Place => "Place",
        Kind::Project => "Project",
        Kind::Decision => "Decision",
        Kind::Todo => "To-do",
        Kind::Turn => "Said",
    }
}

fn hangs(linked: &Linked) -> String {
    let text: String = linked.text.chars().take(LINKED_CHARS).collect();
    format!("; {}: {text}", how(linked.relation, linked.direction))
}

fn how(relation: Relation, direction: Direction) -> &'static str {
    match (relation, direction) {
        (Relation::DecidedBy, Direction::Outgoing) => "decided by",
        (Relation::DecidedBy, Direction::Incoming) => "decided",
        (Relation::About, Direction::Outgoing) => "about",
        (Relation::About, Direction::Incoming) | (Relation::RelatedTo, _) => "see also",
        (Relation::MentionedIn, Direction::Outgoing) => "said in",
        (Relation::MentionedIn, Direction::Incoming) => "mentions",
        (Relation::Involves, Direction::Outgoing) => "with",
        (Relation::Involves, Direction::Incoming) => "takes part in",
        (Relation::AssignedTo, Direction::Outgoing) => "to be done by",
        (Relation::AssignedTo, Direction::Incoming) => "is to do",
        (Relation::Replaces, Direction::Outgoing) => "instead of",
        (Relation::Replaces, Direction::Incoming) => "replaced by",
    }
}

/// How many of the newest are told.
const NEWEST: usize = 6;
/// What was said, without the entries of those that it names.
const SAID: [Kind; 5] = [Kind::Fact, Kind::Preference, Kind::Decision, Kind::Todo, Kind::Turn];
/// Before anything was.
const EVER: memory::Timestamp = memory::Timestamp(i64::MIN);
const LINKED_CHARS: usize = 120;

/// Words by which somebody plainly asks for what was said before.
const TOPICS: [&str; 12] = [
    "remember",
    "recall",
    "remind",
    "decide",
    "decision",
    "agree",
    "last time",
    "last week",
    "yesterday",
    "earlier",
    "we talked",
    "i said",
];
