//! Looking things up, until the server ends.

use super::watch::standing;
use crate::ApiError;
use ::context::{Lookup, SourceStatus};
use futures::{Stream, StreamExt};
use protocol::context::{ContextEvent, ContextRequest, WatchReply, WatchRequest};
use std::fmt::{self, Debug, Formatter};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

/// The sources of context. When it is closed, look-ups end, subscriptions stop and nothing is indexed any more.
pub struct Context {
    lookup: RwLock<Option<Lookup>>,
    ending: CancellationToken,
}

impl Context {
    /// Open, with these sources.
    pub fn new(lookup: Lookup) -> Self {
        Self { lookup: RwLock::new(Some(lookup)), ending: CancellationToken::new() }
    }

    /// Looks up what a request asks, for a user, or for nobody where it is empty. Dropping the stream stops it. None
    /// once it is closed.
    pub(crate) fn look_up(
        &self,
        user: &str,
        request: ContextRequest,
    ) -> Option<impl Stream<Item = ContextEvent> + Send + use<>> {
        let events = self.read().as_ref()?.look_up(user, request);
        Some(events.take_until(self.ending.clone().cancelled_owned()))
    }

    /// Tells a talk what the subscriptions of its user, or nobody's where it is empty, find. Dropping the stream stops
    /// it.
    ///
    /// # Errors
    /// The user follows too much already, or the server is ending.
    pub(crate) fn follow(
        &self,
        user: &str,
        talk: &str,
    ) -> Result<impl Stream<Item = ContextEvent> + Send + use<>, ApiError> {
        let events = self.read().as_ref().ok_or(ApiError::Ending)?.follow(user, talk);
        let events = events.ok_or(ApiError::TooMuchWatched("Too many of your talks are told of news already."))?;
        Ok(events.take_until(self.ending.clone().cancelled_owned()))
    }

    /// Watches something for a user.
    ///
    /// # Errors
    /// What is asked for makes no sense, there are too many subscriptions, or the server is ending.
    pub(crate) fn watch(&self, user: &str, request: WatchRequest) -> Result<WatchReply, ApiError> {
        let lookup = self.read();
        let lookup = lookup.as_ref().ok_or(ApiError::Ending)?;
        let (standing, reply) = standing(lookup, user, request)?;
        let room = lookup.watch(standing);
        room.then_some(reply).ok_or(ApiError::TooMuchWatched("Too much is watched already."))
    }

    /// Whether anything is watched for a user.
    pub(crate) fn watches(&self, user: &str) -> bool {
        self.read().as_ref().is_some_and(|lookup| lookup.watches(user))
    }

    /// Ends a subscription of a user's, by its name or in other words; false when there is none.
    pub(crate) fn unwatch(&self, user: &str, name: &str) -> bool {
        self.read().as_ref().is_some_and(|lookup| lookup.unwatch(Some(user), name))
    }

    /// Stops what a talk still looks up, and forgets what came too late for it.
    pub(crate) fn end_talk(&self, user: &str, talk: &str) {
        if let Some(lookup) = self.read().as_ref() {
            lookup.end_talk(user, talk);
        }
    }

    /// Offers a user's talks nothing any more that was recalled before.
    pub(crate) fn forget_memory(&self, user: &str) {
        if let Some(lookup) = self.read().as_ref() {
            lookup.forget_memory(user);
        }
    }

    /// How each source is, and what is watched for a user; none once it is closed.
    pub(crate) fn status(&self, user: &str) -> Vec<SourceStatus> {
        self.read().as_ref().map(|lookup| lookup.status(user)).unwrap_or_default()
    }

    /// Ends all look-ups and what runs in the background.
    pub fn close(&self) {
        self.ending.cancel();
        *self.lookup.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Lookup>> {
        self.lookup.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Context {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("ending", &self.ending.is_cancelled()).finish_non_exhaustive()
    }
}
