//! The content security policy: nothing but our own files, and the inline scripts that the page was built with, each
//! by its hash.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The policy of a page. WebAssembly may be compiled; nothing else may make code from text.
pub fn content_security_policy(html: &str) -> HeaderValue {
    let scripts = sources(html, "script");
    let styles = sources(html, "style");
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         connect-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:; worker-src 'self'; \
         font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Hashes are base64 and the rest is ours, so this always is a header.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The hashes of all inline elements of a name, as policy sources.
fn sources(html: &str, element: &str) -> String {
    inline(html, element).fold(String::new(), |mut list, text| {
        // A browser hashes the text after it has made all line ends alike.
        let hash = Sha256::digest(text.replace("\r\n", "\n").replace('\r', "\n").as_bytes());
        let _ = write!(list, " 'sha256-{}'", STANDARD.encode(hash));
        list
    })
}

/// The texts of all elements of a name that load nothing from elsewhere.
fn inline<'a>(html: &'a str, element: &'a str) -> impl Iterator<Item = &'a str> {
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{element}"), format!("</{element}"));
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + lower.get(from..)?.find(&open)? + open.len();
        let body = start + lower.get(start..)?.find('>')? + 1;
        let end = body + lower.get(body..)?.find(&close)?;
        from = end;
        Some((lower.get(start..body)?.to_owned(), html.get(body..end)?))
    })
    .filter(|(attributes, _)| attributes.starts_with([' ', '>', '\n', '\t', '\r']) && !attributes.contains(" src="))
    .map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::{content_security_policy, inline};

    #[test]
    fn only_inline_scripts_are_found_whatever_their_case() {
        let html = "<SCRIPT type=module>one</SCRIPT><script src=\"a.js\"></script>\n<script>two()\n</script>";
        assert_eq!(inline(html, "script").collect::<Vec<_>>(), ["one", "two()\n"]);
    }

    #[test]
    fn a_script_is_allowed_by_its_hash_and_nothing_else_is() {
        let policy = content_security_policy("<script>alert('Hello, world.');</script>");
        let policy = policy.to_str().expect("text");
        // The example of the content security policy's own specification.
        assert!(policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
