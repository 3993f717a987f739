//! Reading JSON in little code, for texts whose sender is told nothing about their faults.
//!
//! A page has one reader of JSON, and everybody who opens it downloads that: so it keeps no positions, no words for
//! what is wrong and no tables of powers. It reads what [`serde_json`] reads, and refuses what that refuses; a number
//! with a fraction may differ from it in its last digit.

use serde_json::{Map, Number, Value};

/// How deep values may be nested, as in [`serde_json`].
const MOST_NESTED: u32 = 127;

/// The text as a value; none, if it is not JSON.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(MOST_NESTED)?;
    parser.peek().is_none().then_some(value)
}

struct Parser<'a> {
    text: &'a str,
    /// The next byte's place.
    at: usize,
}

impl Parser<'_> {
    fn value(&mut self, nested: u32) -> Option<Value> {
        Some(match self.peek()? {
            b'"' => Value::String(self.string()?),
            b'{' => {
                let nested = nested.checked_sub(1)?;
                let mut map = Map::new();
                let mut more = self.begin(b'}')?;
                while more {
                    self.peek()?;
                    let key = self.string()?;
                    self.peek()?;
                    self.word(":")?;
                    map.insert(key, self.value(nested)?);
                    more = self.goes_on(b'}')?;
                }
                Value::Object(map)
            }
            b'[' => {
                let nested = nested.checked_sub(1)?;
                let mut list = Vec::new();
                let mut more = self.begin(b']')?;
                while more {
                    list.push(self.value(nested)?);
                    more = self.goes_on(b']')?;
                }
                Value::Array(list)
            }
            b't' => {
                self.word("true")?;
                Value::Bool(true)
            }
            b'f' => {
                self.word("false")?;
                Value::Bool(false)
            }
            b'n' => {
                self.word("null")?;
                Value::Null
            }
            _ => Value::Number(self.number()?),
        })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    #[inline(never)]
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    #[inline(never)]
    fn word(&mut self, word: &str) -> Option<()> {
        let there = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        there.then_some(())
    }

    /// Whether there is anything in what begins here.
    fn begin(&mut self, end: u8) -> Option<bool> {
        self.at += 1;
        let empty = self.peek()? == end;
        self.at += usize::from(empty);
        Some(!empty)
    }

    /// Whether another entry follows.
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        let next = self.peek()?;
        self.at += 1;
        (next == b',' || next == end).then_some(next == b',')
    }

    #[inline(never)]
    fn string(&mut self) -> Option<String> {
        self.word("\"")?;
        let mut string = String::new();
        loop {
            let begin = self.at;
            while !matches!(self.byte()?, b'"' | b'\\' | ..b' ') {
                self.at += 1;
            }
            string.push_str(self.text.get(begin..self.at)?);
            match self.next()? {
                b'"' => return Some(string),
                b'\\' => string.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.byte()?;
        self.at += 1;
        Some(byte)
    }

    fn escaped(&mut self) -> Option<char> {
        Some(match self.next()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.four_digits()?;
                let code = if first & 0xfc00 == 0xd800 {
                    self.word("\\u")?;
                    let second = self.four_digits()?;
                    if second & 0xfc00 != 0xdc00 {
                        return None;
                    }
                    0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff)
                } else {
                    first
                };
                char::from_u32(code)?
            }
            same @ (b'"' | b'\\' | b'/') => char::from(same),
            _ => return None,
        })
    }

    fn four_digits(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code << 4 | char::from(self.next()?).to_digit(16)?;
        }
        Some(code)
    }

    fn number(&mut self) -> Option<Number> {
        let negative = self.byte()? == b'-';
        self.at += usize::from(negative);
        let zero = self.byte()? == b'0';
        let begin = self.at;
        let mut read = Digits::default();
        self.digits(&mut read)?;
        if zero && self.at > begin + 1 {
            return None;
        }
        let mut whole = read.exponent == 0;
        if self.byte() == Some(b'.') {
            self.at += 1;
            whole = false;
            read.fraction = true;
            self.digits(&mut read)?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            whole = false;
            let down = self.byte() == Some(b'-');
            self.at += usize::from(down || self.byte() == Some(b'+'));
            let mut power = Digits::default();
            self.digits(&mut power)?;
            let power = if power.exponent == 0 { i32::try_from(power.number).unwrap_or(i32::MAX) } else { i32::MAX };
            read.exponent = read.exponent.saturating_add(if down { -power } else { power });
        }
        if whole && !negative {
            return Some(read.number.into());
        }
        if whole
            && read.number != 0
            && let Some(number) = 0_i64.checked_sub_unsigned(read.number)
        {
            return Some(number.into());
        }
        let number = scaled(read.number as f64, read.exponent);
        Number::from_f64(if negative { -number } else { number })
    }

    /// At least one digit.
    fn digits(&mut self, read: &mut Digits) -> Option<()> {
        let begin = self.at;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            self.at += 1;
            read.take(u64::from(digit - b'0'));
        }
        (self.at > begin).then_some(())
    }
}

/// Digits of a number, as many as fit.
#[derive(Default)]
struct Digits {
    number: u64,
    /// By which power of ten it is to be multiplied.
    exponent: i32,
    /// Whether those that follow are behind the point.
    fraction: bool,
}

impl Digits {
    fn take(&mut self, digit: u64) {
        match self.number.checked_mul(10).and_then(|number| number.checked_add(digit)) {
            Some(number) if self.exponent <= 0 => {
                self.number = number;
                self.exponent -= i32::from(self.fraction);
            }
            _ => self.exponent += i32::from(!self.fraction),
        }
    }
}

/// `number` times ten to the power of `exponent`.
fn scaled(mut number: f64, mut exponent: i32) -> f64 {
    while exponent != 0 && number != 0.0 && number.is_finite() {
        // The highest power of ten that a number of this type has exactly.
        let step = exponent.clamp(-22, 22);
        let power = (0..step.abs()).fold(1.0, |power, _| power * 10.0);
        if step < 0 {
            number /= power;
        } else {
            number *= power;
        }
        exponent -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;
    use serde_json::Value;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// As serde_json reads it, but for the last digit of what is not whole.
    fn agrees(text: &str) -> bool {
        match (parse(text), serde_json::from_str::<Value>(text).ok()) {
            (Some(ours), Some(theirs)) => alike(&ours, &theirs),
            (ours, theirs) => ours == theirs,
        }
    }

    fn alike(ours: &Value, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Value::Array(ours), Value::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| alike(ours, theirs))
            }
            (Value::Object(ours), Value::Object(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().all(|(key, ours)| theirs.get(key).is_some_and(|theirs| alike(ours, theirs)))
            }
            (Value::Number(ours), Value::Number(theirs)) if ours.is_f64() && theirs.is_f64() => {
                let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
                (ours - theirs).abs() <= theirs.abs() * 1e-15 + f64::MIN_POSITIVE
            }
            _ => ours == theirs,
        }
    }

    #[test]
    fn texts_are_read_and_refused_as_serde_json_does() {
        for text in [
            "",
            " ",
            "null",
            " true\n",
            "false",
            "nul",
            "truex",
            "\u{feff}1",
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{}",
            "{,}",
            "{\"a\":1,}",
            "{\"a\" : [ {} , null ] }",
            "{\"a\":1,\"a\":2}",
            "{a:1}",
            "{\"a\"}",
            "{\"a\":}",
            "[",
            "{",
            "\"",
            "\"\\",
            "\"\\u12\"",
            "\"\\u00e4\\n\\/\\b\\f\\r\\t\\\"\\\\\"",
            "\"\\x\"",
            "\"a\nb\"",
            "\"ä\u{7f}\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\u0041\"",
            "\"\\ude00\"",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "1.5",
            "-1.5e3",
            "1e",
            "1e+",
            "1E-2",
            "0.1",
            "1e400",
            "-1e400",
            "1e-400",
            "0e999999999999",
            "1e-99999999999999999999",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "0.00000000000000000000000000001234",
            "1 ",
            "1 1",
            "1.7976931348623157e308",
            "[1.0,2.50]",
        ] {
            assert!(agrees(text), "{text}: {:?} is not {:?}", parse(text), serde_json::from_str::<Value>(text));
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        for deep in [126, 127, 128, 100_000] {
            assert!(agrees(&["[".repeat(deep), "]".repeat(deep)].concat()), "{deep}");
        }
        assert!(agrees(&["{\"a\":".repeat(127), "1".to_owned(), "}".repeat(127)].concat()));
    }

    proptest! {
        #[test]
        fn whatever_looks_like_json_is_read_as_serde_json_reads_it(text in "[ \\[\\]{}:,\"\\\\a-u0-9.eE+-]{0,24}") {
            prop_assert!(agrees(&text), "{:?} is not {:?}", parse(&text), serde_json::from_str::<Value>(&text));
        }

        #[test]
        fn every_string_is_read_as_it_was_written(text in any::<String>()) {
            prop_assert_eq!(parse(&serde_json::to_string(&text).unwrap()), Some(Value::from(text)));
        }

        #[test]
        fn numbers_are_read_to_the_last_digit_but_one(number in any::<f64>(), whole in any::<i64>()) {
            prop_assert!(!number.is_finite() || agrees(&number.to_string()));
            prop_assert_eq!(parse(&whole.to_string()), Some(Value::from(whole)));
        }
    }
}
