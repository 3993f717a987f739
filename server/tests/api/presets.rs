//! Presets: what kinds of talk there are, and what a client may change of them.

use crate::app::{App, ask, json};
use crate::vendor::Mood;
use axum::body::Body;
use protocol::api::{SessionReply, Status};
use serde_json::{Value, json};

const FILE: &str = r#"
[session]
voice = "ash"

[presets.tutor]
instructions = "Teach."
voice = "cedar"
language = "pt"
turn_detection = "semantic_vad"
eagerness = "low"
strategy = "sequential"
deadline_ms = 350
allow = ["voice", "speed", "language"]

[[presets.tutor.tools]]
type = "mcp"
server_label = "dictionary"
server_url = "https://dictionary.example"

[presets.quick]
model = "gpt-realtime-2.1-mini"
strategy = "parallel"
turn_detection = "server_vad"
"#;

async fn app() -> App {
    App::with_file(FILE, &[("COLLOQUY_MEMORY", "off")]).await
}

async fn minted(app: &App, body: &Value) -> Value {
    let answer = app.send_json("POST", "/session", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    app.vendor.last().json()["session"].clone()
}

#[tokio::test]
async fn a_preset_is_like_the_session_but_for_what_it_says() {
    let app = app().await;
    let plain = minted(&app, &json!({})).await;
    assert_eq!(plain["audio"]["output"]["voice"], "ash");
    let tutor = minted(&app, &json!({ "preset": "tutor" })).await;
    assert_eq!((&tutor["instructions"], &tutor["audio"]["output"]["voice"]), (&json!("Teach."), &json!("cedar")));
    assert_eq!(tutor["audio"]["input"]["transcription"]["language"], "pt");
    assert_eq!(
        tutor["audio"]["input"]["turn_detection"],
        json!({ "type": "semantic_vad", "eagerness": "low", "create_response": false, "interrupt_response": true })
    );
    assert_eq!(tutor["model"], plain["model"]);
    let names: Vec<_> = tools(&tutor);
    assert_eq!(names, ["dictionary", "search", "note", "watch", "unwatch"], "the operator's tools, and the page's own");
}

#[tokio::test]
async fn a_talk_that_waits_for_nothing_is_answered_by_the_service_itself() {
    let app = app().await;
    let quick = minted(&app, &json!({ "preset": "quick" })).await;
    assert_eq!(quick["audio"]["input"]["turn_detection"]["create_response"], true);
    assert_eq!((&quick["model"], &quick["audio"]["output"]["voice"]), (&json!("gpt-realtime-2.1-mini"), &json!("ash")));
}

#[tokio::test]
async fn the_page_is_told_what_the_operator_chose() {
    let app = app().await;
    let answer = app.send_json("POST", "/session", &json!({ "preset": "tutor" })).await;
    let reply = SessionReply::parse(&answer.text()).expect("a reply");
    assert!(reply.value.expose().starts_with("ek_"));
    let talk = reply.talk.expect("a talk");
    assert_eq!((talk.preset.as_str(), talk.strategy.as_str(), talk.deadline_ms), ("tutor", "sequential", 350));
    assert_eq!(
        (talk.presets, talk.allow),
        (words(&["default", "quick", "tutor"]), words(&["voice", "speed", "language"]))
    );
    assert_eq!((talk.filler_after_ms, talk.filler.is_empty(), talk.announce_after_ms), (1500, false, 1000));
    let status: Status = serde_json::from_slice(&app.get("/status").await.body).expect("a status");
    assert_eq!(status.presets, words(&["default", "quick", "tutor"]));
}

#[tokio::test]
async fn a_client_changes_what_the_preset_allows() {
    let app = app().await;
    let change = json!({ "preset": "tutor", "change": { "voice": "sage", "speed": 1.25, "language": "" } });
    let session = minted(&app, &change).await;
    assert_eq!(session["audio"]["output"], json!({ "voice": "sage", "speed": 1.25 }));
    assert_eq!(session["audio"]["input"]["transcription"]["language"], Value::Null);
    assert_eq!(session["instructions"], "Teach.", "the rest stays");
}

#[tokio::test]
async fn what_a_preset_does_not_allow_is_refused_by_name_and_goes_nowhere() {
    let app = app().await;
    for (body, status, code, named) in [
        (json!({ "preset": "nobody" }), 400, "unknown_preset", "nobody"),
        (json!({ "change": { "voice": "sage" } }), 403, "field_refused", "`voice`"),
        (json!({ "preset": "tutor", "change": { "instructions": "Obey." } }), 403, "field_refused", "`instructions`"),
        (json!({ "preset": "tutor", "change": { "tools": [] } }), 403, "field_refused", "`tools`"),
        (json!({ "preset": "tutor", "change": { "voice": "nobody" } }), 400, "bad_request", "`voice`"),
        (json!({ "preset": "tutor", "change": { "speed": 9 } }), 400, "bad_request", "`speed`"),
        (json!({ "preset": "tutor", "change": { "voice": { "id": "x" } } }), 400, "bad_request", "`voice`"),
        (json!({ "presett": "tutor" }), 400, "bad_request", "presett"),
        (json!([]), 400, "bad_request", ""),
    ] {
        let answer = app.send_json("POST", "/session", &body).await;
        answer.assert_error(status, code);
        assert!(answer.error().message.contains(named), "{body}: {}", answer.text());
    }
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_request_for_a_key_is_read_within_bounds() {
    let app = app().await;
    let long = json!({ "preset": "x".repeat(20_000) });
    app.send_json("POST", "/session", &long).await.assert_error(413, "too_large");
    let form = ask("POST", "/session").header("content-type", "text/plain").body(Body::from("{}"));
    app.send(form.expect("a request")).await.assert_error(415, "bad_request");
}

#[tokio::test]
async fn an_official_client_gets_its_key_with_what_it_may_choose() {
    let app = App::with(Mood::Well, &[("COLLOQUY_ALLOW_CHANGES", "voice,turn_detection,key_seconds")]).await;
    let session = json!({
        "type": "realtime",
        "model": "gpt-realtime-2.1",
        "output_modalities": ["audio"],
        "audio": { "input": { "turn_detection": null }, "output": { "voice": "cedar" } },
    });
    let body = json!({ "expires_after": { "anchor": "created_at", "seconds": 60 }, "session": session });
    let answer = app.send(json("POST", "/v1/realtime/client_secrets", &body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let reply = answer.json();
    assert!(reply["value"].as_str().expect("a key").starts_with("ek_"));
    assert_eq!(reply["session"]["type"], "realtime");
    let seen = app.vendor.last().json();
    assert_eq!(seen["expires_after"]["seconds"], 60);
    assert_eq!(seen["session"]["audio"]["output"]["voice"], "cedar");
    assert_eq!(seen["session"]["audio"]["input"]["turn_detection"], Value::Null);
    assert!(!seen["session"]["instructions"].as_str().expect("text").is_empty(), "the rest is the server's");
}

#[tokio::test]
async fn an_official_client_is_refused_what_it_may_not_choose_by_the_fields_path() {
    let app = App::start().await;
    for (session, path) in [
        (json!({ "type": "realtime", "model": "gpt-5-enormous" }), "session.model"),
        (json!({ "type": "realtime", "audio": { "output": { "voice": "ash" } } }), "session.audio.output.voice"),
        (json!({ "type": "realtime", "tools": [] }), "session.tools"),
        (json!({ "type": "realtime", "tracing": "auto" }), "session.tracing"),
        (json!({ "type": "transcription" }), "session.type"),
    ] {
        let answer = app.send(json("POST", "/v1/realtime/client_secrets", &json!({ "session": session }))).await;
        answer.assert_error(403, "field_refused");
        assert!(answer.error().message.contains(&format!("`{path}`")), "{}", answer.text());
    }
    assert!(app.vendor.seen().is_empty());
    let as_it_is = json!({ "session": { "type": "realtime", "model": "gpt-realtime-2.1" } });
    assert_eq!(app.send(json("POST", "/v1/realtime/client_secrets", &as_it_is)).await.status, 200);
}

fn tools(session: &Value) -> Vec<&str> {
    let tools = session["tools"].as_array().expect("tools");
    tools.iter().filter_map(|tool| tool["name"].as_str().or(tool["server_label"].as_str())).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn presets_and_the_place_of_the_key_are_taken_over_while_the_server_runs() {
    let app = App::start().await;
    let changed = crate::app::config(&app.vendor.base_url, &[("COLLOQUY_VOICE", "ash"), ("OPENAI_API_KEY", "sk-new")]);
    app.vendor.replace_key("sk-new");
    app.state.upstream().change(changed.presets, changed.upstream.key).await.expect("a key");
    assert_eq!(minted(&app, &json!({})).await["audio"]["output"]["voice"], "ash");
    assert_eq!(app.vendor.last().header("authorization"), "Bearer sk-new");
}
