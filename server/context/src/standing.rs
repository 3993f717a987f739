//! Standing subscriptions: a source asked again and again in the background, heard of only when it changes enough.
//!
//! One of a user's own rests while the user is not there to hear of it, and ends by itself after a day.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use protocol::context::{ContextItem, Lane};
use regex::Regex;
use tokio::{task::AbortHandle, time::Instant};

use crate::{
    Profile, Question, Source,
    words::{normalise, terms},
};

/// How much must change before it is said.
#[derive(Clone, Debug)]
pub enum Threshold {
    /// Any other wording, and anything that was not there before.
    Text,
    /// The number changes by more than this much. It is the first group of the pattern, or the first number of the
    /// text.
    Number {
        /// Where the number stands.
        pattern: Option<Regex>,
        /// By how much.
        by: f64,
    },
    /// The number changes by more than this share of it, in percent.
    Percent {
        /// Where the number stands.
        pattern: Option<Regex>,
        /// By how many percent.
        by: f64,
    },
}

impl Threshold {
    /// Whether the change from the text that was last said to this one is enough.
    fn passed(&self, said: &str, text: &str) -> bool {
        match self {
            Self::Text => normalise(said) != normalise(text),
            Self::Number { pattern, by } => {
                numbers(pattern.as_ref(), said, text).is_some_and(|(old, new)| (new - old).abs() > *by)
            }
            Self::Percent { pattern, by } => numbers(pattern.as_ref(), said, text)
                .is_some_and(|(old, new)| (new - old).abs() * 100.0 > *by * old.abs().max(f64::MIN_POSITIVE)),
        }
    }
}

/// One subscription.
pub struct Standing {
    profile: Profile,
    source: Arc<dyn Source>,
    query: String,
    every: Duration,
    threshold: Threshold,
    user: Option<String>,
    zone: TimeZone,
    state: Mutex<State>,
}

struct State {
    /// When its user was last there to hear of it.
    heard: Instant,
    /// What was last said of each id, which the threshold is measured against; what was found last stands at the end.
    /// None before the first answer, which is not news.
    said: Option<VecDeque<ContextItem>>,
    /// What is to be said, each with the id of its item.
    hints: Vec<(String, ContextItem)>,
    polls: u64,
    failures: u64,
}

impl Standing {
    /// Watches what a source says to a query; `every` is at least one second.
    pub fn new(
        name: impl Into<String>,
        source: Arc<dyn Source>,
        query: impl Into<String>,
        every: Duration,
        threshold: Threshold,
    ) -> Self {
        let profile = Profile { bounds: source.profile().bounds, ..Profile::new(name, "subscription") };
        Self {
            profile: profile.in_lane(Lane::Hint),
            source,
            query: query.into(),
            every: every.max(Duration::from_secs(1)),
            threshold,
            user: None,
            zone: TimeZone::UTC,
            state: Mutex::new(State { heard: Instant::now(), said: None, hints: Vec::new(), polls: 0, failures: 0 }),
        }
    }

    /// The same for somebody whose clock is set to another zone than UTC.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// The same for one user: it asks as this user, and nobody else hears of it.
    #[must_use]
    pub fn for_user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Whether it is for this user.
    pub(crate) fn is_for(&self, user: &str) -> bool {
        self.user.as_deref().is_none_or(|own| own == user)
    }

    /// Whether it takes the place of the other.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        self.name() == other.name() && self.user == other.user
    }

    /// Whose it is; everybody's for none.
    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether it is exactly this user's, or everybody's for none.
    pub(crate) fn belongs_to(&self, user: Option<&str>) -> bool {
        self.user.as_deref() == user
    }

    /// Whether these words, of which there are some, speak of it.
    pub(crate) fn is_meant(&self, asked: &[String]) -> bool {
        let own = terms(&format!("{} {}", self.name(), self.query));
        !asked.is_empty() && asked.iter().all(|word| own.contains(word))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.profile.name
    }

    /// What has changed enough to be said, newest last; each talk hears it once. Whoever asks is there to hear it.
    pub fn hints(&self, now: Timestamp) -> Vec<ContextItem> {
        let mut state = self.lock();
        state.heard = Instant::now();
        let is_true = |hint: &&ContextItem| hint.expires_at.is_none_or(|end| end > now.as_second());
        state.hints.iter().map(|(_, hint)| hint).filter(is_true).cloned().collect()
    }

    /// How often it has asked, and how often in vain.
    pub(crate) fn status(&self) -> String {
        let state = self.lock();
        format!("asked {} times, {} in vain, {} changes", state.polls, state.failures, state.hints.len())
    }

    /// Begins to ask, until the handle aborts it or its user stays away; `told` is called after each change.
    pub(crate) fn start(
        self: &Arc<Self>,
        clock: impl Fn() -> Timestamp + Send + 'static,
        told: impl Fn() + Send + 'static,
    ) -> AbortHandle {
        let standing = Arc::clone(self);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(standing.every);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while !standing.is_alone(FORGOTTEN) {
                ticks.tick().await;
                if !standing.is_alone(ALONE) && standing.poll(clock()).await {
                    told();
                }
            }
        });
        task.abort_handle()
    }

    /// Whether it is a user's own who has not been there for so long.
    fn is_alone(&self, long: Duration) -> bool {
        self.user.is_some() && self.lock().heard.elapsed() > long
    }

    /// Asks once; says whether there is something new to be said.
    async fn poll(&self, now: Timestamp) -> bool {
        let (user, zone) = (self.user.clone().unwrap_or_default(), self.zone.clone());
        let question = Question { user, zone, ..Question::new(self.query.clone(), now) };
        let answer = tokio::time::timeout(self.source.profile().limit, self.source.look_up(&question)).await;
        let found = match answer {
            Ok(Ok(finding)) => Some(finding.items),
            Ok(Err(error)) => {
                tracing::debug!(subscription = self.name(), %error, "a subscription got no answer");
                None
            }
            Err(_) => None,
        };
        let items = found.map(|items| self.profile.bounds.apply(items, &self.profile));
        let mut state = self.lock();
        state.polls += 1;
        state.failures += u64::from(items.is_none());
        items.is_some_and(|items| state.see(items, &self.threshold, now))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether anything in an answer has changed enough to be said.
    fn see(&mut self, items: Vec<ContextItem>, threshold: &Threshold, now: Timestamp) -> bool {
        let found = items.len();
        let is_first = self.said.is_none();
        let mut said = self.said.take().unwrap_or_default();
        let mut changed = false;
        for item in items {
            // What has another id alone is not new.
            let same =
                |other: &ContextItem| other.title == item.title && normalise(&other.text) == normalise(&item.text);
            let known = said.iter().position(|other| other.id == item.id).and_then(|at| said.remove(at));
            let is_news = match &known {
                Some(known) => threshold.passed(&known.text, &item.text),
                None => matches!(threshold, Threshold::Text) && !is_first && !said.iter().any(same),
            };
            said.push_back(known.filter(|_| !is_news).unwrap_or_else(|| item.clone()));
            if is_news {
                self.tell(item, now);
            }
            changed |= is_news;
        }
        said.drain(..said.len().saturating_sub(MOST_SUBJECTS.max(found)));
        self.said = Some(said);
        changed
    }

    /// Takes the place of what was to be said of the same subject.
    fn tell(&mut self, item: ContextItem, now: Timestamp) {
        let id = format!("{}@{}", item.id, now.as_millisecond());
        let expires_at = item.expires_at.or(Some(now.as_second() + STALE_S));
        self.hints.retain(|(other, _)| *other != item.id);
        self.hints.push((item.id.clone(), ContextItem { id, expires_at, ..item }));
        let surplus = self.hints.len().saturating_sub(MOST_HINTS);
        self.hints.drain(..surplus);
    }
}

fn numbers(pattern: Option<&Regex>, old: &str, new: &str) -> Option<(f64, f64)> {
    Some((number(pattern, old)?, number(pattern, new)?))
}

fn number(pattern: Option<&Regex>, text: &str) -> Option<f64> {
    let found = match pattern {
        Some(pattern) => {
            let groups = pattern.captures(text)?;
            groups.get(1).or_else(|| groups.get(0))?.as_str()
        }
        None => first_number(text)?,
    };
    found.trim().replace(',', "").parse().ok()
}

fn first_number(text: &str) -> Option<&str> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let from = if start > 0 && text.as_bytes().get(start - 1) == Some(&b'-') { start - 1 } else { start };
    let rest = text.get(from..)?;
    let end = rest
        .char_indices()
        .skip(1)
        .find(|(_, c)| !c.is_ascii_digit() && *c != '.')
        .map_or(rest.len(), |(index, _)| index);
    rest.get(..end).map(|number| number.trim_end_matches('.'))
}

const MOST_HINTS: usize = 5;
const MOST_SUBJECTS: usize = 50;
const STALE_S: i64 = 3_600;
/// For a user who has not been there for so long nothing is asked, which may cost something.
const ALONE: Duration = Duration::from_mins(15);
/// A user who has heard nothing for so long is not coming back.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_within_the_threshold_is_not_news() {
        let threshold = Threshold::Number { pattern: None, by: 2.0 };
        assert!(!threshold.passed("It is 19.5 °C", "It is 21.5 °C"));
        assert!(threshold.passed("It is 19.5 °C", "It is 21.6 °C"));
        assert!(threshold.passed("It is -1 °C", "It is 2 °C"));
    }

    #[test]
    fn a_share_is_measured_against_what_was_said() {
        let pattern = Regex::new(r"price: ([\d.,]+)").ok();
        let threshold = Threshold::Percent { pattern, by: 5.0 };
        assert!(!threshold.passed("7 shares, price: 1,000", "7 shares, price: 1,050"));
        assert!(threshold.passed("7 shares, price: 1,000", "7 shares, price: 1,051"));
    }

    #[test]
    fn a_text_without_a_number_passes_no_threshold() {
        assert!(!Threshold::Number { pattern: None, by: 0.0 }.passed("nothing", "garbage"));
    }
}
