//! One's calendar: an iCalendar address or file, recurrence expanded, asked by day, by name, or for what comes next.

mod agenda;
mod ics;
mod recurrence;
mod wish;
mod zone;

use std::{
    fmt::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use jiff::{Span, Timestamp, Zoned, civil::Date, tz::TimeZone};
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;
use tokio::{runtime::Handle, time::Instant};

use self::{
    agenda::Agenda,
    ics::{Event, events, unfolded},
    recurrence::{Occurrence, between},
    wish::{End, Wish},
};
use super::readable::plain;
use crate::{
    Finding, FollowUp, Http, Interests, Known, Limits, Media, Profile, Question, Secret, Source, SourceError,
    charset::decode,
    days::{Days, When, distance},
    isolated::isolated,
    item,
    words::{stem, words},
};

/// Where the calendar is, and what its events lead to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarConfig {
    /// The address of the calendar; often it is itself the secret.
    pub url: Option<Secret>,
    /// Or a file.
    pub file: Option<PathBuf>,
    /// The calendar's own page on the web, for people: where an event without an address of its own is opened.
    pub link: Option<Url>,
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
    link: Option<Url>,
    follow_ups: Vec<CalendarFollowUp>,
    store: Arc<Store>,
}

/// Keeps the events between questions.
struct Store {
    place: Place,
    refresh: Duration,
    /// Held while it is loaded, so that it is loaded once.
    loading: tokio::sync::Mutex<()>,
    loaded: Mutex<Option<(Instant, Arc<Agenda>)>>,
    /// When it was last made ready for questions that name an event.
    prepared: Mutex<Option<Instant>>,
}

enum Place {
    Url(Url, Box<Http>),
    File(PathBuf),
}

impl Calendar {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        Profile::new(name, "calendar").interested(Interests::in_topics(TOPICS.iter().copied()).and_built_in(PATTERNS))
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
        if config.link.as_ref().is_some_and(|link| !matches!(link.scheme(), "http" | "https")) {
            return Err("link: must begin with http:// or https://".to_owned());
        }
        let refresh = Duration::from_secs(config.refresh_s.unwrap_or(refresh));
        let store = Store {
            place,
            refresh,
            loading: tokio::sync::Mutex::default(),
            loaded: Mutex::default(),
            prepared: Mutex::default(),
        };
        let store = Arc::new(store);
        store.prepare();
        Ok(Self { profile, link: config.link, follow_ups: config.follow_ups, store })
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let store = Arc::clone(&self.store);
        // In a task of its own: when the question is dropped, the calendar still arrives for the next one.
        let agenda = tokio::spawn(async move { store.agenda().await }).await.map_err(|_| SourceError::Broken)??;
        let now = question.local();
        let wish = Wish::of(&question.query, &now);
        let about = self.is_asked(&question.query, &wish, &agenda);
        let events = &agenda.events;
        let (shared, asked, at) = (Arc::clone(&agenda), wish.clone(), now.clone());
        let chosen = isolated(move || choose(&shared.events, &asked, about, &at)).await.ok_or(SourceError::Broken)?;
        let mut chosen = match chosen {
            Answer::Events(chosen) => chosen,
            Answer::Said(text) => return Ok(vec![self.said("none", text, &now)].into()),
            Answer::Nothing => return Ok(Finding::default()),
        };
        let follow_ups = self.follow_ups(events, &chosen, &now);
        let most = self.profile.bounds.items;
        let more = if chosen.len() > most { chosen.split_off(most.saturating_sub(1)) } else { Vec::new() };
        let describe = |(rank, occurrence): (usize, &Occurrence)| {
            let event = events.get(occurrence.event)?;
            Some(self.describe(event, occurrence, rank, &wish, &now))
        };
        let mut items: Vec<ContextItem> = chosen.iter().enumerate().filter_map(describe).collect();
        if let Some(last) = more.last() {
            let text = format!("There are {} more events, up to {}.", more.len(), last.start.strftime("%A, %-d %B %Y"));
            items.push(ContextItem { relevance: 0.5, ..self.said("more", text, &now) });
        }
        Ok(Finding { items, follow_ups })
    }

    /// Whether the question is about the calendar.
    fn is_asked(&self, query: &str, wish: &Wish, agenda: &Agenda) -> Asked {
        let interests = &self.profile.interests;
        let stems: Vec<String> = words(query).iter().map(|word| stem(word)).collect();
        let mentions = |topic: &String| {
            let topic: Vec<String> = words(topic).iter().map(|word| stem(word)).collect();
            !topic.is_empty() && stems.windows(topic.len()).any(|window| window == topic)
        };
        if interests.match_query(query) || asks_of_a_time(wish) {
            Asked::Surely
        } else if interests.topics().iter().any(mentions) || agenda.named_by(wish).is_some() {
            Asked::Perhaps
        } else {
            Asked::Not
        }
    }

    /// What is asked about the first place where one has to be soon.
    fn follow_ups(&self, events: &[Event], chosen: &[Occurrence], now: &Zoned) -> Vec<FollowUp> {
        let soon = chosen.iter().filter(|occurrence| days_between(now, &occurrence.start) < FORECAST_DAYS);
        let place = soon.filter_map(|occurrence| Some((occurrence, events.get(occurrence.event)?)));
        let mut place = place.filter(|(_, event)| is_place(&event.location));
        let Some((occurrence, event)) = place.next() else { return Vec::new() };
        let day = distance(first_day_left(occurrence, now), now.date());
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

    fn knows(&self, question: &Question) -> Option<Known> {
        self.store.prepare();
        let wish = Wish::of(&question.query, &question.local());
        if asks_of_a_time(&wish) {
            return Some(Known { score: 0.9, because: "is asked what is planned".to_owned() });
        }
        let agenda = self.store.known()?;
        agenda.named_by(&wish).map(|_| Known { score: 0.85, because: "has an event of this name".to_owned() })
    }

    /// The calendar itself is kept; what a question means changes with the hour.
    fn cache_key(&self, _question: &Question) -> Option<String> {
        None
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

/// Whether it is asked what is planned at a time that is named.
fn asks_of_a_time(wish: &Wish) -> bool {
    wish.planned && (wish.when != When::Unsaid || wish.now)
}

impl Store {
    fn loaded(&self) -> MutexGuard<'_, Option<(Instant, Arc<Agenda>)>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known without waiting.
    fn known(&self) -> Option<Arc<Agenda>> {
        self.loaded().as_ref().map(|(_, agenda)| Arc::clone(agenda))
    }

    /// Sees in the background that the calendar is there when a question names one of its events.
    fn prepare(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.is_none_or(|at| at.elapsed() >= self.refresh.max(SOON)) {
            *prepared = Some(Instant::now());
            let store = Arc::clone(self);
            // Who asks is told what is wrong with it.
            runtime.spawn(async move { store.agenda().await.is_ok() });
        }
    }

    async fn agenda(&self) -> Result<Arc<Agenda>, SourceError> {
        let _loading = self.loading.lock().await;
        let before = self.loaded().clone();
        if let Some((at, agenda)) = &before
            && at.elapsed() < self.refresh
        {
            return Ok(Arc::clone(agenda));
        }
        match self.load().await {
            Ok(agenda) => {
                let agenda = Arc::new(agenda);
                *self.loaded() = Some((Instant::now(), Arc::clone(&agenda)));
                Ok(agenda)
            }
            // Better a calendar of a while ago than none.
            Err(error) => match before.filter(|(at, _)| at.elapsed() < STALE) {
                Some((_, agenda)) => {
                    tracing::info!(%error, "a calendar could not be refreshed");
                    Ok(agenda)
                }
                None => Err(error),
            },
        }
    }

    async fn load(&self) -> Result<Agenda, SourceError> {
        let (bytes, kind) = match &self.place {
            Place::Url(url, http) => {
                let body = http.get(url.clone(), &HeaderMap::new(), Media::Calendar).await?;
                (body.bytes, body.kind)
            }
            Place::File(path) => (read_file(path).await?, String::new()),
        };
        let text = decode(&unfolded(&bytes), &kind);
        if !text.contains("BEGIN:VCALENDAR") {
            return Err(SourceError::Garbage("not a calendar"));
        }
        isolated(move || Agenda::of(events(&text))).await.ok_or(SourceError::Broken)
    }
}

async fn read_file(path: &PathBuf) -> Result<Vec<u8>, SourceError> {
    let unreadable = |_| SourceError::Said("the calendar file cannot be read".to_owned());
    let data = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if data.len() > LARGEST_FILE {
        return Err(SourceError::TooLarge);
    }
    tokio::fs::read(path).await.map_err(unreadable)
}

/// Whether a question is about the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Surely,
    /// It mentions a meeting; what it wants may be something else.
    Perhaps,
    Not,
}

/// What there is to say.
enum Answer {
    Events(Vec<Occurrence>),
    Said(String),
    /// The question is about something else.
    Nothing,
}

impl From<Vec<Occurrence>> for Answer {
    fn from(events: Vec<Occurrence>) -> Self {
        Self::Events(events)
    }
}

/// What the calendar says to a question: the events it names, else those of its time. **Of a question that names no
/// event and is not about the calendar, nothing.**
fn choose(events: &[Event], wish: &Wish, asked: Asked, now: &Zoned) -> Answer {
    let zone = now.time_zone();
    match &wish.when {
        When::Said(days) => {
            let Some((from, to)) = moments(*days, zone) else { return Answer::Nothing };
            let named = named(events, wish, from, to, zone);
            if !named.is_empty() {
                return named.into();
            }
            if asked == Asked::Not {
                return Answer::Nothing;
            }
            // It is on another day than is thought.
            if asked == Asked::Perhaps
                && let Some(named) = one_of_name(events, wish, now)
            {
                return named.into();
            }
            let all = narrowed(between(events, |_| true, from, to, zone), *days, wish, now);
            if all.is_empty() {
                let hours = wish.hours.map(|hours| format!(" {}", hours.named())).unwrap_or_default();
                let left = if wish.still && days.contains(now.date()) { " any more" } else { "" };
                let days = days.named(now.date());
                return Answer::Said(format!("There is nothing in the calendar {days}{hours}{left}."));
            }
            all.into()
        }
        When::Unclear(words) => match (one_of_name(events, wish, now), asked) {
            (Some(named), _) => named.into(),
            (None, Asked::Surely) => Answer::Said(format!(
                "Which days “{words}” means was not understood, so the calendar was not searched for them."
            )),
            (None, Asked::Perhaps | Asked::Not) => Answer::Nothing,
        },
        When::Unsaid => without_time(events, wish, asked, now),
    }
}

fn without_time(events: &[Event], wish: &Wish, asked: Asked, now: &Zoned) -> Answer {
    if let Some(named) = one_of_name(events, wish, now) {
        return named.into();
    }
    match asked {
        Asked::Not => return Answer::Nothing,
        Asked::Perhaps if wish.names_something() && !wish.particular => return Answer::Nothing,
        Asked::Surely | Asked::Perhaps => {}
    }
    let ahead = |days: i64| now.checked_add(Span::new().days(days)).unwrap_or_else(|_| now.clone());
    if wish.surely_names_something() && (wish.particular || wish.next) {
        let (from, to) = if wish.past { (ahead(-FAR_DAYS), now.clone()) } else { (now.clone(), ahead(FAR_DAYS)) };
        let day = |at: &Zoned| at.strftime("%-d %B %Y").to_string();
        let words = wish.words();
        return Answer::Said(format!(
            "Nothing in the calendar from {} to {} mentions “{words}”.",
            day(&from),
            day(&to)
        ));
    }
    if wish.names_something() && wish.next && !wish.comes_next {
        return Answer::Nothing;
    }
    if wish.next {
        // What has begun is not next, and a whole day is no meeting unless there is nothing else.
        let all = between(events, |_| true, now.timestamp(), ahead(FAR_DAYS).timestamp(), now.time_zone());
        let ahead = |occurrence: &&Occurrence| occurrence.start > *now;
        let timed = all.iter().filter(ahead).find(|occurrence| !occurrence.all_day);
        let next = timed.or_else(|| all.iter().find(ahead)).cloned();
        return next
            .map_or_else(|| Answer::Said("Nothing comes next in the calendar.".to_owned()), |next| vec![next].into());
    }
    if wish.now {
        let all = running(events, now);
        return if all.is_empty() {
            Answer::Said("There is nothing in the calendar right now.".to_owned())
        } else {
            all.into()
        };
    }
    let (from, to) = if wish.past { (ahead(-NEAR_DAYS), now.clone()) } else { (now.clone(), ahead(NEAR_DAYS)) };
    let mut all = between(events, |_| true, from.timestamp(), to.timestamp(), now.time_zone());
    if wish.past && wish.end == Some(End::Last) {
        all = at_the_end(&all, End::Last);
    }
    if all.is_empty() {
        let days = Days { first: from.date(), last: to.date() };
        return Answer::Said(format!("There is nothing in the calendar {}.", days.named(now.date())));
    }
    all.into()
}

/// What takes place at this moment.
fn running(events: &[Event], now: &Zoned) -> Vec<Occurrence> {
    let moment = now.timestamp();
    let soon = moment.saturating_add(Span::new().seconds(1)).unwrap_or(moment);
    let all = between(events, |_| true, moment, soon, now.time_zone());
    all.into_iter().filter(|occurrence| occurrence.start <= *now).collect()
}

/// Of the events of some days those of the hours that are meant, those that are not over, and the first or the last.
fn narrowed(mut all: Vec<Occurrence>, days: Days, wish: &Wish, now: &Zoned) -> Vec<Occurrence> {
    let zone = now.time_zone();
    if let Some(hours) = wish.hours {
        let spans: Vec<_> = days.each().filter_map(|day| hours.on(day, zone)).collect();
        let falls = |occurrence: &Occurrence, (from, to): &(Timestamp, Timestamp)| {
            let (start, end) = (occurrence.start.timestamp(), occurrence.end.timestamp());
            start < *to && (end > *from || start >= *from)
        };
        all.retain(|occurrence| spans.iter().any(|span| falls(occurrence, span)));
    }
    if wish.still && days.contains(now.date()) {
        all.retain(|occurrence| occurrence.end > *now);
    }
    match wish.end {
        Some(end) => at_the_end(&all, end),
        None => all,
    }
}

/// The first or the last; a whole day is neither unless there is nothing else.
fn at_the_end(all: &[Occurrence], end: End) -> Vec<Occurrence> {
    let is_timed = |occurrence: &&Occurrence| !occurrence.all_day;
    let one = match end {
        End::First => all.iter().find(is_timed).or(all.first()),
        End::Last => all.iter().rfind(is_timed).or(all.last()),
    };
    one.cloned().into_iter().collect()
}

/// The events of the best name far ahead, or far back if it is about the past; of "when is …" the nearest.
fn one_of_name(events: &[Event], wish: &Wish, now: &Zoned) -> Option<Vec<Occurrence>> {
    let far = now.checked_add(Span::new().days(if wish.past { -FAR_DAYS } else { FAR_DAYS })).ok()?;
    let (from, to) = if wish.past { (far.timestamp(), now.timestamp()) } else { (now.timestamp(), far.timestamp()) };
    let mut found = named(events, wish, from, to, now.time_zone());
    if wish.past {
        found.reverse();
    }
    if wish.next {
        found.truncate(1);
    }
    (!found.is_empty()).then_some(found)
}

/// Those that share the most words with the question, in order of time.
fn named(events: &[Event], wish: &Wish, from: Timestamp, to: Timestamp, zone: &TimeZone) -> Vec<Occurrence> {
    if !wish.names_something() {
        return Vec::new();
    }
    let fits: Vec<usize> = events.iter().map(|event| wish.fit(event)).collect();
    let fit = |index: usize| fits.get(index).copied().unwrap_or(0);
    let all = between(events, |index| fit(index) > 0, from, to, zone);
    let best = all.iter().map(|occurrence| fit(occurrence.event)).max().unwrap_or(0);
    all.into_iter().filter(|occurrence| fit(occurrence.event) == best).collect()
}

/// From the first moment of the days up to the end of them.
fn moments(days: Days, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let start = |date: Date| date.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    Some((start(days.first)?, start(days.last.tomorrow().ok()?)?))
}

impl Calendar {
    fn describe(&self, event: &Event, occurrence: &Occurrence, rank: usize, wish: &Wish, now: &Zoned) -> ContextItem {
        let (start, end) = (&occurrence.start, &occurrence.end);
        let title = if event.summary.is_empty() { "Untitled event" } else { &event.summary };
        let last = last_day(occurrence);
        let date = if occurrence.all_day && last > start.date() {
            let days = Days { first: start.date(), last };
            format!("{}, {}", distance(first_day_left(occurrence, now), now.date()), days.named(now.date()))
        } else {
            format!("{}, {}", distance(start.date(), now.date()), start.strftime("%A, %-d %B %Y"))
        };
        let time = if occurrence.all_day {
            "all day".to_owned()
        } else {
            let zone = match &event.unknown_zone {
                Some(name) => {
                    format!("in the time zone “{name}”, which is not known: on the user's clock it may be another time")
                }
                None => start.time_zone().iana_name().unwrap_or("UTC").to_owned(),
            };
            let end = if end.date() == start.date() { end.strftime("%H:%M") } else { end.strftime("%-d %B %H:%M") };
            format!("{} to {end} ({zone})", start.strftime("%H:%M"))
        };
        let mut text = format!("{title}: {date}, {time}.");
        for (label, value) in [("Where", &event.location), ("With", &event.people.join(", "))] {
            if !value.is_empty() {
                let _ = write!(text, " {label}: {value}.");
            }
        }
        let unmentioned = wish.unmentioned(event);
        if !unmentioned.is_empty() {
            let _ = write!(text, " The entry does not mention “{}”.", unmentioned.join(" "));
        }
        if !event.description.is_empty() {
            let notes = if is_html(&event.description) { plain(&event.description) } else { event.description.clone() };
            let notes: String = notes.chars().take(300).collect();
            let _ = write!(text, "\nNotes: {notes}");
        }
        ContextItem {
            url: event.url.clone().or_else(|| self.link()),
            expires_at: Some(end.timestamp().as_second().max(now.timestamp().as_second() + 60)),
            relevance: (0.9 - 0.05 * rank as f32).max(0.3),
            ..self.item(format!("{}@{}", event.uid, start.timestamp().as_second()), title, text, now)
        }
    }

    /// That nothing is planned, or nothing understood, is an answer, too.
    fn said(&self, id: &str, text: String, now: &Zoned) -> ContextItem {
        ContextItem {
            url: self.link(),
            expires_at: Some(now.timestamp().as_second() + 300),
            relevance: 0.6,
            ..self.item(format!("{id}@{}", now.timestamp().as_second()), "Calendar", text, now)
        }
    }

    fn item(&self, id: String, title: &str, text: String, now: &Zoned) -> ContextItem {
        let attribution = self.profile.name.clone();
        ContextItem { attribution, as_of: now.timestamp().as_second(), ..item(id, title, text) }
    }

    fn link(&self) -> Option<String> {
        self.link.as_ref().map(Url::to_string)
    }
}

fn is_html(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["</", "<br", "<p>", "<html"].iter().any(|tag| lower.contains(tag))
}

/// Its end is the first moment after it.
fn last_day(occurrence: &Occurrence) -> Date {
    let before = occurrence.end.checked_sub(Span::new().nanoseconds(1));
    before.map_or(occurrence.start.date(), |at| at.date().max(occurrence.start.date()))
}

/// On which day it begins, or today if it began before and is not over.
fn first_day_left(occurrence: &Occurrence, now: &Zoned) -> Date {
    let start = occurrence.start.date();
    if occurrence.end > *now { start.max(now.date().min(last_day(occurrence))) } else { start }
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

/// How often at most the calendar is made ready.
const SOON: Duration = Duration::from_secs(60);
const STALE: Duration = Duration::from_secs(24 * 3_600);
const LARGEST_FILE: u64 = 16 << 20;
const FORECAST_DAYS: i32 = 3;
/// How far an event is looked for by its name: over a year, so that every birthday is found.
const FAR_DAYS: i64 = 400;
const NEAR_DAYS: i64 = 7;
const TOPICS: &[&str] = &[
    "calendar",
    "meeting",
    "appointment",
    "schedule",
    "agenda",
    "diary",
    "birthday",
    "kalender",
    "termin",
    "termine",
    "besprechung",
    "geburtstag",
    "rendez vous",
    "réunion",
    "calendrier",
    "anniversaire",
    "cita",
    "reunión",
    "calendario",
    "cumpleaños",
    "reunião",
    "compromisso",
    "calendário",
    "aniversário",
    "appuntamento",
    "riunione",
    "compleanno",
    "afspraak",
    "afspraken",
    "vergadering",
    "verjaardag",
];
/// English, German, French, Spanish, Portuguese, Italian, Dutch.
const PATTERNS: &[&str] = &[
    r"\b(my|our|next|any|upcoming) (\w+ )?(meetings?|appointments?|events?|schedule|agenda|calendar|diary)\b",
    r"\b(what|which|how many) (meetings?|appointments?)\b|\b(on|in) the (calendar|schedule|agenda|diary)\b",
    r"\bam i (free|busy)\b",
    r"\bwhat('s| is|s)? (coming up|up next|next on my)\b",
    r"\bwhen('s| is| are|s| was| were) (my|our|the next)\b|\b(when|what time) (do|does|did|will|is|are) (my|our|the next)\b|\bwhen (do|am|will|did) (i|we) (meet|see|fly|leave|land|have)\b",
    r"\b(meine?|meinen|unsere?|nächste[rsn]?) (\w+ )?(termine?|besprechung(en)?|kalender|treffen)\b|\bwann (ist|war) (meine?|unsere?)\b|\bwann (habe|treffe) ich\b",
    r"\b(mon|ma|mes|notre|nos|prochaine?s?) (\w+ )?(rendez-vous|réunions?|agenda|calendrier)\b|\bquand (est|sont) (mon|ma|mes)\b",
    r"\b(mi|mis|nuestr[oa]s?|próxim[oa]s?) (\w+ )?(citas?|reuni(ón|ones)|agenda|calendario)\b|\bcuándo (es|son|tengo) (mi|mis|la|el)\b",
    r"\b(minhas?|meus?|noss[oa]s?|próxim[oa]s?) (\w+ )?(compromissos?|reuni(ão|ões)|agenda|calendário|consultas?)\b|\bquando (é|são|tenho) (o meu|a minha|minha|meu)\b",
    r"\b(mi[oa]|miei|mie|nostr[oai]|prossim[oai]) (\w+ )?(appuntament[oi]|riunion[ei]|impegn[oi]|calendario|agenda)\b|\bquando (è|sono|ho) (il mio|la mia|i miei)\b",
    r"\b(mijn|onze|volgende) (\w+ )?(afspra(ak|ken)|vergadering(en)?|agenda|kalender)\b|\bwanneer (is|heb) (mijn|ik)\b",
];
