//! No key where it should not be: not in any log, whatever its level, and in no answer but the one that gives it.

use crate::app::{App, NOBODY, ask, config, json, offer};
use crate::key::{self, Doppler, TOKEN};
use crate::vendor::{CALL, LASTING_KEY, Mood, SHORT_KEY};
use axum::body::Body;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Captured {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

/// Logs everything of this thread, on which all tasks of such a test run.
///
/// With a single subscriber, a line that another thread comes to first would be off for good; so there are two.
pub(crate) fn capture() -> (Captured, (tracing::subscriber::DefaultGuard, tracing::Dispatch)) {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    (captured, (guard, tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new())))
}

/// Everything that a page asks of the server, and some of what it should not; gives the key that it called with.
async fn talk(app: &App) -> String {
    let key = app.bearer(SHORT_KEY);
    for request in [
        ask("GET", "/").body(Body::empty()),
        ask("GET", "/status").body(Body::empty()),
        ask("GET", "/healthz").body(Body::empty()),
        ask("GET", "/session").body(Body::empty()),
        Ok(json("POST", "/session", &json!({ "preset": "default" }))),
        Ok(json("POST", "/v1/realtime/client_secrets", &json!({}))),
        Ok(offer("/v1/realtime/calls", &key, "application/sdp", "v=0\r\n")),
        Ok(json("POST", "/context", &json!({ "talk": "t", "turn": 1, "query": "what time is it", "complete": true }))),
        Ok(json("POST", "/turns", &json!({ "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": {} }))),
        ask("POST", &format!("/v1/realtime/calls/{CALL}/hangup")).body(Body::empty()),
        Ok(json("POST", "/session", &json!({ "change": { "voice": "ash" } }))),
        Ok(offer("/v1/realtime/calls", "Bearer ek_old_secret", "application/sdp", "v=0")),
        Ok(offer("/v1/realtime/calls", "Bearer sk-pasted-secret", "application/sdp", "v=0")),
        ask("GET", "/nowhere").body(Body::empty()),
    ] {
        app.send(request.expect("a request")).await;
    }
    key
}

/// The secrets are in no answer, and handles in those alone that give one.
fn assert_only_given(app: &App, secrets: &[&str]) {
    let mut given = 0;
    for (asked, answer) in app.answered() {
        let may_give = asked.ends_with("/session") || asked.ends_with("/client_secrets");
        if answer.contains("\"ek_") {
            given += 1;
            assert!(may_give && answer.starts_with("200"), "{asked} gives a key");
        }
        for secret in secrets {
            assert!(!answer.contains(secret), "{secret} is in the answer to {asked}");
        }
    }
    assert_eq!(given, 3, "keys were given");
}

#[tokio::test]
async fn a_whole_talk_shows_no_key_in_any_log_or_answer_wherever_the_key_comes_from() {
    let (captured, _guard) = capture();
    let doppler = Doppler::start(LASTING_KEY).await;
    let from_doppler = [
        ("COLLOQUY_KEY_FROM", "doppler"),
        ("COLLOQUY_DOPPLER_API", doppler.address.as_str()),
        ("DOPPLER_TOKEN", TOKEN),
    ];
    let memory = ("COLLOQUY_MEMORY", ":memory:");
    for app in [App::with(Mood::Well, &[memory]).await, key::app(&from_doppler).await] {
        let key = talk(&app).await;
        assert!(!captured.text().contains(&key), "a handle is in the log");
        assert_only_given(&app, &[LASTING_KEY, SHORT_KEY, TOKEN, "ek_old_secret", "sk-pasted-secret"]);
        // Another key than it has is refused, renewed and refused again.
        app.vendor.replace_key("sk-other-secret");
        let answer = app.get("/session").await;
        answer.assert_error(502, "upstream_key_refused");
        assert!(!answer.text().contains(LASTING_KEY));
    }
    let log = captured.text();
    assert!(log.contains("minted a key") && log.contains("TRACE"), "the log was captured");
    for secret in [LASTING_KEY, SHORT_KEY, TOKEN, "ek_old_secret", "sk-pasted-secret", "sk-other-secret"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

#[tokio::test]
async fn settings_and_state_do_not_print_the_key() {
    let settings = [("COLLOQUY_KEY_FROM", "doppler"), ("DOPPLER_TOKEN", TOKEN)];
    for settings in [&[][..], &settings] {
        let config = config(NOBODY, settings);
        let text = format!("{config:?} {:?}", config.presets.find(None).expect("a preset"));
        assert!(!text.contains(LASTING_KEY) && !text.contains(TOKEN));
    }
    let app = App::start().await;
    app.get("/session").await;
    assert!(!format!("{:?}", app.state).contains(LASTING_KEY));
}
