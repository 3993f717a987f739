//! The table of routes: every way to ask this server, with what it takes and answers.

use super::body::{Body, Shape, json};
use crate::config::LOGIN_CALLBACK;
use crate::routes::health::Readiness;
use crate::routes::memory::Asked;
use crate::routes::session::{Exposed, Wish};
use protocol::ClientSecretRequest;
use protocol::api::{SessionReply, Status, TurnRecord};
use protocol::context::{ContextEvent, ContextRequest, WatchReply, WatchRequest};
use protocol::memory::{
    CONFIRM_HEADER, Forgotten, Memory, MemoryCorrection, MemoryDetail, MemoryPage, RememberReply, RememberRequest,
};

/// One way to ask.
pub(super) struct Way {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) what: &'static str,
    /// What proves who asks.
    pub(super) proof: Proof,
    /// The query that it takes.
    pub(super) query: Option<Shape>,
    /// The header without which it does nothing.
    pub(super) header: Option<&'static str>,
    /// The body that it takes, and whether it must be there.
    pub(super) takes: Option<(Body, bool)>,
    /// The statuses and bodies that it answers with, besides errors.
    pub(super) answers: Vec<(u16, Option<Body>)>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Proof {
    /// Nothing is needed.
    None,
    /// A token or a session, where visitors have to say who they are.
    Visitor,
    /// A short-lived key.
    Key,
}

use Proof::{Key, None as Nothing, Visitor};

/// Every way to ask this server.
pub(super) fn ways() -> Vec<Way> {
    [talks(), look_ups(), memories(), logins(), operation()].into_iter().flatten().collect()
}

fn talks() -> Vec<Way> {
    vec![
        way("get", "/session", Visitor, "A short-lived key for one talk").gives(200, json::<SessionReply>()),
        way("post", "/session", Visitor, "The same, with a preset and what it lets change")
            .may_take(json::<Wish>())
            .gives(200, json::<SessionReply>()),
        way("post", "/v1/realtime/client_secrets", Visitor, "The same, for the official clients")
            .may_take(json::<ClientSecretRequest>())
            .gives(200, json::<Exposed>()),
        way("post", "/v1/realtime/calls", Key, "Opens a call: an offer for an answer")
            .takes(Body::Offer)
            .gives(201, Body::Sdp),
        way("post", "/v1/realtime", Key, "The same, at the older address").takes(Body::Offer).gives(201, Body::Sdp),
        way("post", "/v1/realtime/calls/{call_id}/hangup", Visitor, "Ends a call").done(200),
        way("post", "/turns", Visitor, "Tells what one turn was like").takes(json::<TurnRecord>()).done(204),
    ]
}

fn look_ups() -> Vec<Way> {
    vec![
        way("post", "/context", Visitor, "Looks something up; a line for each event")
            .takes(json::<ContextRequest>())
            .gives(200, Body::Lines(Shape::of::<ContextEvent>())),
        way("delete", "/context/talks/{talk}", Visitor, "Ends the look-ups of a talk").done(204),
        way("post", "/context/watch", Visitor, "Watches a source for news")
            .takes(json::<WatchRequest>())
            .gives(201, json::<WatchReply>()),
        way("delete", "/context/watch/{name}", Visitor, "Ends watching").done(204),
    ]
}

fn memories() -> Vec<Way> {
    let forgotten = json::<Forgotten>();
    vec![
        way("get", "/memory", Visitor, "Lists or finds memories")
            .asks(Shape::of::<Asked>())
            .gives(200, json::<MemoryPage>()),
        way("post", "/memory", Visitor, "Remembers something")
            .takes(json::<RememberRequest>())
            .gives(201, json::<RememberReply>()),
        way("delete", "/memory", Visitor, "Forgets everything, if confirmed")
            .needs(CONFIRM_HEADER)
            .gives(200, forgotten),
        way("get", "/memory/export", Visitor, "Everything that is remembered").gives(200, json::<memory::Export>()),
        way("get", "/memory/{id}", Visitor, "One memory with what hangs on it").gives(200, json::<MemoryDetail>()),
        way("patch", "/memory/{id}", Visitor, "Corrects a memory")
            .takes(json::<MemoryCorrection>())
            .gives(200, json::<Memory>()),
        way("delete", "/memory/{id}", Visitor, "Forgets a memory").gives(200, forgotten),
        way("delete", "/memory/talks/{talk}", Visitor, "Forgets what is remembered of a talk").gives(200, forgotten),
    ]
}

fn logins() -> Vec<Way> {
    vec![
        way("get", "/login", Nothing, "A page to log in, or the way to the provider")
            .gives(200, Body::Text("text/html"))
            .done(303),
        way("get", LOGIN_CALLBACK, Nothing, "Where the provider sends browsers back to").done(303),
        way("post", "/login/token", Nothing, "Logs in with a static token").takes(Body::Form(&["token"])).done(303),
        way("post", "/logout", Nothing, "Ends a session on every server").done(204),
    ]
}

fn operation() -> Vec<Way> {
    let readiness = json::<Readiness>();
    vec![
        way("get", "/status", Visitor, "What runs here and who answers").gives(200, json::<Status>()),
        way("get", "/healthz", Nothing, "Whether the process answers").gives(200, Body::Text("text/plain")),
        way("get", "/readyz", Nothing, "Whether it can take talks; 503 with the reasons if not")
            .gives(200, readiness)
            .gives(503, readiness),
        way("get", "/metrics", Nothing, "Numbers for Prometheus")
            .gives(200, Body::Text("application/openmetrics-text")),
        way("get", "/openapi.json", Nothing, "This document")
            .gives(200, json::<serde_json::Map<String, serde_json::Value>>()),
    ]
}

fn way(method: &'static str, path: &'static str, proof: Proof, what: &'static str) -> Way {
    Way { method, path, what, proof, query: None, header: None, takes: None, answers: Vec::new() }
}

impl Way {
    fn asks(self, query: Shape) -> Self {
        Self { query: Some(query), ..self }
    }

    fn needs(self, header: &'static str) -> Self {
        Self { header: Some(header), ..self }
    }

    fn takes(self, body: Body) -> Self {
        Self { takes: Some((body, true)), ..self }
    }

    fn may_take(self, body: Body) -> Self {
        Self { takes: Some((body, false)), ..self }
    }

    fn gives(mut self, status: u16, body: Body) -> Self {
        self.answers.push((status, Some(body)));
        self
    }

    fn done(mut self, status: u16) -> Self {
        self.answers.push((status, None));
        self
    }
}
