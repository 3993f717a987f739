//! Whom a request is for, said once and in one place.
//!
//! HTTP/2, and whoever asks a proxy, say it in the address; the rest in `Host`. Two words on it would be read differently
//! by a proxy in front and here (RFC 9112, section 3.2; RFC 9113, section 8.3.1).

use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, HeaderValue};
use axum::http::{Request, Response, StatusCode, Version};

/// Puts the address's word on whom the request is for into `Host`.
///
/// # Errors
/// Why it is refused: it says it twice, or must say it and does not.
pub(super) fn settle_host<B>(request: &mut Request<B>) -> Result<(), &'static str> {
    let named = request.headers().get_all(HOST).iter().count();
    if named > 1 {
        return Err("A request names one host.");
    }
    match request.uri().authority().map(|authority| HeaderValue::from_str(authority.as_str())) {
        Some(Ok(host)) => {
            request.headers_mut().insert(HOST, host);
        }
        Some(Err(_)) => return Err("The host cannot be read."),
        None if named == 0 && request.version() == Version::HTTP_11 => {
            return Err("A request names its host.");
        }
        None => {}
    }
    Ok(())
}

/// The answer to a request that is refused.
pub(super) fn refusal(why: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(why));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::settle_host;
    use axum::http::header::HOST;
    use axum::http::{Request, Version};

    fn settled(uri: &str, hosts: &[&str], version: Version) -> Option<String> {
        let mut request = Request::get(uri).version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let mut request = request.body(()).expect("a request");
        settle_host(&mut request).ok()?;
        Some(request.headers().get(HOST).map_or("", |host| host.to_str().expect("text")).to_owned())
    }

    #[test]
    fn the_address_has_the_last_word() {
        assert_eq!(settled("https://a.test:1/", &[], Version::HTTP_2).as_deref(), Some("a.test:1"));
        assert_eq!(settled("http://a.test/", &["localhost"], Version::HTTP_11).as_deref(), Some("a.test"));
        assert_eq!(settled("/", &["localhost"], Version::HTTP_11).as_deref(), Some("localhost"));
    }

    #[test]
    fn no_word_or_two_are_refused() {
        assert_eq!(settled("/", &[], Version::HTTP_11), None);
        assert_eq!(settled("/", &["a.test", "a.test"], Version::HTTP_11), None);
        assert_eq!(settled("/", &[], Version::HTTP_10).as_deref(), Some(""));
    }
}
