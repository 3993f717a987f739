//! Signed sessions: all that a session is stands in the cookie, so that every server with the same secret knows it.

use crate::{Identity, Seal, Secret, random};
use serde::{Deserialize, Serialize};

/// Makes and reads sessions.
#[derive(Debug)]
pub struct Sessions {
    seal: Seal,
    seconds: u64,
}

/// A session that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub identity: Identity,
    /// Its own name, by which it can be ended before its time.
    pub id: String,
    /// When it ends by itself, in seconds of Unix time.
    pub expires_at: u64,
}

#[derive(Serialize, Deserialize)]
struct Written {
    who: String,
    id: String,
    until: u64,
}

impl Sessions {
    /// Sessions that are signed with a secret and last for some seconds.
    pub fn new(secret: &Secret, seconds: u64) -> Self {
        Self { seal: Seal::new(secret, "session"), seconds }
    }

    /// How long a session lasts.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// A new session, as a cookie holds it. None if the system gives no randomness.
    pub fn begin(&self, identity: &Identity, now: u64) -> Option<String> {
        let written = Written { who: identity.to_string(), id: random::word()?, until: now + self.seconds };
        serde_json::to_string(&written).ok().map(|text| self.seal.close(&text))
    }

    /// The session that a cookie holds, if it is ours and has not expired.
    pub fn open(&self, cookie: &str, now: u64) -> Option<Session> {
        let written: Written = serde_json::from_str(&self.seal.open(cookie)?).ok()?;
        let session = Session { identity: Identity::written(written.who), id: written.id, expires_at: written.until };
        (now < session.expires_at).then_some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::Sessions;
    use crate::{Identity, Secret, Way};

    #[test]
    fn another_server_with_the_same_secret_knows_the_session_until_it_expires() {
        let sessions = |secret| Sessions::new(&Secret::new(secret).expect("a secret"), 60);
        let alice = Identity::new(Way::OpenId, "alice").expect("a name");
        let cookie = sessions("shared").begin(&alice, 1_000).expect("a session");
        let session = sessions("shared").open(&cookie, 1_059).expect("known");
        assert_eq!((session.identity, session.expires_at), (alice, 1_060));
        assert_eq!(sessions("shared").open(&cookie, 1_060), None);
        assert_eq!(sessions("other").open(&cookie, 1_001), None);
    }
}
