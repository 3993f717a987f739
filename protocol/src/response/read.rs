//! Reads the body of a `response.create` as strictly as the service does.

use super::{ResponseAudio, ResponseConfig, ResponseConversation};
use crate::fields::Place;
use crate::session::read;
use crate::{FieldError, Item, Patch, code};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn response(value: &Value, path: &str) -> Result<ResponseConfig, FieldError> {
    let fields = Place::new(value, path).fields(KEYS)?;
    let conversations = [("auto", ResponseConversation::Auto), ("none", ResponseConversation::None)];
    Ok(ResponseConfig {
        conversation: fields.read("conversation", |place| place.word(&conversations))?,
        input: fields.read("input", |place| place.list()?.iter().map(item).collect())?,
        instructions: fields.read("instructions", Place::string)?,
        output_modalities: fields.read("output_modalities", read::output_modalities)?,
        audio: fields.read("audio", |place| {
            Ok(ResponseAudio { output: place.fields(&["output"])?.read("output", read::voice_output)? })
        })?,
        tools: fields.read("tools", read::tools)?,
        tool_choice: fields.read("tool_choice", read::tool_choice)?,
        parallel_tool_calls: fields.read("parallel_tool_calls", Place::boolean)?,
        reasoning: fields.read("reasoning", read::reasoning)?,
        max_output_tokens: fields.read("max_output_tokens", read::max_output_tokens)?,
        metadata: match fields.patch("metadata", metadata)? {
            Patch::Set(pairs) => Some(pairs),
            Patch::Keep | Patch::Clear => None,
        },
        prompt: fields.patch("prompt", read::prompt)?,
    })
}

fn item(place: &Place) -> Result<Item, FieldError> {
    let item = Item::deserialize(place.value()).map_err(|fault| place.invalid(&format!("{fault}.")))?;
    item.check_in_context(place.path())?;
    Ok(item)
}

fn metadata(place: &Place) -> Result<BTreeMap<String, String>, FieldError> {
    let fields = place.open_fields()?;
    let pairs = fields.map().len();
    if pairs > MAX_METADATA_PAIRS {
        let fault = format!(
            "too many properties. Expected an object with at most {MAX_METADATA_PAIRS} properties, but got an object \
             with {pairs} properties instead."
        );
        return Err(place.refused(code::OBJECT_ABOVE_MAX_PROPERTIES, &fault));
    }
    let pair = |(key, value): (&String, Place)| {
        crate::fields::check_length(key, MAX_METADATA_KEY_CHARS, value.path())?;
        Ok((key.clone(), value.short_string(MAX_METADATA_VALUE_CHARS)?))
    };
    fields.places().map(pair).collect()
}

const MAX_METADATA_PAIRS: usize = 16;
const MAX_METADATA_KEY_CHARS: usize = 64;
const MAX_METADATA_VALUE_CHARS: usize = 512;

const KEYS: &[&str] = &[
    "conversation",
    "input",
    "instructions",
    "output_modalities",
    "audio",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "max_output_tokens",
    "metadata",
    "prompt",
];
