//! Texts with places to fill in, for example `https://example.org/search?q={query}`.

use crate::{Question, words::normalise};

/// The words a template may name.
const PLACES: [&str; 5] = ["query", "place", "zone", "date", "user"];

/// Fills `{query}`, `{place}`, `{zone}`, `{date}` and `{user}` in; `encode` says how the value of each is written.
fn fill(template: &str, question: &Question, encode: impl Fn(&str, &str) -> String) -> String {
    let mut filled = String::with_capacity(template.len() + question.query.len());
    let mut rest = template;
    // One pass, so that braces in a value are not read as a place.
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let place =
            PLACES.iter().find(|name| from.get(1..).is_some_and(|inner| inner.starts_with(&format!("{name}}}"))));
        if let Some(name) = place {
            filled.push_str(&encode(name, &value(name, question)));
            rest = from.get(name.len() + 2..).unwrap_or_default();
        } else {
            filled.push('{');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    filled.push_str(rest);
    filled
}

/// Fills in without any encoding.
pub(crate) fn fill_plain(template: &str, question: &Question) -> String {
    fill(template, question, |_, value| value.to_owned())
}

/// Fills in for an address: everything but letters, digits and `-._~` is percent-encoded.
pub(crate) fn fill_url(template: &str, question: &Question) -> String {
    fill(template, question, |_, value| encode_url(value))
}

/// Fills in for a key to keep the answer under: the same for questions that ask the same in other letters. What the
/// words name is read from the words as they are, because capitals and commas tell what a place is.
pub(crate) fn fill_key(template: &str, question: &Question) -> String {
    let same =
        |name: &str, value: &str| if matches!(name, "query" | "place") { normalise(value) } else { value.into() };
    fill(template, question, |name, value| encode_url(&same(name, value)))
}

/// Whether it is about a place and the question names none.
pub(crate) fn lacks_place(template: &str, question: &Question) -> bool {
    template.contains("{place}") && question.place_or_last().is_none()
}

pub(crate) fn encode_url(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase();
            encoded.push('%');
            encoded.push(digit(byte >> 4));
            encoded.push(digit(byte & 15));
        }
        encoded
    })
}

fn value(place: &str, question: &Question) -> String {
    match place {
        "query" => question.query.clone(),
        "place" => question.place_or_last().unwrap_or_default(),
        "zone" => question.zone.iana_name().unwrap_or("UTC").to_owned(),
        "date" => question.local().date().to_string(),
        _ => question.user.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn values_are_encoded_and_never_read_as_places() {
        let question = Question::new("a&b={date} in Köln", Timestamp::UNIX_EPOCH);
        let url = fill_url("https://x.test/{query}?d={date}&{unknown}", &question);
        assert_eq!(url, "https://x.test/a%26b%3D%7Bdate%7D%20in%20K%C3%B6ln?d=1970-01-01&{unknown}");
    }
}
