//! Lenient reading of a JSON value: unknown fields are ignored, and the first fault is kept with its field's name.
//!
//! Reading goes on after a fault with something empty in place of what could not be read; who began it asks once, at
//! the end, whether it went well. So the code of an event is one call a field with no way out in between, which makes
//! the program that a browser has to download a good deal smaller than a visitor for each type would.

use crate::{FieldError, ParseError, json};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What can be read from a JSON value.
pub(crate) trait Read: Sized {
    /// Reads a value. What cannot be read is noted, and something empty is given instead.
    fn read(value: &Value, faults: &mut Faults) -> Self;

    /// What a field means that is not there: a fault, unless the type says otherwise.
    fn absent(faults: &mut Faults) -> Self {
        faults.note("missing");
        Self::read(&Value::Null, faults)
    }
}

/// The first fault, and the field that is being read.
#[derive(Default)]
pub(crate) struct Faults {
    field: &'static str,
    first: Option<Fault>,
}

/// What was wrong with a field.
pub(crate) enum Fault {
    /// In words that begin with the field's name.
    Shape(String),
    /// As a strict reader found it.
    Field(FieldError),
}

impl Faults {
    /// What was read, or what was wrong with it.
    pub(crate) fn judge<T>(self, read: T) -> Result<T, Fault> {
        self.first.map_or(Ok(read), Err)
    }

    /// The field being read is not as it should be.
    #[inline(never)]
    pub(crate) fn note(&mut self, fault: &str) {
        if self.first.is_some() {
            return;
        }
        self.first = Some(Fault::Shape(match self.field {
            "" => fault.to_owned(),
            field => ["`", field, "`: ", fault].concat(),
        }));
    }

    /// A strict reader refused the field being read.
    pub(crate) fn refuse(&mut self, fault: FieldError) {
        self.first.get_or_insert(Fault::Field(fault));
    }

    /// The name of the field being read; empty for the whole.
    pub(crate) fn field(&self) -> &'static str {
        self.field
    }
}

impl Fault {
    /// The fault as that of an event.
    pub(crate) fn of_event(self, kind: &str) -> ParseError {
        match self {
            Self::Shape(fault) => ParseError::Shape { kind: kind.to_owned(), fault },
            Self::Field(fault) => fault.into(),
        }
    }

    /// The fault as serde tells it.
    pub(crate) fn of_value<E: serde::de::Error>(self) -> E {
        match self {
            Self::Shape(fault) => E::custom(fault),
            Self::Field(fault) => E::custom(fault),
        }
    }
}

/// The fields of an object; none, if it is not one.
pub(crate) struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
    faults: &'a mut Faults,
}

impl<'a> Fields<'a> {
    #[inline(never)]
    pub(crate) fn of(value: &'a Value, faults: &'a mut Faults) -> Self {
        let map = value.as_object();
        if map.is_none() {
            faults.note("expected an object");
        }
        Self { map, faults }
    }

    /// Reads a field.
    pub(crate) fn read<T: Read>(&mut self, name: &'static str) -> T {
        match self.find(name) {
            Some(value) => T::read(value, self.faults),
            None => T::absent(self.faults),
        }
    }

    /// Reads a field for which absence and `null` mean the empty value: some services write one for the other.
    pub(crate) fn read_or_default<T: Read + Default>(&mut self, name: &'static str) -> T {
        self.read::<Option<T>>(name).unwrap_or_default()
    }

    /// Every field but these, as it came.
    pub(crate) fn rest(&self, known: &[&str]) -> Map<String, Value> {
        let mut rest = Map::new();
        for (key, value) in self.map.into_iter().flatten() {
            if !known.contains(&key.as_str()) {
                rest.insert(key.clone(), value.clone());
            }
        }
        rest
    }

    #[inline(never)]
    fn find(&mut self, name: &'static str) -> Option<&'a Value> {
        self.faults.field = name;
        self.map?.get(name)
    }
}

/// Reads through serde what is known to [`Read`].
pub(crate) fn deserialize<'de, T: Read, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let mut faults = Faults::default();
    let read = T::read(&value, &mut faults);
    faults.judge(read).map_err(Fault::of_value)
}

/// Reads a text.
pub(crate) fn parse<T: Read>(text: &str, kind: &str) -> Result<T, ParseError> {
    let mut faults = Faults::default();
    let value = json::parse(text).unwrap_or_else(|| {
        faults.note("not JSON");
        Value::Null
    });
    let read = T::read(&value, &mut faults);
    faults.judge(read).map_err(|fault| fault.of_event(kind))
}

/// Reads a value that may be of a kind this crate does not know, or unlike its kind: then there is none.
///
/// `read` gets the value's `type`.
pub(crate) fn known<T>(value: &Value, read: impl FnOnce(&str, &mut Fields) -> Option<T>) -> Option<T> {
    let mut faults = Faults::default();
    let read = read(value.get("type")?.as_str()?, &mut Fields::of(value, &mut faults))?;
    faults.judge(read).ok()
}

/// Declares how types are read, leniently and by serde alike.
macro_rules! readable {
    ($( $name:ident: |$value:pat_param, $faults:pat_param| $read:expr; )*) => { $(
        impl $crate::reader::Read for $name {
            fn read($value: &serde_json::Value, $faults: &mut $crate::reader::Faults) -> Self {
                $read
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::reader::deserialize(deserializer)
            }
        }
    )* };
    ($( $name:ident { $($field:ident),* $(,)? } )*) => {
        $crate::reader::readable! { $(
            $name: |value, faults| {
                let mut fields = $crate::reader::Fields::of(value, faults);
                $name { $( $field: fields.read(stringify!($field)), )* }
            };
        )* }
    };
}

pub(crate) use readable;

impl Read for String {
    #[inline(never)]
    fn read(value: &Value, faults: &mut Faults) -> Self {
        let Some(text) = value.as_str() else {
            faults.note("expected a string");
            return Self::new();
        };
        text.to_owned()
    }
}

impl Read for u64 {
    #[inline(never)]
    fn read(value: &Value, faults: &mut Faults) -> Self {
        value.as_u64().unwrap_or_else(|| {
            faults.note("expected a whole number that is not negative");
            0
        })
    }
}

impl Read for u32 {
    #[inline(never)]
    fn read(value: &Value, faults: &mut Faults) -> Self {
        Self::try_from(u64::read(value, faults)).unwrap_or_else(|_| {
            faults.note("the number is too large");
            0
        })
    }
}

impl Read for i64 {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        value.as_i64().unwrap_or_else(|| {
            faults.note("expected a whole number");
            0
        })
    }
}

impl Read for f64 {
    #[inline(never)]
    fn read(value: &Value, faults: &mut Faults) -> Self {
        value.as_f64().unwrap_or_else(|| {
            faults.note("expected a number");
            0.0
        })
    }
}

impl Read for bool {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        value.as_bool().unwrap_or_else(|| {
            faults.note("expected `true` or `false`");
            false
        })
    }
}

impl Read for Value {
    #[inline(never)]
    fn read(value: &Value, _: &mut Faults) -> Self {
        value.clone()
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        (!value.is_null()).then(|| T::read(value, faults))
    }

    fn absent(_: &mut Faults) -> Self {
        None
    }
}

impl<T: Read> Read for Box<T> {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        Self::new(T::read(value, faults))
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: &Value, faults: &mut Faults) -> Self {
        let Some(values) = value.as_array() else {
            faults.note("expected a list");
            return Self::new();
        };
        let field = faults.field;
        let mut list = Self::with_capacity(values.len());
        for value in values {
            // An entry's own fields have changed it.
            faults.field = field;
            list.push(T::read(value, faults));
        }
        list
    }
}
