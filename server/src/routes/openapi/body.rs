//! What travels in a body: its media type, and its schema, which is made from the type that the code reads or writes.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// What travels in a body.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// JSON of a type.
    Json(Shape),
    /// A line of JSON of a type for each event.
    Lines(Shape),
    /// A session description, an offer or its answer.
    Sdp,
    /// An offer, alone or in the form of the official clients.
    Offer,
    /// A browser's form with these fields.
    Form(&'static [&'static str]),
    /// Text of a media type.
    Text(&'static str),
}

/// A type of our own.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    name: fn() -> Cow<'static, str>,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Shape {
    pub(super) const fn of<T: JsonSchema>() -> Self {
        Self { name: T::schema_name, schema: SchemaGenerator::subschema_for::<T> }
    }
}

/// JSON of a type.
pub(super) const fn json<T: JsonSchema>() -> Body {
    Body::Json(Shape::of::<T>())
}

/// Makes the schemas of one document. The schemas of answers are shared and have names; those of requests, where absent
/// fields have defaults, stand where they are used.
pub(super) struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = "/components/schemas".into();
            })
        };
        let inline = |settings: &mut SchemaSettings| settings.inline_subschemas = true;
        Self {
            asked: settings().for_deserialize().with(inline).into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    /// What a body may be that is sent to us.
    pub(super) fn asked(&mut self, body: Body) -> Value {
        let Self { asked, .. } = self;
        content(body, |shape| {
            let mut schema = (shape.schema)(asked);
            schema.ensure_object().entry("title").or_insert_with(|| (shape.name)().into());
            schema.to_value()
        })
    }

    /// What a body may be that we send.
    pub(super) fn answered(&mut self, body: Body) -> Value {
        let Self { answered, .. } = self;
        content(body, |shape| (shape.schema)(answered).to_value())
    }

    /// The parameters that a query of a type may have.
    pub(super) fn query(&mut self, shape: Shape) -> Vec<Value> {
        let schema = (shape.schema)(&mut self.asked).to_value();
        let required =
            |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
        let fields = schema["properties"].as_object().into_iter().flatten();
        let parameter = |(name, schema): (&String, &Value)| json!({ "name": name, "in": "query", "required": required(name), "schema": schema });
        fields.map(parameter).collect()
    }

    /// The schemas that have names.
    pub(super) fn named(mut self) -> Map<String, Value> {
        self.answered.take_definitions(true)
    }
}

fn content(body: Body, schema_of: impl FnOnce(Shape) -> Value) -> Value {
    let text = || json!({ "type": "string" });
    match body {
        Body::Json(shape) => json!({ "application/json": { "schema": schema_of(shape) } }),
        Body::Lines(shape) => json!({ "application/x-ndjson": { "schema": schema_of(shape) } }),
        Body::Sdp => json!({ "application/sdp": { "schema": text() } }),
        Body::Offer => json!({
            "application/sdp": { "schema": text() },
            "multipart/form-data": { "schema": form(&["sdp"]) },
        }),
        Body::Form(fields) => json!({ "application/x-www-form-urlencoded": { "schema": form(fields) } }),
        Body::Text(kind) => json!({ kind: { "schema": text() } }),
    }
}

fn form(fields: &[&str]) -> Value {
    let properties: Map<_, _> = fields.iter().map(|field| ((*field).to_owned(), json!({ "type": "string" }))).collect();
    json!({ "type": "object", "required": fields, "properties": properties })
}
