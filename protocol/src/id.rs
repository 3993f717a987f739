//! Identifiers as types of their own, so that two of them cannot be swapped.

use serde::{Deserialize, Serialize};

/// The longest identifier a client may choose for an item or a function call, in characters.
///
/// Not in the published schema; seen on the live service as `string_above_max_length`.
pub const MAX_CLIENT_ID_CHARS: usize = 32;

/// The longest identifier a client may choose for an event, in characters.
pub const MAX_EVENT_ID_CHARS: usize = 512;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an identifier received or made elsewhere.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl crate::reader::Read for $name {
            fn read(value: &serde_json::Value, faults: &mut crate::reader::Faults) -> Self {
                Self(crate::reader::Read::read(value, faults))
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self::new(id)
            }
        }
    };
}

id!(
    /// Names one conversation item (`item_…`).
    ItemId
);
id!(
    /// Names one response (`resp_…`).
    ResponseId
);
id!(
    /// Names one event; echoed in an error that the event caused.
    EventId
);
id!(
    /// Names one WebRTC call (`rtc_…`), from the `Location` header, or one function call (`call_…`).
    CallId
);
id!(
    /// Names one session (`sess_…`).
    SessionId
);
id!(
    /// Names one conversation (`conv_…`).
    ConversationId
);
