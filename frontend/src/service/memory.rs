//! The long-term memory: what the user can ask of the routes below `/memory`.

use super::Service;
use super::request::{JSON, Request};
use conversation::HttpFailure;
use protocol::memory::{CONFIRM_HEADER, FORGET_EVERYTHING, MemoryCorrection, RememberReply, RememberRequest};

/// One thing to ask of the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoryQuestion {
    /// How it is; answered by what [`protocol::memory::MemoryStatus::of_server`] reads.
    Status,
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
    /// A memory to be stored; answered by a [`RememberReply`].
    Remember(RememberRequest),
    /// Another text for a memory; answered by a [`protocol::memory::Memory`].
    Correct {
        /// Which memory.
        id: String,
        /// What it says from now on.
        text: String,
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
            MemoryQuestion::Status => ("GET", "/status".to_owned(), NOTHING, None),
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
            MemoryQuestion::Correct { id, text } => {
                let correction = MemoryCorrection { text: Some(text.clone()), ..MemoryCorrection::default() };
                ("PATCH", one(id), JSON, Some(correction.to_json()))
            }
            MemoryQuestion::Forget(id) => ("DELETE", one(id), NOTHING, None),
            MemoryQuestion::ForgetTalk(talk) => ("DELETE", ["/memory/talks/", &escaped(talk)].concat(), NOTHING, None),
            MemoryQuestion::ForgetEverything => ("DELETE", "/memory".to_owned(), &confirmed[..], None),
        };
        let keepalive = matches!(question, MemoryQuestion::Remember(_));
        let request = Request { method, address: self.address(&path), headers, body: body.as_deref(), keepalive };
        Ok(request.exchange().await?.body)
    }

    /// Stores something of the talk, even if the page is closed meanwhile; gives the id of the first.
    ///
    /// # Errors
    /// Why it is not stored.
    pub async fn remember(&self, memory: RememberRequest) -> Result<String, HttpFailure> {
        let reply = self.memory(&MemoryQuestion::Remember(memory)).await?;
        let reply = RememberReply::parse(&reply).map_err(|fault| HttpFailure::Malformed(fault.to_string()))?;
        Ok(reply.ids.into_iter().next().unwrap_or_default())
    }

    /// Where everything that is remembered can be had as one file.
    pub fn memory_export(&self) -> String {
        self.address("/memory/export")
    }
}

fn one(id: &str) -> String {
    ["/memory/", &escaped(id)].concat()
}

fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

const NOTHING: &[(&str, &str)] = &[];
