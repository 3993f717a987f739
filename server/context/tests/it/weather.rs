//! The weather, against a stand-in that answers as Open-Meteo does.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Json, Router, extract::Query, routing::get};
use context::Lookup;
use serde_json::{Value, json};

use crate::support::{ask, configured, serve};

/// Knows Lisbon and Garmisch.
pub(crate) fn router() -> Router {
    counting(&Arc::default())
}

fn counting(forecasts: &Arc<AtomicUsize>) -> Router {
    let forecasts = Arc::clone(forecasts);
    Router::new().route("/v1/search", get(search)).route(
        "/v1/forecast",
        get(move |query: Query<HashMap<String, String>>| {
            forecasts.fetch_add(1, Ordering::SeqCst);
            async move { forecast(&query.0) }
        }),
    )
}

async fn search(Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    assert_eq!((query["count"].as_str(), query["format"].as_str()), ("1", "json"));
    Json(match query["name"].to_lowercase().as_str() {
        "lisbon" => json!({ "results": [{
            "id": 2_267_057, "name": "Lisbon", "latitude": 38.71667, "longitude": -9.13333, "elevation": 45.0,
            "feature_code": "PPLC", "country_code": "PT", "timezone": "Europe/Lisbon", "population": 517_802,
            "country": "Portugal", "admin1": "Lisbon"
        }], "generationtime_ms": 0.5 }),
        "portugal" => json!({ "results": [{
            "name": "Portugal", "latitude": 39.7, "longitude": -8.0, "feature_code": "PCLI", "country": "Portugal"
        }] }),
        "garmisch" => json!({ "results": [{
            "name": "Garmisch", "latitude": 47.5, "longitude": 11.1, "timezone": "Europe/Berlin", "country": "Germany"
        }] }),
        // Nothing found has no `results` at all.
        _ => json!({ "generationtime_ms": 0.4 }),
    })
}

fn forecast(query: &HashMap<String, String>) -> Json<Value> {
    assert_eq!(query["timezone"], "auto");
    assert!(query["current"].contains("temperature_2m") && query["daily"].contains("sunrise"));
    Json(json!({
        "latitude": query["latitude"], "timezone": "Europe/Lisbon", "timezone_abbreviation": "WET",
        "current_units": { "temperature_2m": "°C" },
        "current": { "time": "2026-11-21T09:00", "interval": 900, "temperature_2m": 14.6, "apparent_temperature": 11.9,
            "relative_humidity_2m": 81, "precipitation": 0.3, "weather_code": 61, "wind_speed_10m": 23.4 },
        "daily": { "time": ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"],
            "weather_code": [61, 0, 3, null], "temperature_2m_max": [17.2, 18.9, 16.0, null],
            "temperature_2m_min": [11.1, 10.4, 9.9, null], "precipitation_probability_max": [88, 3, 40, null],
            "sunrise": ["2026-11-21T07:24", "2026-11-22T07:25"], "sunset": ["2026-11-21T17:19", "2026-11-22T17:18"] }
    }))
}

async fn lookup(forecasts: &Arc<AtomicUsize>, home: &str) -> Lookup {
    let url = serve(counting(forecasts)).await;
    configured(&format!(
        "[[sources]]\nkind = \"weather\"\nforecast_url = \"{url}\"\ngeocoding_url = \"{url}\"\nallow_private = true\n{home}"
    ))
}

#[tokio::test]
async fn the_weather_of_a_named_place_is_told_with_credit() {
    let lookup = lookup(&Arc::default(), "").await;
    let items = ask(&lookup, "what's the weather like in Lisbon?").await;
    assert_eq!(
        items[0].text,
        "In Lisbon, Portugal it is 15 °C now, felt as 12 °C, light rain, wind 23 km/h, humidity 81 %, 0.3 mm of precipitation."
    );
    assert_eq!(items[0].attribution, "Weather data by Open-Meteo.com (CC BY 4.0)");
    assert_eq!(items[0].url.as_deref(), Some("https://open-meteo.com/"));
    assert!(items[0].expires_at > Some(items[0].as_of));
}

#[tokio::test]
async fn the_day_that_is_asked_about_comes_first() {
    let lookup = lookup(&Arc::default(), "").await;
    let items = ask(&lookup, "will it rain in Lisbon tomorrow").await;
    assert_eq!(
        items[0].text,
        "In Lisbon, Portugal tomorrow (2026-11-22): 10 to 19 °C, clear sky, 3 % chance of precipitation."
    );
}

#[tokio::test]
async fn of_an_address_it_is_the_weather_of_the_city() {
    let lookup = lookup(&Arc::default(), "").await;
    for place in ["Lisbon, Portugal", "Rua Augusta 5, 1100-048 Lisbon, Portugal", "Office, Lisbon"] {
        let items = ask(&lookup, &format!("weather in {place}")).await;
        assert!(items[0].text.starts_with("In Lisbon, Portugal it is"), "{place}: {items:#?}");
    }
}

#[tokio::test]
async fn without_a_place_it_is_the_weather_at_home() {
    let lookup = lookup(&Arc::default(), "home = { name = \"home\", latitude = 48.1, longitude = 11.6 }\n").await;
    let items = ask(&lookup, "do I need an umbrella today").await;
    assert!(items[0].text.starts_with("In home today (2026-11-21): 11 to 17 °C, light rain, 88 %"), "{items:#?}");
    assert!(items[0].text.ends_with("Sunrise 07:24, sunset 17:19 (Europe/Lisbon)."), "{items:#?}");
}

#[tokio::test]
async fn an_unknown_place_has_no_weather() {
    assert!(ask(&lookup(&Arc::default(), "").await, "weather in Atlantis").await.is_empty());
}

#[tokio::test]
async fn the_same_place_in_other_words_is_not_asked_again() {
    let forecasts = Arc::default();
    let lookup = lookup(&forecasts, "").await;
    let _ = ask(&lookup, "what's the weather like in Lisbon?").await;
    let _ = ask(&lookup, "please tell me the weather in Lisbon now").await;
    assert_eq!(forecasts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_place_is_described_and_its_time_told() {
    let lookup = lookup(&Arc::default(), "").await;
    let place = ask(&lookup, "Where is Lisbon?").await;
    let text =
        "Lisbon is in Portugal, at latitude 38.72 and longitude -9.13, 45 m above the sea, with 517802 inhabitants.";
    assert_eq!(place[0].text, text);
    // The list of zones does not know Garmisch; the service of places does.
    let time = ask(&lookup, "what time is it in Garmisch").await;
    assert_eq!(time[0].text, "It is 10:00 on Saturday, 21 November 2026 in Garmisch, Germany (Europe/Berlin).");
}
