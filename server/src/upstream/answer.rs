//! What the far end answers, read with bounds and without trust.

use super::{UpstreamError, is_call_id};
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use protocol::{CallId, code};
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;

/// The answer to an offer: what the browser gets.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The upstream's status, 201 usually.
    pub status: StatusCode,
    /// The upstream's type, `application/sdp`.
    pub content_type: HeaderValue,
    /// Where the call is, for this server: the path that the upstream named.
    pub location: HeaderValue,
    /// The call's name, the last part of the location.
    pub call: CallId,
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
        // A call without a name could be neither counted nor hung up.
        let unnamed = || UpstreamError::Malformed("its answer does not name the call");
        let call = call_of(&headers).ok_or_else(unnamed)?;
        // A whole address would name the upstream's host; the path alone is ours as well.
        let location = HeaderValue::try_from(format!("/v1/realtime/calls/{call}")).map_err(|_| unnamed())?;
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
    let retry_after = retry_after(response.headers());
    let body = whole(response).await.unwrap_or_default();
    let said = Said::read(&serde_json::from_slice(&body).unwrap_or_default());
    match (said.code.as_str(), status) {
        (code::INSUFFICIENT_QUOTA | "billing_not_active" | "billing_hard_limit_reached", _)
        | (_, StatusCode::PAYMENT_REQUIRED) => UpstreamError::NoCredit,
        // Azure calls a model that was set up a deployment.
        (code::MODEL_NOT_FOUND | "DeploymentNotFound", _) => UpstreamError::ModelGone,
        (code::SESSION_EXPIRED, _) => UpstreamError::SessionExpired,
        (code::BETA_API_SHAPE_DISABLED, _) => UpstreamError::BetaShape,
        (_, StatusCode::UNAUTHORIZED) => UpstreamError::KeyRefused,
        (_, StatusCode::TOO_MANY_REQUESTS) => UpstreamError::Busy { retry_after },
        (_, StatusCode::SERVICE_UNAVAILABLE) if retry_after.is_some() => UpstreamError::Busy { retry_after },
        _ if status.is_server_error() => UpstreamError::Failed(status),
        _ if status.is_client_error() => UpstreamError::Refused { status, message: plain(&said.message) },
        _ => UpstreamError::Malformed("it answered neither yes nor no"),
    }
}

/// The call's name: the last part of the location's path, or what its query calls so, as some services write it.
fn call_of(headers: &HeaderMap) -> Option<CallId> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let location = location.split('#').next()?;
    let (path, query) = location.split_once('?').unwrap_or((location, ""));
    let named = query.split('&').find_map(|pair| pair.strip_prefix("call_id="));
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    [named, Some(last)].into_iter().flatten().find(|name| is_call_id(name)).map(CallId::new)
}

fn is_sdp(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/sdp")
}

/// How long to wait: in milliseconds if the service is exact, else in seconds or until a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let exact = text(HeaderName::from_static("retry-after-ms")).and_then(|text| text.parse().ok());
    let wait = exact.map(Duration::from_millis).or_else(|| {
        let text = text(RETRY_AFTER)?;
        text.parse().ok().map(Duration::from_secs).or_else(|| until(text))
    });
    wait.map(|wait| wait.min(LONGEST_WAIT))
}

fn until(date: &str) -> Option<Duration> {
    let then = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Duration::try_from(then.duration_since(jiff::Timestamp::now())).ok()
}

/// What a service says of an error. Compatible ones have forms of their own: a code that is a number, an error or a
/// detail that is a sentence.
#[derive(Debug, Default, PartialEq)]
struct Said {
    code: String,
    message: String,
}

impl Said {
    fn read(body: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let error = &body["error"];
        Self {
            code: text(&error["code"]).unwrap_or_default(),
            message: [&error["message"], error, &body["message"], &body["detail"]]
                .into_iter()
                .find_map(text)
                .unwrap_or_default(),
        }
    }
}

/// A vendor's sentence, fit to be shown: bounded, in one line, and without anything that looks like a key or names the
/// operator's account.
fn plain(message: &str) -> String {
    let words = message.split_whitespace().map(|word| if is_the_operators(word) { "(hidden)" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().filter(|char| !char.is_control()).take(LONGEST_MESSAGE).collect()
}

fn is_the_operators(word: &str) -> bool {
    ["sk-", "ek_", "org-", "proj_"].iter().any(|mark| word.contains(mark))
}

const LARGEST_ANSWER: usize = 256 * 1024;
/// A service that asks for more than an hour says that it does not know.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
const LONGEST_MESSAGE: usize = 300;

#[cfg(test)]
mod tests {
    use super::{Said, call_of, plain, retry_after};
    use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
    use std::time::Duration;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        [(HeaderName::from_static(name), HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn a_wait_is_read_in_every_form_and_bounded() {
        let wait = |name, value| retry_after(&headers(name, value));
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(wait("retry-after", "Fri, 31 Dec 2100 23:59:59 GMT"), Some(Duration::from_secs(3600)));
        assert_eq!(wait("retry-after", "Sat, 01 Jan 2000 00:00:00 GMT"), None);
        assert_eq!(wait("retry-after", "soon"), None);
    }

    #[test]
    fn a_call_is_named_by_the_path_or_the_query_of_its_location() {
        let call = |location| call_of(&headers("location", location)).map(|call| call.to_string());
        assert_eq!(call("/v1/realtime/calls/rtc_1").as_deref(), Some("rtc_1"));
        assert_eq!(call("https://a.test/openai/v1/realtime?x=1&call_id=rtc_2#y").as_deref(), Some("rtc_2"));
        assert_eq!(call("/v1/realtime/calls/"), None);
    }

    #[test]
    fn an_error_is_read_in_the_forms_of_all_services() {
        for (body, code, message) in [
            (r#"{"error":{"type":"x","code":"gone","message":"It went."}}"#, "gone", "It went."),
            (r#"{"error":{"code":400,"message":"No such voice.","type":""}}"#, "400", "No such voice."),
            (r#"{"error":"It is full."}"#, "", "It is full."),
            (r#"{"detail":"Not Found"}"#, "", "Not Found"),
            (r#"{"error":{"code":null}}"#, "", ""),
            ("[1]", "", ""),
        ] {
            let said = Said::read(&serde_json::from_str(body).expect("JSON"));
            assert_eq!(said, Said { code: code.to_owned(), message: message.to_owned() }, "{body}");
        }
    }

    #[test]
    fn a_vendors_sentence_is_shown_without_keys() {
        assert_eq!(plain("Incorrect key: sk-proj-abc.\nSee docs"), "Incorrect key: (hidden) See docs");
        assert_eq!(plain("Project `proj_ab1` has no access."), "Project (hidden) has no access.");
        assert_eq!(plain(&"x".repeat(1000)).len(), 300);
    }
}
