//! Turns that are typed, and what else a client can do with items and responses.

use crate::far_end::{FarEnd, config, engine_with, message, typed};
use serde_json::{Value, json};

#[tokio::test]
async fn a_typed_sentence_is_answered_aloud() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&typed("who are you"));
    let added = far_end.wait_for("conversation.item.added").await;
    assert_eq!(added["item"]["content"][0]["text"], "who are you");
    far_end.send(&json!({ "type": "response.create", "response": { "metadata": { "topic": "test" } } }));
    let created = far_end.wait_for("response.created").await;
    assert_eq!(created["response"]["metadata"]["topic"], "test");
    let done = far_end.wait_for("response.done").await;
    let said = done["response"]["output"][0]["content"][0]["transcript"].as_str().expect("words").to_owned();
    assert!(said.contains("without a language model"), "{said}");
    assert!(done["response"]["usage"]["output_token_details"]["audio_tokens"].as_u64() > Some(20));
    far_end.wait_for("output_audio_buffer.stopped").await;
    assert!(far_end.packets.iter().filter(|(_, loudest)| *loudest > 1500).count() > 50);
}

#[tokio::test]
async fn an_answer_can_be_text_alone() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&typed("thank you"));
    far_end.send(&json!({ "type": "response.create", "response": { "output_modalities": ["text"] } }));
    let done = far_end.wait_for("response.done").await;
    assert_eq!(
        done["response"]["output"][0]["content"][0],
        json!({ "type": "output_text", "text": "You are welcome." })
    );
    let deltas: String =
        far_end.all("response.output_text.delta").iter().filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(deltas, "You are welcome.");
    assert!(far_end.packets.is_empty());
}

#[tokio::test]
async fn a_system_item_is_answered_from() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&message("system", "Next meeting: 15:00 with Ana, room 4"));
    assert!(ask(&mut far_end, "what is my next meeting").await.contains("15:00 with Ana"));
    let added = far_end.all("conversation.item.added")[0]["item"]["id"].clone();
    far_end.send(&json!({ "type": "conversation.item.delete", "item_id": added }));
    assert_eq!(far_end.wait_for("conversation.item.deleted").await["item_id"], added);
    assert!(ask(&mut far_end, "what is my next meeting").await.contains("I have no calendar"));
}

#[tokio::test]
async fn a_response_beside_the_conversation_leaves_no_trace_in_it() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.send(&json!({ "type": "response.create", "response": {
        "conversation": "none", "output_modalities": ["text"], "metadata": { "n": "1" },
        "input": [{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "thank you" }] }] } }));
    let done = far_end.wait_for("response.done").await;
    assert_eq!(done["response"]["conversation_id"], Value::Null);
    assert_eq!(done["response"]["metadata"]["n"], "1");
    assert_eq!(done["response"]["output"][0]["content"][0]["text"], "You are welcome.");
    assert!(far_end.all("conversation.item.added").is_empty());
}

#[tokio::test]
async fn items_go_where_the_client_wants_them() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    let item = |id: &str, after: Value| {
        let mut event = typed("text");
        event["item"]["id"] = id.into();
        event["previous_item_id"] = after;
        event
    };
    far_end.send(&typed("first"));
    let first = far_end.wait_for("conversation.item.done").await["item"]["id"].clone();
    far_end.send(&item("front", "root".into()));
    assert_eq!(far_end.wait_for("conversation.item.added").await["previous_item_id"], Value::Null);
    far_end.send(&item("after_first", first.clone()));
    assert_eq!(far_end.wait_for("conversation.item.added").await["previous_item_id"], first);
    far_end.send(&item("nowhere", "missing".into()));
    assert_eq!(far_end.wait_for("error").await["error"]["param"], "previous_item_id");
    far_end.send(&item(&"x".repeat(33), Value::Null));
    assert_eq!(far_end.wait_for("error").await["error"]["code"], "string_above_max_length");
}

async fn ask(far_end: &mut FarEnd, text: &str) -> String {
    far_end.send(&typed(text));
    far_end.send(&json!({ "type": "response.create", "response": { "output_modalities": ["text"] } }));
    let done = far_end.wait_for("response.done").await;
    done["response"]["output"][0]["content"][0]["text"].as_str().expect("a text").to_owned()
}
