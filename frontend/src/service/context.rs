//! Looking things up: the answer of `POST /context`, told line by line while it arrives.

use super::Service;
use super::request::{Deadline, Request};
use conversation::HttpFailure;
use js_sys::{Reflect, Uint8Array};
use protocol::context::ContextEvent;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

/// The longest line that is waited for: what is longer is no event of ours.
const LONGEST_LINE: usize = 1 << 20;

impl Service {
    /// Asks, and tells each line of the answer. Dropping the future lets go of the question.
    ///
    /// # Errors
    /// Why there is no answer, or why it broke off.
    pub async fn look_up(&self, asked: &str, tell: impl Fn(ContextEvent)) -> Result<(), HttpFailure> {
        // The sources have limits of their own, and the core has one for the whole.
        let deadline = Deadline::within(None);
        let response = Request::post_json(self.address("/context"), asked).send(&deadline).await?;
        let Some(body) = response.body() else { return Ok(()) };
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        let mut lines = Lines::default();
        loop {
            let piece = JsFuture::from(reader.read()).await.map_err(|_| deadline.failure())?;
            let Some(bytes) = bytes(&piece) else { return Ok(()) };
            lines.take(&bytes, &tell)?;
        }
    }
}

/// What a reader gave; `None` at the end.
fn bytes(piece: &JsValue) -> Option<Vec<u8>> {
    let value = Reflect::get(piece, &"value".into()).ok()?;
    Some(value.dyn_into::<Uint8Array>().ok()?.to_vec())
}

/// A line is not what it should be.
fn no_event() -> HttpFailure {
    HttpFailure::Malformed("a line is no event".to_owned())
}

/// Bytes that are not a whole line yet.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    fn take(&mut self, bytes: &[u8], tell: &impl Fn(ContextEvent)) -> Result<(), HttpFailure> {
        let mut pieces = bytes.split(|byte| *byte == b'\n');
        self.rest.extend_from_slice(pieces.next().unwrap_or_default());
        for next in pieces {
            let line = std::mem::replace(&mut self.rest, next.to_vec());
            let line = String::from_utf8(line).map_err(|_| no_event())?;
            if !line.trim().is_empty() {
                tell(ContextEvent::parse(&line).map_err(|_| no_event())?);
            }
        }
        if self.rest.len() > LONGEST_LINE { Err(no_event()) } else { Ok(()) }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by it")]
mod tests {
    use super::Lines;
    use protocol::context::ContextEvent;
    use std::cell::RefCell;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn late(source: &str) -> ContextEvent {
        ContextEvent::Late { source: source.to_owned() }
    }

    #[test]
    fn lines_are_told_when_they_are_whole_wherever_the_pieces_end() {
        let text = "{\"type\":\"late\",\"source\":\"Zürich\"}\n\n{\"type\":\"late\",\"source\":\"b\"}\n{\"type\"";
        let cuts = 1..text.len();
        for cut in cuts {
            let told = RefCell::new(Vec::new());
            let mut lines = Lines::default();
            for piece in [&text.as_bytes()[..cut], &text.as_bytes()[cut..]] {
                lines.take(piece, &|event| told.borrow_mut().push(event)).unwrap();
            }
            assert_eq!(told.into_inner(), [late("Zürich"), late("b")], "cut at {cut}");
        }
    }

    #[test]
    fn a_line_that_is_no_event_ends_the_answer() {
        assert!(Lines::default().take(b"hello\n", &|_| ()).is_err());
    }
}
