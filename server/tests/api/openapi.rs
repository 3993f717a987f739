//! The description of the API names every route and every error that the source has, and what the running server
//! answers is as it says.

use crate::app::{Answer, App, ask, json as asking, offer};
use crate::vendor::{CALL, Mood, SHORT_KEY};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

#[tokio::test]
async fn every_route_of_the_source_is_described_and_nothing_else() {
    let document = App::start().await.get("/openapi.json").await.json();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, ways)| ways.as_object().expect("methods").keys().map(|method| (path.clone(), method.clone())))
        .collect();
    let mut routes = BTreeSet::new();
    read_routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/routes"), &mut routes);
    assert!(routes.len() > 20, "{routes:?}");
    assert_eq!(described, routes);
}

#[tokio::test]
async fn every_word_of_an_error_is_described() {
    let document = App::start().await.get("/openapi.json").await.json();
    let words = &document["components"]["schemas"]["ErrorBody"]["properties"]["code"]["enum"];
    let described: BTreeSet<&str> = words.as_array().expect("words").iter().filter_map(Value::as_str).collect();
    let protocol = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/src");
    // Our own words, and the one of the vendor's that is passed on.
    let mut known = BTreeSet::from([protocol::code::INSUFFICIENT_QUOTA.to_owned()]);
    for file in ["api.rs", "memory.rs"] {
        let text = std::fs::read_to_string(protocol.join(file)).expect("source");
        let inside =
            text.split("pub mod error_code").nth(1).expect("words").split("\n}").next().expect("words").to_owned();
        let values = inside.split(": &str = \"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned));
        known.extend(values);
    }
    assert_eq!(described, known.iter().map(String::as_str).collect());
}

#[tokio::test]
async fn the_description_is_valid_and_so_is_every_schema_in_it() {
    let document = App::start().await.get("/openapi.json").await.json();
    // The schema that the OpenAPI Initiative publishes for its version 3.1.
    let official = serde_json::from_str(include_str!("openapi-3.1.schema.json")).expect("JSON");
    assert_valid(&jsonschema::validator_for(&official).expect("a schema"), &document, "the document");
    let mut schemas = Vec::new();
    collect("schema", &document, &mut schemas);
    schemas.extend(document["components"]["schemas"].as_object().expect("schemas").values());
    for schema in &schemas {
        assert!(jsonschema::meta::is_valid(schema), "{schema}");
    }
    assert!(schemas.len() > 60, "{}", schemas.len());
}

#[tokio::test]
async fn every_body_and_every_parameter_has_a_schema_that_says_something() {
    let document = App::start().await.get("/openapi.json").await.json();
    let mut bodies = Vec::new();
    collect("content", &document, &mut bodies);
    for body in bodies {
        for (kind, media) in body.as_object().expect("media types") {
            assert!(says_something(&media["schema"]), "{kind}: {media}");
        }
    }
    let mut parameters = Vec::new();
    collect("parameters", &document, &mut parameters);
    for parameter in parameters.iter().flat_map(|list| list.as_array().expect("a list")) {
        assert!(says_something(&parameter["schema"]), "{parameter}");
    }
}

#[tokio::test]
async fn what_every_route_answers_is_as_described() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = folder.path().to_str().expect("text");
    let everybody = App::with(Mood::Well, &[("COLLOQUY_MEMORY", ":memory:"), ("COLLOQUY_DOCUMENTS", documents)]).await;
    let token = "0123456789abcdef01234567";
    let known = App::with(Mood::Well, &[("COLLOQUY_TOKENS", &format!("alice:{token}"))]).await;
    let gone = App::with_dead_upstream().await;
    let mut described = Described::of(everybody.get("/openapi.json").await.json());

    let plain = |method: &str, path: &str| ask(method, path).body(Body::empty()).expect("a request");
    let secret = json!({
        "expires_after": { "anchor": "created_at", "seconds": 600 },
        "session": { "type": "realtime" },
    });
    let turn = json!({
        "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": { "onset": 1.5 },
        "usage": { "total_tokens": 3, "input_tokens": 1, "output_tokens": 2 },
    });
    let question = json!({
        "talk": "t", "turn": 1, "query": "what time is it in Tokyo", "complete": true, "zone": "Europe/Berlin",
        "scratchpad": { "places": ["Kiel"] },
    });
    let watch = json!({ "name": "rules", "source": "documents", "query": "the rules", "every_s": 60, "change": 1.0 });
    let memories = json!({
        "memories": [
            { "id": "m1", "kind": "decision", "text": "Ship in May", "origin": { "talk": "t", "turn": "1" } },
            { "id": "m2", "kind": "person", "text": "Ana", "restricted": true },
        ],
        "links": [{ "from": "m1", "relation": "decided_by", "to": "m2" }],
    });
    let here: SocketAddr = "127.0.0.1:4711".parse().expect("an address");
    let mut metrics = plain("GET", "/metrics");
    metrics.extensions_mut().insert(ConnectInfo(here));
    let confirmed = ask("DELETE", "/memory").header("x-colloquy-confirm", "forget-everything").body(Body::empty());
    let form = ask("POST", "/login/token").header("content-type", "application/x-www-form-urlencoded");
    let form = form.header("origin", "http://localhost:3003").body(Body::from(format!("token={token}")));
    let key = everybody.bearer(SHORT_KEY);
    let hang_up = format!("/v1/realtime/calls/{CALL}/hangup");

    for (app, status, route, request) in [
        (&everybody, 200, "/session", plain("GET", "/session")),
        (&everybody, 200, "/session", asking("POST", "/session", &json!({ "preset": "default", "change": {} }))),
        (&everybody, 400, "/session", asking("POST", "/session", &json!({ "preset": 1 }))),
        (&everybody, 200, "/v1/realtime/client_secrets", asking("POST", "/v1/realtime/client_secrets", &secret)),
        (&everybody, 201, "/v1/realtime/calls", offer("/v1/realtime/calls", &key, "application/sdp", "v=0\r\n")),
        (&everybody, 201, "/v1/realtime", offer("/v1/realtime", &key, "application/sdp", "v=0\r\n")),
        (&everybody, 200, "/v1/realtime/calls/{call_id}/hangup", plain("POST", &hang_up)),
        (&everybody, 204, "/turns", asking("POST", "/turns", &turn)),
        (&everybody, 200, "/context", asking("POST", "/context", &question)),
        (&everybody, 201, "/context/watch", asking("POST", "/context/watch", &watch)),
        (&everybody, 204, "/context/watch/{name}", plain("DELETE", "/context/watch/rules")),
        (&everybody, 204, "/context/talks/{talk}", plain("DELETE", "/context/talks/t")),
        (&everybody, 201, "/memory", asking("POST", "/memory", &memories)),
        (&everybody, 200, "/memory", plain("GET", "/memory?query=ship&kind=decision")),
        (&everybody, 400, "/memory", plain("GET", "/memory?kind=none")),
        (&everybody, 200, "/memory/export", plain("GET", "/memory/export")),
        (&everybody, 200, "/memory/{id}", plain("GET", "/memory/m1")),
        (&everybody, 200, "/memory/{id}", asking("PATCH", "/memory/m1", &json!({ "text": "Ship in June" }))),
        (&everybody, 200, "/memory/{id}", plain("DELETE", "/memory/m1")),
        (&everybody, 404, "/memory/{id}", plain("DELETE", "/memory/m1")),
        (&everybody, 200, "/memory/talks/{talk}", plain("DELETE", "/memory/talks/t")),
        (&everybody, 200, "/memory", confirmed.expect("a request")),
        (&everybody, 200, "/status", plain("GET", "/status")),
        (&everybody, 200, "/healthz", plain("GET", "/healthz")),
        (&everybody, 200, "/readyz", plain("GET", "/readyz")),
        (&gone, 503, "/readyz", plain("GET", "/readyz")),
        (&everybody, 200, "/metrics", metrics),
        (&everybody, 200, "/openapi.json", plain("GET", "/openapi.json")),
        (&known, 401, "/session", plain("GET", "/session")),
        (&known, 200, "/login", plain("GET", "/login")),
        (&known, 404, "/login/callback", plain("GET", "/login/callback")),
        (&known, 303, "/login/token", form.expect("a request")),
        (&known, 204, "/logout", plain("POST", "/logout")),
    ] {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let method = parts.method.as_str().to_ascii_lowercase();
        described.check_request(&method, route, status < 400, &body);
        let answer = app.send(Request::from_parts(parts, Body::from(body))).await;
        assert_eq!(answer.status, status, "{method} {route}: {}", answer.text());
        described.check_answer(&method, route, &answer);
    }
    assert!(described.untried.is_empty(), "nobody tried {:?}", described.untried);
}

/// The document, and what of it was not tried yet.
struct Described {
    document: Value,
    untried: BTreeSet<(String, String)>,
}

impl Described {
    fn of(document: Value) -> Self {
        let paths = document["paths"].as_object().expect("paths");
        let untried = paths
            .iter()
            .flat_map(|(path, ways)| ways.as_object().expect("ways").keys().map(|way| (path.clone(), way.clone())));
        Self { untried: untried.collect(), document }
    }

    /// A body in JSON that is taken is as described, and one that is not taken is not.
    fn check_request(&self, method: &str, path: &str, is_taken: bool, body: &[u8]) {
        let taken = &self.document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"];
        if let Ok(body) = serde_json::from_slice(body) {
            assert!(says_something(taken), "{method} {path} takes no JSON");
            assert_eq!(self.validator(taken).is_valid(&body), is_taken, "{method} {path}: {body} by {taken}");
        }
    }

    fn check_answer(&mut self, method: &str, path: &str, answer: &Answer) {
        let way = &self.document["paths"][path][method];
        let status = answer.status.as_u16().to_string();
        let documented =
            way["responses"].get(&status).unwrap_or_else(|| &self.document["components"]["responses"]["Error"]);
        let kind = answer.header("content-type").split(';').next().unwrap_or_default();
        let what = format!("{method} {path} {status}");
        match documented.get("content") {
            None => assert!(answer.body.is_empty(), "{what}: {}", answer.text()),
            Some(content) => {
                let schema = self.validator(&content[kind]["schema"]);
                for value in values(kind, &answer.text()) {
                    assert_valid(&schema, &value, &what);
                }
            }
        }
        self.untried.remove(&(path.to_owned(), method.to_owned()));
    }

    /// A schema of the document, with what it refers to.
    fn validator(&self, schema: &Value) -> Validator {
        assert!(says_something(schema), "no schema");
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        jsonschema::draft202012::new(&whole).expect("a schema")
    }
}

fn values(kind: &str, text: &str) -> Vec<Value> {
    let read = |text: &str| serde_json::from_str(text).expect("JSON");
    match kind {
        "application/json" => vec![read(text)],
        "application/x-ndjson" => text.lines().map(read).collect(),
        _ => vec![json!(text)],
    }
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value, what: &str) {
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{value}");
}

fn says_something(schema: &Value) -> bool {
    schema
        .as_object()
        .is_some_and(|schema| ["type", "$ref", "anyOf", "oneOf", "enum"].iter().any(|key| schema.contains_key(*key)))
}

/// Every value that stands under a name, outside of the schemas themselves.
fn collect<'a>(name: &str, value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == name {
                    into.push(value);
                }
                if key != "schema" && key != "schemas" {
                    collect(name, value, into);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(name, value, into)),
        _ => {}
    }
}

/// Every path with its methods, as `.route(…)` names them outside of tests.
fn read_routes(folder: &Path, into: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            read_routes(&path, into);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("source").replace("LOGIN_CALLBACK,", "\"/login/callback\",");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for route in code.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').expect("a path");
            let line = rest.lines().next().unwrap_or_default();
            for method in ["get", "post", "patch", "delete"] {
                if line.contains(&format!(" {method}(")) || line.contains(&format!(".{method}(")) {
                    into.insert((path.to_owned(), method.to_owned()));
                }
            }
        }
    }
}
