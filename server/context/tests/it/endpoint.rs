//! A team's own service, described by its configuration.

use axum::{
    Json, Router,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::get,
};
use context::{Config, Lookup};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::{all, ask, failure, request, serve};

async fn orders(
    Path(customer): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> axum::response::Response {
    if headers.get("x-key").and_then(|key| key.to_str().ok()) != Some("token sk-1") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let order = json!({ "name": "Order 7", "state": format!("{customer} asked {}", query["q"]), "link": "https://shop.test/7", "at": "2026-11-20T10:00:00Z" });
    Json(json!({ "data": { "orders": [order, { "name": "Order 8", "state": "packed" }, { "name": "no text" }] } }))
        .into_response()
}

fn open(text: &str) -> Lookup {
    let variable = |name: &str| (name == "SHOP_KEY").then(|| "sk-1".to_owned());
    Config::from_table(text.parse().unwrap(), &variable).unwrap().open(&variable).unwrap()
}

fn block(url: &str) -> String {
    format!(
        r#"
        deadline_ms = 5000
        time = false
        [[sources]]
        kind = "http"
        name = "orders"
        topics = ["order"]
        url = "{url}orders/{{user}}?q={{query}}"
        pointer = "/data/orders"
        title = "/name"
        text = "/state"
        link = "/link"
        as_of = "/at"
        attribution = "The shop"
        headers = {{ x-key = "token {{key}}" }}
        key_env = "SHOP_KEY"
        allow_private = true
        "#
    )
}

#[tokio::test]
async fn what_the_pointers_point_at_becomes_items() {
    let url = serve(Router::new().route("/orders/{customer}", get(orders))).await;
    let lookup = open(&block(url.as_str()));
    let mut events = lookup.look_up("jane/doe", request("t", 1, "where is my order & parcel?"));
    let mut items = Vec::new();
    while let Some(event) = events.next().await {
        if let protocol::context::ContextEvent::Summary { items: found, .. } = event {
            items = found;
        }
    }
    assert_eq!(items.len(), 2, "{items:#?}");
    assert_eq!(items[0].text, "jane/doe asked where is my order & parcel?");
    assert_eq!(items[0].url.as_deref(), Some("https://shop.test/7"));
    assert_eq!(items[0].attribution, "The shop");
    assert_eq!(items[0].as_of, 1_795_168_800);
}

#[tokio::test]
async fn answers_that_nothing_tells_apart_are_all_said() {
    let route = get(|| async {
        Json(json!({ "orders": [
            { "state": "Order one is packed" }, { "state": "Order two is shipped" }, { "state": "Order three is lost" }
        ] }))
    });
    let url = serve(Router::new().route("/orders", route)).await;
    let text = format!(
        "time = false\ndeadline_ms = 5000\n[[sources]]\nkind = \"http\"\nname = \"orders\"\nurl = \"{url}orders?q={{query}}\"\n\
         pointer = \"/orders\"\ntext = \"/state\"\nlink = \"https://shop.test/?q={{query}}\"\nallow_private = true\ntopics = [\"order\"]"
    );
    let items = ask(&open(&text), "my order & you").await;
    let texts: Vec<_> = items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(texts, ["Order one is packed", "Order two is shipped", "Order three is lost"]);
    assert_eq!(items[0].url.as_deref(), Some("https://shop.test/?q=my%20order%20%26%20you"));
}

#[tokio::test]
async fn a_link_may_be_given_from_the_address_on() {
    let route = get(|| async { Json(json!({ "text": "Packed", "page": "/orders/7" })) });
    let url = serve(Router::new().route("/order", route)).await;
    let text = |link: &str| {
        format!(
            "time = false\n[[sources]]\nkind = \"http\"\nname = \"orders\"\nurl = \"{url}order\"\ntext = \"/text\"\nlink = \"{link}\"\n\
             allow_private = true\ntopics = [\"order\"]"
        )
    };
    assert_eq!(ask(&open(&text("/page")), "my order").await[0].url, Some(format!("{url}orders/7")));
    let config = Config::from_table(text("page").parse().unwrap(), &|_| None).unwrap();
    assert!(config.open(&|_| None).is_err_and(|error| error.to_string().starts_with("sources[0].link: ")));
}

#[tokio::test]
async fn each_place_has_an_answer_of_its_own_and_none_is_asked_about_none() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let route = get(move |Query(query): Query<HashMap<String, String>>| async move {
        count.fetch_add(1, Ordering::SeqCst);
        Json(json!(format!("The way to {}", query["to"])))
    });
    let url = serve(Router::new().route("/route", route)).await;
    let lookup = open(&format!(
        "time = false\ndeadline_ms = 5000\n[[sources]]\nkind = \"http\"\nname = \"route\"\nurl = \"{url}route?to={{place}}\"\n\
         allow_private = true\ntopics = [\"get to\", \"the way\"]"
    ));
    let said = async |query: &str| ask(&lookup, query).await.into_iter().map(|item| item.text).collect::<Vec<_>>();
    let (hotel, hospital) = ("The way to Hotel Mundial, Lisbon", "The way to Hospital Santa Maria, Porto");
    assert_eq!(said("how do I get to the Hotel Mundial, Lisbon").await, [hotel]);
    assert_eq!(said("how do I get to the Hospital Santa Maria, Porto").await, [hospital]);
    assert_eq!(said("the way to Hotel Mundial, LISBON?").await, [hotel], "the same place in other letters");
    assert_eq!(said("the way to my next meeting").await, [""; 0]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_single_value_is_an_item_and_null_is_none() {
    let route = |value: Value| get(move || async move { Json(value) });
    let router =
        Router::new().route("/one", route(json!({ "n": 42, "unit": "°C" }))).route("/none", route(json!(null)));
    let url = serve(router).await;
    let text = |path: &str| {
        format!(
            "time = false\ndeadline_ms = 5000\n[[sources]]\nkind = \"http\"\nname = \"sensor\"\nurl = \"{url}{path}\"\nallow_private = true\ntopics = [\"sensor\"]"
        )
    };
    assert_eq!(ask(&open(&text("one")), "the sensor").await[0].text, "n: 42\nunit: °C");
    assert!(ask(&open(&text("none")), "the sensor").await.is_empty());
}

#[tokio::test]
async fn what_is_filled_in_cannot_climb_up_the_path() {
    let admin = get(|| async { Json(json!("the list of all customers")) });
    let url = serve(Router::new().route("/", admin)).await;
    let text = format!(
        "time = false\n[[sources]]\nkind = \"http\"\nname = \"shop\"\nurl = \"{url}orders/{{query}}\"\nallow_private = true\npatterns = [\".\"]"
    );
    for query in ["..", "%2e%2e", "../"] {
        let mut asked = request("t", 1, query);
        asked.sources = vec!["shop".into()];
        let reason = failure(&all(&open(&text), asked).await);
        assert!(reason.is_some_and(|reason| reason.contains("not allowed") || reason.contains("404")), "{query}");
    }
}

#[tokio::test]
async fn without_its_permission_a_private_host_is_not_reached() {
    let url = serve(Router::new().route("/orders/{customer}", get(orders))).await;
    for host in [url.to_string(), url.as_str().replace("127.0.0.1", "localhost")] {
        let text = block(&host).replace("allow_private = true", "");
        let events = all(&open(&text), request("t", 1, "my order")).await;
        assert_eq!(failure(&events).as_deref(), Some("it led to an address that is not allowed"), "{host}");
    }
}
