//! Our own server, asked over HTTP: keys, calls, hang-ups, records of turns, look-ups, errands, the memory.

mod context;
mod errand;
mod memory;
mod request;

pub use memory::MemoryQuestion;

use crate::dom::meta_content;
use conversation::HttpFailure;
use protocol::api::{SessionReply, TurnRecord};
use protocol::{CallId, EphemeralKey};
use request::{Address, Request, left, part};

/// Where our server is, and for which call it is asked.
#[derive(Clone, Debug, Default)]
pub struct Service {
    base: String,
    /// The call's W3C `traceparent`; empty where there is no call.
    trace: String,
}

/// The answer to an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The far end's session description.
    pub sdp: String,
    /// The call, where the answer named it.
    pub call_id: Option<CallId>,
}

impl Service {
    /// At this address, without a slash at its end; empty for where the page came from.
    pub fn at(base: &str) -> Self {
        Self { base: base.trim().trim_end_matches('/').to_owned(), trace: String::new() }
    }

    /// At the address of `<meta name="colloquy-api">`; where the page came from if there is none.
    pub fn from_page() -> Self {
        Self::at(&meta_content("colloquy-api").unwrap_or_default())
    }

    /// What is asked from now on belongs to a call of this W3C `traceparent`.
    pub fn belong_to(&mut self, trace: String) {
        self.trace = trace;
    }

    /// Opens the page for signing in, beside this one; only in a click. A server on another origin is asked to hand over
    /// a session.
    pub fn sign_in(&self) {
        let back = if self.base.is_empty() { None } else { left("colloquyBack") };
        if let Some(window) = web_sys::window() {
            let page = ["/login", back.as_deref().unwrap_or_default()].concat();
            // A browser that opens nothing says so itself.
            drop(window.open_with_url_and_target(&self.address(&page).url, "_blank"));
        }
    }

    /// Asks for a key for one call.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn mint_key(&self) -> Result<SessionReply, HttpFailure> {
        let request =
            Request { method: "POST", address: self.address("/session"), headers: &[], body: None, keepalive: false };
        let reply = request.exchange().await?;
        // The body is not repeated: it holds a key.
        SessionReply::parse(&reply.body).map_err(|_| HttpFailure::Malformed("the answer is no session".to_owned()))
    }

    /// Sends an offer, returns the answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open_call(&self, key: &EphemeralKey, offer: &str) -> Result<Answer, HttpFailure> {
        let bearer = ["Bearer ", key.expose()].concat();
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/sdp")];
        let address = self.address("/v1/realtime/calls");
        let request = Request { method: "POST", address, headers: &headers, body: Some(offer), keepalive: false };
        let reply = request.exchange().await?;
        Ok(Answer { sdp: reply.body, call_id: reply.location.as_deref().and_then(call_id_of) })
    }

    /// Says that a call is over. Survives the page and needs no key; nobody waits for the answer.
    pub fn hang_up(&self, call: &CallId) {
        let mut address = self.address(&["/v1/realtime/calls/", call.as_str(), "/hangup"].concat());
        if !self.base.is_empty() {
            // Another origin would have to be asked whether it takes the header, and the page may be gone by then.
            address.trace.clear();
        }
        part(address, None);
    }

    /// Hands in a turn's record. Survives the page; losing it is harmless.
    pub fn report(&self, record: &TurnRecord) {
        part(self.address("/turns"), Some(&record.to_json()));
    }

    fn address(&self, path: &str) -> Address {
        Address { url: [&self.base, path].concat(), trace: self.trace.clone() }
    }
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// The last segment of a `Location`: `/v1/realtime/calls/rtc_1?x=y` names `rtc_1`.
fn call_id_of(location: &str) -> Option<CallId> {
    let path = location.split(['?', '#']).next()?.trim_end_matches('/');
    let last = path.bytes().rposition(|byte| byte == b'/').map_or(path, |slash| path.get(slash + 1..).unwrap_or(path));
    (!last.is_empty()).then(|| CallId::new(last))
}

#[cfg(test)]
mod tests {
    use super::call_id_of;
    use protocol::CallId;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_call_is_named_by_the_last_segment_of_its_location() {
        for location in
            ["/v1/realtime/calls/rtc_1", "https://example.test/v1/realtime/calls/rtc_1/", "/calls/rtc_1?model=x#y"]
        {
            assert_eq!(call_id_of(location), Some(CallId::new("rtc_1")), "{location}");
        }
        assert_eq!(call_id_of("/"), None);
    }
}
