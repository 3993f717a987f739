//! `GET /openapi.json`: every route, what it takes and answers, and every word that an error may have.

mod body;
mod ways;
mod words;

use crate::AppState;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use body::{Body, Schemas, json as body_of};
use protocol::api::ErrorBody;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use ways::{Proof, Way, ways};
use words::WORDS;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/openapi.json", get(tell))
}

async fn tell(State(state): State<AppState>) -> Json<Value> {
    let mut document = DOCUMENT.clone();
    document["components"]["securitySchemes"]["session"]["name"] = json!(state.entrance().cookie().full_name());
    Json(document)
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for way in &ways() {
        let entry = paths.entry(way.path).or_insert_with(|| json!({}));
        entry[way.method] = operation(way, &mut schemas);
    }
    let error = schemas.answered(body_of::<ErrorBody>());
    let mut named = schemas.named();
    named["ErrorBody"]["properties"]["code"]["enum"] = json!(WORDS);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Colloquy",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": named,
            "responses": {
                "Error": {
                    "description": "What went wrong. With 429 and 503 `Retry-After` says when to ask again, in seconds.",
                    "headers": {
                        "Retry-After": { "schema": { "type": "integer" } },
                        "X-Request-Id": { "schema": { "type": "string" } },
                    },
                    "content": error,
                },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "" },
                "key": { "type": "http", "scheme": "bearer", "bearerFormat": "ek_…" },
            },
        },
    })
}

fn operation(way: &Way, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    for (status, body) in &way.answers {
        let mut answer = json!({ "description": if *status < 400 { "All is well." } else { "Not now." } });
        if let Some(body) = body {
            answer["content"] = schemas.answered(*body);
        }
        if *status == 303 || matches!(body, Some(Body::Sdp)) {
            answer["headers"] = json!({ "Location": { "schema": { "type": "string" } } });
        }
        responses.insert(status.to_string(), answer);
    }
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Error" }));
    let mut operation = json!({ "summary": way.what, "responses": responses });
    if let Some((body, required)) = way.takes {
        operation["requestBody"] = json!({ "required": required, "content": schemas.asked(body) });
    }
    let parameters = parameters(way, schemas);
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    operation["security"] = match way.proof {
        Proof::None => json!([]),
        Proof::Visitor => json!([{ "token": [] }, { "session": [] }, {}]),
        Proof::Key => json!([{ "key": [] }]),
    };
    operation
}

fn parameters(way: &Way, schemas: &mut Schemas) -> Vec<Value> {
    let text =
        |name: &str, place| json!({ "name": name, "in": place, "required": true, "schema": { "type": "string" } });
    let names = way.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let of_path = names.map(|name| text(name, "path"));
    let of_head = way.header.map(|name| text(name, "header"));
    let of_query = way.query.map(|query| schemas.query(query)).unwrap_or_default();
    of_path.chain(of_head).chain(of_query).collect()
}
