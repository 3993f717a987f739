//! The ids of users, memories, talks and turns.
//!
//! They come from outside, so each is checked once, where it is made: one to [`MAX_ID_CHARS`] characters, none of them
//! a control character.

use serde::{Deserialize, Deserializer, Serialize};

/// The longest id, in characters: a provider's name of somebody, which may have 255, and by which way it was proven.
pub const MAX_ID_CHARS: usize = 262;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// There is nothing in it.
    #[error("an id may not be empty")]
    Empty,
    /// It has more than [`MAX_ID_CHARS`] characters.
    #[error("an id may have at most {MAX_ID_CHARS} characters")]
    TooLong,
    /// It has a control character in it.
    #[error("an id may not contain control characters")]
    Control,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the text and takes it as an id.
            ///
            /// # Errors
            ///
            /// When it is empty, too long, or has control characters in it.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check(&text).map(|()| Self(text))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// Whose memories they are. No operation ever crosses from one user to another.
    UserId
}
id! {
    /// One memory; chosen by whoever remembers it, unique for its user.
    MemoryId
}
id! {
    /// The talk that a memory comes from.
    TalkId
}
id! {
    /// The turn of a talk that a memory comes from.
    TurnId
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        Err(IdError::Empty)
    } else if text.chars().nth(MAX_ID_CHARS).is_some() {
        Err(IdError::TooLong)
    } else if text.chars().any(char::is_control) {
        Err(IdError::Control)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_bounded_and_printable() {
        assert_eq!(UserId::new(""), Err(IdError::Empty));
        assert_eq!(UserId::new("x".repeat(MAX_ID_CHARS + 1)), Err(IdError::TooLong));
        assert_eq!(UserId::new("a\0b"), Err(IdError::Control));
        assert_eq!(UserId::new("ü".repeat(MAX_ID_CHARS)).map(|id| id.as_str().chars().count()), Ok(MAX_ID_CHARS));
    }

    #[test]
    fn a_bad_id_is_refused_while_reading() {
        assert!(serde_json::from_str::<MemoryId>("\"\"").is_err());
        assert_eq!(serde_json::from_str::<MemoryId>("\"m1\"").unwrap().as_str(), "m1");
    }
}
