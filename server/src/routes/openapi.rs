//! `GET /openapi.json`: every route, what it takes and answers, and every word that an error may have.

use crate::AppState;
use crate::config::LOGIN_CALLBACK;
use axum::routing::get;
use axum::{Json, Router};
use protocol::api::error_code as code;
use protocol::memory::error_code as memory_code;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/openapi.json", get(async || Json(&*DOCUMENT)))
}

/// One way to ask.
struct Way {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    /// The type of the body that it takes.
    takes: Option<&'static str>,
    /// The status and the type of what it answers when all is well.
    answers: (u16, Option<&'static str>),
    /// What proves who asks.
    proof: Proof,
}

#[derive(Clone, Copy, PartialEq)]
enum Proof {
    /// Nothing is needed.
    None,
    /// A token or a session, where visitors have to say who they are.
    Visitor,
    /// A short-lived key.
    Key,
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

fn document() -> Value {
    let mut paths = Map::new();
    for way in WAYS {
        let entry = paths.entry(way.path).or_insert_with(|| json!({}));
        entry[way.method] = operation(way);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Colloquy", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "MIT OR Apache-2.0" } },
        "paths": paths,
        "components": {
            "schemas": { "Error": error_schema() },
            "responses": {
                "Error": {
                    "description": "What went wrong. With 429 and 503 `Retry-After` says when to ask again, in seconds.",
                    "headers": {
                        "Retry-After": { "schema": { "type": "integer" } },
                        "X-Request-Id": { "schema": { "type": "string" } },
                    },
                    "content": { JSON: { "schema": { "$ref": "#/components/schemas/Error" } } },
                },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-colloquy" },
                "key": { "type": "http", "scheme": "bearer", "bearerFormat": "ek_…" },
            },
        },
    })
}

fn operation(way: &Way) -> Value {
    let body = |kind: &str| json!({ "content": { kind: { "schema": {} } } });
    let (status, kind) = way.answers;
    let mut answer = kind.map_or_else(|| json!({}), body);
    answer["description"] = json!("All is well.");
    let mut operation = json!({
        "summary": way.what,
        "responses": { status.to_string(): answer, "default": { "$ref": "#/components/responses/Error" } },
    });
    if let Some(kind) = way.takes {
        operation["requestBody"] = body(kind);
    }
    let names = way.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameter = |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let parameters: Vec<_> = names.map(parameter).collect();
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

fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": { "type": "string", "enum": WORDS, "description": "A stable word for programs." },
            "message": { "type": "string", "description": "What is wrong and what to do, for a person." },
            "request_id": { "type": "string", "description": "Names the request in the server's log." },
        },
    })
}

const fn way(
    method: &'static str,
    path: &'static str,
    proof: Proof,
    takes: Option<&'static str>,
    answers: (u16, Option<&'static str>),
    what: &'static str,
) -> Way {
    Way { method, path, what, takes, answers, proof }
}

const JSON: &str = "application/json";
const SDP: &str = "application/sdp";
const FORM: &str = "application/x-www-form-urlencoded";
const LINES: &str = "application/x-ndjson";
const HTML: &str = "text/html";
const TEXT: &str = "text/plain";

use Proof::{Key, None as Nothing, Visitor};

const WAYS: &[Way] = &[
    way("get", "/session", Visitor, None, (200, Some(JSON)), "A short-lived key for one talk"),
    way("post", "/session", Visitor, Some(JSON), (200, Some(JSON)), "The same, with a preset and what it lets change"),
    way(
        "post",
        "/v1/realtime/client_secrets",
        Visitor,
        Some(JSON),
        (200, Some(JSON)),
        "The same, for the official clients",
    ),
    way("post", "/v1/realtime/calls", Key, Some(SDP), (201, Some(SDP)), "Opens a call: an offer for an answer"),
    way("post", "/v1/realtime", Key, Some(SDP), (201, Some(SDP)), "The same, at the older address"),
    way("post", "/v1/realtime/calls/{call_id}/hangup", Nothing, None, (200, None), "Ends a call"),
    way("post", "/turns", Visitor, Some(JSON), (204, None), "Tells what one turn was like"),
    way("post", "/context", Visitor, Some(JSON), (200, Some(LINES)), "Looks something up; a line for each event"),
    way("delete", "/context/talks/{talk}", Visitor, None, (204, None), "Ends the look-ups of a talk"),
    way("post", "/context/watch", Visitor, Some(JSON), (200, Some(LINES)), "Watches a source for news"),
    way("delete", "/context/watch/{name}", Visitor, None, (204, None), "Ends watching"),
    way("get", "/memory", Visitor, None, (200, Some(JSON)), "Lists or finds memories"),
    way("post", "/memory", Visitor, Some(JSON), (201, Some(JSON)), "Remembers something"),
    way("delete", "/memory", Visitor, None, (200, Some(JSON)), "Forgets everything, if confirmed"),
    way("get", "/memory/export", Visitor, None, (200, Some(JSON)), "Everything that is remembered"),
    way("get", "/memory/{id}", Visitor, None, (200, Some(JSON)), "One memory with its history"),
    way("patch", "/memory/{id}", Visitor, Some(JSON), (200, Some(JSON)), "Corrects a memory"),
    way("delete", "/memory/{id}", Visitor, None, (200, Some(JSON)), "Forgets a memory"),
    way("delete", "/memory/talks/{talk}", Visitor, None, (200, Some(JSON)), "Forgets what is remembered of a talk"),
    way("get", "/status", Visitor, None, (200, Some(JSON)), "What runs here and who answers"),
    way("get", "/login", Nothing, None, (200, Some(HTML)), "A page to log in, or the way to the provider"),
    way("get", LOGIN_CALLBACK, Nothing, None, (303, None), "Where the provider sends browsers back to"),
    way("post", "/login/token", Nothing, Some(FORM), (303, None), "Logs in with a static token"),
    way("post", "/logout", Nothing, None, (204, None), "Ends a session on every server"),
    way("get", "/healthz", Nothing, None, (200, Some(TEXT)), "Whether the process answers"),
    way("get", "/readyz", Nothing, None, (200, Some(JSON)), "Whether it can take talks; 503 with the reason if not"),
    way("get", "/metrics", Nothing, None, (200, Some(TEXT)), "Numbers for Prometheus"),
    way("get", "/openapi.json", Nothing, None, (200, Some(JSON)), "This document"),
];

const WORDS: &[&str] = &[
    code::UPSTREAM_UNREACHABLE,
    code::UPSTREAM_TIMEOUT,
    code::UPSTREAM_KEY_REFUSED,
    code::UPSTREAM_BUSY,
    code::UPSTREAM_REFUSED,
    code::UPSTREAM_MALFORMED,
    code::UPSTREAM_MODEL_GONE,
    code::UPSTREAM_SESSION_EXPIRED,
    code::UPSTREAM_BETA_SHAPE,
    code::UPSTREAM_FAILED,
    protocol::code::INSUFFICIENT_QUOTA,
    code::KEY_UNAVAILABLE,
    code::UNKNOWN_PRESET,
    code::FIELD_REFUSED,
    code::LOGIN_REQUIRED,
    code::LOGIN_FAILED,
    code::TOO_MANY_KEYS,
    code::TOO_MANY_CALLS,
    code::TOO_MANY_LOOKUPS,
    code::MINUTES_USED_UP,
    code::MONEY_USED_UP,
    code::CLOSED,
    code::LIMITS_UNAVAILABLE,
    code::KEY_UNKNOWN,
    code::URI_TOO_LONG,
    code::KEY_REQUIRED,
    code::LASTING_KEY_REFUSED,
    code::REQUEST_TIMEOUT,
    code::BAD_REQUEST,
    code::TOO_LARGE,
    code::ORIGIN_REFUSED,
    code::NOT_FOUND,
    code::METHOD_NOT_ALLOWED,
    code::INTERNAL,
    memory_code::UNKNOWN_MEMORY,
    memory_code::MEMORY_UNAVAILABLE,
    memory_code::MEMORY_LOCAL_ONLY,
    memory_code::PRIVATE_TALK,
    memory_code::CONFIRMATION_REQUIRED,
];
