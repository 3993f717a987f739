//! One request from its start to its last late answer.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use protocol::context::{ContextEvent, ContextItem, Lane};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    Admission, Finding, FollowUp, Question, SourceError,
    breaker::Breaker,
    ellipsis::completed,
    lookup::{Inner, Seat},
    summary::summarise,
    talks::TalkId,
};

pub(crate) struct Round {
    inner: Arc<Inner>,
    question: Arc<Question>,
    id: TalkId,
    number: u64,
    started: Instant,
    events: UnboundedSender<ContextEvent>,
    asked: JoinSet<Answer>,
    /// Sources that have not answered, once for each question.
    waiting: Vec<usize>,
    /// Follow-ups are asked once each.
    followed: BTreeSet<(usize, String)>,
    found: Vec<ContextItem>,
    late: Vec<ContextItem>,
    hints: Vec<ContextItem>,
    summarised: bool,
    /// How often something was forgotten before this began.
    forgotten: u64,
}

struct Answer {
    seat: usize,
    outcome: Result<Finding, SourceError>,
    cached: bool,
    elapsed: Duration,
    depth: u8,
}

impl Round {
    pub(crate) fn new(
        inner: Arc<Inner>,
        question: Question,
        id: TalkId,
        number: u64,
        started: Instant,
        events: UnboundedSender<ContextEvent>,
    ) -> Self {
        Self {
            inner,
            question: Arc::new(question),
            id,
            number,
            started,
            events,
            asked: JoinSet::new(),
            waiting: Vec::new(),
            followed: BTreeSet::new(),
            found: Vec::new(),
            late: Vec::new(),
            hints: Vec::new(),
            summarised: false,
            forgotten: 0,
        }
    }

    /// Runs until every source has answered or reached its own limit. Dropping the future drops all it asks.
    pub(crate) async fn run(mut self) {
        let deadline = self.started + self.inner.settings.deadline;
        self.forgotten = self.inner.talks.forgotten(&self.id);
        self.offer_what_is_there();
        let question = self.whole_question();
        let choices = self.inner.choose(&question);
        if question.sources.is_empty()
            && !question.onset
            && choices.iter().any(|choice| !self.inner.is_memory(choice.seat))
        {
            self.inner.talks.ask(&self.id, question.turn, &question.query);
        }
        for choice in choices {
            let asked =
                choice.part.as_deref().map_or_else(|| Arc::clone(&question), |part| Arc::new(question.part(part)));
            self.send(ContextEvent::Started { source: choice.source, reason: choice.reason });
            self.ask(choice.seat, asked, 0);
        }
        while !self.asked.is_empty() {
            tokio::select! {
                biased;
                () = sleep_until(deadline), if !self.summarised => {
                    self.name_the_late();
                    self.summarise();
                }
                Some(answer) = self.asked.join_next() => {
                    // A task cannot fail: what a source does is caught inside it.
                    if let Ok(answer) = answer {
                        self.take(answer);
                    }
                }
            }
        }
        if !self.summarised {
            self.summarise();
        }
    }

    /// The question, completed by the one before it in the talk if it is but a part of one.
    fn whole_question(&self) -> Arc<Question> {
        let question = &self.question;
        let whole = || {
            let before = self.inner.talks.asked_before(&self.id, question.turn)?;
            completed(&question.query, &before, question.local().datetime())
        };
        match whole().filter(|_| question.sources.is_empty() && !question.onset) {
            Some(query) => Arc::new(Question { query, ..Question::clone(question) }),
            None => Arc::clone(question),
        }
    }

    /// What came too late for an earlier turn, and what subscriptions have to say, unless it has been offered already.
    fn offer_what_is_there(&mut self) {
        let late = self.inner.talks.late(&self.id);
        let fits = |item: &ContextItem| !self.question.private || item.lane != Lane::Memory;
        let late: Vec<ContextItem> = late.into_iter().filter(|item| fits(item) && !self.late.contains(item)).collect();
        let hints = self.inner.talks.new_hints(&self.id, self.inner.hints(&self.question.user, self.question.now));
        let hints: Vec<ContextItem> = hints.into_iter().filter(|hint| !self.hints.contains(hint)).collect();
        let offered: Vec<ContextItem> = late.iter().chain(&hints).cloned().collect();
        self.late.extend(late);
        self.hints.extend(hints);
        found(&offered, true).for_each(|event| self.send(event));
        self.found.extend(offered);
    }

    fn ask(&mut self, seat: usize, question: Arc<Question>, depth: u8) {
        self.waiting.push(seat);
        let inner = Arc::clone(&self.inner);
        self.asked.spawn(async move {
            let started = Instant::now();
            let (outcome, cached) = inner.ask(seat, &question).await;
            Answer { seat, outcome, cached, elapsed: started.elapsed(), depth }
        });
    }

    fn take(&mut self, answer: Answer) {
        let Some(source) = self.inner.name(answer.seat) else { return };
        if let Some(place) = self.waiting.iter().position(|seat| *seat == answer.seat) {
            self.waiting.swap_remove(place);
        }
        let elapsed_ms = milliseconds(answer.elapsed);
        match answer.outcome {
            Ok(finding) => {
                let mut items = self.without_forgotten(finding.items);
                for item in items.iter_mut().filter(|_| answer.depth > 0) {
                    item.relevance *= NAMED;
                }
                if self.summarised {
                    self.inner.talks.keep(&self.id, &items);
                } else {
                    self.found.extend(items.iter().cloned());
                }
                self.send(ContextEvent::Found { source: source.clone(), items, cached: answer.cached, elapsed_ms });
                if !self.summarised {
                    self.follow(&source, finding.follow_ups, answer.depth);
                }
            }
            Err(error) => {
                tracing::debug!(source, %error, elapsed_ms, "a source gave no answer");
                let rests_s = if let SourceError::Resting { rest } = error { Some(seconds(rest)) } else { None };
                self.send(ContextEvent::Failed { source, reason: error.to_string(), elapsed_ms, rests_s });
            }
        }
    }

    /// Asks what a result named, within the same deadline.
    fn follow(&mut self, because_of: &str, follow_ups: Vec<FollowUp>, depth: u8) {
        if depth >= DEEPEST {
            return;
        }
        for follow_up in follow_ups {
            let Some(seat) = self.inner.seat_for(&follow_up.source) else { continue };
            let new = self.followed.len() < self.inner.settings.follow_ups
                && self.followed.insert((seat, follow_up.query.clone()));
            let Some(source) = self.inner.name(seat).filter(|_| new) else { continue };
            self.send(ContextEvent::Started { source, reason: format!("named by {because_of}") });
            self.ask(seat, Arc::new(self.question.follow_up(&follow_up.query, because_of)), depth + 1);
        }
    }

    fn name_the_late(&mut self) {
        let late: BTreeSet<usize> = self.waiting.iter().copied().collect();
        for source in late.into_iter().filter_map(|seat| self.inner.name(seat)) {
            self.send(ContextEvent::Late { source });
        }
    }

    fn summarise(&mut self) {
        // An earlier turn's answer may have come while this one was waiting.
        self.offer_what_is_there();
        self.summarised = true;
        let found = std::mem::take(&mut self.found);
        let found = self.without_forgotten(found);
        let now = self.question.now.as_second();
        let items = summarise(&self.inner.settings.budgets, found, now);
        self.inner.talks.taken(&self.id, &self.late, &self.hints);
        self.inner.talks.summarised(&self.id, self.number);
        let elapsed_ms = milliseconds(self.started.elapsed());
        let query = if self.question.onset { String::new() } else { self.question.query.clone() };
        self.send(ContextEvent::Summary { query, items, elapsed_ms });
    }

    /// What was recalled may have been forgotten in the meantime.
    fn without_forgotten(&self, mut items: Vec<ContextItem>) -> Vec<ContextItem> {
        if self.inner.talks.forgotten(&self.id) != self.forgotten {
            items.retain(|item| item.lane != Lane::Memory);
        }
        items
    }

    fn send(&self, event: ContextEvent) {
        // Nobody listens any more: this task is about to be aborted.
        let _ = self.events.send(event);
    }
}

impl Inner {
    /// The answer of one source, from the cache or from itself, never later than its limit.
    async fn ask(&self, seat: usize, question: &Question) -> (Result<Finding, SourceError>, bool) {
        let Some(place) = self.seats.get(seat) else { return (Err(SourceError::Broken), false) };
        let profile = place.source.profile();
        let asking = self.ask_source(place, question);
        let Some(key) = place.source.cache_key(question) else { return (asking.await, false) };
        let keep = profile.keep.unwrap_or(self.settings.keep);
        // Whoever waits for somebody else's question waits no longer than the own limit.
        timeout(profile.limit, self.answers.get((seat, key), keep, asking))
            .await
            .unwrap_or((Err(SourceError::Timeout), false))
    }

    async fn ask_source(&self, seat: &Seat, question: &Question) -> Result<Finding, SourceError> {
        let trial = Trial::begin(seat)?;
        let profile = seat.source.profile();
        let end = Instant::now() + profile.limit;
        let turn = tokio::time::timeout_at(end, async {
            let all = self.permits.acquire().await;
            (all, seat.permits.acquire().await)
        });
        let Ok((Ok(_all), Ok(_own))) = turn.await else { return Err(SourceError::Busy) };
        let asking = AssertUnwindSafe(async { seat.source.look_up(question).await }).catch_unwind();
        let outcome = match tokio::time::timeout_at(end, asking).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(SourceError::Broken),
            Err(_) => Err(SourceError::Timeout),
        };
        trial.end(&outcome);
        outcome.map(|finding| Finding { items: profile.bounds.apply(finding.items, profile), ..finding })
    }
}

/// One question that the breaker let through; dropped without an end it counts as abandoned.
struct Trial<'a> {
    seat: &'a Seat,
    ended: bool,
}

impl<'a> Trial<'a> {
    fn begin(seat: &'a Seat) -> Result<Self, SourceError> {
        match seat.breaker().admit(Instant::now()) {
            Admission::Ask => Ok(Self { seat, ended: false }),
            Admission::Rest(rest) => Err(SourceError::Resting { rest }),
        }
    }

    fn end(mut self, outcome: &Result<Finding, SourceError>) {
        self.ended = true;
        let mut breaker = self.seat.breaker();
        match outcome {
            Err(error) if error.counts() => breaker.failed(Instant::now()),
            Ok(_) | Err(_) => Breaker::succeeded(&mut breaker),
        }
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.seat.breaker().abandoned(Instant::now());
        }
    }
}

/// What each source has to say of these items.
pub(crate) fn found(items: &[ContextItem], cached: bool) -> impl Iterator<Item = ContextEvent> {
    let sources: BTreeSet<&str> = items.iter().map(|item| item.source.as_str()).collect();
    sources.into_iter().map(move |source| {
        let items = items.iter().filter(|item| item.source == source).cloned().collect();
        ContextEvent::Found { source: source.to_owned(), items, cached, elapsed_ms: 0 }
    })
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// Whole seconds, and at least one.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1_000).max(1)).unwrap_or(u32::MAX)
}

/// A meeting names its place's weather; the weather names nothing further that would make this turn.
const DEEPEST: u8 = 2;
/// How much less what a result named fits the user's words than the result itself.
const NAMED: f32 = 0.8;
