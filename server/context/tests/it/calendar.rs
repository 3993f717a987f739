//! The calendar, from a file and from an address.

use axum::{Router, http::header, routing::get};
use context::Settings;

use crate::support::{all, ask, configured, failure, request, serve};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
BEGIN:VEVENT\r\nUID:standup\r\nSUMMARY:Stand-up\r\nDTSTART;TZID=Europe/Berlin:20261102T093000\r\nDURATION:PT15M\r\n\
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:review\r\nSUMMARY:Design review\r\nDTSTART:20261121T140000Z\r\nDTEND:20261121T150000Z\r\n\
LOCATION:Office\\, Lisbon\r\nATTENDEE;CN=Anna Costa:mailto:a@example.org\r\nURL:https://cal.test/review\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:dentist\r\nSUMMARY:Dentist\r\nDTSTART;TZID=Europe/Berlin:20261215T081500\r\nDTEND;TZID=Europe/Berlin:20261215T090000\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";

fn file() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.ics");
    std::fs::write(&path, CALENDAR).unwrap();
    let block = format!("[[sources]]\nkind = \"calendar\"\nfile = {:?}\n", path.display().to_string());
    (folder, block)
}

async fn texts(block: &str, query: &str) -> Vec<String> {
    ask(&configured(block), query).await.into_iter().map(|item| item.text).collect()
}

#[tokio::test]
async fn a_day_an_event_and_what_comes_next_are_found() {
    let (_folder, block) = file();
    let review = "Design review: today, Saturday, 21 November 2026, 14:00 to 15:00 (UTC). Where: Office, Lisbon. With: Anna Costa.";
    assert_eq!(texts(&block, "what is my meeting today?").await, [review]);
    assert_eq!(texts(&block, "what's my next meeting").await, [review]);
    assert_eq!(texts(&block, "when is my meeting with Anna").await, [review]);
    let dentist = texts(&block, "when is my dentist appointment").await;
    assert_eq!(dentist, ["Dentist: in 24 days, Tuesday, 15 December 2026, 07:15 to 08:00 (UTC)."]);
    let monday = texts(&block, "do I have anything on Monday").await;
    assert_eq!(monday, ["Stand-up: in 2 days, Monday, 23 November 2026, 08:30 to 08:45 (UTC)."]);
}

#[tokio::test]
async fn an_empty_day_is_an_answer() {
    let (_folder, block) = file();
    let sunday = texts(&block, "what do I have on my calendar tomorrow").await;
    assert_eq!(sunday, ["There is nothing in the calendar tomorrow (Sunday, 22 November 2026)."]);
}

#[tokio::test]
async fn times_are_said_on_the_users_clock_with_link_and_credit() {
    let (_folder, block) = file();
    let mut asked = request("t", 1, "my meeting today");
    asked.zone = Some("America/New_York".into());
    let (_, items) = crate::support::summary(&all(&configured(&block), asked).await);
    assert!(items[0].text.contains("09:00 to 10:00 (America/New_York)"), "{}", items[0].text);
    assert_eq!(items[0].url.as_deref(), Some("https://cal.test/review"));
    assert_eq!((items[0].attribution.as_str(), items[0].title.as_str()), ("calendar", "Design review"));
}

#[tokio::test]
async fn a_calendar_behind_an_address_is_fetched_once() {
    let times = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&times);
    let calendar = get(move || {
        counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async { ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], CALENDAR) }
    });
    let url = serve(Router::new().route("/secret.ics", calendar)).await;
    let lookup =
        configured(&format!("[[sources]]\nkind = \"calendar\"\nurl = \"{url}secret.ics\"\nallow_private = true\n"));
    assert_eq!(ask(&lookup, "my meeting today").await.len(), 1);
    assert_eq!(ask(&lookup, "my next appointment").await.len(), 1);
    assert_eq!(times.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_no_calendar_is_said_to_be_none() {
    let url =
        serve(Router::new().route("/", get(|| async { ([(header::CONTENT_TYPE, "text/plain")], "<html>Sign in") })))
            .await;
    let lookup = configured(&format!("[[sources]]\nkind = \"calendar\"\nurl = \"{url}\"\nallow_private = true\n"));
    let events = all(&lookup, request("t", 1, "my meeting today")).await;
    assert_eq!(failure(&events).as_deref(), Some("its answer could not be read: not a calendar"));
}

#[tokio::test]
async fn a_meeting_brings_the_weather_at_its_place_and_the_way_there() {
    let (_folder, block) = file();
    let url = serve(crate::weather::router()).await;
    let route = get(
        |axum::extract::Query(query): axum::extract::Query<std::collections::HashMap<String, String>>| async move {
            axum::Json(serde_json::json!({ "text": format!("20 minutes by tram for {}", query["to"]) }))
        },
    );
    let ways = serve(Router::new().route("/way", route)).await;
    let lookup = configured(&format!(
        "{block}[[sources]]\nkind = \"weather\"\nforecast_url = \"{url}\"\ngeocoding_url = \"{url}\"\nallow_private = true\n\
         [[sources]]\nkind = \"http\"\nname = \"route\"\nurl = \"{ways}way?to={{query}}\"\ntext = \"/text\"\nallow_private = true\ntopics = [\"way to\"]\n"
    ));
    assert_eq!(Settings::default().follow_ups, 4);
    let items = ask(&lookup, "what about my meeting today").await;
    let has = |text: &str| items.iter().any(|item| item.text.contains(text));
    assert!(has("Design review"), "{items:#?}");
    assert!(has("In Lisbon, Portugal today"), "{items:#?}");
    assert!(has("20 minutes by tram for the way to Office, Lisbon"), "{items:#?}");
}
