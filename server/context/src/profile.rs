//! What the engine knows about a source without asking it.

use std::time::Duration;

use protocol::context::Lane;

use crate::{Bounds, Interests};

/// How a source is called, chosen, limited and kept.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The configured name, unique.
    pub name: String,
    /// What it is, for example `weather`; follow-ups may name a kind instead of a name.
    pub kind: String,
    /// Which lane its items go to.
    pub lane: Lane,
    /// Which questions it can answer.
    pub interests: Interests,
    /// How long it may take, deadline or not.
    pub limit: Duration,
    /// How many questions it may be asked at the same time.
    pub concurrency: usize,
    /// How much it may say.
    pub bounds: Bounds,
    /// How long its answers are kept; `None` takes the engine's setting.
    pub keep: Option<Duration>,
}

impl Profile {
    /// A profile with the usual limits: the turn's lane, 5 s, four questions at a time.
    pub fn new(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: kind.into(),
            lane: Lane::Turn,
            interests: Interests::default(),
            limit: Duration::from_secs(5),
            concurrency: 4,
            bounds: Bounds::default(),
            keep: None,
        }
    }

    /// The same with other interests.
    #[must_use]
    pub fn interested(mut self, interests: Interests) -> Self {
        self.interests = interests;
        self
    }

    /// Whether it may tell of changes by itself: the memory changes by what is said alone, and the time without end.
    pub fn is_watchable(&self) -> bool {
        self.lane != Lane::Memory && self.kind != "time"
    }

    /// The same in another lane.
    #[must_use]
    pub fn in_lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }
}
