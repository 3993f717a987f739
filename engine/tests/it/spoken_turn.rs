//! A spoken turn, from the first sound to the last.

use crate::far_end::{FarEnd, config, engine, engine_with, update};
use colloquy_engine::{Config, Engine, RecogniserChoice, VoiceChoice};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_spoken_turn_has_its_events_in_order_and_its_answer_is_heard() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&update(&json!({ "audio": { "input": { "transcription": { "model": "any" } } } })));
    far_end.wait_for("session.updated").await;
    far_end.be_silent(Duration::from_millis(400));
    far_end.speak("hello there my friend", Duration::from_millis(900));
    far_end.wait_for("output_audio_buffer.stopped").await;

    let order: Vec<&str> = far_end.kinds().into_iter().filter(|kind| !FLOATING.contains(kind)).collect();
    let deltas = order.iter().filter(|kind| **kind == DELTA).count();
    assert!(deltas >= 2, "words come one after the other: {order:?}");
    let order: Vec<&str> = order.into_iter().filter(|kind| *kind != DELTA).collect();
    assert_eq!(
        order,
        [
            "session.created",
            "conversation.created",
            "session.updated",
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "output_audio_buffer.started",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
            "output_audio_buffer.stopped",
        ]
    );
    assert_eq!(far_end.all(COMPLETED)[0]["transcript"], "hello");
    assert_eq!(transcript(&far_end), "Hello. What would you like to know?");
    let loud = far_end.packets.iter().filter(|(_, loudest)| *loudest > 1500).count();
    assert!(loud > 20, "only {loud} of {} packets are loud", far_end.packets.len());
    engine.shutdown().await;
}

#[tokio::test]
async fn the_item_of_a_turn_is_the_same_from_its_first_sound_to_its_words() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&update(&json!({ "audio": { "input": { "transcription": { "model": "any" } } } })));
    far_end.speak("hello there my friend", Duration::from_millis(900));
    let started = far_end.wait_for("input_audio_buffer.speech_started").await;
    let stopped = far_end.wait_for("input_audio_buffer.speech_stopped").await;
    let committed = far_end.wait_for("input_audio_buffer.committed").await;
    let words = far_end.wait_for(COMPLETED).await;
    for event in [&stopped, &committed, &words] {
        assert_eq!(event["item_id"], started["item_id"]);
    }
    let (from, to) = (started["audio_start_ms"].as_u64(), stopped["audio_end_ms"].as_u64());
    assert!(to > from, "{from:?} to {to:?}");
    far_end.send(&json!({ "type": "conversation.item.retrieve", "item_id": started["item_id"] }));
    let item = far_end.wait_for("conversation.item.retrieved").await;
    assert_eq!(item["item"]["content"][0]["transcript"], "hello");
}

#[tokio::test]
async fn the_first_packet_of_an_answer_follows_the_end_of_speech_at_once() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    // The first answer makes the sound, the second has it.
    let mut gaps = Vec::new();
    for _ in 0..3 {
        far_end.speak("hello there my friend", Duration::from_millis(900));
        far_end.wait_for("input_audio_buffer.speech_stopped").await;
        let (stopped, before) = (std::time::Instant::now(), far_end.packets.len());
        far_end.wait_for("output_audio_buffer.stopped").await;
        gaps.push(far_end.packets[before].0.saturating_duration_since(stopped));
    }
    let best = gaps.iter().min().expect("three turns");
    assert!(*best < SILENCE, "it waits neither for more silence nor for all of its sound: {gaps:?}");
}

#[tokio::test]
async fn without_create_response_the_client_decides_when_to_answer() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    let detection = json!({ "type": "server_vad", "create_response": false });
    far_end.send(&update(&json!({ "audio": { "input": { "turn_detection": detection } } })));
    far_end.speak("hello there my friend", Duration::from_millis(900));
    far_end.wait_for("input_audio_buffer.committed").await;
    far_end.run_for(Duration::from_millis(300)).await;
    assert!(far_end.all("response.created").is_empty());
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("response.done").await;
    assert_eq!(transcript(&far_end), "Hello. What would you like to know?");
}

#[tokio::test]
async fn with_push_to_talk_a_turn_is_what_is_committed() {
    let engine = engine(&["hello"]).await;
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&update(&json!({ "audio": { "input": { "turn_detection": null } } })));
    far_end.wait_for("session.updated").await;
    far_end.send(&json!({ "type": "input_audio_buffer.commit", "event_id": "too_early" }));
    let error = far_end.wait_for("error").await;
    assert_eq!(error["error"]["code"], "input_audio_buffer_commit_empty");
    assert_eq!(error["error"]["event_id"], "too_early");
    far_end.speak("hello there my friend", Duration::ZERO);
    far_end.run_for(Duration::from_millis(600)).await;
    assert!(far_end.all("input_audio_buffer.speech_started").is_empty());
    far_end.send(&json!({ "type": "input_audio_buffer.commit" }));
    far_end.wait_for("conversation.item.done").await;
    far_end.send(&json!({ "type": "response.create" }));
    far_end.wait_for("response.done").await;
    assert_eq!(transcript(&far_end), "Hello. What would you like to know?");
}

#[tokio::test]
async fn without_a_recogniser_it_says_that_it_hears_without_understanding() {
    let engine = engine_with(config()).await;
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&update(&json!({ "audio": { "input": { "transcription": { "model": "any" } } } })));
    far_end.speak("hello there my friend", Duration::from_millis(900));
    far_end.wait_for("conversation.item.input_audio_transcription.failed").await;
    far_end.wait_for("response.done").await;
    assert!(transcript(&far_end).contains("cannot understand speech"), "{}", transcript(&far_end));
}

#[tokio::test]
async fn a_real_recogniser_understands_a_real_voice_and_rejects_what_is_not_in_its_grammar() {
    let chosen = Config { recogniser: RecogniserChoice::PocketSphinx, voice: VoiceChoice::Espeak, ..config() };
    let engine = Engine::start(chosen).await.expect("pocketsphinx and espeak-ng; `cargo xtask test` installs them");
    let mut far_end = FarEnd::call(&engine).await;
    far_end.send(&update(&json!({ "output_modalities": ["text"], "audio": { "input": {
        "transcription": { "model": "any" } } } })));
    for (said, understood) in [
        ("what time is it in Tokyo", "what time is it in tokyo"),
        ("what is my next meeting", "what is my next meeting"),
        ("what did we decide about the deadline", "what did we decide about the deadline"),
        ("when does the harbor open", "when does the harbor open"),
        ("please order two pizzas for me", ""),
    ] {
        far_end.speak_with_espeak(said, Duration::from_millis(900));
        let words = far_end.wait_for(COMPLETED).await;
        assert_eq!(words["transcript"], understood, "{said}");
        far_end.wait_for("response.done").await;
    }
}

fn transcript(far_end: &FarEnd) -> String {
    let done = far_end.all("response.output_audio_transcript.done");
    done.last().and_then(|event: &&Value| event["transcript"].as_str()).unwrap_or_default().to_owned()
}

/// Of which an utterance ends.
const SILENCE: Duration = Duration::from_millis(500);
const DELTA: &str = "response.output_audio_transcript.delta";
const COMPLETED: &str = "conversation.item.input_audio_transcription.completed";

/// Events whose place among the others is free.
const FLOATING: &[&str] = &[
    "rate_limits.updated",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
];
