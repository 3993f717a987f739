//! The memory as a source of `POST /context`.

use crate::app::{App, json};
use crate::vendor::Mood;
use protocol::context::{ContextEvent, ContextItem, Lane};
use serde_json::{Value, json};

async fn remembering(settings: &[(&str, &str)], memories: Value) -> App {
    let app = App::with(Mood::Well, &[&[("COLLOQUY_MEMORY", ":memory:")], settings].concat()).await;
    let answer = app.send_json("POST", "/memory", &json!({ "memories": memories })).await;
    assert!([201, 403].contains(&answer.status.as_u16()), "{}", answer.text());
    app
}

fn question(query: &str) -> Value {
    json!({ "talk": "t", "turn": 1, "query": query, "complete": true, "zone": "Europe/Berlin" })
}

async fn recalled(app: &App, question: &Value) -> Vec<ContextItem> {
    recalled_from(app, json("POST", "/context", question)).await
}

async fn recalled_from(app: &App, request: axum::http::Request<axum::body::Body>) -> Vec<ContextItem> {
    let answer = app.send(request).await.text();
    let events = answer.lines().map(|line| serde_json::from_str(line).expect("an event"));
    let summary = events.into_iter().find_map(|event| match event {
        ContextEvent::Summary { items, .. } => Some(items),
        _ => None,
    });
    summary.expect("a summary").into_iter().filter(|item| item.source == "memory").collect()
}

#[tokio::test]
async fn what_was_decided_is_recalled_with_its_id_and_its_turn() {
    let app = remembering(
        &[],
        json!([{ "id": "d1", "kind": "decision", "text": "The deadline of project falcon is the third of December",
                 "origin": { "talk": "t0", "turn": "4" } },
               { "id": "f1", "kind": "fact", "text": "The cat is called Minka" }]),
    )
    .await;
    let items = recalled(&app, &question("what did we decide about the deadline")).await;
    assert_eq!((items[0].id.as_str(), items[0].lane), ("d1", Lane::Memory));
    assert!(items[0].text.contains("third of December") && items[0].title.starts_with("Decision, 20"));
    assert_eq!(items[0].attribution, "your memory, turn 4 of talk t0");
}

#[tokio::test]
async fn recall_brings_who_decided_and_at_most_three_lines() {
    let facts = (0..6).map(|n| json!({ "id": format!("f{n}"), "kind": "fact", "text": format!("falcon part {n}") }));
    let app = remembering(&[], facts.collect()).await;
    let body = json!({
        "memories": [{ "id": "d", "kind": "decision", "text": "Falcon is moored in Kiel" },
                     { "id": "p", "kind": "person", "text": "Anna Berg" }],
        "links": [{ "from": "d", "relation": "decided_by", "to": "p" }],
    });
    app.send_json("POST", "/memory", &body).await;
    let items = recalled(&app, &question("where is falcon moored")).await;
    assert!((1..=3).contains(&items.len()), "{items:?}");
    assert!(items[0].text.contains("Kiel; decided by: Anna Berg"), "{items:?}");
}

#[tokio::test]
async fn a_private_talk_recalls_nothing() {
    let app = remembering(&[], json!([{ "kind": "fact", "text": "The cat is called Minka" }])).await;
    assert_eq!(recalled(&app, &question("how is the cat called")).await.len(), 1);
    for sources in [json!([]), json!(["memory"])] {
        let mut private = question("how is the cat called");
        private["private"] = json!(true);
        private["sources"] = sources;
        assert!(recalled(&app, &private).await.is_empty());
    }
}

#[tokio::test]
async fn personal_data_is_recalled_only_where_the_policy_allows_it() {
    let memories = || json!([{ "kind": "fact", "text": "The allergy is against peanuts", "restricted": true }]);
    let asked = question("which allergy was it");
    assert!(recalled(&remembering(&[], memories()).await, &asked).await.is_empty());
    let allowed = remembering(&[("COLLOQUY_MEMORY_RESTRICTED", "true")], memories()).await;
    assert_eq!(recalled(&allowed, &asked).await.len(), 1);
}

#[tokio::test]
async fn personal_data_does_not_slip_in_by_a_link() {
    let app = remembering(
        &[],
        json!([{ "id": "open", "kind": "fact", "text": "Lunch with Anna is on Monday" },
               { "id": "closed", "kind": "fact", "text": "peanuts make her ill", "restricted": true }]),
    )
    .await;
    let link = json!({ "memories": [], "links": [{ "from": "open", "relation": "related_to", "to": "closed" }] });
    assert_eq!(app.send_json("POST", "/memory", &link).await.status, 201);
    let items = recalled(&app, &question("when is lunch with Anna")).await;
    assert_eq!(items.len(), 1);
    assert!(!items[0].text.contains("peanuts"));
}

#[tokio::test]
async fn what_is_forgotten_is_not_recalled_in_the_next_breath() {
    let app = remembering(&[], json!([{ "id": "m", "kind": "fact", "text": "The cat is called Minka" }])).await;
    let asked = question("how is the cat called");
    assert_eq!(recalled(&app, &asked).await.len(), 1);
    app.send_json("DELETE", "/memory/m", &json!(null)).await;
    assert!(recalled(&app, &asked).await.is_empty());
}

#[tokio::test]
async fn what_is_forgotten_corrected_or_personal_is_not_recalled_from_its_turn_either() {
    let origin = |turn: u32| json!({ "talk": "t0", "turn": turn.to_string() });
    let tell =
        |id: &str, turn: u32, text: &str| json!({ "id": id, "kind": "fact", "text": text, "origin": origin(turn) });
    let said = |turn: u32, text: &str| json!({ "kind": "turn", "text": format!("User: {text}\nAssistant: It is remembered."), "origin": origin(turn) });
    let app = remembering(&[], json!([tell("pin", 1, "The locker code is 4821")])).await;
    for new in [
        said(1, "remember that my locker code is 4821"),
        said(2, "remember that my shoe size is 42"),
        tell("shoe", 2, "The shoe size is 42"),
        said(3, "remember that I have diabetes"),
    ] {
        assert_eq!(app.send_json("POST", "/memory", &json!({ "memories": [new] })).await.status, 201);
    }
    let mut ill = tell("ill", 3, "The user has diabetes");
    ill["restricted"] = json!(true);
    app.send_json("POST", "/memory", &json!({ "memories": [ill] })).await;
    let texts = async |query: &str| {
        let items = recalled(&app, &question(query)).await;
        items.into_iter().map(|item| item.text).collect::<Vec<_>>()
    };
    assert!(texts("do I have diabetes").await.is_empty());
    assert_eq!(texts("what is my locker code").await.len(), 2);
    app.send_json("DELETE", "/memory/pin", &json!(null)).await;
    assert!(texts("what is my locker code").await.is_empty());
    app.send_json("PATCH", "/memory/shoe", &json!({ "text": "The shoe size is 43" })).await;
    assert_eq!(texts("what is my shoe size").await, ["The shoe size is 43"]);
}

#[tokio::test]
async fn what_was_said_is_recalled_by_its_time_and_its_kind() {
    let of = |talk: &str, kind: &str, text: &str| json!({ "kind": kind, "text": text, "origin": { "talk": talk, "turn": "1" } });
    let app = remembering(
        &[],
        json!([
            of("t0", "decision", "Ship in May"),
            of("t0", "todo", "Book the hall"),
            of("t0", "fact", "Ben is ill"),
            of("t0", "person", "Ben"),
            of("t", "todo", "Call Anna")
        ]),
    )
    .await;
    let texts = async |query: &str| {
        let items = recalled(&app, &question(query)).await;
        items.into_iter().map(|item| item.text).collect::<Vec<_>>()
    };
    let todos = ["Call Anna", "Book the hall"];
    for query in ["what's on my to-do list", "what do I still have to do", "what do I have to do today"] {
        assert_eq!(texts(query).await, todos, "{query}");
    }
    let all = ["Call Anna", "Ben is ill", "Book the hall"];
    for query in ["what did I tell you today", "what do you remember", "what did we talk about today"] {
        let told = texts(query).await;
        assert!(told.len() == 4 && told[..3] == all && told[3].starts_with("Ship in May"), "{query}: {told:?}");
    }
    assert_eq!(texts("what did we talk about last time").await[..2], all[1..], "not in this talk");
    assert!(texts("what did we decide today").await[0].starts_with("Ship in May"));
    for query in ["what did we decide last week", "what did I tell you yesterday", "what did we talk about last week"] {
        assert!(texts(query).await.is_empty(), "{query}");
    }
    assert!(texts("what did we decide about hiring").await.is_empty());
}

#[tokio::test]
async fn what_came_too_late_is_not_offered_once_it_is_forgotten_corrected_or_private() {
    // Vectors never come, and recall waits for them for longer than a turn waits for recall.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let embeddings = format!("http://{}/v1", silent.local_addr().expect("an address"));
    let settings = [("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_EMBEDDINGS", &embeddings)];
    let app = App::with_file("[session]\ndeadline_ms = 20\n", &settings).await;
    let mut turn = 0;
    let mut ask = async |private: bool, query: &str| {
        turn += 1;
        let mut asked = question(query);
        asked["turn"] = json!(turn);
        asked["private"] = json!(private);
        recalled(&app, &asked).await.len()
    };
    let confirmed = |method: &str, path: &str| {
        let request = crate::app::ask(method, path).header("x-colloquy-confirm", "forget-everything");
        request.body(axum::body::Body::empty()).expect("a request")
    };
    let origin = json!({ "talk": "other", "turn": "1" });
    let cat = json!({ "id": "m", "kind": "fact", "text": "The cat is called Minka", "origin": origin });
    for (method, path) in
        [("DELETE", "/memory/m"), ("PATCH", "/memory/m"), ("DELETE", "/memory/talks/other"), ("DELETE", "/memory")]
    {
        assert_eq!(app.send_json("POST", "/memory", &json!({ "memories": [cat] })).await.status, 201);
        assert_eq!(ask(false, "how is the cat called").await, 0, "it comes too late");
        assert_eq!(ask(true, "and the dog").await, 0, "{method} {path}: a private turn is given nothing");
        assert_eq!(ask(false, "and the bird").await, 1, "another turn is");
        assert_eq!(ask(false, "how is the cat called").await, 0, "it comes too late again");
        let answer = match method {
            "PATCH" => app.send_json(method, path, &json!({ "text": "The cow is called Molly" })).await,
            _ => app.send(confirmed(method, path)).await,
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(ask(false, "and the horse").await, 0, "{method} {path}");
        app.send(confirmed("DELETE", "/memory")).await;
    }
    drop(silent);
}

#[tokio::test]
async fn a_decision_is_recalled_with_its_date_its_people_and_its_turn_in_one_line() {
    let decision = json!({
        "id": "d", "kind": "decision", "text": "The deadline of project Atlas is Friday", "about": "Atlas",
        "people": ["Maria", " "], "origin": { "talk": "t0", "turn": "4" },
    });
    let said = json!({ "kind": "turn", "text": "User: We decided it\nAssistant: Noted.",
        "origin": { "talk": "t0", "turn": "4" } });
    let app = remembering(&[], json!([decision])).await;
    app.send_json("POST", "/memory", &json!({ "memories": [said] })).await;
    let items = recalled(&app, &question("what did we decide about the deadline")).await;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let today = jiff::Timestamp::now().to_zoned(zone);
    let text = format!(
        "The deadline of project Atlas is Friday; decided by: Maria; decided on {}",
        today.strftime("%-d %B %Y")
    );
    assert_eq!((items[0].id.as_str(), items[0].text.as_str()), ("d", text.as_str()), "{items:#?}");
    assert_eq!(items[0].title, format!("Decision about Atlas, {}", today.date()));
    assert_eq!(items[0].attribution, "your memory, turn 4 of talk t0");
    let by_person = recalled(&app, &question("what about Maria")).await;
    assert!(
        by_person.iter().any(|item| item.text.contains("The deadline of project Atlas is Friday")),
        "{by_person:#?}"
    );
}

#[tokio::test]
async fn those_who_may_be_anybody_are_told_nothing_of_it() {
    let cat = || json!([{ "kind": "fact", "text": "The cat is called Minka" }]);
    let app = remembering(&[], cat()).await;
    let mut request = json("POST", "/context", &question("how is the cat called"));
    request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().expect("a value"));
    app.send(request).await.assert_error(403, "this_machine_alone");

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.sqlite");
    let place = ("COLLOQUY_MEMORY", path.to_str().expect("text"));
    let local = App::with(Mood::Well, &[place]).await;
    local.send_json("POST", "/memory", &json!({ "memories": cat() })).await;
    assert_eq!(recalled(&local, &question("how is the cat called")).await.len(), 1);
    let open = [place, ("COLLOQUY_LISTEN", "0.0.0.0:3003"), ("COLLOQUY_AUTH_OPEN", "true")];
    let open = App::with(Mood::Well, &open).await;
    assert!(recalled(&open, &question("how is the cat called")).await.is_empty());
}
