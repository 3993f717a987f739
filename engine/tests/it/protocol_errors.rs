//! What is malformed, refused or too early; after each of it the session goes on.

use crate::far_end::{FarEnd, config, engine_with, typed, update};
use serde_json::{Value, json};

#[tokio::test]
async fn malformed_events_are_answered_and_the_session_stays() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    let cases = [
        ("not json", Value::Null, "invalid_event"),
        ("[1, 2]", Value::Null, "invalid_event"),
        ("{}", Value::Null, "missing_required_parameter"),
        (r#"{"event_id":"e1","type":"no.such.event"}"#, "e1".into(), "invalid_value"),
        (r#"{"event_id":"e2","type":"conversation.item.delete"}"#, "e2".into(), "invalid_event"),
        (r#"{"event_id":"e3","type":"session.update","session":{}}"#, "e3".into(), "missing_required_parameter"),
        (r#"{"event_id":"e4","type":"input_audio_buffer.append","audio":""}"#, "e4".into(), "invalid_event"),
        (r#"{"event_id":"e5","type":"response.cancel"}"#, "e5".into(), "response_cancel_not_active"),
        (
            r#"{"event_id":"e6","type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":1}"#,
            "e6".into(),
            "item_truncate_invalid_item_id",
        ),
    ];
    for (text, event_id, code) in cases {
        far_end.send_text(text);
        let error = far_end.wait_for("error").await["error"].clone();
        assert_eq!(error["type"], "invalid_request_error", "{text}");
        assert_eq!(error["code"], code, "{text}: {error}");
        assert_eq!(error["event_id"], event_id, "{text}");
    }
    far_end.send(&typed("hello"));
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("response.done").await;
}

#[tokio::test]
async fn an_update_with_one_unknown_key_is_refused_whole() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&update(&json!({ "instructions": "changed", "metadata": {} })));
    let error = far_end.wait_for("error").await["error"].clone();
    assert_eq!(
        (error["code"].as_str(), error["param"].as_str()),
        (Some("unknown_parameter"), Some("session.metadata"))
    );
    far_end.send(&update(&json!({ "audio": { "input": { "turn_detection": {
        "type": "server_vad", "idle_timeout_ms": 750 } } } })));
    let error = far_end.wait_for("error").await["error"].clone();
    assert_eq!(error["code"], "integer_below_min_value");
    assert_eq!(error["param"], "session.audio.input.turn_detection.idle_timeout_ms");
    far_end.send(&update(&json!({})));
    let session = far_end.wait_for("session.updated").await["session"].clone();
    assert_eq!(session["instructions"], "");
}

#[tokio::test]
async fn only_one_response_at_a_time() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&typed("count to ten"));
    far_end.send(&json!({ "type": "response.create" }));
    far_end.send(&json!({ "type": "response.create", "event_id": "second" }));
    let error = far_end.wait_for("error").await["error"].clone();
    assert_eq!(error["code"], "conversation_already_has_active_response");
    assert_eq!(error["event_id"], "second");
    assert_eq!(far_end.all("response.created").len(), 1);
    far_end.send(&json!({ "type": "response.cancel" }));
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["status_details"]["reason"], "client_cancelled");
}

#[tokio::test]
async fn the_voice_is_locked_after_the_first_audio() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    let voice = |name: &str| update(&json!({ "audio": { "output": { "voice": name } } }));
    far_end.send(&voice("cedar"));
    far_end.wait_for("session.updated").await;
    far_end.send(&typed("thank you"));
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("output_audio_buffer.started").await;
    far_end.send(&voice("marin"));
    assert_eq!(far_end.wait_for("error").await["error"]["code"], "cannot_update_voice");
}
