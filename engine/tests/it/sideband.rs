//! A server that watches a call by a connection of its own.

use crate::far_end::{FarEnd, config, engine_with};
use colloquy_engine::Engine;
use futures::{SinkExt, StreamExt};
use reqwest::{Client, Upgraded};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};

#[tokio::test]
async fn a_watcher_is_greeted_sees_what_the_client_sees_and_speaks_as_the_client_may() {
    let engine = engine_with(config()).await;
    let mut far_end = FarEnd::call(&engine).await;
    let mut watcher = watch(&engine, &far_end).await;
    assert_eq!(next(&mut watcher).await["type"], "session.created");
    let order = json!({ "type": "response.create", "response": { "instructions": "Say only: \"Time is up.\"" } });
    watcher.send(Message::text(order.to_string())).await.expect("said");
    let heard = far_end.wait_for("response.done").await;
    assert_eq!(heard["response"]["status"], "completed");
    let seen = loop {
        let event = next(&mut watcher).await;
        if event["type"] == "response.done" {
            break event;
        }
    };
    assert_eq!(seen, heard, "the same event, with the same usage");
    assert!(seen["response"]["usage"]["total_tokens"].is_u64(), "{seen}");
    far_end.wait_for("output_audio_buffer.stopped").await;
    let url = format!("http://{}{}/hangup", engine.address(), far_end.location);
    assert_eq!(Client::new().post(&url).send().await.expect("an answer").status(), 200);
    far_end.wait_until_closed().await;
    while let Some(Ok(message)) = watcher.next().await {
        assert!(matches!(message, Message::Text(_) | Message::Close(_)), "{message:?}");
    }
}

async fn watch(engine: &Engine, far_end: &FarEnd) -> WebSocketStream<Upgraded> {
    let call = far_end.location.rsplit('/').next().expect("a name");
    let request = Client::new().get(format!("{}/realtime?call_id={call}", engine.base_url())).bearer_auth("sk-any");
    let request = request.header("connection", "Upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let stream = request.send().await.expect("an answer").upgrade().await.expect("a connection");
    WebSocketStream::from_raw_socket(stream, Role::Client, None).await
}

async fn next(watcher: &mut WebSocketStream<Upgraded>) -> Value {
    let message = tokio::time::timeout(Duration::from_secs(5), watcher.next()).await.expect("soon");
    let message = message.expect("an event").expect("a sound connection");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}
