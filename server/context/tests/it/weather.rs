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
use protocol::context::{ContextRequest, Scratchpad};
use serde_json::{Value, json};

use crate::support::{all, ask, configured, request, serve, summary};

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
    assert_eq!(query["format"], "json");
    let place = |name: &str, state: &str, country: &str, code: &str, zone: &str| {
        json!({ "name": name, "latitude": 1.0, "longitude": 2.0, "feature_code": "PPL", "country": country,
            "country_code": code, "admin1": state, "timezone": zone })
    };
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
        // The largest comes first, and of too few results the one that is meant is missing.
        "paris" => {
            let all = [
                place("Paris", "Île-de-France", "France", "FR", "Europe/Paris"),
                place("Paris", "Texas", "United States", "US", "America/Chicago"),
            ];
            let count: usize = query["count"].parse().unwrap();
            json!({ "results": all.into_iter().take(count).collect::<Vec<_>>() })
        }
        "sydney" => json!({ "results": [place("Sydney", "New South Wales", "Australia", "AU", "Australia/Sydney")] }),
        "london" => json!({ "results": [place("London", "England", "United Kingdom", "GB", "Europe/London")] }),
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
        "daily": { "time": ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"],
            "weather_code": [61, 0, 3, null, 71], "temperature_2m_max": [17.2, 18.9, 16.0, null, 4.0],
            "temperature_2m_min": [11.1, 10.4, 9.9, null, -1.0], "precipitation_probability_max": [88, 3, 40, null, 70],
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

#[tokio::test]
async fn the_state_or_country_that_is_said_decides() {
    let lookup = lookup(&Arc::default(), "home = { name = \"home\", latitude = 48.1, longitude = 11.6 }\n").await;
    for (query, place) in [
        ("weather in Paris, Texas", "In Paris, Texas, United States it is"),
        ("weather in paris texas", "In Paris, Texas, United States it is"),
        ("weather in Paris", "In Paris, Île-de-France, France it is"),
        ("weather in Sydney Australia", "In Sydney, Australia it is"),
    ] {
        let items = ask(&lookup, query).await;
        assert!(items.first().is_some_and(|item| item.text.starts_with(place)), "{query}: {items:#?}");
    }
    // Better none than that of another place, or of home.
    for query in ["weather in Sydney, Nova Scotia", "weather in Paris, Grimsby County", "weather in Paris, Ontario"] {
        assert!(ask(&lookup, query).await.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn the_days_that_are_named_are_told() {
    let lookup = lookup(&Arc::default(), "").await;
    for (query, texts) in [
        ("weather in Lisbon on Monday", &["In Lisbon, Portugal on Monday (2026-11-23): 10 to 16 °C"][..]),
        (
            "will it snow in Lisbon on Wednesday",
            &["In Lisbon, Portugal on Wednesday (2026-11-25): -1 to 4 °C, light snow"],
        ),
        (
            "weather in Lisbon this weekend",
            &[
                "In Lisbon, Portugal today (2026-11-21): 11 to 17",
                "In Lisbon, Portugal tomorrow (2026-11-22)",
                "In Lisbon, Portugal it is",
            ],
        ),
        (
            "weather in Lisbon next month",
            &[
                "The forecast for Lisbon, Portugal reaches from 2026-11-21 to 2026-11-25; it says nothing of from Tuesday, 1 December",
            ],
        ),
        (
            "weather in Lisbon at Easter",
            &["The forecast for Lisbon, Portugal reaches from 2026-11-21 to 2026-11-25; it says nothing of “easter”"],
        ),
    ] {
        let items = ask(&lookup, query).await;
        let fit = items.iter().zip(texts).all(|(item, text)| item.text.starts_with(text));
        assert!(items.len() == texts.len() && fit, "{query}: {items:#?}");
    }
}

#[tokio::test]
async fn what_is_no_place_is_asked_about_home() {
    let lookup = lookup(&Arc::default(), "home = { name = \"home\", latitude = 48.1, longitude = 11.6 }\n").await;
    for (query, text) in [
        ("will it rain in the afternoon", "In home today (2026-11-21)"),
        ("do I need an umbrella for my walk", "In home it is 15 °C now"),
        ("what's the temperature in Fahrenheit", "In home it is 15 °C (58 °F) now"),
        ("will it rain by the time I get home", "In home it is 15 °C now"),
    ] {
        let items = ask(&lookup, query).await;
        assert!(items.first().is_some_and(|item| item.text.starts_with(text)), "{query}: {items:#?}");
    }
}

#[tokio::test]
async fn other_languages_are_understood() {
    let lookup = lookup(&Arc::default(), "home = { name = \"home\", latitude = 48.1, longitude = 11.6 }\n").await;
    for (query, text) in [
        ("Wie wird das Wetter morgen?", "In home tomorrow"),
        ("Quel temps fera-t-il demain à Londres ?", "In London, United Kingdom tomorrow"),
        ("¿Qué tiempo hará mañana en Londres?", "In London, United Kingdom tomorrow"),
        ("Vai chover amanhã em Lisboa?", "In Lisbon, Portugal tomorrow"),
        ("Che tempo fa a Londra?", "In London, United Kingdom it is"),
        ("Hoe wordt het weer morgen in Lissabon?", "In Lisbon, Portugal tomorrow"),
        ("Regnet es am Montag in Lissabon?", "In Lisbon, Portugal on Monday"),
    ] {
        let items = ask(&lookup, query).await;
        assert!(items.first().is_some_and(|item| item.text.starts_with(text)), "{query}: {items:#?}");
    }
}

#[tokio::test]
async fn the_time_of_a_town_that_only_its_state_makes_clear_is_told() {
    let lookup = lookup(&Arc::default(), "").await;
    let items = ask(&lookup, "what time is it in Paris, Texas").await;
    let text = "It is 03:00 on Saturday, 21 November 2026 in Paris, Texas, United States (America/Chicago).";
    assert_eq!(items[0].text, text, "{items:#?}");
}

#[tokio::test]
async fn there_is_the_place_that_was_spoken_of_last_and_not_home() {
    let lookup = lookup(&Arc::default(), "home = { name = \"home\", latitude = 48.1, longitude = 11.6 }\n").await;
    let told = async |places: &[&str], query: &str| {
        let scratchpad =
            Scratchpad { places: places.iter().map(|place| (*place).to_owned()).collect(), ..Scratchpad::default() };
        let request = ContextRequest { scratchpad, ..request("talk", 1, query) };
        let (_, items) = summary(&all(&lookup, request).await);
        items.first().map(|item| item.text.clone()).unwrap_or_default()
    };
    assert!(told(&[], "is there rain today").await.starts_with("In home today"));
    assert_eq!(told(&[], "what's the weather there").await, "");
    assert!(told(&["London", "Lisbon"], "what's the weather there").await.starts_with("In Lisbon, Portugal it is"));
    assert!(told(&["Lisbon"], "what's the weather").await.starts_with("In home it is"));
    assert!(told(&["Lisbon"], "weather in the south of Portugal").await.starts_with("In Portugal it is"));
}

#[tokio::test]
async fn two_places_are_told_of_side_by_side() {
    let lookup = lookup(&Arc::default(), "").await;
    let items = ask(&lookup, "is it warmer in London or in Lisbon").await;
    assert!(items[0].text.starts_with("In London, United Kingdom it is"), "{items:#?}");
    assert!(items[1].text.starts_with("In Lisbon, Portugal it is"), "{items:#?}");
}

#[tokio::test]
async fn two_questions_in_one_sentence_are_both_answered_each_for_its_place() {
    let lookup = lookup(&Arc::default(), "").await;
    for (query, time, weather) in [
        ("what time is it in London and what's the weather in Lisbon", "in London", "In Lisbon"),
        ("how's the weather in Lisbon and what time is it there", "in Lisbon", "In Lisbon"),
        ("what time is it in London and what in Sydney", "in London", ""),
    ] {
        let items = ask(&lookup, query).await;
        let times: Vec<_> = items.iter().filter(|item| item.source == "time").collect();
        assert!(times.iter().any(|item| item.text.contains(time)), "{query}: {items:#?}");
        let mut others = items.iter().filter(|item| item.source == "weather");
        assert!(others.all(|item| !weather.is_empty() && item.text.starts_with(weather)), "{query}: {items:#?}");
        assert_eq!(items.iter().any(|item| item.source == "weather"), !weather.is_empty(), "{query}: {items:#?}");
    }
}
