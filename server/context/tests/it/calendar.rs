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
    file_of(CALENDAR)
}

fn file_of(calendar: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.ics");
    std::fs::write(&path, calendar).unwrap();
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

fn calendar(events: &[&str]) -> String {
    let events: Vec<String> = events.iter().map(|event| format!("BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n")).collect();
    let events = events.concat();
    format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n")
}

/// Five in the days around today, Saturday 21 November, and some far away.
fn busy() -> String {
    calendar(&[
        "UID:1\r\nSUMMARY:Market\r\nDTSTART:20261122T100000Z",
        "UID:2\r\nSUMMARY:Planning\r\nDTSTART:20261123T100000Z",
        "UID:3\r\nSUMMARY:Lunch with Bob\r\nDTSTART:20261124T120000Z",
        "UID:4\r\nSUMMARY:Retrospective\r\nDTSTART:20261111T100000Z",
        "UID:5\r\nSUMMARY:Interview\r\nDTSTART:20261118T150000Z",
        "UID:6\r\nSUMMARY:Family dinner\r\nDTSTART:20261224T180000Z",
        "UID:7\r\nSUMMARY:Birthday of Tiago\r\nDTSTART;VALUE=DATE:20001130\r\nRRULE:FREQ=YEARLY",
        "UID:8\r\nSUMMARY:Easter party\r\nDTSTART:20270328T140000Z",
    ])
}

#[tokio::test]
async fn the_days_that_are_named_are_searched_and_no_others() {
    let (_folder, block) = file_of(&busy());
    for (query, expected) in [
        ("what meetings did I have last week", "Retrospective: 10 days ago"),
        ("do I have any meetings last Wednesday", "Interview: 3 days ago"),
        ("what did I have on Wednesday", "Interview: 3 days ago"),
        ("what meetings do I have on December 24", "Family dinner: in 33 days"),
        ("do I have anything next month", "Family dinner: in 33 days"),
        ("what's on my calendar next year", "Easter party: in 127 days"),
        ("am I free on Friday", "There is nothing in the calendar on Friday, 27 November 2026."),
        ("what's on my calendar in the summer", "Which days “summer” means was not understood"),
        ("when is my Easter party", "Easter party: in 127 days"),
        ("Was habe ich nächsten Montag vor?", "Planning: in 2 days"),
        ("¿Qué tengo mañana?", "Market: tomorrow"),
        ("Qu'est-ce que j'ai de prévu demain ?", "Market: tomorrow"),
        ("O que tenho amanhã?", "Market: tomorrow"),
        ("Che cosa ho domani?", "Market: tomorrow"),
        ("Wat heb ik morgen?", "Market: tomorrow"),
        ("Wann ist mein nächster Termin?", "Market: tomorrow"),
        ("Quel est mon prochain rendez-vous ?", "Market: tomorrow"),
        ("¿Cuándo es mi próxima reunión?", "Market: tomorrow"),
        ("Qual é a minha próxima reunião?", "Market: tomorrow"),
        ("Qual è il mio prossimo appuntamento?", "Market: tomorrow"),
        ("Wat is mijn volgende afspraak?", "Market: tomorrow"),
    ] {
        let found = texts(&block, query).await;
        assert!(found.first().is_some_and(|text| text.starts_with(expected)), "{query}: {found:#?}");
        let days = ["last week", "December 24", "Wednesday", "Friday"];
        assert!(found.len() == 1 || !days.iter().any(|day| query.contains(day)), "{query}: {found:#?}");
    }
}

#[tokio::test]
async fn what_is_not_about_the_calendar_brings_nothing_of_it() {
    let (_folder, block) = file_of(&busy());
    for query in [
        "what did we decide about the deadline",
        "travel allowance per day",
        "what's on your mind",
        "in the event of fire what should I do",
        "when do I use a semicolon",
        "what did we decide in the meeting about the deadline",
        "do I have to pay tax this week",
    ] {
        assert_eq!(texts(&block, query).await, Vec::<String>::new(), "{query}");
    }
}

#[tokio::test]
async fn of_somebody_who_is_not_in_the_calendar_nobody_elses_event_is_told() {
    let rosa = "UID:9\r\nSUMMARY:Birthday of Grandma Rosa\r\nDTSTART;VALUE=DATE:19481123\r\nRRULE:FREQ=YEARLY";
    let (_folder, with) =
        file_of(&busy().replace("END:VCALENDAR", &format!("BEGIN:VEVENT\r\n{rosa}\r\nEND:VEVENT\r\nEND:VCALENDAR")));
    let (_other, without) = file_of(&busy());
    let query = "when is the birthday of Grandma Rosa";
    assert_eq!(texts(&with, query).await, ["Birthday of Grandma Rosa: in 2 days, Monday, 23 November 2026, all day."]);
    let none = "Nothing in the calendar from 21 November 2026 to 26 December 2027 mentions “grandma rosa birthday”.";
    assert_eq!(texts(&without, query).await, [none]);
    let lunch = texts(&without, "when is my lunch with Sarah").await;
    assert!(lunch.len() == 1 && lunch[0].starts_with("Nothing in the calendar"), "{lunch:#?}");
    let dates = texts(&without, "when is Tiago's birthday").await;
    assert!(dates[0].starts_with("Birthday of Tiago: in 9 days"), "{dates:#?}");
}

#[tokio::test]
async fn a_long_calendar_is_read_to_its_end() {
    let old: Vec<String> =
        (0..5_200).map(|n| format!("UID:{n}\r\nSUMMARY:Old\r\nDTSTART:20{:02}0101T090000Z", n % 20)).collect();
    let mut events: Vec<&str> = old.iter().map(String::as_str).collect();
    events.push("UID:d\r\nSUMMARY:Dentist\r\nDTSTART:20261122T090000Z");
    let (_folder, block) = file_of(&calendar(&events));
    let found = texts(&block, "what meetings do I have tomorrow").await;
    assert!(found.len() == 1 && found[0].starts_with("Dentist: tomorrow"), "{found:#?}");
}

#[tokio::test]
async fn the_zone_of_an_event_is_found_or_said_to_be_unknown() {
    let event = |zone: &str| format!("UID:z\r\nSUMMARY:Call\r\nDTSTART;TZID={zone}:20261122T090000\r\nDURATION:PT1H");
    let told = async |calendar: String| {
        let (_folder, block) = file_of(&calendar);
        let mut asked = request("t", 1, "what meetings do I have tomorrow");
        asked.zone = Some("Europe/Lisbon".into());
        let (_, items) = crate::support::summary(&all(&configured(&block), asked).await);
        items[0].text.clone()
    };
    let singapore = told(calendar(&[&event("\"Singapore Standard Time\"")])).await;
    assert_eq!(singapore, "Call: tomorrow, Sunday, 22 November 2026, 01:00 to 02:00 (Europe/Lisbon).");
    let own = "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0800\r\n\
               TZOFFSETTO:+0800\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let described = calendar(&[&event("Ours")]).replace("BEGIN:VEVENT", &format!("{own}BEGIN:VEVENT"));
    assert!(told(described).await.contains("01:00 to 02:00 (Europe/Lisbon)"));
    let unknown = told(calendar(&[&event("Nobody knows")])).await;
    assert!(unknown.contains("09:00 to 10:00 (in the time zone “Nobody knows”, which is not known"), "{unknown}");
}

#[tokio::test]
async fn notes_are_told_without_tags_and_an_event_without_an_address_opens_the_calendar() {
    let (_folder, block) = file_of(&calendar(&[
        "UID:n\r\nSUMMARY:Caf\u{e9}\r\nDTSTART:20261122T090000Z\r\nDESCRIPTION:<html><p>Bring <b>cake</b></p></html>",
    ]));
    let items =
        ask(&configured(&format!("{block}link = \"https://calendar.test/anna\"\n")), "my meetings tomorrow").await;
    assert!(
        items[0].text.starts_with("Café: tomorrow") && items[0].text.ends_with("Notes: Bring cake"),
        "{}",
        items[0].text
    );
    assert_eq!(items[0].url.as_deref(), Some("https://calendar.test/anna"));
}

#[tokio::test]
async fn more_events_than_fit_are_counted() {
    let events: Vec<String> =
        (10..20).map(|hour| format!("UID:{hour}\r\nSUMMARY:Talk {hour}\r\nDTSTART:20261122T{hour}0000Z")).collect();
    let (_folder, block) = file_of(&calendar(&events.iter().map(String::as_str).collect::<Vec<_>>()));
    let found = texts(&block, "what meetings do I have tomorrow").await;
    assert_eq!(found.len(), 5);
    assert_eq!(found[4], "There are 6 more events, up to Sunday, 22 November 2026.");
}

/// Around Saturday 21 November, 09:00.
fn full() -> String {
    calendar(&[
        "UID:1\r\nSUMMARY:Team standup\r\nDTSTART:20261121T080000Z\r\nDTEND:20261121T083000Z\r\nLOCATION:Room 4\r\nATTENDEE;CN=Joana Reis:mailto:j@x.test",
        "UID:2\r\nSUMMARY:Breakfast\r\nDTSTART:20261121T084500Z\r\nDTEND:20261121T094500Z",
        "UID:3\r\nSUMMARY:Project Falcon deadline review\r\nDTSTART:20261121T160000Z\r\nDTEND:20261121T170000Z",
        "UID:4\r\nSUMMARY:Dinner with Ana\r\nDTSTART:20261121T190000Z\r\nDTEND:20261121T210000Z",
        "UID:5\r\nSUMMARY:Dentist\r\nDTSTART:20261122T090000Z\r\nDTEND:20261122T100000Z\r\nLOCATION:Porto",
        "UID:6\r\nSUMMARY:Sync with Tokyo\r\nDTSTART:20261123T230000Z",
        "UID:7\r\nSUMMARY:Flight to Berlin\r\nDTSTART:20261127T130000Z\r\nDTEND:20261127T160000Z",
        "UID:8\r\nSUMMARY:Conference in Berlin\r\nDTSTART;VALUE=DATE:20261120\r\nDTEND;VALUE=DATE:20261123\r\nLOCATION:Berlin",
        "UID:12\r\nSUMMARY:Call with New York\r\nDTSTART:20261128T140000Z",
        "UID:9\r\nSUMMARY:Holiday in Madeira\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227",
        "UID:10\r\nSUMMARY:Christmas Day\r\nDTSTART;VALUE=DATE:20261225",
        "UID:11\r\nSUMMARY:Birthday of Rosa\r\nDTSTART;VALUE=DATE:19600312\r\nRRULE:FREQ=YEARLY",
    ])
}

const CONFERENCE: &str =
    "Conference in Berlin: today, from Friday, 20 November 2026 to Sunday, 22 November 2026, all day.";

/// The beginnings of what the calendar says, and who was asked.
async fn said(lookup: &context::Lookup, query: &str) -> (Vec<String>, Vec<String>) {
    let mut asked = lookup.explain(query).into_iter().map(|choice| choice.source).collect::<Vec<_>>();
    asked.sort();
    let items = ask(lookup, query).await.into_iter().filter(|item| item.source == "calendar");
    (items.map(|item| item.text).collect(), asked)
}

#[tokio::test]
async fn an_event_is_found_by_its_own_name_and_the_clock_is_not_asked() {
    let (_folder, block) = file_of(&full());
    let lookup = configured(&block);
    ask(&lookup, "what's on my calendar").await;
    for (query, expected) in [
        ("what time is the dentist", "Dentist: tomorrow"),
        ("what time is my flight to Berlin", "Flight to Berlin: in 6 days"),
        ("what time is my sync with Tokyo", "Sync with Tokyo: in 2 days"),
        ("when's the dentist", "Dentist: tomorrow"),
        ("when is the Falcon review", "Project Falcon deadline review: today"),
        ("when does the review end", "Project Falcon deadline review: today"),
        ("where is my conference", CONFERENCE),
        ("when does my flight leave", "Flight to Berlin: in 6 days"),
        ("what's the deadline for Falcon", "Project Falcon deadline review: today"),
        ("who was at the standup", "Team standup: today"),
        ("is the dentist tomorrow", "Dentist: tomorrow"),
        ("is the dentist on Friday", "Dentist: tomorrow"),
        ("how long until the dentist", "Dentist: tomorrow"),
    ] {
        let (texts, asked) = said(&lookup, query).await;
        assert!(texts.len() == 1 && texts[0].starts_with(expected), "{query}: {texts:#?}");
        assert_eq!(asked, ["calendar"], "{query}");
    }
    for query in [
        "what time is it in Berlin",
        "what's the weather in Berlin",
        "where is Madeira",
        "who is Rosa",
        "what did I tell you last week",
        "what did we talk about yesterday",
        "what did we decide last week",
        "what did we say about the deadline yesterday",
        "where is the review",
        "what's new today",
        "what time is it in New York",
        "what is the review score of Dune",
    ] {
        let (texts, asked) = said(&lookup, query).await;
        assert!(texts.is_empty() && !asked.contains(&"calendar".to_owned()), "{query}: {texts:#?} {asked:?}");
    }
}

#[tokio::test]
async fn whole_days_are_told_from_the_first_to_the_last() {
    let (_folder, block) = file_of(&full());
    let today = texts(&block, "what am I doing today").await;
    assert!(today.iter().any(|text| text.starts_with(CONFERENCE)), "{today:#?}");
    let holiday =
        "Holiday in Madeira: in 33 days, from Thursday, 24 December 2026 to Saturday, 26 December 2026, all day.";
    assert_eq!(texts(&block, "when is my holiday").await, [holiday]);
    let (_other, block) = file_of(&full().replace("Berlin", "Lisbon"));
    let url = serve(crate::weather::router()).await;
    let lookup = configured(&format!(
        "{block}[[sources]]\nkind = \"weather\"\nforecast_url = \"{url}\"\ngeocoding_url = \"{url}\"\nallow_private = true\n"
    ));
    let items = ask(&lookup, "when is my conference").await;
    let weather = items.iter().find(|item| item.source == "weather").expect("the weather at the conference");
    assert!(weather.text.contains("today"), "{}", weather.text);
}

#[tokio::test]
async fn hours_and_words_that_name_nothing_are_not_taken_for_names() {
    let (_folder, block) = file_of(&full());
    for (query, expected) in [
        ("am I free at 4 pm", "Project Falcon deadline review: today"),
        (
            "what do I have at 9 on Friday",
            "There is nothing in the calendar on Friday, 27 November 2026 from 09:00 to 10:00.",
        ),
        ("what's my last appointment of the day", "Dinner with Ana: today"),
        ("what was my first meeting today", "Team standup: today"),
        ("how long until my next meeting", "Project Falcon deadline review: today"),
        ("whose birthday is next", "Birthday of Rosa: in"),
        ("when is my next dentist session", "Dentist: tomorrow"),
        (
            "when is my lunch with Sarah",
            "Nothing in the calendar from 21 November 2026 to 26 December 2027 mentions “sarah lunch”.",
        ),
        (
            "when is sarahs birthday",
            "Nothing in the calendar from 21 November 2026 to 26 December 2027 mentions “sarahs birthday”.",
        ),
    ] {
        let found = texts(&block, query).await;
        let timed: Vec<&String> = found.iter().filter(|text| !text.starts_with("Conference")).collect();
        assert!(timed.len() == 1 && timed[0].starts_with(expected), "{query}: {found:#?}");
    }
}

#[tokio::test]
async fn everyday_questions_about_a_day_are_the_calendars() {
    let (_folder, block) = file_of(&full());
    let (review, dinner) = ("Project Falcon deadline review: today", "Dinner with Ana: today");
    let (standup, breakfast, dentist) = ("Team standup: today", "Breakfast: today", "Dentist: tomorrow");
    for (query, expected) in [
        ("how does my day look", vec![standup, breakfast, review, dinner]),
        ("what's my day like", vec![standup, breakfast, review, dinner]),
        ("how does tomorrow look", vec![dentist]),
        ("can you tell me what's on tomorrow", vec![dentist]),
        ("do I have anything before noon tomorrow", vec![dentist]),
        ("Wie sieht mein Tag aus?", vec![standup, breakfast, review, dinner]),
        ("Was mache ich gerade?", vec![breakfast]),
        ("what's the plan for tomorrow", vec![dentist]),
        ("what's left today", vec![breakfast, review, dinner]),
        ("is there anything tonight", vec![dinner]),
        ("what's on this afternoon", vec![review]),
        ("what have I got on Friday", vec!["Flight to Berlin: in 6 days"]),
        ("anything on the 30th", vec!["There is nothing in the calendar on Monday, 30 November 2026."]),
        ("what am I doing right now", vec![breakfast]),
        ("am I in a meeting right now", vec![breakfast]),
    ] {
        let found = texts(&block, query).await;
        let timed: Vec<&String> = found.iter().filter(|text| !text.starts_with("Conference")).collect();
        let fits = timed.len() == expected.len()
            && timed.iter().zip(&expected).all(|(text, expected)| text.starts_with(expected));
        assert!(fits, "{query}: {found:#?}");
    }
    let week = texts(&block, "what does my week look like").await;
    assert!(week.len() == 5 && week[4] == "There are 2 more events, up to Sunday, 22 November 2026.", "{week:#?}");
    for query in ["how does the weather look tomorrow", "is there anything good on television tonight"] {
        assert_eq!(texts(&block, query).await, Vec::<String>::new(), "{query}");
    }
}
