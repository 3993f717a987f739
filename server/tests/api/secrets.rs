//! No key in any log, whatever its level.

use crate::app::{App, config, offer};
use crate::vendor::{CALL, LASTING_KEY, Mood, SHORT_KEY};
use axum::body::Body;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

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

/// Logs everything of this thread, on which all tasks of such a test run.
fn capture() -> (Captured, tracing::subscriber::DefaultGuard) {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(captured.clone())
        .finish();
    (captured, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_whole_talk_at_the_highest_level_logs_no_key() {
    let (captured, _guard) = capture();
    let app = App::start().await;
    assert_eq!(app.get("/session").await.status, 200);
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
    let request = axum::http::Request::post(format!("/v1/realtime/calls/{CALL}/hangup")).body(Body::empty());
    assert_eq!(app.send(request.expect("a request")).await.status, 200);
    app.send(offer("/v1/realtime/calls", "Bearer ek_old_secret", "application/sdp", "v=0")).await;
    app.send(offer("/v1/realtime/calls", "Bearer sk-pasted-secret", "application/sdp", "v=0")).await;
    let wrong = App::with(Mood::Well, &[("OPENAI_API_KEY", "sk-wrong-secret")]).await;
    assert_eq!(wrong.get("/session").await.status, 502);
    let log = String::from_utf8(captured.0.lock().expect("no panic").clone()).expect("text");
    assert!(log.contains("minted a key") && log.contains("TRACE"), "the log was captured");
    for secret in [LASTING_KEY, SHORT_KEY, "ek_old_secret", "sk-pasted-secret", "sk-wrong-secret"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

#[tokio::test]
async fn settings_and_state_do_not_print_the_key() {
    let config = config("http://127.0.0.1:9/v1", &[]);
    assert!(!format!("{config:?}").contains(LASTING_KEY));
    let app = App::start().await;
    assert!(!format!("{:?}", app.state).contains(LASTING_KEY));
}
