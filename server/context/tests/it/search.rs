//! The three search engines, each against a stand-in of its shape, and pages that are read.

use std::collections::HashMap;

use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use context::{
    Http, Limits, Lookup,
    sources::{Page, PageConfig},
};
use serde_json::{Value, json};

use crate::support::{all, ask, configured, failure, request, serve};

fn lookup(engine: &str, url: &reqwest::Url, more: &str) -> Lookup {
    configured(&format!(
        "[[sources]]\nkind = \"search\"\nname = \"web\"\nengine = \"{engine}\"\nurl = \"{url}\"\nallow_private = true\n{more}"
    ))
}

async fn brave(headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Response {
    if headers.get("x-subscription-token").map(reqwest::header::HeaderValue::as_bytes) != Some(b"sk-secret-1") {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "type": "ErrorResponse" }))).into_response();
    }
    Json(json!({ "type": "search", "query": { "original": query["q"] }, "web": { "type": "search", "results": [
        { "title": "Ferries to <strong>Hvar</strong>", "url": "https://ferries.test/hvar", "page_age": "2026-11-19T08:00:00",
          "description": "The <strong>ferry</strong> leaves at nine &amp; at noon.", "age": "2 days ago",
          "extra_snippets": ["Tickets cost 6 euros."], "profile": { "name": "Ferries" } },
        { "title": "Hvar", "url": "https://en.wikipedia.test/Hvar", "description": "An island." }
    ] } }))
    .into_response()
}

#[tokio::test]
async fn brave_is_understood() {
    let url = serve(Router::new().route("/res/v1/web/search", get(brave))).await;
    let items = ask(&lookup("brave", &url, "key_env = \"KEY\""), "search for ferries to Hvar").await;
    assert_eq!(items.len(), 2);
    assert_eq!(
        (items[0].title.as_str(), items[0].url.as_deref()),
        ("Ferries to Hvar", Some("https://ferries.test/hvar"))
    );
    assert_eq!(items[0].text, "The ferry leaves at nine & at noon.\nTickets cost 6 euros.");
    assert_eq!(items[0].attribution, "ferries.test via Brave Search");
    assert_eq!(items[0].as_of, 1_795_075_200);
}

#[tokio::test]
async fn a_refused_key_is_said_without_the_key() {
    let url = serve(Router::new().route("/res/v1/web/search", get(brave))).await;
    let events = all(&lookup("brave", &url, "key = \"sk-wrong\""), request("t", 1, "search for Hvar")).await;
    assert_eq!(failure(&events).as_deref(), Some("it answered with status 422"));
}

#[tokio::test]
async fn tavily_is_understood() {
    let search = |headers: HeaderMap, Json(body): Json<Value>| async move {
        assert_eq!(headers["authorization"], "Bearer sk-secret-1");
        assert_eq!((body["query"].as_str(), body["max_results"].as_u64()), (Some("ferries to Hvar"), Some(5)));
        Json(json!({ "query": body["query"], "answer": null, "images": [], "response_time": 1.1, "results": [
            { "title": "Ferries", "url": "https://ferries.test/", "content": "At nine.", "score": 0.81, "raw_content": null }
        ] }))
    };
    let url = serve(Router::new().route("/search", post(search))).await;
    let items = ask(&lookup("tavily", &url, "key_env = \"KEY\""), "look up ferries to Hvar").await;
    assert_eq!((items[0].text.as_str(), items[0].relevance), ("At nine.", 0.81));
}

fn searxng(url: String) -> Router {
    let search = move |Query(query): Query<HashMap<String, String>>| {
        let url = url.clone();
        async move {
            assert_eq!(query["format"], "json");
            Json(json!({ "query": query["q"], "number_of_results": 0, "unresponsive_engines": [], "results": [
                { "url": url, "title": "Ferries", "content": "At nine.", "engine": "ddg", "score": 2.0, "publishedDate": null },
                { "url": "https://b.test/", "title": "Without content", "engine": "ddg" }
            ] }))
        }
    };
    Router::new().route("/search", get(search))
}

#[tokio::test]
async fn searxng_is_understood() {
    let url = serve(searxng("https://a.test/".into())).await;
    let items = ask(&lookup("searxng", &url, ""), "search for ferries").await;
    assert_eq!(items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>(), ["At nine.", "Without content"]);
}

#[tokio::test]
async fn a_result_without_a_title_is_called_by_its_host_and_loses_no_other() {
    let search = get(|| async {
        Json(json!({ "results": [
            { "url": "https://a.test/", "title": "Ferries", "content": "At nine." },
            { "url": "https://c.test/x", "content": "An answer without title." },
            { "title": "No address", "content": "Nowhere." },
            { "url": "https://d.test/", "title": null, "content": "At ten." }
        ] }))
    });
    let url = serve(Router::new().route("/search", search)).await;
    let items = ask(&lookup("searxng", &url, ""), "search for ferries").await;
    let titles: Vec<_> = items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["Ferries", "c.test", "d.test"]);
}

fn article() -> Html<String> {
    let paragraph = "The ferry to the island leaves at nine from the northern pier, and again at noon. ".repeat(6);
    Html(format!(
        "<html><head><title>Ferry times</title></head><body><nav>Home | About</nav><article><h1>Ferry times</h1>\
         <p>{paragraph}</p><p>{paragraph}</p></article><script>alert(1)</script></body></html>"
    ))
}

#[tokio::test]
async fn a_page_is_read_when_the_question_asks_for_it() {
    let pages = serve(Router::new().route("/ferry", get(|| async { article() }))).await;
    let url = serve(searxng(format!("{pages}ferry"))).await;
    let page = format!("[[sources]]\nkind = \"page\"\nown = \"{pages}\"\n");
    let lookup = lookup("searxng", &url, &page);
    let items = ask(&lookup, "search for ferries").await;
    assert!(!items.iter().any(|item| item.source == "page"), "not asked for");
    let items = ask(&lookup, "search for ferries and read the article").await;
    let page = items.iter().find(|item| item.source == "page").expect("a page");
    assert!(page.text.contains("northern pier") && !page.text.contains("alert"), "{}", page.text);
    assert_eq!(page.title, "Ferry times");
    assert_eq!(page.attribution, "127.0.0.1");
}

#[tokio::test]
async fn a_page_that_a_search_names_at_a_private_address_is_not_read() {
    let pages = serve(Router::new().route("/ferry", get(|| async { article() }))).await;
    let url = serve(searxng(format!("{pages}ferry"))).await;
    let events = all(&lookup("searxng", &url, "read_pages = 1"), request("t", 1, "search for ferries")).await;
    assert_eq!(failure(&events).as_deref(), Some("it led to an address that is not allowed"));
}

#[test]
fn the_guard_and_the_reader_can_be_printed_without_harm() {
    assert!(format!("{:?}", Http::new(Limits::default()).unwrap()).contains("limits"));
    assert!(Page::new(Page::profile("page"), &PageConfig { own: Some("no address".into()) }).is_err());
}
