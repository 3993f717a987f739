//! Talking over an answer.

use crate::far_end::{FarEnd, engine, typed, update};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn speech_during_an_answer_cuts_it() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&typed("count to twenty"));
    far_end.send(&json!({ "type": "response.create" }));
    let started = far_end.wait_for("output_audio_buffer.started").await;
    far_end.run_for(Duration::from_millis(1000)).await;
    far_end.speak("stop it now please", Duration::from_millis(900));
    far_end.wait_for("input_audio_buffer.speech_started").await;
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["status"], "cancelled");
    assert_eq!(done["response"]["status_details"]["reason"], "turn_detected");
    let cleared = far_end.wait_for("output_audio_buffer.cleared").await;
    assert_eq!(cleared["response_id"], started["response_id"]);
    let truncated = far_end.wait_for("conversation.item.truncated").await;
    let played = truncated["audio_end_ms"].as_u64().expect("a length");
    assert!((900..2500).contains(&played), "{played} ms");
    assert_eq!(done["response"]["output"][0]["id"], truncated["item_id"]);

    far_end.send(&json!({ "type": "conversation.item.retrieve", "item_id": truncated["item_id"] }));
    let item = far_end.wait_for("conversation.item.retrieved").await;
    assert_eq!(item["item"]["content"][0]["transcript"], "", "what was not heard is forgotten");
}

#[tokio::test]
async fn after_a_cut_only_silence_follows() {
    let engine = engine(&[""]).await;
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&typed("count to twenty"));
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("output_audio_buffer.started").await;
    far_end.run_for(Duration::from_millis(800)).await;
    far_end.send(&json!({ "type": "response.cancel" }));
    far_end.send(&json!({ "type": "output_audio_buffer.clear" }));
    far_end.wait_for("output_audio_buffer.cleared").await;
    let before = far_end.packets.len();
    far_end.run_for(Duration::from_millis(600)).await;
    let after = &far_end.packets[before..];
    assert!((5..=12).contains(&after.len()), "about 200 ms of silence, not {} packets", after.len());
    // The decoder lets the last sound ring out in the first of them.
    assert!(after.iter().skip(2).all(|(_, loudest)| *loudest < 300), "{after:?}");
    assert!(far_end.all("output_audio_buffer.stopped").is_empty(), "cleared is not stopped");
}

#[tokio::test]
async fn where_the_client_decides_speech_does_not_cut() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    let detection = json!({ "type": "server_vad", "interrupt_response": false, "create_response": false });
    far_end.send(&update(&json!({ "audio": { "input": { "turn_detection": detection } } })));
    far_end.send(&typed("what can you do"));
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("output_audio_buffer.started").await;
    far_end.speak("stop it now please", Duration::from_millis(900));
    far_end.wait_for("input_audio_buffer.speech_stopped").await;
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["status"], "completed");
    far_end.wait_for("output_audio_buffer.stopped").await;
    assert!(far_end.all("output_audio_buffer.cleared").is_empty());
}
