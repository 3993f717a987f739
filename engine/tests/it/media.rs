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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a machine to itself; run it by hand to see what the machine can carry"]
async fn as_many_calls_as_the_capacity_keep_their_pace() {
    let engine = std::sync::Arc::new(engine_with(config()).await);
    let calls = (0..20).map(|_| {
        let engine = std::sync::Arc::clone(&engine);
        tokio::spawn(async move {
            let mut far_end = FarEnd::call(&engine).await;
            far_end.speak_slowly();
            far_end.be_silent(Duration::from_secs(12));
            far_end.send(&typed("count to twenty"));
            far_end.send(&json!({ "type": "response.create" }));
            far_end.wait_for("output_audio_buffer.stopped").await;
            far_end.packets.windows(2).map(|pair| (pair[1].0 - pair[0].0).as_micros()).collect::<Vec<_>>()
        })
    });
    let mut gaps = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        gaps.extend(call.await.expect("a call"));
    }
    gaps.sort_unstable();
    let at = |share: f64| gaps[(share * (gaps.len() - 1) as f64) as usize] as f64 / 1000.0;
    println!(
        "{} gaps: p50 {:.1} p99 {:.1} p99.9 {:.1} max {:.1} ms",
        gaps.len(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    assert!(at(0.99) < 40.0);
}
