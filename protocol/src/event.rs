//! How a set of events is declared: one struct an event, one enum over them, reading and writing by `type`.

use crate::{EventId, ParseError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The part every event has, read before the rest.
#[derive(Deserialize)]
pub(crate) struct Head<'a> {
    #[serde(rename = "type", borrow, default)]
    pub(crate) kind: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) event_id: Option<EventId>,
}

impl<'a> Head<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, ParseError> {
        // serde reads a struct from an array too, which no event is.
        if !text.trim_start().starts_with('{') {
            let found = serde_json::from_str::<serde::de::IgnoredAny>(text);
            let fault = found.map_or_else(|fault| fault, |_| serde::de::Error::custom("expected an object"));
            return Err(ParseError::Json(fault));
        }
        serde_json::from_str(text).map_err(ParseError::Json)
    }
}

/// An event's fields with its `type` and `event_id` beside them, as on the wire.
#[derive(Serialize)]
pub(crate) struct Tagged<'a, T> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_id: Option<&'a EventId>,
    #[serde(flatten)]
    pub(crate) body: &'a T,
}

/// Declares the structs of a set of events and the enum over them.
macro_rules! events {
    (
        $(#[$enum_doc:meta])*
        enum $name:ident;
        $(
            $(#[$doc:meta])*
            $kind:literal => $event:ident { $( $(#[$field_meta:meta])* $field:ident : $ty:ty ),* $(,)? }
        )*
    ) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
            pub struct $event { $( $(#[$field_meta])* pub $field: $ty, )* }

            impl From<$event> for $name {
                fn from(event: $event) -> Self {
                    Self::$event(event)
                }
            }
        )*

        $(#[$enum_doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $( $(#[$doc])* $event($event), )*
            /// A type this crate does not know, kept whole.
            Unknown {
                /// The event's `type`.
                kind: String,
                /// The event as received.
                raw: serde_json::Value,
            },
        }

        impl $name {
            /// Every `type` this crate knows.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The event's `type`.
            pub fn kind(&self) -> &str {
                match self {
                    $( Self::$event(_) => $kind, )*
                    Self::Unknown { kind, .. } => kind,
                }
            }

            fn read(kind: &str, text: &str) -> Result<Self, $crate::ParseError> {
                let shape = |source| $crate::ParseError::Shape { kind: kind.to_owned(), source };
                match kind {
                    $( $kind => serde_json::from_str::<$event>(text).map(Self::$event).map_err(shape), )*
                    _ => Ok(Self::Unknown { kind: kind.to_owned(), raw: serde_json::from_str(text).map_err(shape)? }),
                }
            }

            fn write<S: serde::Serializer>(
                &self,
                event_id: Option<&$crate::EventId>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                use serde::Serialize;
                match self {
                    $( Self::$event(body) => {
                        $crate::event::Tagged { kind: $kind, event_id, body }.serialize(serializer)
                    } )*
                    Self::Unknown { raw, .. } => raw.serialize(serializer),
                }
            }
        }
    };
}

pub(crate) use events;
