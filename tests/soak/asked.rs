//! One request that a client makes.

use crate::user::User;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// As it is documented, with places for names.
    pub(crate) route: &'static str,
    pub(crate) path: String,
    pub(crate) bearer: Option<String>,
    /// Whether it is said by a token who asks.
    pub(crate) by_somebody: bool,
    pub(crate) kind: Option<&'static str>,
    pub(crate) body: Vec<u8>,
    /// After how long the client goes away, if it is one that does not wait.
    pub(crate) patience: Option<Duration>,
}

impl Asked {
    fn new(method: Method, route: &'static str) -> Self {
        let path = route.to_owned();
        Self { method, route, path, bearer: None, by_somebody: false, kind: None, body: Vec::new(), patience: None }
    }

    pub(crate) fn get(route: &'static str) -> Self {
        Self::new(Method::GET, route)
    }

    pub(crate) fn post(route: &'static str) -> Self {
        Self::new(Method::POST, route)
    }

    pub(crate) fn delete(route: &'static str) -> Self {
        Self::new(Method::DELETE, route)
    }

    /// A file of the page.
    pub(crate) fn page(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::new(Method::GET, "/*") }
    }

    /// With a name in the route's place for one.
    pub(crate) fn named(mut self, name: &str) -> Self {
        if let Some((before, (_, after))) = self.route.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?)))
        {
            self.path = format!("{before}{name}{after}");
        }
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    pub(crate) fn by(self, user: User) -> Self {
        Self { by_somebody: true, ..self.with(&user.token()) }
    }

    pub(crate) fn with(mut self, bearer: &str) -> Self {
        self.bearer = Some(bearer.to_owned());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().into_bytes())
    }

    pub(crate) fn body(mut self, kind: &'static str, body: Vec<u8>) -> Self {
        (self.kind, self.body) = (Some(kind), body);
        self
    }

    pub(crate) fn impatient(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// As the audit log calls it.
    pub(crate) fn what(&self) -> String {
        let Self { method, route, .. } = self;
        format!("{method} {route}")
    }

    /// Whether a line is written about it: what changes something, and keys. What tells of itself to be larger than
    /// anything that is taken is refused before it is known who asks.
    pub(crate) fn is_audited(&self) -> bool {
        let is_of_note = self.method != Method::GET || self.route == "/session";
        is_of_note && self.body.len() <= LARGEST_BODY
    }
}

/// The largest body that any route takes.
const LARGEST_BODY: usize = 64 * 1024;
