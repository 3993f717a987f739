//! What a session says, without any media: the tests are the media.

use super::*;
use jiff::civil::date;
use serde_json::{Value, json};

#[test]
fn a_session_introduces_itself_once() {
    let mut call = Call::open(&json!({ "type": "realtime", "model": "any" }));
    assert_eq!(call.kinds(), ["session.created", "conversation.created"]);
    call.input(Input::Opened);
    assert_eq!(call.kinds(), Vec::<String>::new());
}

#[test]
fn an_answer_waits_for_the_words_it_answers() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    let item = call.turn();
    assert_eq!(call.kinds().last().map(String::as_str), Some("rate_limits.updated"), "nothing is said yet");
    call.pass(ms(3000));
    assert!(call.said.is_none());
    call.input(Input::Transcribed { item, words: Ok(Some("thank you".into())), length: ms(900) });
    assert_eq!(call.said.as_deref(), Some("You are welcome."));
}

#[test]
fn an_answer_does_not_wait_for_ever() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.turn();
    call.pass(ms(5000));
    assert!(call.said.as_deref().is_some_and(|said| said.starts_with("I did not understand")));
}

#[test]
fn thinking_takes_its_time() {
    let mut call = Call::begin(&json!({ "type": "realtime" }), ms(300));
    call.client(&json!({ "type": "response.create" }));
    assert_eq!(call.session.poll_timeout(), Some(ms(300)));
    call.pass(ms(299));
    assert!(call.said.is_none());
    call.pass(ms(1));
    assert!(call.said.is_some());
}

#[test]
fn a_turn_that_ends_during_an_answer_is_answered_next() {
    let mut call = Call::open(&detection(&json!({ "type": "server_vad", "interrupt_response": false })));
    let first = call.turn();
    call.input(Input::Transcribed { item: first, words: Ok(Some("hello".into())), length: ms(900) });
    call.play();
    let second = call.turn();
    call.input(Input::Transcribed { item: second, words: Ok(Some("thank you".into())), length: ms(900) });
    call.kinds();
    call.finish();
    let kinds = call.kinds();
    let at = |kind: &str| kinds.iter().position(|k| k == kind);
    assert!(at("response.done") < at("response.created"), "{kinds:?}");
    assert_eq!(call.said.as_deref(), Some("You are welcome."));
}

#[test]
fn the_next_answer_waits_until_the_last_sound_of_the_one_before() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.client(&json!({ "type": "response.create" }));
    call.play();
    call.made();
    call.pass(ms(60_000));
    assert!(call.kinds().contains(&"response.done".to_owned()));
    call.said = None;
    call.client(&json!({ "type": "response.create" }));
    assert!(call.kinds().contains(&"response.created".to_owned()));
    assert!(call.said.is_none());
    call.drain();
    assert!(call.kinds().contains(&"output_audio_buffer.stopped".to_owned()));
    assert!(call.said.is_some());
}

#[test]
fn speech_during_thought_cancels_the_answer() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.turn();
    call.kinds();
    call.input(Input::SpeechStarted { at: ms(5000) });
    assert_eq!(call.kinds(), ["input_audio_buffer.speech_started", "response.done"]);
    assert_eq!(call.last["response"]["status_details"]["reason"], "turn_detected");
    assert_eq!(call.last["response"]["output"], json!([]));
}

#[test]
fn a_clear_is_acknowledged_even_when_nothing_is_heard() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.client(&json!({ "type": "response.create", "response": { "output_modalities": ["text"] } }));
    call.kinds();
    call.client(&json!({ "type": "output_audio_buffer.clear" }));
    assert_eq!(call.kinds(), ["output_audio_buffer.cleared"]);
}

#[test]
fn a_clear_without_a_cancel_completes_the_answer() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.client(&json!({ "type": "response.create" }));
    call.play();
    call.kinds();
    call.client(&json!({ "type": "output_audio_buffer.clear" }));
    let kinds = call.kinds();
    assert!(kinds.contains(&"response.done".to_owned()), "{kinds:?}");
    assert_eq!(kinds[kinds.len() - 2..], ["output_audio_buffer.cleared", "conversation.item.truncated"]);
    call.client(&json!({ "type": "response.create" }));
    assert!(call.kinds().contains(&"response.created".to_owned()));
}

#[test]
fn a_voice_that_fails_ends_the_response_as_failed() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.client(&json!({ "type": "response.create" }));
    let response = call.response.clone().expect("a response");
    call.input(Input::Unspeakable { response, reason: "no voice".into() });
    assert_eq!(call.last["response"]["status"], "failed");
    assert_eq!(call.last["response"]["status_details"]["error"]["message"], "no voice");
    call.client(&json!({ "type": "response.create" }));
    assert!(call.kinds().contains(&"response.created".to_owned()), "the session goes on");
}

#[test]
fn after_a_long_silence_the_assistant_speaks_up() {
    let mut call = Call::open(&detection(&json!({ "type": "server_vad", "idle_timeout_ms": 6000 })));
    call.client(&json!({ "type": "response.create" }));
    call.play();
    call.finish();
    call.kinds();
    call.pass(ms(6000));
    let kinds = call.kinds();
    assert_eq!(kinds.first().map(String::as_str), Some("input_audio_buffer.timeout_triggered"));
    assert!(kinds.contains(&"response.created".to_owned()));
    assert!(call.said.as_deref().is_some_and(|said| said.contains("still there")));
}

#[test]
fn words_that_nobody_asked_for_are_not_told() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    let item = call.turn();
    call.kinds();
    call.input(Input::Transcribed { item, words: Ok(Some("hello".into())), length: ms(900) });
    assert!(!call.kinds().iter().any(|kind| kind.contains("transcription")));
    assert!(call.said.as_deref().is_some_and(|said| said.starts_with("Hello")), "but they are understood");
}

#[test]
fn a_transcription_session_never_answers() {
    let transcription = json!({ "input": { "transcription": { "model": "any" } } });
    let mut call = Call::open(&json!({ "type": "transcription", "audio": transcription }));
    assert_eq!(call.last["type"], "conversation.created");
    let item = call.turn();
    call.input(Input::Transcribed { item, words: Ok(Some("hello".into())), length: ms(900) });
    call.client(&json!({ "type": "response.create" }));
    let kinds = call.kinds();
    assert!(kinds.contains(&"conversation.item.input_audio_transcription.completed".to_owned()));
    assert!(!kinds.contains(&"response.created".to_owned()));
    assert_eq!(kinds.last().map(String::as_str), Some("error"));
}

#[test]
fn a_call_ends_at_its_longest_duration() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.pass(LONGEST);
    assert_eq!(call.last["error"]["code"], "session_expired");
    assert!(call.hung_up);
    assert_eq!(call.session.poll_timeout(), None);
}

#[test]
fn what_is_foreseen_is_rehearsed_and_changes_nothing() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    call.kinds();
    call.input(Input::Foreseen { words: "thank you".into() });
    assert_eq!(call.rehearsed.as_deref(), Some("You are welcome."));
    assert_eq!(call.kinds(), Vec::<String>::new());
    assert!(call.said.is_none());
}

#[test]
fn a_function_is_called_with_the_events_of_the_service_in_order() {
    let mut call = Call::open(&json!({ "type": "realtime", "tools": [tool("search")] }));
    call.client(&typed("when does the harbour open"));
    call.kinds();
    call.client(&json!({ "type": "response.create" }));
    let events = std::mem::take(&mut call.events);
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let expected = [
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ];
    assert_eq!(kinds, expected);
    let item = &events[8]["response"]["output"][0];
    assert_eq!(
        (&item["type"], &item["name"], &item["status"]),
        (&json!("function_call"), &json!("search"), &json!("completed"))
    );
    assert_eq!(item["arguments"], json!({ "query": "when does the harbour open" }).to_string());
    assert_eq!((&events[4]["delta"], &events[5]["arguments"]), (&item["arguments"], &item["arguments"]));
    assert_eq!((&events[2]["item"]["status"], &events[6]["item"]), (&json!("in_progress"), item));
    assert_eq!(events[5]["call_id"], item["call_id"]);
    assert!(call.said.is_none());
}

#[test]
fn what_a_function_gave_is_spoken_without_the_mark_that_the_transcript_has() {
    let mut call = Call::open(&json!({ "type": "realtime", "tools": [tool("search")] }));
    call.client(&typed("when does the harbour open"));
    call.client(&json!({ "type": "response.create" }));
    let call_id = call.last["response"]["output"][0]["call_id"].clone();
    let output = "[1] Notes: Harbour (notes)\nThe harbour opens at seven.";
    call.client(&json!({ "type": "conversation.item.create", "item": {
        "type": "function_call_output", "call_id": call_id, "output": output } }));
    call.client(&json!({ "type": "response.create" }));
    assert_eq!(call.said.as_deref(), Some("The harbour opens at seven."));
    call.play();
    call.finish();
    let done = call.events.iter().rfind(|event| event["type"] == "response.done").expect("an end");
    assert_eq!(done["response"]["output"][0]["content"][0]["transcript"], "The harbour opens at seven [1].");
}

#[test]
fn a_response_may_bring_its_own_tools_or_none() {
    let mut call = Call::open(&json!({ "type": "realtime", "tools": [tool("search")] }));
    call.client(&typed("when does the harbour open"));
    let text = |changes: Value| {
        let mut response = json!({ "output_modalities": ["text"], "conversation": "none" });
        response.as_object_mut().expect("an object").extend(changes.as_object().cloned().expect("an object"));
        json!({ "type": "response.create", "response": response })
    };
    call.client(&text(json!({ "tool_choice": "none" })));
    assert_eq!(call.last["response"]["output"][0]["type"], "message");
    call.client(&text(json!({ "tools": [] })));
    assert_eq!(call.last["response"]["output"][0]["type"], "message");
    call.client(&text(json!({ "tools": [tool("ask")], "tool_choice": { "type": "function", "name": "ask" } })));
    assert_eq!(call.last["response"]["output"][0]["name"], "ask");
    call.kinds();
    call.client(&text(json!({})));
    assert!(!call.kinds().iter().any(|kind| kind.starts_with("conversation.item")), "beside the conversation");
}

#[test]
fn documents_and_pictures_are_told_from_words() {
    let mut call = Call::open(&json!({ "type": "realtime" }));
    let user = |content: Value| {
        json!({ "type": "conversation.item.create", "item": {
        "type": "message", "role": "user", "content": content } })
    };
    let document = "Notes of May\nThe budget of falcon is ten thousand.\nNothing else was said.";
    let picture = json!({ "type": "input_image", "image_url": "data:image/png;base64,AA==" });
    call.client(&user(json!([{ "type": "input_text", "text": document }])));
    call.client(&typed("what is the budget of falcon"));
    call.client(&json!({ "type": "response.create", "response": { "output_modalities": ["text"] } }));
    let answer = call.last["response"]["output"][0]["content"][0]["text"].clone();
    assert_eq!(answer, "What you gave me says: The budget of falcon is ten thousand.");
    call.client(&user(json!([picture, { "type": "input_text", "text": "what is on this picture" }])));
    call.client(&json!({ "type": "response.create", "response": { "output_modalities": ["text"] } }));
    let answer = call.last["response"]["output"][0]["content"][0]["text"].clone();
    assert!(answer.as_str().is_some_and(|answer| answer.contains("cannot see")), "{answer}");
}

#[test]
fn arbitrary_text_from_a_client_never_panics_and_is_refused_where_it_is_no_event() {
    let runner = &mut proptest::test_runner::TestRunner::default();
    let events = protocol::ClientEvent::KINDS.to_vec();
    let strategy = (proptest::sample::select(events), "\\PC{0,40}", proptest::bool::ANY);
    runner
        .run(&strategy, |(kind, text, raw)| {
            let mut call = Call::open(&json!({ "type": "realtime" }));
            call.kinds();
            let event = if raw { text } else { json!({ "type": kind, "item_id": text, "session": text }).to_string() };
            call.input(Input::Client(Some(event)));
            proptest::prop_assert!(!raw || call.kinds() == ["error"]);
            Ok(())
        })
        .expect("no panic, and a refusal");
}

/// A session and the media it believes in.
struct Call {
    session: Session,
    now: Time,
    events: Vec<Value>,
    last: Value,
    said: Option<String>,
    rehearsed: Option<String>,
    response: Option<ResponseId>,
    sentences: usize,
    playing: bool,
    hung_up: bool,
}

impl Call {
    fn open(config: &Value) -> Self {
        Self::begin(config, Duration::ZERO)
    }

    fn begin(config: &Value, think: Duration) -> Self {
        let config = SessionConfig::from_value(config, "session").expect("a valid configuration");
        let session = Session::new(Beginning {
            seed: "test".into(),
            config: Some(&config),
            clock: date(2026, 11, 21).at(3, 5, 0, 0).in_tz("UTC").expect("a time"),
            think,
            hearing: Hearing::Understands,
            longest: LONGEST,
        });
        let mut call = Self {
            session,
            now: Duration::ZERO,
            events: Vec::new(),
            last: Value::Null,
            said: None,
            rehearsed: None,
            response: None,
            sentences: 0,
            playing: false,
            hung_up: false,
        };
        call.input(Input::Opened);
        call
    }

    fn input(&mut self, input: Input) {
        self.session.handle_input(self.now, input);
        self.perform();
    }

    fn perform(&mut self) {
        while let Some(effect) = self.session.poll_effect() {
            match effect {
                Effect::Send(message) => {
                    self.last = serde_json::from_str(&message.to_json()).expect("JSON");
                    self.events.push(self.last.clone());
                }
                Effect::Say { response, sentences, .. } => {
                    self.said = Some(sentences.join(" "));
                    self.sentences = sentences.len();
                    self.response = Some(response);
                }
                Effect::Rehearse { sentences, .. } => self.rehearsed = Some(sentences.join(" ")),
                Effect::Hush { asked } => {
                    let cut = std::mem::take(&mut self.playing).then(|| self.response.clone()).flatten();
                    let cut = cut.map(|response| (response, ms(400)));
                    self.session.handle_input(self.now, Input::Hushed { cut, asked });
                }
                Effect::HangUp => self.hung_up = true,
                Effect::Cut { .. }
                | Effect::Listen(_)
                | Effect::Recognise(_)
                | Effect::ClearInput
                | Effect::StopMaking(_) => {}
            }
        }
    }

    fn client(&mut self, event: &Value) {
        self.input(Input::Client(Some(event.to_string())));
    }

    /// The user speaks and stops; gives the item.
    fn turn(&mut self) -> ItemId {
        self.input(Input::SpeechStarted { at: ms(100) });
        self.input(Input::SpeechStopped { at: ms(1000) });
        let committed = self.events.iter().rev().find(|event| event["type"] == "input_audio_buffer.committed");
        ItemId::new(committed.and_then(|event| event["item_id"].as_str()).expect("an item"))
    }

    /// The answer's first packet leaves.
    fn play(&mut self) {
        self.playing = true;
        let response = self.response.clone().expect("an answer");
        self.input(Input::AudioStarted(response));
    }

    /// The answer's sound is made.
    fn made(&mut self) {
        let response = self.response.clone().expect("an answer");
        for sentence in 0..self.sentences {
            self.input(Input::Made { response: response.clone(), sentence, length: ms(1000) });
        }
    }

    /// The answer's last packet left.
    fn drain(&mut self) {
        self.playing = false;
        let response = self.response.clone().expect("an answer");
        self.input(Input::AudioDrained(response));
    }

    fn finish(&mut self) {
        self.made();
        self.pass(ms(1000) * self.sentences as u32);
        self.drain();
    }

    /// Time passes, with every timer on its way.
    fn pass(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(at) = self.session.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.session.handle_timeout(self.now);
            self.perform();
            assert_ne!(self.session.poll_timeout(), Some(at), "a timer that does nothing");
        }
        self.now = end;
    }

    /// The types of the events since this was last asked.
    fn kinds(&mut self) -> Vec<String> {
        self.events.drain(..).filter_map(|event| Some(event["type"].as_str()?.to_owned())).collect()
    }
}

fn typed(text: &str) -> Value {
    json!({ "type": "conversation.item.create", "item": {
        "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] } })
}

fn tool(name: &str) -> Value {
    json!({ "type": "function", "name": name, "parameters": {
        "type": "object", "properties": { "query": { "type": "string" } }, "required": ["query"] } })
}

fn detection(detection: &Value) -> Value {
    json!({ "type": "realtime", "audio": { "input": { "turn_detection": detection } } })
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const LONGEST: Duration = Duration::from_secs(3600);
