//! How a set of events is declared: one struct an event, one enum over them, reading and writing by `type`.

use crate::reader::{Faults, Fields};
use crate::{EventId, ParseError};
use serde::Serialize;
use serde_json::Value;

/// An event of which the part is known that every event has.
pub(crate) struct Opened {
    pub(crate) kind: Option<String>,
    pub(crate) event_id: Option<EventId>,
    /// All of it.
    pub(crate) raw: Value,
}

impl Opened {
    pub(crate) fn parse(text: &str) -> Result<Self, ParseError> {
        let raw = serde_json::from_str(text).map_err(ParseError::Json)?;
        let mut faults = Faults::default();
        let mut fields = Fields::of(&raw, &mut faults);
        let (kind, event_id) = (fields.read("type"), fields.read("event_id"));
        match faults.judge(()) {
            Ok(()) => Ok(Self { kind, event_id, raw }),
            Err(fault) => Err(fault.of_event("event")),
        }
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
            #[derive(Clone, Debug, PartialEq, serde::Serialize)]
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

            fn read(kind: String, raw: serde_json::Value) -> Result<Self, $crate::ParseError> {
                let mut faults = $crate::reader::Faults::default();
                let mut fields = $crate::reader::Fields::of(&raw, &mut faults);
                let event = match kind.as_str() {
                    $( $kind => Self::$event($event { $( $field: fields.read(stringify!($field)) ),* }), )*
                    _ => return Ok(Self::Unknown { kind, raw }),
                };
                faults.judge(event).map_err(|fault| fault.of_event(&kind))
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
