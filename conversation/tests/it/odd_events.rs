//! Texts that are no events, and events that nobody knows.

use crate::sim::Sim;
use conversation::{Ms, Phase};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn they_are_counted_and_the_talk_goes_on() {
    let mut sim = Sim::connected();
    for text in [
        "",
        "not json",
        "[]",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"response.brand_new","event_id":"e","x":{}}"#,
        r#"{"type":"response.done"}"#,
        r#"{"type":"response.created","event_id":"e","response":7}"#,
    ] {
        sim.receive(text);
    }
    let view = sim.view();
    assert_eq!((view.odd_events, view.phase, view.notice), (8, Phase::Listening, None));
    assert!(view.log.iter().any(|line| line.name == "response.brand_new" && line.detail == "unknown"));
    sim.turn();
    assert_eq!(sim.record().outcome, "answered");
}

#[test]
fn events_about_what_is_not_known_change_nothing() {
    let mut sim = Sim::connected();
    for event in [
        serde_json::json!({"type": "response.done", "response": {"id": "nobody", "status": "failed", "output": []}}),
        serde_json::json!({"type": "output_audio_buffer.stopped", "response_id": "nobody"}),
        serde_json::json!({"type": "output_audio_buffer.cleared", "response_id": "nobody"}),
        serde_json::json!({"type": "conversation.item.input_audio_transcription.delta", "item_id": "nobody", "delta": "x"}),
        serde_json::json!({"type": "conversation.item.truncated", "item_id": "nobody", "content_index": 0, "audio_end_ms": 5}),
        serde_json::json!({"type": "input_audio_buffer.cleared"}),
    ] {
        sim.emit(event);
    }
    sim.run(Ms(100));
    let view = sim.view();
    assert_eq!((view.phase, view.notice, view.transcript.len(), view.odd_events), (Phase::Listening, None, 0, 0));
    assert!(sim.sent().is_empty());
}
