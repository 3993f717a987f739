//! The long-term memory: what the user can ask of the routes below `/memory`.

use super::Service;
use super::escaped;
use super::request::{JSON, Request};
use conversation::HttpFailure;
use protocol::memory::{CONFIRM_HEADER, FORGET_EVERYTHING, MemoryCorrection, MemoryStatus, RememberRequest};

/// One thing to ask of the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoryQuestion {
    /// One page, newest first; answered by a [`protocol::memory::MemoryPage`].
    List {
        /// Words that all must be in it; empty for any.
        query: String,
        /// The name of a kind; empty for all.
        kind: String,
        /// Where the page begins; empty for the first.
        page: String,
    },
    /// One memory with what hangs on it; answered by a [`protocol::memory::MemoryDetail`].
    Show(String),
    /// A memory to be stored; answered by a [`protocol::memory::RememberReply`].
    Remember(RememberRequest),
    /// Another text for a memory, and whether it is personal; answered by a [`protocol::memory::Memory`].
    Correct {
        /// Which memory.
        id: String,
        /// What it says from now on.
        text: String,
        /// Whether it is personal from now on.
        restricted: bool,
    },
    /// Forgets one memory; answered by a [`protocol::memory::Forgotten`], as all that follow.
    Forget(String),
    /// Forgets all that came from a talk.
    ForgetTalk(String),
    /// Forgets everything.
    ForgetEverything,
}

impl Service {
    /// Asks the memory; gives the body of the answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn memory(&self, question: &MemoryQuestion) -> Result<String, HttpFailure> {
        let confirmed = [(CONFIRM_HEADER, FORGET_EVERYTHING)];
        let (method, path, headers, body) = match question {
            MemoryQuestion::List { query, kind, page } => {
                let mut path = String::from("/memory?");
                for (name, value) in [("query=", query), ("&kind=", kind), ("&page=", page)] {
                    if !value.is_empty() {
                        path.push_str(name);
                        path.push_str(&escaped(value));
                    }
                }
                ("GET", path, NOTHING, None)
            }
            MemoryQuestion::Show(id) => ("GET", one(id), NOTHING, None),
            MemoryQuestion::Remember(request) => ("POST", "/memory".to_owned(), JSON, Some(request.to_json())),
            MemoryQuestion::Correct { id, text, restricted } => {
                let (text, restricted) = (Some(text.clone()), Some(*restricted));
                let correction = MemoryCorrection { text, restricted, ..MemoryCorrection::default() };
                ("PATCH", one(id), JSON, Some(correction.to_json()))
            }
            MemoryQuestion::Forget(id) => ("DELETE", one(id), NOTHING, None),
            MemoryQuestion::ForgetTalk(talk) => ("DELETE", ["/memory/talks/", &escaped(talk)].concat(), NOTHING, None),
            MemoryQuestion::ForgetEverything => ("DELETE", "/memory".to_owned(), &confirmed[..], None),
        };
        let address = self.address(&path);
        let request = Request { method, address, headers, body: body.as_deref(), keepalive: false };
        Ok(request.exchange().await?.body)
    }

    /// Whether the server remembers; what does not answer does not.
    pub async fn remembers(&self) -> bool {
        let address = self.address("/status");
        let request = Request { method: "GET", address, headers: NOTHING, body: None, keepalive: false };
        let Ok(reply) = request.exchange().await else { return false };
        MemoryStatus::of_server(&reply.body).ok().flatten().is_some_and(|status| status.is_on())
    }

    /// Where everything that is remembered can be had as one file.
    pub fn memory_export(&self) -> String {
        self.address("/memory/export").url
    }
}

fn one(id: &str) -> String {
    ["/memory/", &escaped(id)].concat()
}

const NOTHING: &[(&str, &str)] = &[];
