//! A source that does what a test says, a local web server, and short ways to ask.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::Router;
use context::{Config, Finding, FollowUp, Interests, Lookup, Profile, Question, Settings, Source, SourceError, item};
use futures::{FutureExt, future::BoxFuture};
use protocol::context::{ContextEvent, ContextItem, ContextRequest};
use reqwest::Url;
use tokio::time::Instant;

type Answer = dyn Fn(&Question) -> Result<Finding, SourceError> + Send + Sync;

/// A source that follows a script and counts.
pub(crate) struct Scripted {
    profile: Profile,
    answer: Box<Answer>,
    delay: Duration,
    pub(crate) asked: AtomicUsize,
    pub(crate) finished: AtomicUsize,
    cached: bool,
}

impl Scripted {
    pub(crate) fn new(name: &str) -> Self {
        let own = name.to_owned();
        Self {
            profile: Profile::new(name, name).interested(Interests::in_topics([name])),
            answer: Box::new(move |question| {
                Ok(vec![item(format!("{own}:{}", question.key()), own.clone(), format!("{own} on {}", question.query))]
                    .into())
            }),
            delay: Duration::ZERO,
            asked: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            cached: true,
        }
    }

    pub(crate) fn after(mut self, milliseconds: u64) -> Self {
        self.delay = Duration::from_millis(milliseconds);
        self
    }

    pub(crate) fn profile_with(mut self, change: impl FnOnce(&mut Profile)) -> Self {
        change(&mut self.profile);
        self
    }

    pub(crate) fn uncached(mut self) -> Self {
        self.cached = false;
        self
    }

    pub(crate) fn answering(
        mut self,
        answer: impl Fn(&Question) -> Result<Finding, SourceError> + Send + Sync + 'static,
    ) -> Self {
        self.answer = Box::new(answer);
        self
    }

    pub(crate) fn leading_to(self, source: &'static str, query: &'static str) -> Self {
        self.answering(move |question| {
            let items = vec![item(format!("from {}", question.query), "", format!("leads to {query}"))];
            Ok(Finding { items, follow_ups: vec![FollowUp { source: source.into(), query: query.into() }] })
        })
    }

    pub(crate) fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    pub(crate) fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn times_finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }
}

impl Source for Scripted {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn cache_key(&self, question: &Question) -> Option<String> {
        self.cached.then(|| question.key())
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(self.delay).await;
            self.finished.fetch_add(1, Ordering::SeqCst);
            (self.answer)(question)
        }
        .boxed()
    }
}

/// A look-up of these sources with the usual settings.
pub(crate) fn lookup(sources: &[Arc<Scripted>]) -> Lookup {
    with_settings(Settings::default(), sources)
}

pub(crate) fn with_settings(settings: Settings, sources: &[Arc<Scripted>]) -> Lookup {
    let add = |builder: context::Builder, source: &Arc<Scripted>| builder.source(Arc::clone(source) as Arc<dyn Source>);
    sources.iter().fold(Lookup::builder(settings), add).build()
}

/// A look-up as configured, with `KEY` in its environment; it is always Saturday, 21 November 2026, 09:00 UTC.
pub(crate) fn configured(text: &str) -> Lookup {
    let variable = |name: &str| match name {
        "KEY" => Some("sk-secret-1".to_owned()),
        "PATH" => std::env::var(name).ok(),
        _ => None,
    };
    let text = format!("deadline_ms = 20000\n{text}");
    let config = Config::from_table(text.parse().unwrap(), &variable).unwrap();
    config.builder(Vec::new(), &variable).unwrap().clock(|| NOW.parse().unwrap()).build()
}

pub(crate) const NOW: &str = "2026-11-21T09:00:00Z";

pub(crate) fn request(talk: &str, turn: u32, query: &str) -> ContextRequest {
    ContextRequest { talk: talk.into(), turn, query: query.into(), complete: true, ..ContextRequest::default() }
}

/// All events of a request with the time at which each came.
pub(crate) async fn all(lookup: &Lookup, request: ContextRequest) -> Vec<(u128, ContextEvent)> {
    let started = Instant::now();
    let mut events = lookup.look_up("", request);
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        all.push((started.elapsed().as_millis(), event));
    }
    all
}

/// The items of the summary, and when it came.
pub(crate) fn summary(events: &[(u128, ContextEvent)]) -> (u128, Vec<ContextItem>) {
    let found = events.iter().find_map(|(at, event)| match event {
        ContextEvent::Summary { items, .. } => Some((*at, items.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no summary in {events:#?}"))
}

pub(crate) fn failure(events: &[(u128, ContextEvent)]) -> Option<String> {
    events.iter().find_map(|(_, event)| match event {
        ContextEvent::Failed { reason, .. } => Some(reason.clone()),
        _ => None,
    })
}

/// Asks a source for its summary's items.
pub(crate) async fn ask(lookup: &Lookup, query: &str) -> Vec<ContextItem> {
    let events = all(lookup, request("talk", 1, query)).await;
    if let Some(reason) = failure(&events) {
        panic!("{query}: {reason}");
    }
    summary(&events).1
}

/// Serves a router on a port of its own until the test ends.
pub(crate) async fn serve(router: Router) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Url::parse(&format!("http://{address}")).unwrap()
}
