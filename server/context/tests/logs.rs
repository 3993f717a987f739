//! What is logged: never a key, and nothing of what was asked. In a program of its own, because whoever else logs for the
//! first time at the same moment decides whether anybody listens.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode, routing::get};

extern crate colloquy_context as context;

#[expect(dead_code, reason = "most of it is for the other tests")]
#[path = "it/support.rs"]
mod support;

use support::{all, configured, request, serve};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_key_and_no_question_is_ever_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let url = serve(Router::new().route("/{*all}", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))).await;
    let closed = "http://127.0.0.1:9/";
    for (place, more) in [(url.as_str(), "allow_private = true"), (closed, "allow_private = true"), (closed, "")] {
        let text = format!(
            "[[sources]]\nkind = \"search\"\nengine = \"brave\"\nurl = \"{place}\"\nkey_env = \"KEY\"\n{more}\n\
             [[sources]]\nkind = \"calendar\"\nurl = \"{place}calendar-secret-2.ics\"\n{more}\n"
        );
        let _ = all(&configured(&text), request("t", 1, "search for my meeting with Zebedee today")).await;
    }
    drop(guard);
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("a source gave no answer"), "nothing was logged: {log}");
    let own = log.lines().filter(|line| line.contains("colloquy"));
    for line in own {
        assert!(!line.contains("Zebedee") && !line.contains("calendar-secret-2"), "{line}");
    }
    assert!(!log.contains("sk-secret-1"), "{log}");
}
