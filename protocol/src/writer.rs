//! Writing JSON in little code.
//!
//! A page sends few texts, and everybody who opens it downloads what writes them. So there is one way for every type to
//! be written, nothing in it can fail, and numbers with a fraction go without the tables that tell the shortest text
//! for each: they are written to the millionth, which is more than anything here is measured to.

use serde::Serialize;
use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};
use std::fmt::{self, Display, Formatter};

/// The value as JSON. Numbers are written to the millionth.
pub fn to_json(value: &impl Serialize) -> String {
    let mut text = String::new();
    match value.serialize(Writer { text: &mut text }) {
        Ok(()) => text,
        Err(never) => match never {},
    }
}

struct Writer<'a> {
    text: &'a mut String,
}

/// Something of which parts follow.
struct Open<'a> {
    text: &'a mut String,
    /// How it ends.
    end: &'static str,
    empty: bool,
}

/// Nothing that is written here can fail.
#[derive(Debug)]
enum Never {}

impl Display for Never {
    fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl Error for Never {
    fn custom<T: Display>(_: T) -> Self {
        unreachable!("no type of this crate refuses to be written")
    }
}

impl<'a> Writer<'a> {
    #[inline(never)]
    fn put(self, text: &str) {
        self.text.push_str(text);
    }

    #[inline(never)]
    fn quote(self, text: &str) {
        self.text.push('"');
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\\' | ..b' ')) {
            self.text.push_str(text.get(plain..at).unwrap_or_default());
            plain = at + 1;
            let digit = |four: u8| char::from_digit(u32::from(four & 15), 16).unwrap_or_default();
            match byte {
                b'\n' => self.text.push_str("\\n"),
                b'"' | b'\\' => self.text.extend(['\\', char::from(byte)]),
                _ => self.text.extend(['\\', 'u', '0', '0', digit(byte >> 4), digit(byte)]),
            }
        }
        self.text.push_str(text.get(plain..).unwrap_or_default());
        self.text.push('"');
    }

    #[inline(never)]
    fn number(self, number: f64) {
        let size = number.abs();
        if size.is_nan() || size >= u64::MAX as f64 {
            return self.put("null");
        }
        let mut whole = size as u64;
        let mut millionths = ((size - whole as f64) * 1e6).round() as u64;
        if millionths == 1_000_000 {
            (whole, millionths) = (whole + 1, 0);
        }
        if number < 0.0 {
            self.text.push('-');
        }
        self.text.push_str(&whole.to_string());
        let digits = (1_000_000 + millionths).to_string();
        self.text.push('.');
        // A number with a fraction stays one when it is read.
        self.text.push_str(match digits.get(1..).unwrap_or_default().trim_end_matches('0') {
            "" => "0",
            digits => digits,
        });
    }

    fn open(self, begin: &str, end: &'static str) -> Open<'a> {
        self.text.push_str(begin);
        Open { text: self.text, end, empty: true }
    }

    /// A variant with something in it is an object with one key.
    fn variant(self, name: &str, begin: &str, end: &'static str) -> Open<'a> {
        self.text.push('{');
        Writer { text: self.text }.quote(name);
        self.text.push(':');
        self.open(begin, end)
    }
}

impl Open<'_> {
    #[inline(never)]
    fn next(&mut self) {
        if !self.empty {
            self.text.push(',');
        }
        self.empty = false;
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.next();
        value.serialize(Writer { text: self.text })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Never> {
        self.name(name);
        value.serialize(Writer { text: self.text })
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.next();
        Writer { text: self.text }.quote(name);
        self.text.push(':');
    }

    #[inline(never)]
    fn close(self) {
        self.text.push_str(self.end);
    }
}

macro_rules! write_as {
    ($( $method:ident($type:ty) => $write:expr; )*) => { $(
        fn $method(self, value: $type) -> Result<(), Never> {
            $write(self, value);
            Ok(())
        }
    )* };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    write_as! {
        serialize_bool(bool) => |writer: Self, value| writer.put(if value { "true" } else { "false" });
        serialize_i8(i8) => |writer: Self, value| writer.put(&i64::from(value).to_string());
        serialize_i16(i16) => |writer: Self, value| writer.put(&i64::from(value).to_string());
        serialize_i32(i32) => |writer: Self, value| writer.put(&i64::from(value).to_string());
        serialize_i64(i64) => |writer: Self, value: i64| writer.put(&value.to_string());
        serialize_u8(u8) => |writer: Self, value| writer.put(&u64::from(value).to_string());
        serialize_u16(u16) => |writer: Self, value| writer.put(&u64::from(value).to_string());
        serialize_u32(u32) => |writer: Self, value| writer.put(&u64::from(value).to_string());
        serialize_u64(u64) => |writer: Self, value: u64| writer.put(&value.to_string());
        serialize_f32(f32) => |writer: Self, value| writer.number(f64::from(value));
        serialize_f64(f64) => |writer: Self, value| writer.number(value);
        serialize_char(char) => |writer: Self, value: char| writer.quote(value.encode_utf8(&mut [0; 4]));
        serialize_str(&str) => |writer: Self, value| writer.quote(value);
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        self.put("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Never> {
        self.quote(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        let open = self.variant(variant, "", "}");
        value.serialize(Writer { text: open.text })?;
        open.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a>, Never> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'a>, Never> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, Never> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'a>, Never> {
        Ok(self.variant(variant, "[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a>, Never> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, Never> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'a>, Never> {
        Ok(self.variant(variant, "{", "}}"))
    }
}

macro_rules! open {
    ($( $kind:ident: $method:ident($($name:ident)?); )*) => { $(
        impl $kind for Open<'_> {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $( $name: &'static str, )?
                value: &T,
            ) -> Result<(), Never> {
                open!(@ self value $($name)?)
            }

            fn end(self) -> Result<(), Never> {
                self.close();
                Ok(())
            }
        }
    )* };
    (@ $open:ident $value:ident) => { $open.part($value) };
    (@ $open:ident $value:ident $name:ident) => { $open.field($name, $value) };
}

open! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(key);
    SerializeStructVariant: serialize_field(key);
}

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        self.part(key)?;
        self.text.push(':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(Writer { text: self.text })
    }

    fn end(self) -> Result<(), Never> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::to_json;
    use crate::api::TurnRecord;
    use crate::session::{RealtimeConfig, SessionConfig};
    use crate::{ClientMessage, Item, ItemId, Role, SessionUpdate};
    use serde::Serialize;
    use serde_json::{Value, json};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[derive(Serialize)]
    enum Shape {
        Unit,
        One(u8),
        Two(i8, char),
        Named { at: (), of: Option<bool> },
    }

    #[test]
    fn every_shape_is_written_as_serde_json_writes_it() {
        let shapes =
            (vec![Shape::Unit, Shape::One(1)], Shape::Two(-2, '\u{1f}'), Shape::Named { at: (), of: Some(true) });
        assert_eq!(to_json(&shapes), serde_json::to_string(&shapes).unwrap());
        let value = json!({"a": [1, -5, "x\"\\\n\u{1}ü", null, {}], "b": {"c": 0.5, "d": []}});
        assert_eq!(to_json(&value), value.to_string());
    }

    #[test]
    fn what_the_page_sends_is_written_as_serde_json_writes_it() {
        let mut config = RealtimeConfig { instructions: Some("Speak.".into()), ..RealtimeConfig::default() };
        config.model = Some("m".into());
        let update: ClientMessage =
            crate::ClientEvent::from(SessionUpdate { session: SessionConfig::from(config) }).into();
        assert_eq!(to_json(&update), serde_json::to_string(&update).unwrap());
        let item = Item::text(ItemId::new("i"), Role::User, "hi");
        assert_eq!(to_json(&item), serde_json::to_string(&item).unwrap());
        let record = TurnRecord { stamps: [("onset".to_owned(), 12.5)].into(), ..TurnRecord::default() };
        assert_eq!(to_json(&record), serde_json::to_string(&record).unwrap());
    }

    #[test]
    fn numbers_are_written_to_the_millionth() {
        let numbers = [0.0, -0.25, 1.0, 0.1 + 0.2, 0.999_999_9, 1_700_000_000_123.456, -1e-9];
        assert_eq!(to_json(&numbers), "[0.0,-0.25,1.0,0.3,1.0,1700000000123.456055,-0.0]");
        assert_eq!(to_json(&[f64::NAN, f64::INFINITY, 1e300]), "[null,null,null]");
        assert_eq!(to_json(&0.35_f32), "0.35");
        let read: Value = serde_json::from_str(&to_json(&[1.0, 1e18])).unwrap();
        assert!(read[0].is_f64() && read[1].as_f64() == Some(1e18));
    }
}
