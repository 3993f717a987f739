//! Schemas of the types that are written and read by hand; all others have theirs from their definition.

use crate::session::{MAX_OUTPUT_TOKENS, MaxOutputTokens, SessionConfig, ToolChoice, Truncation};
use crate::{ClientSecretRequest, EphemeralKey, Patch};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Like a value that may be `null`.
impl<T: JsonSchema> JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Option::<T>::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

macro_rules! schema {
    ($type:ident, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!(module_path!(), "::", $name).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!(EphemeralKey, "EphemeralKey", |_generator| json_schema!({
    "description": "A short-lived key with which a browser opens a call.",
    "type": "string",
    "pattern": "^ek_",
}));

schema!(MaxOutputTokens, "MaxOutputTokens", |_generator| json_schema!({
    "description": "The most a response may write.",
    "anyOf": [{ "type": "integer", "minimum": 1, "maximum": MAX_OUTPUT_TOKENS }, { "const": "inf" }],
}));

schema!(Truncation, "Truncation", |_generator| json_schema!({
    "description": "What happens when the context is full.",
    "anyOf": [
        { "enum": ["auto", "disabled"] },
        {
            "type": "object",
            "required": ["type", "retention_ratio"],
            "properties": {
                "type": { "const": "retention_ratio" },
                "retention_ratio": { "type": "number", "minimum": 0, "maximum": 1 },
                "token_limits": {
                    "type": "object",
                    "properties": { "post_instructions": { "type": "integer", "minimum": 0 } },
                },
            },
        },
    ],
}));

schema!(ToolChoice, "ToolChoice", |_generator| json_schema!({
    "description": "Which tool may or must be called.",
    "anyOf": [
        { "enum": ["auto", "none", "required"] },
        {
            "type": "object",
            "required": ["type", "name"],
            "properties": { "type": { "const": "function" }, "name": { "type": "string" } },
        },
        {
            "type": "object",
            "required": ["type", "server_label"],
            "properties": {
                "type": { "const": "mcp" },
                "server_label": { "type": "string" },
                "name": { "type": ["string", "null"] },
            },
        },
    ],
}));

schema!(ClientSecretRequest, "ClientSecretRequest", |generator| json_schema!({
    "description": "A request for a key that a browser can hold.",
    "type": "object",
    "additionalProperties": false,
    "properties": {
        "expires_after": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "anchor": { "const": "created_at" },
                "seconds": { "type": "integer", "minimum": 10, "maximum": 7200 },
            },
        },
        "session": generator.subschema_for::<SessionConfig>(),
    },
}));
