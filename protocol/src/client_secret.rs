//! `POST /realtime/client_secrets`: how a server asks for a key that a browser can hold.

use crate::fields::Place;
use crate::{EphemeralKey, FieldError, Session, SessionConfig};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSecretRequest {
    /// How long the key is to be valid, in seconds, 10 to 7200; 600 unless asked otherwise.
    pub expires_after_seconds: u32,
    /// The session that calls made with the key begin with; the service's defaults unless given.
    pub session: Option<SessionConfig>,
}

impl ClientSecretRequest {
    /// How long a key is valid when the request does not say, in seconds.
    pub const DEFAULT_SECONDS: u32 = 600;

    /// Reads the body of a request as strictly as the service.
    ///
    /// # Errors
    /// The first field at fault, such as `expires_after.seconds` or `session.audio.output.speed`.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Place::new(value, "").fields(&["expires_after", "session"])?;
        let seconds = fields.read("expires_after", |place| {
            let fields = place.fields(&["anchor", "seconds"])?;
            fields.read("anchor", |place| place.word(&[("created_at", ())]))?;
            fields.read("seconds", |place| place.integer(10, 7200))
        })?;
        Ok(Self {
            expires_after_seconds: seconds.flatten().unwrap_or(Self::DEFAULT_SECONDS),
            session: fields.read("session", |place| SessionConfig::from_value(place.value(), place.path()))?,
        })
    }

    /// The body of a request.
    pub fn to_value(&self) -> Value {
        let expires_after = json!({ "anchor": "created_at", "seconds": self.expires_after_seconds });
        match &self.session {
            Some(session) => json!({ "expires_after": expires_after, "session": session }),
            None => json!({ "expires_after": expires_after }),
        }
    }
}

impl Default for ClientSecretRequest {
    fn default() -> Self {
        Self { expires_after_seconds: Self::DEFAULT_SECONDS, session: None }
    }
}

/// The answer: a key, and the session it stands for.
///
/// It cannot be serialised by accident, because its key cannot: see [`ClientSecretReply::expose`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ClientSecretReply {
    /// The key.
    pub value: EphemeralKey,
    /// When it expires, in seconds of Unix time.
    pub expires_at: u64,
    /// The effective session.
    pub session: Session,
}

impl ClientSecretReply {
    /// The body of the answer, with the key in clear: for the response to whoever asked, and nothing else.
    pub fn expose(&self) -> Value {
        json!({ "value": self.value.expose(), "expires_at": self.expires_at, "session": self.session })
    }
}
