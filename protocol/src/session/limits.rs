//! How much a response may write, and what happens when the context is full.

use super::read;
use crate::fields::Place;
use crate::reader::{Read, readable};
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// The largest [`MaxOutputTokens::Tokens`] that can be asked for.
pub const MAX_OUTPUT_TOKENS: u32 = 4096;

/// The most a response may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxOutputTokens {
    /// This many, 1 to 4096.
    Tokens(u32),
    /// No limit but the model's: `"inf"`.
    Infinite,
}

impl Serialize for MaxOutputTokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Tokens(tokens) => serializer.serialize_u32(*tokens),
            Self::Infinite => serializer.serialize_str("inf"),
        }
    }
}

// Takes any number, because a service may report more than it lets a client ask for.
readable! {
    MaxOutputTokens: |value, faults| match value {
        Value::String(text) if text == "inf" => Self::Infinite,
        value => Self::Tokens(Read::read(value, faults)),
    };
}

/// What happens when the context is full.
#[derive(Clone, Debug, PartialEq)]
pub enum Truncation {
    /// The service drops old items: `"auto"`.
    Auto,
    /// The response fails instead: `"disabled"`.
    Disabled,
    /// Drops to this share of the window, to keep the cache longer.
    RetentionRatio {
        /// 0 to 1.
        ratio: f64,
        /// The most that may stay after the instructions, in tokens.
        post_instructions: Option<u64>,
    },
}

impl Serialize for Truncation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Disabled => serializer.serialize_str("disabled"),
            Self::RetentionRatio { ratio, post_instructions } => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("type", "retention_ratio")?;
                map.serialize_entry("retention_ratio", ratio)?;
                if let Some(tokens) = post_instructions {
                    map.serialize_entry("token_limits", &json!({ "post_instructions": tokens }))?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Truncation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        read::truncation(&Place::new(&value, "truncation")).map_err(D::Error::custom)
    }
}
