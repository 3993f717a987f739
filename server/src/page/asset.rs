//! One file of the client, ready to be sent.

use super::compress;
use super::negotiate::{Encoding, accepts, has};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, VARY,
};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write;

/// One file of the client in every encoding that is worth it, with its headers.
#[derive(Debug)]
pub struct Asset {
    status: StatusCode,
    headers: HeaderMap,
    tag: String,
    bodies: Vec<(Encoding, Bytes)>,
}

impl Asset {
    pub(super) fn new(path: &str, body: Cow<'static, [u8]>, policy: &HeaderValue) -> Self {
        let cache = if is_hashed(path) { FOREVER } else { ASK_FIRST };
        Self::build(StatusCode::OK, content_type(path), cache, body, policy)
    }

    /// The page that stands in for one that was not built.
    pub(super) fn missing(html: &'static str, policy: &HeaderValue) -> Self {
        let body = Cow::Borrowed(html.as_bytes());
        Self::build(StatusCode::SERVICE_UNAVAILABLE, content_type("index.html"), "no-store", body, policy)
    }

    pub(super) fn is_missing(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// Whether a browser shows it by itself.
    pub(crate) fn is_page(&self) -> bool {
        self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    }

    /// The answer to a request with these headers, without its body for `HEAD`.
    pub fn answer(&self, request: &HeaderMap, with_body: bool) -> Response {
        let accepted = self.bodies.iter().filter(|(encoding, _)| accepts(request, *encoding));
        let Some((encoding, body)) = accepted.max_by_key(|(encoding, _)| *encoding) else {
            return crate::ApiError::Internal.into_response();
        };
        let tag = self.tag(*encoding);
        let mut headers = self.headers.clone();
        headers.extend(HeaderValue::try_from(&tag).ok().map(|value| (ETAG, value)));
        if self.status == StatusCode::OK && has(request, &tag) {
            headers.remove(CONTENT_TYPE);
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.extend(encoding.name().map(|name| (CONTENT_ENCODING, HeaderValue::from_static(name))));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        let body = if with_body { Body::from(body.clone()) } else { Body::empty() };
        (self.status, headers, body).into_response()
    }

    fn build(
        status: StatusCode,
        content_type: &'static str,
        cache: &'static str,
        body: Cow<'static, [u8]>,
        policy: &HeaderValue,
    ) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        let compressed = |make: fn(&[u8]) -> Option<Vec<u8>>| is_text(content_type).then(|| make(&body)).flatten();
        let brotli = compressed(compress::brotli).map(|body| (Encoding::Brotli, body.into()));
        let gzip = compressed(compress::gzip).map(|body| (Encoding::Gzip, body.into()));
        let tag = short_hash(&body);
        let plain = match body {
            Cow::Borrowed(body) => Bytes::from_static(body),
            Cow::Owned(body) => body.into(),
        };
        let bodies = [Some((Encoding::Identity, plain)), gzip, brotli].into_iter().flatten().collect();
        Self { status, headers, tag, bodies }
    }

    /// Every encoding is a version of its own.
    fn tag(&self, encoding: Encoding) -> String {
        match encoding.name() {
            Some(name) => format!("\"{}-{name}\"", self.tag),
            None => format!("\"{}\"", self.tag),
        }
    }
}

/// Whether the name holds a hash of the content, as the bundler writes it: `app-0123456789abcdef_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('-').skip(1).any(|piece| {
        let hex = piece.split(['.', '_']).next().unwrap_or_default();
        hex.len() >= 12 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn short_hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(12).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

/// Whether compression can help: pictures, fonts and sound are dense already.
fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/") || content_type.starts_with("application/") || content_type == "image/svg+xml"
}

const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_FIRST: &str = "no-cache";

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn names_with_a_hash_never_change() {
        assert!(is_hashed("colloquy-frontend-0f1e2d3c4b5a6978_bg.wasm"));
        assert!(is_hashed("style-0f1e2d3c4b5a6978.css"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("meter-worklet.js"));
    }
}
