//! Signed sessions: all that a session is stands in one word, so that every server with the same secret knows it. A
//! browser keeps the word as a cookie; a page of another origin keeps it itself, and it is of use to that page alone.

use crate::{Identity, Seal, Secret, random};
use serde::{Deserialize, Serialize};

/// Makes and reads sessions.
#[derive(Debug)]
pub struct Sessions {
    seal: Seal,
    marks: Seal,
    seconds: u64,
}

/// Somebody who has just shown who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who it is.
    pub identity: Identity,
    /// By what.
    pub proof: Proof,
}

/// What a session was begun with, so that it ends when this would begin none any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// A static token, by the mark of its print.
    Token(String),
    /// The word of an OpenID provider.
    OpenId {
        /// Which provider.
        issuer: String,
        /// The person's mail address, if the provider has verified it.
        mail: Option<String>,
    },
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
    /// What it was begun with.
    pub proof: Proof,
    /// The origin of the page that it is for, where that is not our own.
    pub page: Option<String>,
}

impl Session {
    /// The person's mail address, where the provider has verified it.
    pub fn mail(&self) -> Option<&str> {
        match &self.proof {
            Proof::Token(_) => None,
            Proof::OpenId { mail, .. } => mail.as_deref(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    who: String,
    id: String,
    until: u64,
    by: Proof,
    page: Option<String>,
}

impl Sessions {
    /// Sessions that are signed with a secret and last for some seconds.
    pub fn new(secret: &Secret, seconds: u64) -> Self {
        Self { seal: Seal::new(secret, "session"), marks: Seal::new(secret, "proof of a session"), seconds }
    }

    /// How long a session lasts.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// The mark of what proves somebody, which may be shown.
    pub fn mark(&self, print: &str) -> String {
        self.marks.mark(print)
    }

    /// The word for a new session: as a cookie, or for the page of another origin. None if the system gives no
    /// randomness.
    pub fn begin(&self, login: &Login, page: Option<String>, now: u64) -> Option<String> {
        let Login { identity, proof } = login.clone();
        let until = now + self.seconds;
        let written = Written { who: identity.to_string(), id: random::word()?, until, by: proof, page };
        serde_json::to_string(&written).ok().map(|text| self.seal.close(&text))
    }

    /// The session that a word stands for, if it is ours and has not expired.
    pub fn open(&self, word: &str, now: u64) -> Option<Session> {
        let Written { who, id, until, by, page } = serde_json::from_str(&self.seal.open(word)?).ok()?;
        let session = Session { identity: Identity::written(who), id, expires_at: until, proof: by, page };
        (now < until).then_some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::{Login, Proof, Sessions};
    use crate::{Identity, Secret, Way};

    #[test]
    fn another_server_with_the_same_secret_knows_the_session_until_it_expires() {
        let sessions = |secret| Sessions::new(&Secret::new(secret).expect("a secret"), 60);
        let identity = Identity::new(Way::OpenId, "alice").expect("a name");
        let proof = Proof::OpenId { issuer: "https://login.example".to_owned(), mail: None };
        let alice = Login { identity, proof };
        let page = Some("https://talk.example".to_owned());
        let cookie = sessions("shared").begin(&alice, page.clone(), 1_000).expect("a session");
        let session = sessions("shared").open(&cookie, 1_059).expect("known");
        assert_eq!((session.identity, session.proof), (alice.identity, alice.proof));
        assert_eq!((session.expires_at, session.page), (1_060, page));
        assert_eq!(sessions("shared").open(&cookie, 1_060), None);
        assert_eq!(sessions("other").open(&cookie, 1_001), None);
    }
}
