//! The weather and the names of places, from a service of Open-Meteo's shape; no key is needed.

mod forecast;
mod spot;

use std::fmt::Write as _;

use futures::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};
use jiff::tz::TimeZone;
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use self::{
    forecast::{Forecast, wants_fahrenheit},
    spot::{Spot, find},
};
use crate::{
    Finding, Http, Interests, Known, Limits, Media, Profile, Question, Source, SourceError,
    days::{Reading, When},
    item,
    place::is_name_of_place,
    words::{normalise, words},
};

/// Where the service is, and where the user usually is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeatherConfig {
    /// The forecast service.
    #[serde(default = "forecast_url")]
    pub forecast_url: String,
    /// The service that knows places.
    #[serde(default = "geocoding_url")]
    pub geocoding_url: String,
    /// The place that is meant when none is named.
    pub home: Option<Home>,
    /// The hosts are allowed to be private: they are one's own. Both services must then be one host.
    #[serde(default)]
    pub allow_private: bool,
}

impl Default for WeatherConfig {
    fn default() -> Self {
        Self { forecast_url: forecast_url(), geocoding_url: geocoding_url(), home: None, allow_private: false }
    }
}

fn forecast_url() -> String {
    "https://api.open-meteo.com".to_owned()
}

fn geocoding_url() -> String {
    "https://geocoding-api.open-meteo.com".to_owned()
}

/// A place by its position.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// How to call it.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// The weather.
pub struct Weather {
    profile: Profile,
    config: WeatherConfig,
    http: Http,
}

impl Weather {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let topics = [
            "weather",
            "forecast",
            "temperature",
            "rain",
            "snow",
            "sunny",
            "windy",
            "storm",
            "umbrella",
            "degrees",
            "sunrise",
            "sunset",
            "humidity",
        ];
        Profile::new(name, "weather").interested(Interests::in_topics(topics).and_built_in(PATTERNS))
    }

    /// A source with this profile.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: WeatherConfig) -> Result<Self, String> {
        let forecast = Url::parse(&config.forecast_url).map_err(|error| format!("forecast_url: {error}"))?;
        let geocoding = Url::parse(&config.geocoding_url).map_err(|error| format!("geocoding_url: {error}"))?;
        if config.allow_private && forecast.origin() != geocoding.origin() {
            return Err("geocoding_url: with allow_private both services must be one host".to_owned());
        }
        let limits = Limits { bytes: 256 << 10, time: profile.limit, ..Limits::default() };
        let http = if config.allow_private { Http::with_own(limits, &forecast) } else { Http::new(limits) };
        Ok(Self { profile, config, http: http.map_err(|error| error.to_string())? })
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let wish = Wish::of(&question.query);
        let tell = async |spot: Spot| match wish {
            Wish::Time => Ok(time_at(&spot, question).into_iter().collect()),
            Wish::Place => Ok(vec![about(&spot, question)]),
            Wish::Weather => self.forecast(&spot, question).await,
        };
        let told = try_join_all(self.spots(question).await?.into_iter().map(tell)).await?;
        let mut items: Vec<ContextItem> = told.into_iter().flatten().collect();
        // Of several places the same day stands together.
        items.sort_by(|one, other| other.relevance.total_cmp(&one.relevance));
        Ok(items.into())
    }

    /// The places that are meant: named, else home, else mentioned last.
    async fn spots(&self, question: &Question) -> Result<Vec<Spot>, SourceError> {
        let mut names = named(question);
        if names.is_empty() && !question.points_there() {
            match (&self.config.home, question.scratchpad.places.last()) {
                (Some(home), _) => return Ok(vec![home.into()]),
                (None, Some(place)) => names.push(place.clone()),
                (None, None) => {}
            }
        }
        let found = try_join_all(names.iter().map(|name| self.find(name))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn find(&self, place: &str) -> Result<Option<Spot>, SourceError> {
        find(&self.http, &self.config.geocoding_url, place).await
    }

    async fn forecast(&self, spot: &Spot, question: &Question) -> Result<Vec<ContextItem>, SourceError> {
        let base = self.config.forecast_url.trim_end_matches('/');
        let past = if looks_back(question) { PAST_DAYS } else { 0 };
        let url = format!(
            "{base}/v1/forecast?latitude={:.4}&longitude={:.4}&current={CURRENT}&daily={DAILY}&timezone=auto\
             &forecast_days={FORECAST_DAYS}&past_days={past}",
            spot.latitude, spot.longitude
        );
        let url = Url::parse(&url).map_err(|_| SourceError::Forbidden)?;
        let forecast: Forecast = self.http.get(url, &HeaderMap::new(), Media::Json).await?.json()?;
        Ok(forecast.items(spot, question))
    }
}

/// Whether a day before today is asked about, wherever that is.
fn looks_back(question: &Question) -> bool {
    let now = question.local();
    matches!(Reading::of(&question.query, now.datetime()).when, When::Said(days) if days.first < now.date())
}

/// The places that the words name.
fn named(question: &Question) -> Vec<String> {
    let subject = if Wish::of(&question.query) == Wish::Place { subject(&question.query) } else { None };
    subject.map_or_else(|| question.places().into_iter().take(MOST_PLACES).collect(), |subject| vec![subject])
}

impl Source for Weather {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Where something is, if it is called as places are.
    fn knows(&self, question: &Question) -> Option<Known> {
        let place = subject(&question.query).filter(|name| is_name_of_place(name))?;
        Some(Known { score: 0.85, because: format!("is asked where {place} is") })
    }

    /// The same place and the same wish, however it is worded.
    fn cache_key(&self, question: &Question) -> Option<String> {
        let wish = Wish::of(&question.query);
        if wish == Wish::Time {
            return None;
        }
        let mut places = named(question);
        let meant = match (places.is_empty(), question.points_there()) {
            (false, _) => "named",
            (true, true) => "there",
            (true, false) => "meant",
        };
        if places.is_empty() {
            places.extend(question.scratchpad.places.last().cloned());
        }
        // Users whose days differ say different words for the same day; who says the same words means the same day there.
        let when = Reading::of(&question.query, question.now.to_zoned(TimeZone::UTC).datetime()).when;
        let unit = wants_fahrenheit(&question.query);
        Some(format!("{wish:?} {when:?} {unit} {meant} {}", normalise(&places.join(" and "))))
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Weather,
    Time,
    Place,
}

impl Wish {
    fn of(query: &str) -> Self {
        let words = words(query);
        let has = |word: &str| words.iter().any(|other| other == word);
        let where_is = words.windows(2).any(|pair| pair[0] == "where" && (pair[1] == "is" || pair[1] == "are"));
        // As the source of the time asks.
        if words.first().is_some_and(|word| word == "time") || words.windows(2).any(|pair| pair == ["what", "time"]) {
            Self::Time
        } else if where_is || has("wheres") || has("population") {
            Self::Place
        } else {
            Self::Weather
        }
    }
}

fn about(spot: &Spot, question: &Question) -> ContextItem {
    let region = spot.admin1.as_deref().filter(|region| *region != spot.name);
    let inside: Vec<&str> = region.into_iter().chain(spot.country.as_deref()).collect();
    let mut text = format!(
        "{} is in {}",
        spot.name,
        if inside.is_empty() { "an unnamed region".into() } else { inside.join(", ") }
    );
    let _ = write!(text, ", at latitude {:.2} and longitude {:.2}", spot.latitude, spot.longitude);
    if let Some(height) = spot.elevation {
        let _ = write!(text, ", {height:.0} m above the sea");
    }
    if let Some(people) = spot.population.filter(|people| *people > 0) {
        let _ = write!(text, ", with {people} inhabitants");
    }
    text.push('.');
    credited(format!("place:{}", spot.called()), spot.called(), text, 0.85, 86_400, question)
}

fn time_at(spot: &Spot, question: &Question) -> Option<ContextItem> {
    let zone = TimeZone::get(spot.timezone.as_deref()?).ok()?;
    let at = question.now.to_zoned(zone);
    let text = format!(
        "It is {} on {} in {} ({}).",
        at.strftime("%H:%M"),
        at.strftime("%A, %-d %B %Y"),
        spot.called(),
        spot.timezone.as_deref().unwrap_or_default()
    );
    let title = format!("Time in {}", spot.called());
    Some(credited(format!("time:{}", spot.called()), title, text, 0.95, 60, question))
}

fn credited(
    id: String,
    title: String,
    text: String,
    relevance: f32,
    good_for_s: i64,
    question: &Question,
) -> ContextItem {
    let now = question.now.as_second();
    ContextItem {
        url: Some("https://open-meteo.com/".to_owned()),
        attribution: "Weather data by Open-Meteo.com (CC BY 4.0)".to_owned(),
        as_of: now,
        expires_at: Some(now + good_for_s),
        relevance,
        ..item(id, title, text)
    }
}

/// What is asked about in "where is …".
fn subject(query: &str) -> Option<String> {
    let lower = query.to_lowercase();
    let start = ["where is ", "where are ", "where's ", "where’s ", "wheres ", "population of "]
        .iter()
        .find_map(|opening| lower.find(opening).map(|at| at + opening.len()))?;
    let name = query.get(start..)?.trim_end_matches(['?', '.', '!']).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

const CURRENT: &str =
    "temperature_2m,apparent_temperature,relative_humidity_2m,precipitation,weather_code,wind_speed_10m";
const DAILY: &str = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max,sunrise,sunset";
const PATTERNS: &[&str] = &[
    r"\bhow (hot|cold|warm) (is|will|does)\b",
    r"\b(is|will) it (be |going to )?(rain|raining|snow|snowing|sunny|cold|warm|hot|windy)",
    r"\bwetter|\bregn(et|en)\b|\b(regen(schirm)?|schnee|schneit|schneien|temperatur(en)?|vorhersage|sonnenaufgang|sonnenuntergang)\b|\bwie (warm|kalt|heiß) (ist|wird)\b",
    r"\bmétéo\b|\bquel temps\b|\b(pleuvoir|pleut|pleuvra|pluie|neige|neiger|parapluie|températures?|prévisions)\b|\bfait[- ]il (chaud|froid|beau)\b",
    r"\btiempo (hace|hará|va a|hay)\b|\b(clima|llover|llueve|lloverá|lluvia|nieve|nevar|paraguas|temperaturas?|pronóstico)\b|\bhace (calor|frío)\b",
    r"\bcomo (está|vai estar|estará|é) o tempo\b|\bprevisão\b|\b(chover|chove|choverá|chuva|neve|nevar|guarda-chuva|temperaturas?)\b|\b(faz|está) (calor|frio)\b",
    r"\bche tempo\b|\bmeteo\b|\b(piove|pioverà|piovere|pioggia|neve|nevicare|nevicherà|ombrello|temperature?|previsioni)\b|\bfa (caldo|freddo)\b",
    r"\bhet weer\b|\bweer in\b|\bweer(bericht|sverwachting)\b|\b(regent|regenen|sneeuw|sneeuwen|paraplu|temperatuur|zonsopgang|zonsondergang)\b|\bhoe (warm|koud) (is|wordt)\b",
];
/// As far as the service looks ahead.
const FORECAST_DAYS: u8 = 16;
const PAST_DAYS: u8 = 14;
const MOST_PLACES: usize = 3;
