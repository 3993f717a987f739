//! What is remembered of each talk between its requests: the request that runs, what was asked last, what came too late
//! for a turn, and which hints it has had.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::context::{ContextItem, Lane};
use tokio::{task::AbortHandle, time::Instant};

/// All talks, the least recently used ones forgotten.
pub(crate) struct Talks {
    talks: Mutex<BTreeMap<TalkId, Talk>>,
    keep: Duration,
}

/// A user and the user's own name for the talk: no user sees into another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TalkId {
    pub(crate) user: String,
    pub(crate) talk: String,
}

struct Talk {
    used: Instant,
    runs: Option<Run>,
    /// What the newest turn that sources were asked in asks, and the one before it.
    asked: Vec<(u32, String)>,
    late: Vec<(Instant, ContextItem)>,
    /// Ids of hints that the talk has been given.
    hints: BTreeSet<String>,
    follower: Option<Follower>,
    /// How often something of its user's memory was forgotten or changed.
    forgotten: u64,
}

impl Talk {
    /// Whether it is told of news as it comes.
    fn is_told(&self) -> bool {
        self.follower.as_ref().is_some_and(|follower| !follower.0.is_finished())
    }
}

/// A task that tells the talk of hints, and ends with it.
struct Follower(AbortHandle);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Run {
    turn: u32,
    query: String,
    summarised: bool,
    task: AbortHandle,
    number: u64,
}

impl Talks {
    pub(crate) fn new(keep: Duration) -> Self {
        Self { talks: Mutex::default(), keep }
    }

    /// A request begins: it takes the place of the one before, and cancels it if it asks something else and still
    /// could make its turn, or belongs to the same turn. What an earlier turn still waits for after its summary goes
    /// on, for the turn that comes now.
    pub(crate) fn begin(&self, id: &TalkId, turn: u32, query: &str, number: u64, task: AbortHandle) {
        let mut talks = self.lock();
        let entry = entry(&mut talks, id);
        if let Some(old) = entry.runs.replace(Run { turn, query: query.to_owned(), summarised: false, task, number })
            && old.query != query
            && (!old.summarised || old.turn == turn)
        {
            old.task.abort();
        }
    }

    /// The request with this number has given its summary.
    pub(crate) fn summarised(&self, id: &TalkId, number: u64) {
        if let Some(talk) = self.lock().get_mut(id)
            && let Some(run) = talk.runs.as_mut().filter(|run| run.number == number)
        {
            run.summarised = true;
        }
    }

    /// Sources are asked this in a turn.
    pub(crate) fn ask(&self, id: &TalkId, turn: u32, query: &str) {
        if let Some(talk) = self.lock().get_mut(id) {
            talk.asked.retain(|(other, _)| *other != turn);
            talk.asked.push((turn, query.to_owned()));
            let surplus = talk.asked.len().saturating_sub(2);
            talk.asked.drain(..surplus);
        }
    }

    /// What sources were asked last before this turn, as long as it is not many turns ago.
    pub(crate) fn asked_before(&self, id: &TalkId, turn: u32) -> Option<String> {
        let talks = self.lock();
        let recent = |(asked, _): &&(u32, String)| *asked < turn && turn - asked <= MOST_TURNS;
        talks.get(id)?.asked.iter().rev().find(recent).map(|(_, query)| query.clone())
    }

    /// Keeps what came too late.
    pub(crate) fn keep(&self, id: &TalkId, items: &[ContextItem]) {
        let now = Instant::now();
        if let Some(talk) = self.lock().get_mut(id) {
            for item in items {
                talk.late.retain(|(_, kept)| kept.id != item.id || kept.source != item.source);
                talk.late.push((now, item.clone()));
            }
            let surplus = talk.late.len().saturating_sub(MOST_LATE);
            talk.late.drain(..surplus);
        }
    }

    /// What came too late for earlier requests. It stays until [`taken`](Self::taken).
    pub(crate) fn late(&self, id: &TalkId) -> Vec<ContextItem> {
        let now = Instant::now();
        let mut talks = self.lock();
        let Some(talk) = talks.get_mut(id) else { return Vec::new() };
        talk.late.retain(|(at, _)| now.duration_since(*at) < self.keep);
        talk.late.iter().map(|(_, item)| item.clone()).collect()
    }

    /// Something of a user's memory was forgotten or changed: no talk of theirs keeps any of it.
    pub(crate) fn forget_memory(&self, user: &str) {
        for (_, talk) in self.lock().iter_mut().filter(|(id, _)| id.user == user) {
            talk.late.retain(|(_, item)| item.lane != Lane::Memory);
            talk.forgotten += 1;
        }
    }

    /// How often that happened since the talk is known. What was recalled before the last time counts no more.
    pub(crate) fn forgotten(&self, id: &TalkId) -> u64 {
        self.lock().get(id).map_or(0, |talk| talk.forgotten)
    }

    /// The late items and hints that a summary has used are not offered again.
    pub(crate) fn taken(&self, id: &TalkId, late: &[ContextItem], hints: &[ContextItem]) {
        if let Some(talk) = self.lock().get_mut(id) {
            talk.late.retain(|(_, kept)| !late.iter().any(|item| item.id == kept.id && item.source == kept.source));
            talk.hints.extend(hints.iter().map(|hint| hint.id.clone()));
        }
    }

    /// The talk is told of hints by a task from now on, and no more by one before. None, and nothing is begun, where
    /// its user has too many talks that are told.
    pub(crate) fn follow(&self, id: &TalkId, begin: impl FnOnce() -> AbortHandle) -> Option<AbortHandle> {
        let mut talks = self.lock();
        let others = talks.iter().filter(|(other, talk)| other.user == id.user && *other != id && talk.is_told());
        // Nobody in particular may be many.
        if !id.user.is_empty() && others.count() >= MOST_FOLLOWED {
            return None;
        }
        let task = begin();
        entry(&mut talks, id).follower = Some(Follower(task.clone()));
        Some(task)
    }

    /// Those of all its user's hints that the talk has not been given; it is given them now.
    pub(crate) fn take_hints(&self, id: &TalkId, mut hints: Vec<ContextItem>) -> Vec<ContextItem> {
        let mut talks = self.lock();
        let Some(talk) = talks.get_mut(id) else { return Vec::new() };
        talk.used = Instant::now();
        talk.hints.retain(|given| hints.iter().any(|hint| hint.id == *given));
        hints.retain(|hint| talk.hints.insert(hint.id.clone()));
        hints
    }

    /// Those hints that the talk has not been given.
    pub(crate) fn new_hints(&self, id: &TalkId, hints: Vec<ContextItem>) -> Vec<ContextItem> {
        let talks = self.lock();
        let given = talks.get(id).map(|talk| &talk.hints);
        hints.into_iter().filter(|hint| !given.is_some_and(|given| given.contains(&hint.id))).collect()
    }

    /// Forgets a talk and stops what it still asks.
    pub(crate) fn end(&self, id: &TalkId) {
        if let Some(talk) = self.lock().remove(id)
            && let Some(run) = talk.runs
        {
            run.task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TalkId, Talk>> {
        self.talks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is remembered of a talk, which is in use.
fn entry<'a>(talks: &'a mut BTreeMap<TalkId, Talk>, id: &TalkId) -> &'a mut Talk {
    let now = Instant::now();
    if !talks.contains_key(id) {
        make_room(talks, &id.user);
    }
    let fresh = || Talk {
        used: now,
        runs: None,
        asked: Vec::new(),
        late: Vec::new(),
        hints: BTreeSet::new(),
        follower: None,
        forgotten: 0,
    };
    let entry = talks.entry(id.clone()).or_insert_with(fresh);
    entry.used = now;
    entry
}

/// Forgets a talk where there are too many: the least recently used one, and one that is told of news last. Whoever has
/// many loses one of their own.
fn make_room(talks: &mut BTreeMap<TalkId, Talk>, user: &str) {
    let theirs = talks.keys().filter(|id| id.user == user).count();
    // Nobody in particular may be many.
    let has_many = !user.is_empty() && theirs >= MOST_OF_ONE;
    if !has_many && talks.len() < MOST_TALKS {
        return;
    }
    let may_go = talks.iter().filter(|(id, _)| !has_many || id.user == user);
    let oldest = may_go.min_by_key(|(_, talk)| (talk.is_told(), talk.used)).map(|(id, _)| id.clone());
    if let Some(oldest) = oldest {
        talks.remove(&oldest);
    }
}

const MOST_TALKS: usize = 1_000;
const MOST_OF_ONE: usize = 100;
const MOST_LATE: usize = 20;
/// After so many turns another subject is talked of.
const MOST_TURNS: u32 = 3;
const MOST_FOLLOWED: usize = 16;

#[cfg(test)]
mod tests {
    use super::{MOST_OF_ONE, MOST_TALKS, TalkId, Talks};
    use std::time::Duration;

    fn talk(user: &str, number: usize) -> TalkId {
        TalkId { user: user.to_owned(), talk: number.to_string() }
    }

    #[tokio::test]
    async fn whoever_has_many_talks_and_a_crowd_of_nobodies_push_out_nobody_who_is_told_of_news() {
        let talks = Talks::new(Duration::from_secs(60));
        let forever = || tokio::spawn(std::future::pending::<()>()).abort_handle();
        let told = talks.follow(&talk("alice", 0), forever).expect("room");
        let begin = |id| talks.begin(&id, 1, "x", 1, forever());
        (0..2 * MOST_OF_ONE).for_each(|number| begin(talk("bob", number)));
        assert_eq!(talks.lock().len(), MOST_OF_ONE + 1);
        (0..2 * MOST_TALKS).for_each(|number| begin(talk("", number)));
        assert_eq!(talks.lock().len(), MOST_TALKS);
        assert!(talks.lock().contains_key(&talk("alice", 0)) && !told.is_finished());
    }
}
