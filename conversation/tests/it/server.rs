//! What our own server answers to look-ups, as scripts.

use crate::sim::{Reply, Script, Sim};
use conversation::{Config, Ms, Strategy};
use protocol::context::{ContextEvent, ContextItem, ContextRequest, Lane};

/// Seconds of Unix time at the beginning of every simulation.
pub(crate) const ZERO: i64 = 1_795_000_000;

/// A configuration with look-ups.
pub(crate) fn looking_up() -> Config {
    let mut config = Config::default();
    config.context.enabled = true;
    config.context.unix_at_zero = Some(ZERO);
    config
}

pub(crate) fn with_strategy(strategy: Strategy) -> Config {
    let mut config = looking_up();
    config.context.strategy = strategy;
    config
}

/// A fact of the turn's lane.
pub(crate) fn item(id: &str, text: &str) -> ContextItem {
    ContextItem {
        id: id.into(),
        source: "calendar".into(),
        lane: Lane::Turn,
        title: "Team review".into(),
        text: text.into(),
        url: Some("https://calendar.test/1".into()),
        attribution: "Calendar".into(),
        as_of: ZERO,
        expires_at: None,
        tokens: 1,
        relevance: 0.9,
    }
}

pub(crate) fn started(source: &str) -> Reply {
    Reply::Event(ContextEvent::Started { source: source.into(), reason: "its topic is asked for".into() })
}

pub(crate) fn found(items: Vec<ContextItem>) -> Reply {
    let source = items.first().map_or("calendar", |item| item.source.as_str()).to_owned();
    Reply::Event(ContextEvent::Found { source, items, cached: false, elapsed_ms: 5 })
}

pub(crate) fn summary(items: Vec<ContextItem>) -> Reply {
    Reply::Event(ContextEvent::Summary { query: String::new(), items, elapsed_ms: 5 })
}

pub(crate) fn end() -> Reply {
    Reply::End(None)
}

/// A server that answers every question that has words with this, and all others with nothing.
pub(crate) fn answering(sim: &mut Sim, script: impl Fn(&ContextRequest) -> Script + 'static) {
    sim.server = Box::new(move |request| {
        if request.query.is_empty() { vec![(Ms(0), summary(Vec::new())), (Ms(0), end())] } else { script(request) }
    });
}

/// One that knows one fact, which it finds after `after`.
pub(crate) fn knowing(sim: &mut Sim, item: ContextItem, after: Ms) {
    answering(sim, move |_| {
        vec![
            (Ms(1), started("calendar")),
            (after, found(vec![item.clone()])),
            (after, summary(vec![item.clone()])),
            (after, end()),
        ]
    });
}
