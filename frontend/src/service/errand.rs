//! What the core has our server do.

use super::request::{JSON, Request};
use super::{Service, escaped};
use conversation::{Errand, HttpFailure};

impl Service {
    /// Has something done, even if the page is closed meanwhile; gives the body of the answer.
    ///
    /// # Errors
    /// Why it is not done.
    pub async fn run(&self, errand: &Errand) -> Result<String, HttpFailure> {
        let (method, path, body) = match errand {
            Errand::Remember(memory) => ("POST", "/memory".to_owned(), Some(memory.to_json())),
            Errand::Watch(request) => ("POST", "/context/watch".to_owned(), Some(request.clone())),
            Errand::Unwatch(name) => ("DELETE", ["/context/watch/", &escaped(name)].concat(), None),
        };
        let address = self.address(&path);
        let request = Request { method, address, headers: JSON, body: body.as_deref(), keepalive: true };
        Ok(request.exchange().await?.body)
    }
}
