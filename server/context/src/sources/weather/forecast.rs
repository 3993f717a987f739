//! What a forecast says of the days that are asked about.

use std::fmt::Write as _;

use jiff::{civil::Date, tz::TimeZone};
use protocol::context::ContextItem;
use serde::Deserialize;

use super::{credited, spot::Spot};
use crate::{
    Question,
    days::{Days, Reading, When, near},
};

#[derive(Deserialize)]
pub(super) struct Forecast {
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

impl Forecast {
    /// The facts, best first: of the days that are asked about; without any, now and the next two.
    pub(super) fn items(&self, spot: &Spot, question: &Question) -> Vec<ContextItem> {
        let zone = self.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
        // "Tomorrow" is tomorrow where the weather is.
        let there = question.now.to_zoned(zone.unwrap_or_else(|| question.zone.clone()));
        let today = there.date();
        let report = Report { forecast: self, spot, question, today, fahrenheit: wants_fahrenheit(&question.query) };
        match Reading::of(&question.query, there.datetime()).when {
            When::Unsaid => {
                let next = Days { first: today, last: today.tomorrow().unwrap_or(today) };
                report.now(0.95).into_iter().chain(report.days(next, 0.5)).collect()
            }
            When::Said(days) => {
                let mut items = report.days(days, 0.93);
                if items.is_empty() {
                    items.extend(report.beyond(&days.named(today)));
                } else if days.contains(today) {
                    items.extend(report.now(0.6));
                }
                items
            }
            When::Unclear(words) => {
                report.beyond(&format!("“{words}”, which is no time that is understood")).into_iter().collect()
            }
        }
    }
}

/// Whether temperatures are wanted in degrees Fahrenheit, too.
pub(super) fn wants_fahrenheit(query: &str) -> bool {
    query.to_lowercase().contains("fahrenheit")
}

struct Report<'a> {
    forecast: &'a Forecast,
    spot: &'a Spot,
    question: &'a Question,
    /// Where the weather is.
    today: Date,
    fahrenheit: bool,
}

impl Report<'_> {
    fn now(&self, relevance: f32) -> Option<ContextItem> {
        let current = self.forecast.current.as_ref()?;
        let called = self.spot.called();
        let mut text = format!("In {called} it is {} now", self.degrees(current.temperature_2m));
        if let Some(felt) = current.apparent_temperature.filter(|felt| (felt - current.temperature_2m).abs() >= 2.0) {
            let _ = write!(text, ", felt as {}", self.degrees(felt));
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
        Some(credited(format!("now:{called}"), format!("Weather in {called}"), text, relevance, 900, self.question))
    }

    /// A fact for each of a few days; one for many.
    fn days(&self, days: Days, relevance: f32) -> Vec<ContextItem> {
        let Some(daily) = &self.forecast.daily else { return Vec::new() };
        let dates = daily.time.iter().enumerate().filter_map(|(index, date)| Some((index, date.parse::<Date>().ok()?)));
        let wanted = dates.filter(|(_, date)| days.contains(*date));
        let told: Vec<(Date, String)> =
            wanted.filter_map(|(index, date)| Some((date, self.day(daily, index, date)?))).collect();
        let called = self.spot.called();
        if told.len() > MOST_SINGLE {
            let text = told.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
            let title = format!("Forecast for {called}, {}", days.named(self.today));
            return vec![credited(format!("{}:{called}", days.first), title, text, relevance, 3_600, self.question)];
        }
        let single = |(date, text): (Date, String)| {
            let title = format!("Forecast for {called}, {}", self.name(date));
            credited(format!("{date}:{called}"), title, text, relevance, 3_600, self.question)
        };
        told.into_iter().map(single).collect()
    }

    fn day(&self, daily: &Daily, index: usize, date: Date) -> Option<String> {
        let value = |values: &[Option<f64>]| values.get(index).copied().flatten();
        let (low, high) = (value(&daily.temperature_2m_min)?, value(&daily.temperature_2m_max)?);
        let mut text = format!("In {} {} ({date}): ", self.spot.called(), self.name(date));
        let _ = write!(text, "{low:.0} to {high:.0} °C");
        if self.fahrenheit {
            let _ = write!(text, " ({:.0} to {:.0} °F)", fahrenheit(low), fahrenheit(high));
        }
        if let Some(code) = daily.weather_code.get(index).copied().flatten() {
            let _ = write!(text, ", {}", sky(code));
        }
        if let Some(chance) = value(&daily.precipitation_probability_max) {
            let _ = write!(text, ", {chance:.0} % chance of precipitation");
        }
        text.push('.');
        let sun = daily.sunrise.get(index).zip(daily.sunset.get(index)).filter(|_| self.tells_the_sun(date));
        if let Some((rise, set)) = sun {
            let clock = |at: &str| at.split_once('T').map_or_else(|| at.to_owned(), |(_, time)| time.to_owned());
            let zone = self.forecast.timezone.as_deref().unwrap_or("local time");
            let _ = write!(text, " Sunrise {}, sunset {} ({zone}).", clock(rise), clock(set));
        }
        Some(text)
    }

    fn tells_the_sun(&self, date: Date) -> bool {
        let query = self.question.query.to_lowercase();
        date == self.today || SUN.iter().any(|word| query.contains(word))
    }

    /// That the forecast does not reach there is an answer, too.
    fn beyond(&self, wanted: &str) -> Option<ContextItem> {
        let daily = self.forecast.daily.as_ref()?;
        let called = self.spot.called();
        let text = format!(
            "The forecast for {called} reaches from {} to {}; it says nothing of {wanted}.",
            daily.time.first()?,
            daily.time.last()?
        );
        Some(credited(format!("beyond:{called}"), format!("Forecast for {called}"), text, 0.6, 900, self.question))
    }

    fn name(&self, date: Date) -> String {
        near(date, self.today).map_or_else(|| format!("on {}", date.strftime("%A")), str::to_owned)
    }

    fn degrees(&self, celsius: f64) -> String {
        if self.fahrenheit {
            format!("{celsius:.0} °C ({:.0} °F)", fahrenheit(celsius))
        } else {
            format!("{celsius:.0} °C")
        }
    }
}

fn fahrenheit(celsius: f64) -> f64 {
    celsius * 1.8 + 32.0
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

/// So many days are facts of their own.
const MOST_SINGLE: usize = 3;
const SUN: &[&str] =
    &["sunrise", "sunset", "sonnen", "soleil", "amanecer", "atardecer", "nascer do sol", "alba", "tramonto", "zons"];
