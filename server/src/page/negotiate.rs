//! What the browser said it takes: encodings, and versions it already has.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

/// How a body travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Encoding {
    /// As it is.
    Identity,
    /// In gzip.
    Gzip,
    /// In brotli, the smallest.
    Brotli,
}

impl Encoding {
    /// Its name in a header; nothing for the body as it is.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// Whether the browser takes an encoding.
pub(super) fn accepts(headers: &HeaderMap, encoding: Encoding) -> bool {
    let Some(name) = encoding.name() else { return true };
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces.next().is_some_and(|piece| piece.eq_ignore_ascii_case(name));
        named && !pieces.any(|piece| piece.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0)))
    })
}

/// Whether the browser already has the version with this tag.
pub(super) fn has(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::{Encoding, accepts, has};
    use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn an_encoding_with_no_weight_is_not_taken() {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("gzip;q=0, BR;q=0.5"))]);
        assert!(!accepts(&headers, Encoding::Gzip));
        assert!(accepts(&headers, Encoding::Brotli));
        assert!(!accepts(&HeaderMap::new(), Encoding::Brotli));
    }

    #[test]
    fn a_version_is_known_by_its_tag_in_a_list() {
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b\""))]);
        assert!(has(&headers, "\"b\"") && !has(&headers, "\"c\""));
    }
}
