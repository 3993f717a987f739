//! The routes below `/memory`.

use crate::app::{Answer, App, ask, config, json};
use crate::vendor::{Mood, Vendor};
use axum::body::Body;
use colloquy_server::Server;
use memory::Export;
use protocol::memory::{Forgotten, Memory, MemoryDetail, MemoryKind, MemoryPage, MemoryRelation, RememberReply};
use serde_json::{Value, json};
use std::path::Path;

async fn remembering() -> App {
    App::with(Mood::Well, &[("COLLOQUY_MEMORY", ":memory:")]).await
}

async fn remember(app: &App, memories: Value, links: Value) -> Vec<String> {
    let answer = app.send_json("POST", "/memory", &json!({ "memories": memories, "links": links })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    read::<RememberReply>(&answer).ids
}

async fn list(app: &App, query: &str) -> MemoryPage {
    read(&app.get(&format!("/memory?{query}")).await)
}

async fn forget(app: &App, path: &str, confirmation: Option<&str>) -> Answer {
    let request =
        confirmation.iter().fold(ask("DELETE", path), |request, word| request.header("x-colloquy-confirm", *word));
    app.send(request.body(Body::empty()).expect("a request")).await
}

#[track_caller]
fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

fn texts(page: &MemoryPage) -> Vec<&str> {
    page.memories.iter().map(|memory| memory.text.as_str()).collect()
}

#[tokio::test]
async fn what_is_written_is_limited_and_what_is_seen_or_forgotten_is_not() {
    let app = App::with(Mood::Well, &[("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_QUOTA_LOOKUPS", "user=2")]).await;
    let one = |text: &str| json!([{ "kind": "fact", "text": text }]);
    let ids = remember(&app, one("The cat is called Minka"), json!([])).await;
    let path = format!("/memory/{}", ids[0]);
    assert_eq!(app.send_json("PATCH", &path, &json!({ "text": "The cat is called Tiger" })).await.status, 200);
    let more = json!({ "memories": one("The dog is called Rex"), "links": [] });
    app.send_json("POST", "/memory", &more).await.assert_error(429, "too_many_lookups");
    app.send_json("PATCH", &path, &json!({ "text": "Rex" })).await.assert_error(429, "too_many_lookups");
    assert_eq!(texts(&list(&app, "").await), ["The cat is called Tiger"]);
    assert_eq!(forget(&app, &path, None).await.status, 200);
}

#[tokio::test]
async fn a_memory_can_be_seen_corrected_and_forgotten() {
    let app = remembering().await;
    let new = json!([{ "kind": "fact", "text": "The cat is called Minka", "subject": "the cat",
                       "origin": { "talk": "t1", "turn": "3" } }]);
    let ids = remember(&app, new, json!([])).await;
    let path = format!("/memory/{}", ids[0]);

    let page = list(&app, "").await;
    let [memory] = page.memories.as_slice() else { panic!("{page:?}") };
    assert_eq!((&memory.id, memory.kind, memory.restricted), (&ids[0], MemoryKind::Fact, false));
    assert_eq!(memory.origin.as_ref().map(|origin| (origin.talk.as_str(), origin.turn.as_str())), Some(("t1", "3")));
    assert!(memory.created > 1_700_000_000_000 && memory.updated == memory.created);

    let corrected: Memory = read(&app.send_json("PATCH", &path, &json!({ "text": "The cat is called Tiger" })).await);
    assert_eq!((corrected.text.as_str(), corrected.subject.as_deref()), ("The cat is called Tiger", Some("the cat")));
    assert!(texts(&list(&app, "query=Minka").await).is_empty(), "what it said before is gone");
    assert_eq!(texts(&list(&app, "query=tiger").await), ["The cat is called Tiger"]);

    let forgotten: Forgotten = read(&forget(&app, &path, None).await);
    assert_eq!(forgotten.memories, 1);
    assert!(list(&app, "").await.memories.is_empty() && list(&app, "query=tiger").await.memories.is_empty());
    app.get(&path).await.assert_error(404, "unknown_memory");
}

#[tokio::test]
async fn what_is_forgotten_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("inside/memory.sqlite");
    let app = App::with(Mood::Well, &[("COLLOQUY_MEMORY", path.to_str().expect("text"))]).await;
    let ids = remember(&app, json!([{ "kind": "fact", "text": "the xylophone is a secret" }]), json!([])).await;
    assert!(in_files(folder.path(), "xylophone"));
    let forgotten: Forgotten = read(&forget(&app, &format!("/memory/{}", ids[0]), None).await);
    assert!(forgotten.purged);
    assert!(!in_files(folder.path(), "xylophone"));
    assert!(!app.get("/memory/export").await.text().contains("xylophone"));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory.sqlite");
    let app = App::with(Mood::Well, &[("COLLOQUY_MEMORY", path.to_str().expect("text"))]).await;
    remember(&app, json!([{ "kind": "fact", "text": "x" }]), json!([])).await;
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}

#[tokio::test]
async fn memories_hang_together() {
    let app = remembering().await;
    let ids = remember(
        &app,
        json!([{ "kind": "decision", "text": "The deadline is the third of December" },
               { "id": "anna", "kind": "person", "text": "Anna Berg" }]),
        json!([]),
    )
    .await;
    assert_eq!(ids[1], "anna");
    let link = json!([{ "from": ids[0], "relation": "decided_by", "to": "anna" }]);
    remember(&app, json!([]), link).await;
    let detail: MemoryDetail = read(&app.get(&format!("/memory/{}", ids[0])).await);
    assert_eq!(detail.linked.len(), 1);
    assert!(detail.linked[0].outgoing && detail.linked[0].text == "Anna Berg");
    let detail: MemoryDetail = read(&app.get("/memory/anna").await);
    assert!(!detail.linked[0].outgoing && detail.linked[0].id == ids[0]);
}

#[tokio::test]
async fn a_turn_is_kept_with_its_talk_and_its_number_and_decisions_hang_on_it() {
    let app = remembering().await;
    let origin = json!({ "talk": "t1", "turn": "7" });
    let ids = remember(
        &app,
        json!([{ "id": "turn", "kind": "turn", "text": "We talked about the launch", "origin": origin },
               { "id": "decision", "kind": "decision", "text": "The launch is in May", "origin": origin }]),
        json!([{ "from": "decision", "relation": "mentioned_in", "to": "turn" }]),
    )
    .await;
    assert_eq!(ids, ["turn", "decision"]);
    let detail: MemoryDetail = read(&app.get("/memory/decision").await);
    assert_eq!((detail.linked[0].id.as_str(), detail.linked[0].kind), ("turn", MemoryKind::Turn));
    let turns = list(&app, "kind=turn").await;
    let [turn] = turns.memories.as_slice() else { panic!("{turns:?}") };
    assert_eq!(turn.origin.as_ref().map(|origin| (origin.talk.as_str(), origin.turn.as_str())), Some(("t1", "7")));
}

#[tokio::test]
async fn one_talk_can_be_forgotten() {
    let app = remembering().await;
    let of = |talk: &str, text: &str| json!({ "kind": "fact", "text": text, "origin": { "talk": talk, "turn": "1" } });
    remember(&app, json!([of("t1", "one"), of("t1", "two"), of("t2", "three")]), json!([])).await;
    let forgotten: Forgotten = read(&forget(&app, "/memory/talks/t1", None).await);
    assert_eq!(forgotten.memories, 2);
    assert_eq!(texts(&list(&app, "").await), ["three"]);
    let again: Forgotten = read(&forget(&app, "/memory/talks/t1", None).await);
    assert_eq!(again.memories, 0, "what is gone stays gone");
    forget(&app, &format!("/memory/talks/{}", "x".repeat(2_000)), None).await.assert_error(400, "bad_request");
}

#[tokio::test]
async fn the_list_is_searched_narrowed_and_turned_page_by_page() {
    let app = remembering().await;
    let many: Vec<_> = (0..60).map(|n| json!({ "kind": "fact", "text": format!("fact number {n}") })).collect();
    remember(&app, json!(many), json!([])).await;
    remember(&app, json!([{ "kind": "person", "text": "Anna knows number 7" }]), json!([])).await;

    let first = list(&app, "").await;
    assert_eq!((first.memories.len(), first.memories[0].text.as_str()), (50, "Anna knows number 7"));
    let next = first.next.as_deref().expect("another page");
    let second = list(&app, &format!("page={next}")).await;
    assert_eq!((second.memories.len(), second.next.as_deref()), (11, None));
    assert!(first.memories.iter().all(|memory| !second.memories.contains(memory)));
    assert_eq!(texts(&list(&app, "kind=person").await), ["Anna knows number 7"]);
    assert_eq!(texts(&list(&app, "query=number+42&kind=fact").await), ["fact number 42"]);
    assert_eq!(list(&app, "query=NEAR+OR+%22(*").await.memories.len(), 0, "nothing in a query is syntax");
    assert_eq!(texts(&list(&app, "query=kno").await), ["Anna knows number 7"], "the word is still being typed");
    assert_eq!(list(&app, "query=the").await.memories.len(), 50, "it says nothing, so nothing is left out");
}

#[tokio::test]
async fn remembering_the_same_again_changes_nothing() {
    let app = remembering().await;
    let body = json!({ "memories": [{ "id": "one", "kind": "fact", "text": "first" }] });
    app.send_json("POST", "/memory", &body).await;
    let again = json!({ "memories": [{ "id": "one", "kind": "fact", "text": "second" }] });
    let reply: RememberReply = read(&app.send_json("POST", "/memory", &again).await);
    assert_eq!((reply.ids.as_slice(), reply.added), (&["one".to_owned()][..], 0));
    assert_eq!(texts(&list(&app, "").await), ["first"]);
}

#[tokio::test]
async fn people_and_projects_get_one_entry_each_and_the_same_fact_is_one() {
    let app = remembering().await;
    let told =
        |kind: &str, text: &str| json!([{ "kind": kind, "text": text, "about": "Atlas", "people": ["Maria", "Ben"] }]);
    let first = remember(&app, told("decision", "Ship in May"), json!([])).await;
    let todo = remember(&app, told("todo", "Book the hall"), json!([])).await;
    assert_eq!(remember(&app, told("decision", "ship in May!"), json!([])).await, first, "it is known");
    assert_eq!(texts(&list(&app, "kind=person").await), ["Ben", "Maria"]);
    assert_eq!(texts(&list(&app, "kind=project").await), ["Atlas"]);
    assert_eq!(texts(&list(&app, "kind=decision").await), ["Ship in May"]);
    for (id, how) in [(&first[0], MemoryRelation::DecidedBy), (&todo[0], MemoryRelation::AssignedTo)] {
        let detail: MemoryDetail = read(&app.get(&format!("/memory/{id}")).await);
        let mut linked: Vec<_> = detail.linked.iter().map(|end| (end.relation, end.text.as_str())).collect();
        linked.sort_unstable();
        let mut expected = [(how, "Ben"), (how, "Maria"), (MemoryRelation::About, "Atlas")];
        expected.sort_unstable();
        assert_eq!(linked, expected);
        assert_eq!(detail.memory.subject.as_deref(), Some("Atlas"));
    }
}

#[tokio::test]
async fn nothing_of_a_private_talk_is_stored() {
    let app = remembering().await;
    let body = json!({ "memories": [{ "kind": "fact", "text": "a secret" }], "private": true });
    app.send_json("POST", "/memory", &body).await.assert_error(409, "private_talk");
    assert!(list(&app, "").await.memories.is_empty());
}

#[tokio::test]
async fn everything_is_forgotten_only_on_purpose() {
    let app = remembering().await;
    remember(&app, json!([{ "kind": "fact", "text": "one" }, { "kind": "fact", "text": "two" }]), json!([])).await;
    forget(&app, "/memory", None).await.assert_error(428, "confirmation_required");
    forget(&app, "/memory", Some("yes")).await.assert_error(428, "confirmation_required");
    assert_eq!(list(&app, "").await.memories.len(), 2);
    let forgotten: Forgotten = read(&forget(&app, "/memory", Some("forget-everything")).await);
    assert_eq!(forgotten.memories, 2);
    assert!(list(&app, "").await.memories.is_empty());
}

#[tokio::test]
async fn the_export_is_one_file_with_everything() {
    let app = remembering().await;
    let many: Vec<_> =
        (0..450).map(|n| json!({ "id": format!("m{n}"), "kind": "fact", "text": format!("fact {n}") })).collect();
    remember(&app, json!(many), json!([{ "from": "m0", "relation": "related_to", "to": "m449" }])).await;
    remember(&app, json!([{ "kind": "fact", "text": "born in May", "restricted": true }]), json!([])).await;
    let answer = app.get("/memory/export").await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"colloquy-memory.json\"");
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    let export: Export = read(&answer);
    assert_eq!((export.memories.len(), export.links.len()), (451, 1));
    assert!(export.memories.iter().any(|memory| memory.restricted && memory.text == "born in May"));
}

#[tokio::test]
async fn what_is_malformed_is_refused_with_the_reason() {
    let app = remembering().await;
    for body in [
        json!({}),
        json!({ "memories": [{ "kind": "secret", "text": "x" }] }),
        json!({ "memories": [{ "kind": "fact", "text": "  " }] }),
        json!({ "memories": [{ "kind": "fact", "text": "x".repeat(8_001) }] }),
        json!({ "memories": [{ "kind": "fact", "text": "x", "id": "" }] }),
        json!({ "memories": [{ "kind": "fact", "text": "x", "id": "export" }] }),
        json!({ "memories": [{ "kind": "fact", "text": "x", "id": "x".repeat(81) }] }),
        json!({ "memories": [{ "kind": "fact", "text": "x", "restrcted": true }] }),
        json!({ "memories": [], "links": [{ "from": "a", "relation": "about", "to": "b" }] }),
        json!("{"),
    ] {
        app.send_json("POST", "/memory", &body).await.assert_error(400, "bad_request");
    }
    let large = json!({ "memories": [{ "kind": "fact", "text": "x".repeat(70_000) }] });
    app.send_json("POST", "/memory", &large).await.assert_error(413, "too_large");
    let text = ask("POST", "/memory").header("content-type", "text/plain").body(Body::from("{}"));
    app.send(text.expect("a request")).await.assert_error(415, "bad_request");
    for path in ["/memory?kind=secret", "/memory?kinds=fact", "/memory?page=last"] {
        app.get(path).await.assert_error(400, "bad_request");
    }
    assert!(list(&app, "").await.memories.is_empty(), "nothing was stored");
}

#[tokio::test]
async fn an_unknown_memory_is_told() {
    let app = remembering().await;
    app.get("/memory/nobody").await.assert_error(404, "unknown_memory");
    forget(&app, "/memory/nobody", None).await.assert_error(404, "unknown_memory");
    app.send_json("PATCH", "/memory/nobody", &json!({ "text": "x" })).await.assert_error(404, "unknown_memory");
    app.get("/memory/%00").await.assert_error(400, "bad_request");
    app.get("/memory/%FF").await.assert_error(400, "bad_request");
    app.send_json("PUT", "/memory/nobody", &json!({})).await.assert_error(405, "method_not_allowed");
}

/// Every route and method below `/memory`.
async fn ask_everything(app: &App, change: impl Fn(&mut axum::http::Request<Body>)) -> Vec<Answer> {
    let mut answers = Vec::new();
    let new = json!({ "memories": [{ "kind": "fact", "text": "x" }] });
    for (method, path, body) in [
        ("GET", "/memory", json!(null)),
        ("POST", "/memory", new),
        ("GET", "/memory/one", json!(null)),
        ("PATCH", "/memory/one", json!({ "text": "x" })),
        ("DELETE", "/memory/one", json!(null)),
        ("DELETE", "/memory", json!(null)),
        ("GET", "/memory/export", json!(null)),
    ] {
        let mut request = json(method, path, &body);
        request.headers_mut().insert("x-colloquy-confirm", "forget-everything".parse().expect("a value"));
        change(&mut request);
        answers.push(app.send(request).await);
    }
    answers
}

#[tokio::test]
async fn beyond_this_machine_memories_are_nobodys() {
    let open = [("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_LISTEN", "0.0.0.0:3003"), ("COLLOQUY_AUTH_OPEN", "true")];
    let app = App::with(Mood::Well, &open).await;
    for answer in ask_everything(&app, |_| {}).await {
        answer.assert_error(403, "memory_local_only");
    }
}

#[tokio::test]
async fn what_a_proxy_passes_on_sees_no_memories() {
    let app =
        App::with(Mood::Well, &[("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_ORIGINS", "http://localhost:8080")]).await;
    let proxied = |name: &'static str, value: &'static str| {
        move |request: &mut axum::http::Request<Body>| {
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
    };
    for (name, value) in [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=x"), ("host", "talk.example.com")] {
        for answer in ask_everything(&app, proxied(name, value)).await {
            let code = if name == "host" { "origin_refused" } else { "this_machine_alone" };
            answer.assert_error(403, code);
        }
    }
    for answer in ask_everything(&app, proxied("origin", "https://evil.example")).await {
        answer.assert_error(403, "origin_refused");
    }
}

#[tokio::test]
async fn a_page_of_another_port_of_this_machine_sees_no_memories_unless_it_is_listed() {
    let settings = [("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_ORIGINS", "http://localhost:8080")];
    let app = App::with(Mood::Well, &settings).await;
    remember(&app, json!([{ "id": "one", "kind": "fact", "text": "a secret" }]), json!([])).await;
    let page = |name: &'static str, value: &'static str| {
        move |request: &mut axum::http::Request<Body>| {
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
    };
    for (name, value) in [("origin", "http://localhost:9999"), ("sec-fetch-site", "same-site")] {
        for answer in ask_everything(&app, page(name, value)).await {
            answer.assert_error(403, "origin_refused");
        }
        let mut question =
            json("POST", "/context", &json!({ "talk": "t", "turn": 1, "query": "secret", "complete": true }));
        page(name, value)(&mut question);
        app.send(question).await.assert_error(403, "origin_refused");
    }
    assert_eq!(texts(&list(&app, "").await), ["a secret"], "nothing was done");
    for (name, value) in
        [("origin", "http://localhost:8080"), ("origin", "http://localhost:3003"), ("sec-fetch-site", "none")]
    {
        let mut request = ask("GET", "/memory/export").body(Body::empty()).expect("a request");
        page(name, value)(&mut request);
        assert_eq!(app.send(request).await.status, 200, "{value}");
    }
}

#[tokio::test]
async fn a_server_without_a_memory_says_so_and_goes_on() {
    for settings in [&[("COLLOQUY_MEMORY", "off")][..], &[("HOME", "/dev/null")][..], &[][..]] {
        let app = App::with(Mood::Well, settings).await;
        for answer in ask_everything(&app, |_| {}).await {
            answer.assert_error(503, "memory_unavailable");
        }
        assert_eq!(app.get("/session").await.status, 200, "the talk works");
    }
}

#[tokio::test]
async fn a_memory_that_was_asked_for_and_does_not_open_is_told_at_the_start() {
    let vendor = Vendor::start(Mood::Well).await;
    let settings = [("COLLOQUY_MEMORY", "/dev/null/memory.sqlite")];
    let error = Server::start(config(&vendor.base_url, &settings)).await.err().expect("no such folder").to_string();
    assert!(error.contains("/dev/null/memory.sqlite") && error.contains("--memory off"), "{error}");
    let settings = [("HOME", "/dev/null")];
    let server = Server::start(config(&vendor.base_url, &settings)).await.expect("it starts without");
    assert_eq!(server.state().knowledge().store().status().kind, "unavailable");
}

#[tokio::test]
async fn memories_outlive_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let vendor = Vendor::start(Mood::Well).await;
    let settings = [("XDG_DATA_HOME", folder.path().to_str().expect("text"))];
    let start = async || Server::start(config(&vendor.base_url, &settings)).await.expect("a server");

    let server = start().await;
    let url = format!("http://{}/memory", server.address());
    let telling = async {
        let body = json!({ "memories": [{ "kind": "decision", "text": "We leave on Friday" }] }).to_string();
        let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
        assert_eq!(request.send().await.expect("an answer").status(), 201);
    };
    server.run(telling).await.expect("an orderly end");
    assert!(folder.path().join("colloquy/memory.sqlite").is_file());

    let server = start().await;
    let url = format!("http://{}/memory", server.address());
    let asking = async {
        let page: MemoryPage = reqwest::get(url).await.expect("an answer").json().await.expect("a page");
        assert_eq!(texts(&page), ["We leave on Friday"]);
    };
    server.run(asking).await.expect("an orderly end");
}

/// Whether a word stands in any file below a folder.
fn in_files(folder: &Path, word: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return in_files(&path, word);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    })
}
