//! The weather and the names of places, from a service of Open-Meteo's shape; no key is needed.

use std::fmt::Write as _;

use futures::{FutureExt, future::BoxFuture};
use jiff::tz::TimeZone;
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use crate::{
    Finding, Http, Interests, Limits, Media, Profile, Question, Source, SourceError, item,
    template::encode_url,
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

#[derive(Clone, Debug, Deserialize)]
struct Spot {
    name: String,
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    admin1: Option<String>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    population: Option<u64>,
    #[serde(default)]
    elevation: Option<f64>,
    /// The GeoNames code of what it is: `PPL…` for where people live, `ADM…` for regions, `PCL…` for countries.
    #[serde(default)]
    feature_code: Option<String>,
}

impl Spot {
    fn is_region(&self) -> bool {
        self.feature_code.as_deref().is_some_and(|code| code.starts_with("ADM") || code.starts_with("PCL"))
    }

    fn called(&self) -> String {
        match &self.country {
            Some(country) if *country != self.name => format!("{}, {country}", self.name),
            _ => self.name.clone(),
        }
    }
}

#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    results: Vec<Spot>,
}

#[derive(Deserialize)]
struct Forecast {
    #[serde(default)]
    timezone: Option<String>,
    current: Option<Current>,
    daily: Option<Daily>,
}

#[derive(Deserialize)]
struct Current {
    temperature_2m: f64,
    apparent_temperature: Option<f64>,
    relative_humidity_2m: Option<f64>,
    precipitation: Option<f64>,
    weather_code: Option<u8>,
    wind_speed_10m: Option<f64>,
}

#[derive(Deserialize)]
struct Daily {
    time: Vec<String>,
    #[serde(default)]
    weather_code: Vec<Option<u8>>,
    #[serde(default)]
    temperature_2m_max: Vec<Option<f64>>,
    #[serde(default)]
    temperature_2m_min: Vec<Option<f64>>,
    #[serde(default)]
    precipitation_probability_max: Vec<Option<f64>>,
    #[serde(default)]
    sunrise: Vec<String>,
    #[serde(default)]
    sunset: Vec<String>,
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
        let Some(spot) = self.spot(question).await? else { return Ok(Finding::default()) };
        match Wish::of(&question.query) {
            Wish::Time => Ok(time_at(&spot, question).into_iter().collect::<Vec<_>>().into()),
            Wish::Place => Ok(vec![about(&spot, question)].into()),
            Wish::Weather => self.forecast(&spot, question).await,
        }
    }

    /// The place that is meant: named, else mentioned last, else home.
    async fn spot(&self, question: &Question) -> Result<Option<Spot>, SourceError> {
        let named = match Wish::of(&question.query) {
            Wish::Place => subject(&question.query).or_else(|| question.place()),
            Wish::Time | Wish::Weather => question.place(),
        };
        if let Some(place) = &named
            && let Some(spot) = self.find(place).await?
        {
            return Ok(Some(spot));
        }
        if named.is_none()
            && let Some(home) = &self.config.home
        {
            return Ok(Some(Spot {
                name: home.name.clone(),
                latitude: home.latitude,
                longitude: home.longitude,
                country: None,
                admin1: None,
                timezone: None,
                population: None,
                elevation: None,
                feature_code: None,
            }));
        }
        match question.scratchpad.places.last() {
            Some(place) if named.is_none() => self.find(place).await,
            _ => Ok(None),
        }
    }

    /// A name is looked up; of an address, the city: the last part, or what stands before a region or a country.
    async fn find(&self, place: &str) -> Result<Option<Spot>, SourceError> {
        let without_digits = |part: &str| {
            let words = part.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
            words.collect::<Vec<_>>().join(" ")
        };
        let parts = place.split(',').map(without_digits).filter(|part| part.len() > 1);
        let parts: Vec<String> = parts.collect();
        let mut region = None;
        for part in parts.iter().rev().take(MOST_PARTS) {
            match self.geocode(part).await? {
                Some(spot) if spot.is_region() => region = region.or(Some(spot)),
                Some(spot) => return Ok(Some(spot)),
                None => {}
            }
        }
        Ok(region)
    }

    async fn geocode(&self, name: &str) -> Result<Option<Spot>, SourceError> {
        let base = self.config.geocoding_url.trim_end_matches('/');
        let url = format!("{base}/v1/search?name={}&count=1&language=en&format=json", encode_url(name));
        let url = Url::parse(&url).map_err(|_| SourceError::Forbidden)?;
        let places: Places = self.http.get(url, &HeaderMap::new(), Media::Json).await?.json()?;
        Ok(places.results.into_iter().next())
    }

    async fn forecast(&self, spot: &Spot, question: &Question) -> Result<Finding, SourceError> {
        let base = self.config.forecast_url.trim_end_matches('/');
        let url = format!(
            "{base}/v1/forecast?latitude={:.4}&longitude={:.4}&current={CURRENT}&daily={DAILY}&timezone=auto&forecast_days=4",
            spot.latitude, spot.longitude
        );
        let url = Url::parse(&url).map_err(|_| SourceError::Forbidden)?;
        let forecast: Forecast = self.http.get(url, &HeaderMap::new(), Media::Json).await?.json()?;
        let mut items = Vec::new();
        if let Some(current) = &forecast.current {
            items.push(now(spot, current, question));
        }
        if let Some(daily) = &forecast.daily {
            items.extend(days(spot, daily, &forecast, question));
        }
        Ok(items.into())
    }
}

impl Source for Weather {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The same place and the same wish, however it is worded.
    fn cache_key(&self, question: &Question) -> Option<String> {
        let wish = Wish::of(&question.query);
        if wish == Wish::Time {
            return None;
        }
        let place = match wish {
            Wish::Place => subject(&question.query).or_else(|| question.place()),
            Wish::Time | Wish::Weather => question.place_or_last(),
        };
        let named = if question.place().is_some() { "named" } else { "meant" };
        let day = Day::of(&question.query);
        Some(format!("{wish:?} {day:?} {named} {}", normalise(&place.unwrap_or_default())))
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
        if has("time") && !has("weather") {
            Self::Time
        } else if where_is || has("wheres") || has("population") {
            Self::Place
        } else {
            Self::Weather
        }
    }
}

/// Which day of the forecast is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Now,
    Today,
    Tomorrow,
    Later(usize),
}

impl Day {
    fn of(query: &str) -> Self {
        let words = words(query);
        let has = |word: &str| words.iter().any(|other| other == word);
        let in_days = words.windows(3).find(|three| three[0] == "in" && three[2] == "days");
        if let Some(count) = in_days.and_then(|three| three[1].parse().ok()) {
            Self::Later(count)
        } else if has("tomorrow") {
            Self::Tomorrow
        } else if ["today", "tonight", "later", "sunrise", "sunset"].iter().any(|word| has(word)) {
            Self::Today
        } else {
            Self::Now
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Now | Self::Today => 0,
            Self::Tomorrow => 1,
            Self::Later(count) => count,
        }
    }
}

fn now(spot: &Spot, current: &Current, question: &Question) -> ContextItem {
    let mut text = format!("In {} it is {:.0} °C now", spot.called(), current.temperature_2m);
    if let Some(felt) = current.apparent_temperature.filter(|felt| (felt - current.temperature_2m).abs() >= 2.0) {
        let _ = write!(text, ", felt as {felt:.0} °C");
    }
    if let Some(code) = current.weather_code {
        let _ = write!(text, ", {}", sky(code));
    }
    if let Some(wind) = current.wind_speed_10m {
        let _ = write!(text, ", wind {wind:.0} km/h");
    }
    if let Some(humidity) = current.relative_humidity_2m {
        let _ = write!(text, ", humidity {humidity:.0} %");
    }
    if let Some(rain) = current.precipitation.filter(|rain| *rain > 0.0) {
        let _ = write!(text, ", {rain:.1} mm of precipitation");
    }
    text.push('.');
    let relevance = if Day::of(&question.query) == Day::Now { 0.95 } else { 0.6 };
    credited(format!("now:{}", spot.called()), format!("Weather in {}", spot.called()), text, relevance, 900, question)
}

fn days(spot: &Spot, daily: &Daily, forecast: &Forecast, question: &Question) -> Vec<ContextItem> {
    let wanted = Day::of(&question.query);
    let value = |values: &[Option<f64>], index: usize| values.get(index).copied().flatten();
    let mut items = Vec::new();
    for (index, date) in daily.time.iter().enumerate().take(4) {
        if index > 1 && index != wanted.index() {
            continue;
        }
        let (Some(low), Some(high)) =
            (value(&daily.temperature_2m_min, index), value(&daily.temperature_2m_max, index))
        else {
            continue;
        };
        let name =
            ["today", "tomorrow"].get(index).map_or_else(|| format!("in {index} days"), |name| (*name).to_owned());
        let mut text = format!("In {} {name} ({date}): {low:.0} to {high:.0} °C", spot.called());
        if let Some(code) = daily.weather_code.get(index).copied().flatten() {
            let _ = write!(text, ", {}", sky(code));
        }
        if let Some(chance) = value(&daily.precipitation_probability_max, index) {
            let _ = write!(text, ", {chance:.0} % chance of precipitation");
        }
        text.push('.');
        let sun = (index == 0).then(|| daily.sunrise.first().zip(daily.sunset.first())).flatten();
        if let Some((rise, set)) = sun {
            let clock = |at: &str| at.split_once('T').map_or_else(|| at.to_owned(), |(_, time)| time.to_owned());
            let zone = forecast.timezone.as_deref().unwrap_or("local time");
            let _ = write!(text, " Sunrise {}, sunset {} ({zone}).", clock(rise), clock(set));
        }
        let relevance = if wanted.index() == index && wanted != Day::Now { 0.93 } else { 0.5 };
        let title = format!("Forecast for {}, {name}", spot.called());
        items.push(credited(format!("{date}:{}", spot.called()), title, text, relevance, 3_600, question));
    }
    items
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
    let start = ["where is ", "where are ", "where's ", "wheres ", "population of "]
        .iter()
        .find_map(|opening| lower.find(opening).map(|at| at + opening.len()))?;
    let name = query.get(start..)?.trim_end_matches(['?', '.', '!']).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The WMO codes of weather, as Open-Meteo uses them.
fn sky(code: u8) -> &'static str {
    match code {
        0 => "clear sky",
        1 => "mostly clear",
        2 => "partly cloudy",
        3 => "overcast",
        45 | 48 => "fog",
        51..=55 => "drizzle",
        56 | 57 => "freezing drizzle",
        61 => "light rain",
        63 => "rain",
        65 => "heavy rain",
        66 | 67 => "freezing rain",
        71 => "light snow",
        73 => "snow",
        75 => "heavy snow",
        77 => "snow grains",
        80..=82 => "rain showers",
        85 | 86 => "snow showers",
        95 => "thunderstorm",
        96 | 99 => "thunderstorm with hail",
        _ => "changeable",
    }
}

const MOST_PARTS: usize = 4;
const CURRENT: &str =
    "temperature_2m,apparent_temperature,relative_humidity_2m,precipitation,weather_code,wind_speed_10m";
const DAILY: &str = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max,sunrise,sunset";
const PATTERNS: &[&str] = &[
    r"\bhow (hot|cold|warm) (is|will|does)\b",
    r"\b(is|will) it (be |going to )?(rain|raining|snow|snowing|sunny|cold|warm|hot|windy)",
    r"\bwhere('s| is) \p{L}[\p{L} ]+\?$",
];
