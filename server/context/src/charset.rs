//! Bytes as text, whatever they are encoded in.

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use regex::bytes::Regex;

/// The text of a file, or of an answer of this declared kind. A byte order mark decides, then what is declared, then
/// what the bytes look like.
pub(crate) fn decode(bytes: &[u8], kind: &str) -> String {
    let declared = labelled(DECLARED.captures(kind.as_bytes()));
    declared.unwrap_or_else(|| guess(bytes)).decode(bytes).0.into_owned()
}

/// The same of a page, which may say itself how it is encoded.
pub(crate) fn decode_page(bytes: &[u8], kind: &str) -> String {
    let declared = labelled(DECLARED.captures(kind.as_bytes())).or_else(|| {
        let head = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
        // What can be read up to here byte by byte is not written in two bytes a character, whatever it says.
        labelled(IN_PAGE.captures(head)).map(|said| if said.is_ascii_compatible() { said } else { UTF_8 })
    });
    declared.unwrap_or_else(|| guess(bytes)).decode(bytes).0.into_owned()
}

fn labelled(found: Option<regex::bytes::Captures<'_>>) -> Option<&'static Encoding> {
    Encoding::for_label(&found?[1])
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..LONGEST_SAMPLE).unwrap_or(bytes);
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // No text has a zero in it, except where each letter takes two bytes.
    if (even + odd) * 4 > sample.len() && sample.len() >= 2 {
        return if even > odd { UTF_16BE } else { UTF_16LE };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}

const LONGEST_HEAD: usize = 1_024;
const LONGEST_SAMPLE: usize = 4_096;

static DECLARED: LazyLock<Regex> = LazyLock::new(|| expression(r#"(?i)charset\s*=\s*["']?([a-z0-9_.:-]+)"#));
static IN_PAGE: LazyLock<Regex> = LazyLock::new(|| {
    expression(r#"(?i)(?:<meta[^>]{1,200}?charset|<\?xml[^>]{1,200}?encoding)\s*=\s*["']?\s*([a-z0-9_.:-]+)"#)
});

fn expression(text: &str) -> Regex {
    Regex::new(text).expect("a valid expression")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_whatever_it_is_encoded_in() {
        let said = "Der Schüssel für den Kühlschrank";
        let latin: Vec<u8> = said.chars().map(|c| u8::try_from(c as u32).unwrap()).collect();
        let wide = |order: fn(u16) -> [u8; 2]| said.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let marked = |mark: [u8; 2], text: Vec<u8>| mark.into_iter().chain(text).collect::<Vec<u8>>();
        for bytes in [
            said.as_bytes().to_vec(),
            latin,
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            marked([0xff, 0xfe], wide(u16::to_le_bytes)),
            marked([0xfe, 0xff], wide(u16::to_be_bytes)),
        ] {
            assert_eq!(decode(&bytes, ""), said, "{bytes:?}");
        }
        let (japanese, ..) = encoding_rs::SHIFT_JIS.encode("会議室の暗証番号は九千です。");
        assert_eq!(decode(&japanese, ""), "会議室の暗証番号は九千です。");
        assert_eq!(decode(b"", ""), "");
    }

    #[test]
    fn what_is_declared_is_believed() {
        let (greek, ..) = encoding_rs::ISO_8859_7.encode("Καλημέρα");
        assert_eq!(decode(&greek, "text/plain; charset=ISO-8859-7"), "Καλημέρα");
        let page = |head: &str| [head.as_bytes(), &greek].concat();
        assert!(decode_page(&page("<meta charset=iso-8859-7>"), "text/html").ends_with("Καλημέρα"));
        let older = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=ISO-8859-7\">";
        assert!(decode_page(&page(older), "").ends_with("Καλημέρα"));
        assert_eq!(decode_page("<meta charset=utf-16>é".as_bytes(), ""), "<meta charset=utf-16>é");
    }
}
