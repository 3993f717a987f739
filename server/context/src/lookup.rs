//! The engine: holds the sources and answers requests.

use std::{
    collections::BTreeSet,
    pin::Pin,
    slice::from_ref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;
use jiff::Timestamp;
use memory::HashingEmbedder;
use protocol::context::{Budgets, ContextEvent, ContextItem, ContextRequest, Lane};
use tokio::{
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::AbortHandle,
    time::{Instant, timeout},
};

use crate::{
    Breaker, BreakerState, Choice, Embedder, Question, Rest, Source, Standing,
    cache::Answers,
    clean_line,
    round::{Round, found},
    router::{Router, is_in, is_named},
    talks::{TalkId, Talks},
    words::{normalise, terms, words},
};

/// What holds for all sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// When the summary is due; 200 ms.
    pub deadline: Duration,
    /// How long answers are kept; 5 minutes.
    pub keep: Duration,
    /// How long "nothing found" and failures are kept; 10 s.
    pub keep_negative: Duration,
    /// How long what came too late is offered to a talk's next turns; 10 minutes.
    pub keep_late: Duration,
    /// How many sources one question is put to at most, memory not counted; 5.
    pub sources: usize,
    /// How many follow-up questions one request may lead to; 4.
    pub follow_ups: usize,
    /// How many questions may be out at the same time, of all talks together; 32.
    pub concurrency: usize,
    /// How often a source is asked that a user wants watched, unless the user says so; 60 s.
    pub watch_every: Duration,
    /// When a source is rested.
    pub rest: Rest,
    /// How much a summary may hold.
    pub budgets: Budgets,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(200),
            keep: Duration::from_secs(300),
            keep_negative: Duration::from_secs(10),
            keep_late: Duration::from_secs(600),
            sources: 5,
            follow_ups: 4,
            concurrency: 32,
            watch_every: Duration::from_secs(60),
            rest: Rest::default(),
            budgets: Budgets::default(),
        }
    }
}

/// Looks things up. Cloning is cheap; the last clone to go stops the subscriptions.
#[derive(Clone)]
pub struct Lookup {
    users: Arc<Users>,
}

/// Collects what a [`Lookup`] is made of.
pub struct Builder {
    settings: Settings,
    sources: Vec<Arc<dyn Source>>,
    standing: Vec<Standing>,
    embedder: Arc<dyn Embedder>,
    clock: Clock,
}

pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Builder {
    /// One more source.
    #[must_use]
    pub fn source(mut self, source: Arc<dyn Source>) -> Self {
        self.sources.push(source);
        self
    }

    /// One more subscription.
    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Self {
        self.standing.push(standing);
        self
    }

    /// Another measure of likeness than the hashing one.
    #[must_use]
    pub fn embedder(mut self, embedder: Arc<dyn Embedder>) -> Self {
        self.embedder = embedder;
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts the subscriptions; must be called inside a tokio runtime if there are any.
    pub fn build(self) -> Lookup {
        let Self { settings, sources, standing, embedder, clock } = self;
        let longest = sources.iter().filter_map(|source| source.profile().keep).fold(settings.keep, Duration::max);
        let inner = Inner {
            router: Router::new(&sources, embedder, settings.sources),
            seats: sources.iter().map(|source| Seat::new(Arc::clone(source), settings.rest)).collect(),
            answers: Answers::new(2_000, longest, settings.keep_negative),
            talks: Talks::new(settings.keep_late),
            permits: Semaphore::new(settings.concurrency.max(1)),
            requests: AtomicU64::new(0),
            sources,
            watches: Watches::default(),
            news: watch::Sender::new(()),
            clock,
            settings,
        };
        let lookup = Lookup { users: Arc::new(Users(Arc::new(inner))) };
        for standing in standing {
            lookup.begin(standing);
        }
        lookup
    }
}

impl Lookup {
    /// Begins with these settings and no source.
    pub fn builder(settings: Settings) -> Builder {
        Builder {
            settings,
            sources: Vec::new(),
            standing: Vec::new(),
            embedder: Arc::new(HashingEmbedder::new()),
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Looks up what a request asks, for a user (empty where there is only one). Must be called inside a tokio runtime.
    ///
    /// The stream ends when every source has answered or reached its own limit; dropping it stops them. It ends
    /// without a summary when a newer request of the same talk, with another query, takes its place.
    pub fn look_up(&self, user: &str, request: ContextRequest) -> Events {
        let started = Instant::now();
        let question = Question::of_request(user, &request, (self.users.0.clock)());
        let id = TalkId { user: user.to_owned(), talk: request.talk };
        let number = self.users.0.requests.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = unbounded_channel();
        let (query, turn) = (question.key(), question.turn);
        for event in self.users.0.unknown(&question.sources) {
            let _ = sender.send(event);
        }
        let round = Round::new(Arc::clone(&self.users.0), question, id.clone(), number, started, sender);
        // The talk must know the request before it runs, and the task exists before the talk can know it.
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            if gone.await.is_ok() {
                round.run().await;
            }
        });
        self.users.0.talks.begin(&id, turn, &query, number, task.abort_handle());
        let _ = go.send(());
        Events { receiver, task: task.abort_handle(), _users: Arc::clone(&self.users) }
    }

    /// Which sources a query would be put to, and why.
    pub fn explain(&self, query: &str) -> Vec<Choice> {
        self.users.0.choose(&Question::new(query, (self.users.0.clock)()))
    }

    /// What subscriptions have to say to a user now.
    pub fn hints(&self, user: &str) -> Vec<ContextItem> {
        self.users.0.hints(user, (self.users.0.clock)())
    }

    /// Tells a talk what its user's subscriptions find, when they find it, until the talk ends. Each hint is told once,
    /// here or in an answer to one of the talk's requests. Must be called inside a tokio runtime. None: the user has
    /// too many talks that are told.
    pub fn follow(&self, user: &str, talk: &str) -> Option<Events> {
        let id = TalkId { user: user.to_owned(), talk: talk.to_owned() };
        let (sender, receiver) = unbounded_channel();
        let told = Arc::clone(&self.users.0).tell(id.clone(), sender);
        let running = self.users.0.talks.follow(&id, || tokio::spawn(told).abort_handle())?;
        Some(Events { receiver, task: running, _users: Arc::clone(&self.users) })
    }

    /// Whether anything is watched for a user.
    pub fn watches(&self, user: &str) -> bool {
        self.users.0.watches().iter().any(|watch| watch.standing.is_for(user))
    }

    /// The source that fits a query best, for watching it: before all others one whose name or kind the query says. None
    /// if it is none that [can be watched](crate::Profile::is_watchable); memory is left out.
    pub fn fitting(&self, query: &str) -> Option<Arc<dyn Source>> {
        let asked = words(query);
        let says = |name: &str| is_in(&words(name), &asked);
        let fitting = self.explain(query).into_iter().filter_map(|choice| self.users.0.sources.get(choice.seat));
        let mut fitting: Vec<_> = fitting.filter(|source| source.profile().lane != Lane::Memory).collect();
        fitting.sort_by_key(|source| {
            let profile = source.profile();
            !profile.is_watchable() || !says(&profile.name) && !says(&profile.kind)
        });
        fitting.first().filter(|source| source.profile().is_watchable()).map(|source| Arc::clone(source))
    }

    /// A source by its name; for watching it.
    pub fn source(&self, name: &str) -> Option<Arc<dyn Source>> {
        self.users.0.sources.iter().find(|source| source.profile().name == name).cloned()
    }

    /// Begins a subscription ("keep me updated on …"); one of the same name and user is replaced. Must be called inside
    /// a tokio runtime. `false`: there are too many already, of this user or in all.
    pub fn watch(&self, standing: Standing) -> bool {
        let watches = self.users.0.watches();
        let others = watches.iter().map(|watch| &watch.standing).filter(|other| !other.replaces(&standing));
        let own = others.clone().filter(|other| other.belongs_to(standing.user())).count();
        let room = others.count() < MOST_WATCHES && own < MOST_OF_ONE;
        drop(watches);
        if room {
            self.begin(standing);
        }
        room
    }

    /// Ends a user's subscription, or one of everybody's for no user: the one of this name, else those that these words
    /// speak of. `false`: there is none.
    pub fn unwatch(&self, user: Option<&str>, name: &str) -> bool {
        let asked = terms(name);
        let mut watches = self.users.0.watches();
        let before = watches.len();
        let is_named = |watch: &Watch| watch.standing.belongs_to(user) && watch.standing.name() == name;
        let is_meant = |watch: &Watch| watch.standing.belongs_to(user) && watch.standing.is_meant(&asked);
        let by_name = watches.iter().any(is_named);
        watches.retain(|watch| if by_name { !is_named(watch) } else { !is_meant(watch) });
        watches.len() < before
    }

    fn begin(&self, standing: Standing) {
        let standing = Arc::new(standing);
        let (clock, news) = (Arc::clone(&self.users.0.clock), self.users.0.news.clone());
        let task = standing.start(
            move || clock(),
            move || {
                news.send_replace(());
            },
        );
        let mut watches = self.users.0.watches();
        watches.retain(|watch| !watch.standing.replaces(&standing));
        watches.push(Watch { standing, task });
    }

    /// Something of a user's memory was forgotten or changed: nothing that was recalled before is offered any more.
    pub fn forget_memory(&self, user: &str) {
        self.users.0.talks.forget_memory(user);
    }

    /// Forgets a talk and stops what it still asks.
    pub fn end_talk(&self, user: &str, talk: &str) {
        self.users.0.talks.end(&TalkId { user: user.to_owned(), talk: talk.to_owned() });
    }

    /// How each source is doing, and each subscription that this user hears of.
    pub fn status(&self, user: &str) -> Vec<SourceStatus> {
        let source = |seat: &Seat| {
            let profile = seat.source.profile();
            let resting = matches!(seat.breaker().state(), BreakerState::Open { until, .. } if until > Instant::now());
            SourceStatus { name: profile.name.clone(), kind: profile.kind.clone(), resting, note: seat.source.status() }
        };
        let standing = |standing: &Arc<Standing>| SourceStatus {
            name: standing.name().to_owned(),
            kind: "subscription".to_owned(),
            resting: false,
            note: Some(standing.status()),
        };
        let watches = self.users.0.watches();
        let heard = watches.iter().map(|watch| &watch.standing).filter(|standing| standing.is_for(user));
        self.users.0.seats.iter().map(source).chain(heard.map(standing)).collect()
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.users.0.settings
    }
}

/// How one source is doing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Whether it is left alone because it failed too often.
    pub resting: bool,
    /// What it does on its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The events of one request, as a stream.
#[must_use = "dropping it stops the look-up"]
pub struct Events {
    receiver: UnboundedReceiver<ContextEvent>,
    task: AbortHandle,
    /// Subscriptions run as long as somebody looks something up.
    _users: Arc<Users>,
}

impl Events {
    /// The next event; `None` when there are no more.
    pub async fn next(&mut self) -> Option<ContextEvent> {
        self.receiver.recv().await
    }
}

impl Stream for Events {
    type Item = ContextEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ContextEvent>> {
        self.receiver.poll_recv(context)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) seats: Vec<Seat>,
    pub(crate) answers: Answers,
    pub(crate) talks: Talks,
    pub(crate) permits: Semaphore,
    requests: AtomicU64,
    sources: Vec<Arc<dyn Source>>,
    watches: Watches,
    /// Changes whenever a subscription has something to say.
    news: watch::Sender<()>,
    router: Router,
    clock: Clock,
}

impl Inner {
    pub(crate) fn choose(&self, question: &Question) -> Vec<Choice> {
        self.router.choose(&self.sources, question)
    }

    /// What is to be said of sources that are asked for by name and do not exist.
    fn unknown<'a>(&'a self, named: &'a [String]) -> impl Iterator<Item = ContextEvent> + 'a {
        let exists = |name: &&String| self.sources.iter().any(|source| is_named(source.as_ref(), from_ref(name)));
        named.iter().filter(move |name| !exists(name)).take(MOST_UNKNOWN).map(|name| {
            let known: Vec<&str> = self.sources.iter().map(|source| source.profile().name.as_str()).collect();
            let reason = format!("there is no source of this name; there are {}", known.join(", "));
            ContextEvent::Failed { source: clean_line(name, 80), reason, elapsed_ms: 0, rests_s: None }
        })
    }

    pub(crate) fn name(&self, seat: usize) -> Option<String> {
        self.seats.get(seat).map(|seat| seat.source.profile().name.clone())
    }

    /// Whether this seat is the memory's.
    pub(crate) fn is_memory(&self, seat: usize) -> bool {
        self.seats.get(seat).is_some_and(|seat| seat.source.profile().lane == Lane::Memory)
    }

    /// The source that a follow-up means: by name, else the first of that kind.
    pub(crate) fn seat_for(&self, name: &str) -> Option<usize> {
        let by_name = self.sources.iter().position(|source| normalise(&source.profile().name) == normalise(name));
        by_name.or_else(|| self.sources.iter().position(|source| source.profile().kind == name))
    }

    /// What a user's subscriptions have to say, each thing once.
    pub(crate) fn hints(&self, user: &str, now: Timestamp) -> Vec<ContextItem> {
        let mut ids = BTreeSet::new();
        let watches = self.watches();
        let own = watches.iter().filter(|watch| watch.standing.is_for(user));
        own.flat_map(|watch| watch.standing.hints(now)).filter(|hint| ids.insert(hint.id.clone())).collect()
    }

    /// Tells a talk what is new for it, for as long as somebody listens.
    async fn tell(self: Arc<Self>, talk: TalkId, events: UnboundedSender<ContextEvent>) {
        let mut news = self.news.subscribe();
        loop {
            let hints = self.talks.take_hints(&talk, self.hints(&talk.user, (self.clock)()));
            for event in found(&hints, false) {
                if events.send(event).is_err() {
                    return;
                }
            }
            // Without news, too, the subscriptions learn now and then that somebody listens.
            if timeout(STILL_THERE, news.changed()).await.is_ok_and(|news| news.is_err()) {
                return;
            }
        }
    }

    /// All subscriptions but those that have ended by themselves.
    fn watches(&self) -> MutexGuard<'_, Vec<Watch>> {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.retain(|watch| !watch.task.is_finished());
        watches
    }
}

/// One source and what the engine keeps about it.
pub(crate) struct Seat {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) permits: Semaphore,
    breaker: Mutex<Breaker>,
}

impl Seat {
    fn new(source: Arc<dyn Source>, rest: Rest) -> Self {
        let permits = Semaphore::new(source.profile().concurrency.max(1));
        Self { source, permits, breaker: Mutex::new(Breaker::new(rest)) }
    }

    pub(crate) fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Watches = Mutex<Vec<Watch>>;

/// A subscription that runs until this is dropped.
struct Watch {
    standing: Arc<Standing>,
    task: AbortHandle,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// All who hold the engine from outside. A request's own task holds the engine too, and must not keep subscriptions
/// going when everybody else has left.
struct Users(Arc<Inner>);

impl Drop for Users {
    fn drop(&mut self) {
        self.0.watches().clear();
    }
}

const MOST_WATCHES: usize = 200;
/// How often subscriptions are told that somebody listens; sooner than they rest.
const STILL_THERE: Duration = Duration::from_mins(5);
/// How many names that do not exist are spoken of.
const MOST_UNKNOWN: usize = 10;
/// Of one user.
const MOST_OF_ONE: usize = 20;
