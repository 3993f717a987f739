//! Strict reading of a JSON value: every fault is named with its path, the service's code and a sentence.
//!
//! Used where the service itself is strict: session configurations, `response.create` and requests for a key.
//! Nothing here panics, and nothing the caller sent is repeated at full length in an error.

use crate::{FieldError, Patch, code};
use serde_json::{Map, Value};

/// A value and where it stands, such as `session.audio.output.speed`.
pub(crate) struct Place<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Place<'a> {
    pub(crate) fn new(value: &'a Value, path: impl Into<String>) -> Self {
        Self { value, path: path.into() }
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The value as an object of which every key is in `known`.
    pub(crate) fn fields(&self, known: &[&str]) -> Result<Fields<'a>, FieldError> {
        let fields = self.open_fields()?;
        match fields.map.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(fields),
            Some(key) => {
                let param = fields.path_of(key);
                Err(error(code::UNKNOWN_PARAMETER, &param, format!("Unknown parameter: '{param}'.")))
            }
        }
    }

    /// The value as an object with whatever keys it has.
    pub(crate) fn open_fields(&self) -> Result<Fields<'a>, FieldError> {
        match self.value {
            Value::Object(map) => Ok(Fields { map, path: self.path.clone() }),
            _ => Err(self.wrong_type("an object")),
        }
    }

    pub(crate) fn list(&self) -> Result<Vec<Place<'a>>, FieldError> {
        let values = self.value.as_array().ok_or_else(|| self.wrong_type("an array"))?;
        let place = |(at, value)| Place::new(value, format!("{}[{at}]", self.path));
        Ok(values.iter().enumerate().map(place).collect())
    }

    pub(crate) fn text(&self) -> Result<&'a str, FieldError> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    pub(crate) fn string(&self) -> Result<String, FieldError> {
        self.text().map(str::to_owned)
    }

    pub(crate) fn strings(&self) -> Result<Vec<String>, FieldError> {
        self.list()?.iter().map(Place::string).collect()
    }

    /// A string of at most `max` characters.
    pub(crate) fn short_string(&self, max: usize) -> Result<String, FieldError> {
        let text = self.text()?;
        check_length(text, max, &self.path)?;
        Ok(text.to_owned())
    }

    pub(crate) fn boolean(&self) -> Result<bool, FieldError> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("a boolean"))
    }

    /// An integer from `min` to `max`.
    pub(crate) fn integer(&self, min: u32, max: u32) -> Result<u32, FieldError> {
        let below = |got: &dyn std::fmt::Display| {
            let fault = format!("integer below minimum value. Expected a value >= {min}, but got {got} instead.");
            self.refused(code::INTEGER_BELOW_MIN_VALUE, &fault)
        };
        let above = |got: &dyn std::fmt::Display| {
            let fault = format!("integer above maximum value. Expected a value <= {max}, but got {got} instead.");
            self.refused(code::INTEGER_ABOVE_MAX_VALUE, &fault)
        };
        if let Some(got) = self.value.as_u64() {
            return match u32::try_from(got) {
                Ok(value) if value < min => Err(below(&got)),
                Ok(value) if value <= max => Ok(value),
                _ => Err(above(&got)),
            };
        }
        match self.value.as_i64() {
            Some(got) => Err(below(&got)),
            None => Err(self.wrong_type("an integer")),
        }
    }

    /// A number from `min` to `max`.
    pub(crate) fn decimal(&self, min: f64, max: f64) -> Result<f64, FieldError> {
        let got = self.value.as_f64().ok_or_else(|| self.wrong_type("a number"))?;
        if got < min {
            let fault = format!("decimal below minimum value. Expected a value >= {min}, but got {got} instead.");
            return Err(self.refused(code::DECIMAL_BELOW_MIN_VALUE, &fault));
        }
        if got > max {
            let fault = format!("decimal above maximum value. Expected a value <= {max}, but got {got} instead.");
            return Err(self.refused(code::DECIMAL_ABOVE_MAX_VALUE, &fault));
        }
        Ok(got)
    }

    /// One of a fixed set of words.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, FieldError> {
        let text = self.text()?;
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Ok(*value),
            None => Err(self.unsupported(words.iter().map(|(word, _)| *word))),
        }
    }

    /// The value is of the right type and not one of those allowed.
    pub(crate) fn unsupported<'w>(&self, allowed: impl Iterator<Item = &'w str>) -> FieldError {
        let got = match self.value {
            Value::String(text) => clip(text),
            other => clip(&other.to_string()),
        };
        error(
            code::INVALID_VALUE,
            &self.path,
            format!("Invalid value: '{got}'. Supported values are: {}.", list(allowed)),
        )
    }

    /// The value cannot stand here for a reason of its own.
    pub(crate) fn invalid(&self, reason: &str) -> FieldError {
        error(code::INVALID_VALUE, &self.path, format!("Invalid value for '{}': {reason}", self.path))
    }

    pub(crate) fn wrong_type(&self, expected: &str) -> FieldError {
        let got = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a decimal number",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        let message = format!("Invalid type for '{}': expected {expected}, but got {got} instead.", self.path);
        error(code::INVALID_TYPE, &self.path, message)
    }

    pub(crate) fn refused(&self, code: &'static str, fault: &str) -> FieldError {
        error(code, &self.path, format!("Invalid '{}': {fault}", self.path))
    }
}

/// An object and where it stands.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<Place<'a>> {
        self.map.get(key).map(|value| Place::new(value, self.path_of(key)))
    }

    /// The field, which must be there.
    pub(crate) fn need(&self, key: &str) -> Result<Place<'a>, FieldError> {
        self.get(key).ok_or_else(|| missing(&self.path_of(key)))
    }

    /// The field, read if it is there.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Place<'a>) -> Result<T, FieldError>,
    ) -> Result<Option<T>, FieldError> {
        self.get(key).map(|place| read(&place)).transpose()
    }

    /// The field, which `null` clears.
    pub(crate) fn patch<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Place<'a>) -> Result<T, FieldError>,
    ) -> Result<Patch<T>, FieldError> {
        match self.get(key) {
            None => Ok(Patch::Keep),
            Some(place) if place.value.is_null() => Ok(Patch::Clear),
            Some(place) => read(&place).map(Patch::Set),
        }
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = (&'a String, Place<'a>)> {
        self.map.iter().map(|(key, value)| (key, Place::new(value, self.path_of(key))))
    }

    pub(crate) fn map(&self) -> &'a Map<String, Value> {
        self.map
    }

    fn path_of(&self, key: &str) -> String {
        let key = clip(key);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }
}

/// A required field is absent.
pub(crate) fn missing(path: &str) -> FieldError {
    error(code::MISSING_REQUIRED_PARAMETER, path, format!("Missing required parameter: '{path}'."))
}

/// Refuses a text of more than `max` characters.
pub(crate) fn check_length(text: &str, max: usize, path: &str) -> Result<(), FieldError> {
    let length = text.chars().count();
    if length <= max {
        return Ok(());
    }
    let message = format!(
        "Invalid '{path}': string too long. Expected a string with maximum length {max}, but got a string with length \
         {length} instead."
    );
    Err(error(code::STRING_ABOVE_MAX_LENGTH, path, message))
}

fn error(code: &'static str, param: &str, message: String) -> FieldError {
    FieldError { code, param: param.to_owned(), message }
}

fn list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, [one])) => format!("{one} and {last}"),
        Some((last, rest)) => format!("{}, and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// At most [`MAX_ECHO_CHARS`] of what the caller sent.
fn clip(text: &str) -> String {
    match text.char_indices().nth(MAX_ECHO_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How much of a value is repeated in an error.
const MAX_ECHO_CHARS: usize = 64;
