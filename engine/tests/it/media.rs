//! Facts about the media itself.

use crate::far_end::{FarEnd, config, engine_with, typed};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn packets_keep_their_pace_and_nothing_is_sent_when_there_is_nothing_to_say() {
    let mut far_end = FarEnd::call(&engine_with(config()).await).await;
    far_end.run_for(Duration::from_millis(300)).await;
    assert!(far_end.packets.is_empty(), "silence is not sent");
    far_end.send(&typed("count to three"));
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("output_audio_buffer.stopped").await;
    far_end.run_for(Duration::from_millis(600)).await;
    let count = far_end.packets.len();
    let first = far_end.packets.first().expect("sound").0;
    let last = far_end.packets.last().expect("sound").0;
    let pace = (last - first).as_secs_f64() * 1000.0 / (count - 1) as f64;
    assert!((19.0..22.0).contains(&pace), "{pace} ms a packet");
    far_end.run_for(Duration::from_millis(300)).await;
    assert_eq!(far_end.packets.len(), count, "after the tail of silence nothing is sent");
    let tail = far_end.packets.iter().rev().take(8).all(|(_, loudest)| *loudest < 200);
    assert!(tail, "an answer ends with silence");
}
