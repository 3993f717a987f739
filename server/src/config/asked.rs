//! What was asked for when the server started, so that a reload can name what it does not take over.

use super::{Config, Sources, Target};
use admission::Secret;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Every setting's value as a number that tells it from another, because a value may be secret.
#[derive(Clone)]
pub struct Asked {
    settings: BTreeMap<&'static str, u64>,
    upstream: u64,
}

impl Asked {
    pub(super) fn of(from: &Sources, target: &Target, secret: Option<&Secret>) -> Self {
        let number = |text: &str| HASHES.hash_one(text);
        let settings = Config::settings();
        let plain = settings.iter().map(|setting| (setting.key, number(from.text(setting))));
        let blocks = from.file().map(|file| file.context().to_string()).unwrap_or_default();
        let blocks = [("[context] and [[sources]]", number(&blocks))];
        // What is in the file counts, wherever it lies.
        let secret = [("auth.session_secret_file", HASHES.hash_one(secret))];
        let upstream = number(&format!("{target:?}"));
        Self { settings: plain.chain(blocks).chain(secret).collect(), upstream }
    }

    /// Whether another far end is asked for, or the same in another way.
    pub(crate) fn is_same_upstream(&self, other: &Self) -> bool {
        let same = |key: &str| self.settings.get(key) == other.settings.get(key);
        self.upstream == other.upstream && ["upstream.key_header", "upstream.api_version"].into_iter().all(same)
    }

    /// The settings that are asked for otherwise by now, and that only a restart takes over.
    pub(crate) fn fixed_since(&self, other: &Self) -> Vec<&'static str> {
        let changed = self.settings.iter().filter(|(key, value)| other.settings.get(*key) != Some(*value));
        changed.map(|(key, _)| *key).filter(|key| !is_taken_over(key)).collect()
    }
}

fn is_taken_over(key: &str) -> bool {
    let part = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let fixed = ["quota.store", "quota.store_ca", "auth.session_secret_file", "auth.session_hours"];
    let key_of_upstream = ["upstream.key_from", "upstream.key_file"];
    !fixed.contains(&key)
        && (key_of_upstream.contains(&key) || ["auth", "quota", "session", "doppler"].into_iter().any(part))
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::new);
