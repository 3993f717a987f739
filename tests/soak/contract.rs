//! What the server says that it answers: its OpenAPI document, and whether an answer keeps to it.

use crate::asked::Asked;
use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The documented answers.
#[derive(Debug)]
pub(crate) struct Contract {
    /// The status of a success, by route.
    successes: BTreeMap<String, u16>,
    /// The words of errors.
    words: BTreeSet<String>,
}

impl Contract {
    /// Reads the document.
    pub(crate) fn read(document: &Value) -> Result<Self> {
        let mut successes = BTreeMap::new();
        for (path, ways) in document.get("paths").and_then(Value::as_object).context("no paths")? {
            for (method, way) in ways.as_object().context("no methods")? {
                let statuses = way.get("responses").and_then(Value::as_object).context("no responses")?;
                let success = statuses.keys().find_map(|status| status.parse().ok()).context("no success")?;
                successes.insert(format!("{} {path}", method.to_uppercase()), success);
            }
        }
        let words = document.pointer("/components/schemas/ErrorBody/properties/code/enum").context("no words")?;
        Ok(Self { successes, words: serde_json::from_value(words.clone())? })
    }

    /// Why an answer is none that is documented.
    pub(crate) fn complaint(&self, asked: &Asked, id: &str, status: StatusCode, body: &str) -> Option<String> {
        let what = asked.what();
        let success = self.successes.get(&what).copied().unwrap_or(200);
        if status.as_u16() == success {
            let lines =
                asked.route == "/context" && !body.lines().all(|line| serde_json::from_str::<Value>(line).is_ok());
            return lines.then(|| format!("{what}: a line is no JSON: {body:?}"));
        }
        let error: Value = serde_json::from_str(body).unwrap_or_default();
        if asked.route == "/readyz" && status == StatusCode::SERVICE_UNAVAILABLE {
            return error.get("ready").is_none().then(|| format!("{what}: {status} without a reason: {body:?}"));
        }
        let word = error.get("code").and_then(Value::as_str).unwrap_or_default();
        let named = error.get("request_id").is_some_and(|named| named == id);
        let is_error = status.is_client_error() || status.is_server_error();
        let is_documented = is_error && self.words.contains(word) && word != "internal" && named;
        (!is_documented).then(|| format!("{what}: {status} {body:?}"))
    }
}
