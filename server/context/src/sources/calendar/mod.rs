//! One's calendar: an iCalendar address or file, recurrence expanded, asked by day, by name, or for what comes next.

mod ics;
mod recurrence;
mod span;

use std::{collections::BTreeSet, fmt::Write as _, path::PathBuf, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use jiff::{Span, Zoned};
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use self::{
    ics::Event,
    recurrence::Occurrence,
    span::{FAR_DAYS, Stretch, is_general, stretch},
};
use crate::{
    Finding, FollowUp, Http, Interests, Limits, Media, Profile, Question, Secret, Source, SourceError,
    isolated::isolated, item, words::terms,
};

/// Where the calendar is, and what its events lead to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarConfig {
    /// The address of the calendar; often it is itself the secret.
    pub url: Option<Secret>,
    /// Or a file.
    pub file: Option<PathBuf>,
    /// How long a fetched calendar is good, in seconds; 300 for an address, 2 for a file.
    pub refresh_s: Option<u64>,
    /// What is asked about the place of the first event that has one; the weather there and the way there by default.
    #[serde(default = "weather_and_way")]
    pub follow_ups: Vec<CalendarFollowUp>,
    /// The host is allowed to be private: it is one's own.
    #[serde(default)]
    pub allow_private: bool,
}

/// A question about the place of an event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFollowUp {
    /// Whom to ask, by name or kind; without such a source nothing is asked.
    pub source: String,
    /// What to ask; `{place}`, `{title}` and `{day}` are filled in.
    pub query: String,
}

fn weather_and_way() -> Vec<CalendarFollowUp> {
    let follow_up = |source: &str, query: &str| CalendarFollowUp { source: source.to_owned(), query: query.to_owned() };
    vec![follow_up("weather", "weather in {place} {day}"), follow_up("route", "the way to {place}")]
}

/// A calendar.
pub struct Calendar {
    profile: Profile,
    follow_ups: Vec<CalendarFollowUp>,
    store: Arc<Store>,
}

/// Keeps the events between questions.
struct Store {
    place: Place,
    refresh: Duration,
    loaded: Mutex<Option<(Instant, Arc<Vec<Event>>)>>,
}

enum Place {
    Url(Url, Box<Http>),
    File(PathBuf),
}

impl Calendar {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let topics =
            ["calendar", "meeting", "appointment", "schedule", "agenda", "event", "diary", "birthday", "deadline day"];
        Profile::new(name, "calendar").interested(Interests::in_topics(topics).and_built_in(PATTERNS))
    }

    /// A source with this profile.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: CalendarConfig) -> Result<Self, String> {
        let (place, refresh) = match (config.url, config.file) {
            (Some(url), None) => {
                let url = Url::parse(&url.expose().replacen("webcal://", "https://", 1));
                let url = url.map_err(|error| format!("url: {error}"))?;
                let limits = Limits { bytes: 4 << 20, time: profile.limit, ..Limits::default() };
                let http = if config.allow_private { Http::with_own(limits, &url) } else { Http::new(limits) };
                (Place::Url(url, Box::new(http.map_err(|error| error.to_string())?)), 300)
            }
            (None, Some(file)) => (Place::File(file), 2),
            _ => return Err("url: give either url or file".to_owned()),
        };
        let refresh = Duration::from_secs(config.refresh_s.unwrap_or(refresh));
        let store = Arc::new(Store { place, refresh, loaded: Mutex::new(None) });
        Ok(Self { profile, follow_ups: config.follow_ups, store })
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let store = Arc::clone(&self.store);
        // In a task of its own: when the question is dropped, the calendar still arrives for the next one.
        let events = tokio::spawn(async move { store.events().await }).await.map_err(|_| SourceError::Broken)??;
        let now = question.local();
        let Some(stretch) = stretch(&question.query, &now) else { return Ok(Finding::default()) };
        let (query, most) = (question.query.clone(), self.profile.bounds.items);
        let shared = Arc::clone(&events);
        let (at, wanted) = (now.clone(), stretch.clone());
        let chosen = isolated(move || choose(&shared, &query, &wanted, &at, most)).await.ok_or(SourceError::Broken)?;
        if chosen.is_empty() {
            return Ok(vec![nothing(&self.profile.name, &stretch, &now)].into());
        }
        let follow_ups = self.follow_ups(&events, &chosen, &now);
        let describe = |(rank, occurrence): (usize, &Occurrence)| {
            Some(describe(events.get(occurrence.event)?, occurrence, rank, &now, &self.profile.name))
        };
        Ok(Finding { items: chosen.iter().enumerate().filter_map(describe).collect(), follow_ups })
    }

    /// What is asked about the first place where one has to be soon.
    fn follow_ups(&self, events: &[Event], chosen: &[Occurrence], now: &Zoned) -> Vec<FollowUp> {
        let soon = chosen.iter().filter(|occurrence| days_between(now, &occurrence.start) < FORECAST_DAYS);
        let place = soon.filter_map(|occurrence| Some((occurrence, events.get(occurrence.event)?)));
        let mut place = place.filter(|(_, event)| is_place(&event.location));
        let Some((occurrence, event)) = place.next() else { return Vec::new() };
        let day = day_name(now, &occurrence.start);
        let fill = |template: &str| {
            let location = event.location.replace(['{', '}', '\n'], " ");
            template.replace("{day}", &day).replace("{title}", &event.summary).replace("{place}", &location)
        };
        let follow_up =
            |config: &CalendarFollowUp| FollowUp { source: config.source.clone(), query: fill(&config.query) };
        self.follow_ups.iter().map(follow_up).collect()
    }
}

impl Source for Calendar {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The calendar itself is kept; what a question means changes with the hour.
    fn cache_key(&self, _question: &Question) -> Option<String> {
        None
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

impl Store {
    async fn events(&self) -> Result<Arc<Vec<Event>>, SourceError> {
        let mut loaded = self.loaded.lock().await;
        if let Some((at, events)) = loaded.as_ref()
            && at.elapsed() < self.refresh
        {
            return Ok(Arc::clone(events));
        }
        match self.load().await {
            Ok(events) => {
                let events = Arc::new(events);
                *loaded = Some((Instant::now(), Arc::clone(&events)));
                Ok(events)
            }
            // Better a calendar of a while ago than none.
            Err(error) => match loaded.as_ref().filter(|(at, _)| at.elapsed() < STALE) {
                Some((_, events)) => {
                    tracing::info!(%error, "a calendar could not be refreshed");
                    Ok(Arc::clone(events))
                }
                None => Err(error),
            },
        }
    }

    async fn load(&self) -> Result<Vec<Event>, SourceError> {
        let text = match &self.place {
            Place::Url(url, http) => http.get(url.clone(), &HeaderMap::new(), Media::Calendar).await?.text(),
            Place::File(path) => read_file(path).await?,
        };
        if !text.contains("BEGIN:VCALENDAR") {
            return Err(SourceError::Garbage("not a calendar"));
        }
        isolated(move || ics::events(&text)).await.ok_or(SourceError::Broken)
    }
}

async fn read_file(path: &PathBuf) -> Result<String, SourceError> {
    let unreadable = |_| SourceError::Said("the calendar file cannot be read".to_owned());
    let data = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if data.len() > LARGEST_FILE {
        return Err(SourceError::TooLarge);
    }
    let bytes = tokio::fs::read(path).await.map_err(unreadable)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The events that a question means: by name if it names one, else those of its time.
fn choose(events: &[Event], query: &str, stretch: &Stretch, now: &Zoned, most: usize) -> Vec<Occurrence> {
    let zone = now.time_zone();
    let terms: BTreeSet<String> = terms(query).into_iter().filter(|term| !is_general(term)).collect();
    let within = recurrence::between(events, stretch.from.timestamp(), stretch.to.timestamp(), zone);
    let named = by_name(events, &within, &terms);
    if !named.is_empty() {
        return named.into_iter().take(most).collect();
    }
    if !stretch.named && !terms.is_empty() {
        let far = now.checked_add(Span::new().days(FAR_DAYS)).unwrap_or_else(|_| now.clone());
        let all = recurrence::between(events, now.timestamp(), far.timestamp(), zone);
        let named = by_name(events, &all, &terms);
        if !named.is_empty() {
            return named.into_iter().take(if stretch.next { 1 } else { most }).collect();
        }
    }
    if stretch.next {
        // What has begun is not next, and a whole day is no meeting unless there is nothing else.
        let ahead = |occurrence: &&Occurrence| occurrence.start > *now;
        let timed = within.iter().filter(ahead).find(|occurrence| !occurrence.all_day);
        return timed.or_else(|| within.iter().find(ahead)).cloned().into_iter().collect();
    }
    within.into_iter().take(most).collect()
}

/// Those that share the most words with the question, in order of time.
fn by_name(events: &[Event], occurrences: &[Occurrence], wanted: &BTreeSet<String>) -> Vec<Occurrence> {
    let score = |occurrence: &Occurrence| {
        let Some(event) = events.get(occurrence.event) else { return 0 };
        let all = format!("{} {} {}", event.summary, event.location, event.people.join(" "));
        terms(&all).into_iter().collect::<BTreeSet<_>>().intersection(wanted).count()
    };
    let scores: Vec<usize> = occurrences.iter().map(score).collect();
    let best = scores.iter().copied().max().unwrap_or(0);
    if best == 0 {
        return Vec::new();
    }
    occurrences.iter().zip(scores).filter(|(_, score)| *score == best).map(|(one, _)| one.clone()).collect()
}

fn describe(event: &Event, occurrence: &Occurrence, rank: usize, now: &Zoned, name: &str) -> ContextItem {
    let (start, end) = (&occurrence.start, &occurrence.end);
    let title = if event.summary.is_empty() { "Untitled event" } else { &event.summary };
    let date = format!("{}, {}", day_name(now, start), start.strftime("%A, %-d %B %Y"));
    let time = if occurrence.all_day {
        "all day".to_owned()
    } else {
        let zone = start.time_zone().iana_name().unwrap_or("UTC");
        let end = if end.date() == start.date() { end.strftime("%H:%M") } else { end.strftime("%-d %B %H:%M") };
        format!("{} to {end} ({zone})", start.strftime("%H:%M"))
    };
    let mut text = format!("{title}: {date}, {time}.");
    for (label, value) in [("Where", &event.location), ("With", &event.people.join(", "))] {
        if !value.is_empty() {
            let _ = write!(text, " {label}: {value}.");
        }
    }
    if !event.description.is_empty() {
        let notes: String = event.description.chars().take(300).collect();
        let _ = write!(text, "\nNotes: {notes}");
    }
    ContextItem {
        url: event.url.clone(),
        attribution: name.to_owned(),
        as_of: now.timestamp().as_second(),
        expires_at: Some(end.timestamp().as_second().max(now.timestamp().as_second() + 60)),
        relevance: (0.9 - 0.05 * rank as f32).max(0.3),
        ..item(format!("{}@{}", event.uid, start.timestamp().as_second()), title, text)
    }
}

/// That nothing is planned is an answer, too.
fn nothing(name: &str, stretch: &Stretch, now: &Zoned) -> ContextItem {
    let day = if stretch.named { format!(" ({})", stretch.from.strftime("%A, %-d %B %Y")) } else { String::new() };
    ContextItem {
        attribution: name.to_owned(),
        as_of: now.timestamp().as_second(),
        expires_at: Some(now.timestamp().as_second() + 300),
        relevance: 0.6,
        ..item(
            format!("nothing@{}", stretch.from.date()),
            "Calendar",
            format!("There is nothing in the calendar {}{day}.", stretch.name),
        )
    }
}

fn day_name(now: &Zoned, start: &Zoned) -> String {
    match days_between(now, start) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days @ 2.. => format!("in {days} days"),
        days => format!("{} days ago", -days),
    }
}

fn days_between(now: &Zoned, start: &Zoned) -> i32 {
    (start.date() - now.date()).get_days()
}

/// Whether a location is somewhere one has to go.
fn is_place(location: &str) -> bool {
    let online = ["http", "zoom", "teams", "meet.", "webex", "online", "phone"];
    let lower = location.to_lowercase();
    location.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !online.iter().any(|word| lower.contains(word))
}

const STALE: Duration = Duration::from_secs(24 * 3_600);
const LARGEST_FILE: u64 = 16 << 20;
const FORECAST_DAYS: i32 = 3;
const PATTERNS: &[&str] = &[
    r"\b(my|our|the|next|any) (\w+ )?(meetings?|appointments?|events?|schedule|agenda|calendar)\b",
    r"\b(do|am|did|will) (i|we) (have|got|be|free|busy|meet|meeting)\b.*\b(today|tomorrow|tonight|week|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    r"\bam i (free|busy)\b",
    r"\bwhat('s| is|s)? (on|planned|coming up|up next)\b",
    r"\bwhen (do|am|is|are|will) (i|we|my|our)\b",
];
