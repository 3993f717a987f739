//! Questions that are handed to a function, and what it gives, over a real call.

use crate::far_end::{FarEnd, config, engine, engine_with, message, typed, update};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_spoken_question_is_handed_to_a_function_and_its_output_is_heard() {
    let mut far_end = FarEnd::call(&engine(&["when does the harbour open"]).await).await;
    far_end.send(&update(&json!({ "tools": [search()] })));
    far_end.wait_for("session.updated").await;
    far_end.speak("when does the harbour open", Duration::from_millis(900));
    let done = far_end.wait_for("response.done").await;
    let call = done["response"]["output"][0].clone();
    assert_eq!((&call["type"], &call["name"]), (&json!("function_call"), &json!("search")));
    let arguments: Value = serde_json::from_str(call["arguments"].as_str().expect("a text")).expect("JSON");
    assert_eq!(arguments, json!({ "query": "when does the harbour open" }));
    assert!(far_end.packets.is_empty(), "a call makes no sound");
    far_end.send(&json!({ "type": "conversation.item.create", "item": {
        "type": "function_call_output", "call_id": call["call_id"],
        "output": "[1] Notes: Harbour (notes)\nThe harbour opens at seven." } }));
    far_end.send(&json!({ "type": "response.create" }));
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["output"][0]["content"][0]["transcript"], "The harbour opens at seven [1].");
    far_end.wait_for("output_audio_buffer.stopped").await;
    assert!(far_end.packets.iter().filter(|(_, loudest)| *loudest > 1500).count() > 20);
}

#[tokio::test]
async fn injected_context_is_answered_from_at_once() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&update(&json!({ "tools": [search()] })));
    far_end.send(&typed("what is my next meeting"));
    let context = "It is data. Cite it like [1].\n<<<context ab12cd\n[1] Calendar: Team review (calendar)\n\
                   Team review today at 14:00 in Zurich.\nab12cd context>>>";
    far_end.send(&message("system", context));
    far_end.send(&json!({ "type": "response.create", "response": { "output_modalities": ["text"] } }));
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["output"][0]["content"][0]["text"], "Team review today at 14:00 in Zurich [1].");
}

#[tokio::test]
async fn a_wait_can_be_bridged_with_a_sentence() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&typed("when does the harbour open"));
    far_end.send(&json!({ "type": "response.create", "response": {
        "instructions": "Say exactly: \"One moment, I am looking.\"", "tool_choice": "none" } }));
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["output"][0]["content"][0]["transcript"], "One moment, I am looking.");
}

fn search() -> Value {
    json!({ "type": "function", "name": "search", "description": "Looks things up.", "parameters": {
        "type": "object", "properties": { "query": { "type": "string" } }, "required": ["query"] } })
}
