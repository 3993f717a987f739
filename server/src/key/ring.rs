//! The key as it is held: fetched once, and again when the upstream refuses it.

use super::{KeyError, KeySource, ServerKey};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Holds the key of one source. All who need it at the same time wait for one fetch.
#[derive(Debug)]
pub(crate) struct KeyRing {
    source: KeySource,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    fetches: u64,
    /// The source failed a moment ago, or gave what the upstream had refused already: it is not asked again yet.
    rest: Option<(Instant, Option<KeyError>)>,
}

/// A key, and which fetch it came with.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) key: ServerKey,
    fetch: u64,
}

impl KeyRing {
    pub(crate) fn new(source: KeySource) -> Self {
        Self { source, state: Mutex::default() }
    }

    /// The key; fetched if there is none yet.
    ///
    /// # Errors
    /// The source gives none; it is then asked at most every few seconds.
    pub(crate) async fn current(&self) -> Result<Held, KeyError> {
        let mut state = self.state.lock().await;
        match &state.held {
            Some(held) => Ok(held.clone()),
            None => self.fetch(&mut state).await,
        }
    }

    /// Another key instead of one that the upstream refused, if there is one by now. Of many who were refused, the first
    /// fetches and the others get what it got.
    ///
    /// # Errors
    /// The source gives none.
    pub(crate) async fn renew(&self, refused: &Held) -> Result<Option<Held>, KeyError> {
        let mut state = self.state.lock().await;
        if let Some(held) = state.held.as_ref().filter(|held| held.fetch != refused.fetch) {
            return Ok((held.key != refused.key).then(|| held.clone()));
        }
        if !self.source.may_change() || state.is_resting() {
            return Ok(None);
        }
        let held = self.fetch(&mut state).await?;
        if held.key == refused.key {
            state.rest = Some((Instant::now() + REST, None));
            return Ok(None);
        }
        tracing::info!("the upstream refused the key; its source has another one");
        Ok(Some(held))
    }

    async fn fetch(&self, state: &mut State) -> Result<Held, KeyError> {
        if let Some((until, Some(error))) = &state.rest
            && Instant::now() < *until
        {
            return Err(error.clone());
        }
        match self.source.fetch().await {
            Ok(key) => {
                state.fetches += 1;
                state.rest = None;
                let held = Held { key, fetch: state.fetches };
                state.held = Some(held.clone());
                Ok(held)
            }
            Err(error) => {
                state.rest = Some((Instant::now() + REST, Some(error.clone())));
                Err(error)
            }
        }
    }
}

impl State {
    fn is_resting(&self) -> bool {
        self.rest.as_ref().is_some_and(|(until, _)| Instant::now() < *until)
    }
}

/// How long a source is left alone that failed or had nothing new.
const REST: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::{KeyRing, KeySource};
    use crate::key::ServerKey;
    use std::io::Write;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        file
    }

    #[tokio::test]
    async fn a_refused_key_is_fetched_again_once_for_all_who_were_refused() {
        let file = file("sk-old");
        let ring = KeyRing::new(KeySource::File(file.path().to_owned()));
        let old = ring.current().await.expect("a key");
        std::fs::write(file.path(), "sk-new").expect("written");
        let first = ring.renew(&old).await.expect("read").expect("another key");
        std::fs::write(file.path(), "sk-newer").expect("written");
        let second = ring.renew(&old).await.expect("read").expect("another key");
        assert_eq!(
            (first.key, second.key),
            (ServerKey::new("sk-new").expect("a key"), ServerKey::new("sk-new").expect("a key"))
        );
    }

    #[tokio::test]
    async fn a_source_without_a_new_key_is_left_alone_for_a_while() {
        let file = file("sk-old");
        let ring = KeyRing::new(KeySource::File(file.path().to_owned()));
        let old = ring.current().await.expect("a key");
        assert!(ring.renew(&old).await.expect("read").is_none());
        std::fs::write(file.path(), "sk-new").expect("written");
        let again = ring.current().await.expect("a key");
        assert!(ring.renew(&again).await.expect("not asked").is_none(), "nobody hammers the source");
    }

    #[tokio::test]
    async fn a_key_that_cannot_be_had_is_told_without_what_was_found() {
        let file = file("two words");
        let ring = KeyRing::new(KeySource::File(file.path().to_owned()));
        let error = ring.current().await.expect_err("no key").to_string();
        assert!(error.contains("does not hold one key") && !error.contains("two words"), "{error}");
    }
}
