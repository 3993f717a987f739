//! What the far end answers, read with bounds and without trust.

use super::{UpstreamError, is_call_id};
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use protocol::{CallId, ServiceError, code};
use reqwest::Response;
use serde::Deserialize;

/// The answer to an offer: what the browser gets.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The upstream's status, 201 usually.
    pub status: StatusCode,
    /// The upstream's type, `application/sdp`.
    pub content_type: HeaderValue,
    /// Where the call is, for this server: the path that the upstream named.
    pub location: Option<HeaderValue>,
    /// The call's name, the last part of the location.
    pub call: Option<CallId>,
    /// The answer in SDP.
    pub sdp: Bytes,
}

impl CallAnswer {
    /// Reads a success.
    pub(super) async fn read(response: Response) -> Result<Self, UpstreamError> {
        let status = response.status();
        let headers = response.headers().clone();
        let content_type = headers.get(CONTENT_TYPE).cloned().filter(is_sdp);
        let content_type = content_type.ok_or(UpstreamError::Malformed("its answer is not application/sdp"))?;
        let sdp = whole(response).await?;
        if !sdp.starts_with(b"v=0") {
            return Err(UpstreamError::Malformed("its answer is not SDP"));
        }
        let call = call_of(&headers);
        // A whole address would name the upstream's host; the path alone is ours as well.
        let location = match &call {
            Some(call) => HeaderValue::try_from(format!("/v1/realtime/calls/{call}")).ok(),
            None => None,
        };
        Ok(Self { status, content_type, location, call, sdp })
    }
}

/// The whole body of an answer, unless it is larger than any honest one.
pub(super) async fn whole(mut response: Response) -> Result<Bytes, UpstreamError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(UpstreamError::Malformed("its answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// What an answer that is no success means.
pub(super) async fn refusal(response: Response) -> UpstreamError {
    let status = response.status();
    let retry_after = seconds(response.headers());
    let error = service_error(response).await;
    match status {
        StatusCode::UNAUTHORIZED => UpstreamError::KeyRefused,
        StatusCode::TOO_MANY_REQUESTS => {
            let no_credit = error.code.as_deref() == Some(code::INSUFFICIENT_QUOTA);
            UpstreamError::Busy { retry_after, no_credit }
        }
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => {
            UpstreamError::Busy { retry_after, no_credit: false }
        }
        status if status.is_server_error() => UpstreamError::Failed(status),
        status if status.is_client_error() => UpstreamError::Refused { status, message: plain(&error.message) },
        _ => UpstreamError::Malformed("it answered neither yes nor no"),
    }
}

fn call_of(headers: &HeaderMap) -> Option<CallId> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let last = location.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?;
    is_call_id(last).then(|| CallId::new(last))
}

fn is_sdp(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/sdp")
}

fn seconds(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

async fn service_error(response: Response) -> ServiceError {
    #[derive(Deserialize)]
    struct Body {
        error: ServiceError,
    }
    let body = whole(response).await.unwrap_or_default();
    serde_json::from_slice::<Body>(&body).map(|body| body.error).unwrap_or_default()
}

/// A vendor's sentence, fit to be shown: bounded, in one line, and without anything that looks like a key.
fn plain(message: &str) -> String {
    let words = message.split_whitespace().map(|word| if looks_like_a_key(word) { "(hidden)" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().filter(|char| !char.is_control()).take(LONGEST_MESSAGE).collect()
}

fn looks_like_a_key(word: &str) -> bool {
    word.contains("sk-") || word.contains("ek_")
}

const LARGEST_ANSWER: usize = 256 * 1024;
const LONGEST_MESSAGE: usize = 300;

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_vendors_sentence_is_shown_without_keys() {
        assert_eq!(plain("Incorrect key: sk-proj-abc.\nSee docs"), "Incorrect key: (hidden) See docs");
        assert_eq!(plain(&"x".repeat(1000)).len(), 300);
    }
}
