//! A name for every request, in the answer, in the error and in the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names one request. A proxy in front may choose it; otherwise it is made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// Where it stands in requests and answers.
    pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    /// The id that came with a request if it is a short plain word, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(Self::HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_plain(text));
        given.map_or_else(Self::new, |text| Self(text.to_owned()))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(&self.0).ok()
    }

    /// A new one: a counter hidden by a number drawn at start, so that ids of several servers hardly ever meet.
    fn new() -> Self {
        static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("req_{:012x}{number:06x}", *START & 0xffff_ffff_ffff))
    }
}

fn is_plain(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::RequestId;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn an_id_that_is_no_plain_word_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(RequestId::HEADER, HeaderValue::from_static("trace-1"));
        assert_eq!(RequestId::of(&headers).as_str(), "trace-1");
        headers.insert(RequestId::HEADER, HeaderValue::from_static("a b\"c"));
        assert!(RequestId::of(&headers).as_str().starts_with("req_"));
    }

    #[test]
    fn two_requests_have_two_names() {
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
