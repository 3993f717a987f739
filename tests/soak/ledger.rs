//! What the server has acknowledged, to be held against what it kept.

use crate::user::User;
use crate::verdict::{Promise, Verdict};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the server has acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What the audit log must say, by the request's name.
    pub(crate) answered: BTreeMap<String, Line>,
    /// Memories by id.
    pub(crate) memories: BTreeMap<String, Remembered>,
    /// Answers by what was asked and what came of it.
    pub(crate) answers: BTreeMap<String, BTreeMap<String, u64>>,
}

/// A memory that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) user: User,
    pub(crate) text: String,
    pub(crate) state: State,
}

/// What is known about a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It must be there.
    Kept,
    /// To forget it was asked for and never answered: it may be there.
    Uncertain,
    /// It must be gone.
    Forgotten,
}

/// What a line of the audit log says.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) object: Option<String>,
    pub(crate) result: String,
    /// The request's name; none where the server itself hung up.
    #[serde(default)]
    request: Option<String>,
    /// Whether there may be no such line: refusals of strangers are summed up when there are many.
    #[serde(skip)]
    pub(crate) may_be_summed: bool,
}

impl Line {
    pub(crate) fn new(what: String, object: Option<String>, result: String) -> Self {
        Self { what, object, result, request: None, may_be_summed: false }
    }
}

impl Ledger {
    /// Holds the audit log against what was answered.
    pub(crate) fn check_audit(&self, file: &Path, verdict: &Verdict) {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return verdict.check(Promise::Audit, Some(format!("{}: {error}", file.display()))),
        };
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for text in text.lines() {
            let line = serde_json::from_str::<Line>(text);
            verdict.check(Promise::Audit, line.as_ref().err().map(|error| format!("{error}: {text}")));
            let Ok(mut line) = line else { continue };
            if let Some(request) = line.request.take()
                && lines.insert(request, line).is_some()
            {
                verdict.check(Promise::Audit, Some(format!("twice: {text}")));
            }
        }
        for (request, expected) in &self.answered {
            let found = lines.get(request);
            if found.is_none() && expected.may_be_summed {
                continue;
            }
            let is_told = found.is_some_and(|line| {
                (&line.what, &line.object, &line.result) == (&expected.what, &expected.object, &expected.result)
            });
            let complaint = (!is_told).then(|| format!("{request}: {expected:?} is {found:?}"));
            verdict.check(Promise::Audit, complaint);
        }
        println!("audit: {} lines, {} of them answered", text.lines().count(), self.answered.len());
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Line};
    use crate::verdict::{Promise, Verdict};

    /// Whether a log holds against one answered request.
    fn holds(log: &str) -> anyhow::Result<bool> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), log)?;
        let mut ledger = Ledger::default();
        ledger.answered.insert("r1".to_owned(), Line::new("POST /session".to_owned(), None, "ok".to_owned()));
        let verdict = Verdict::default();
        ledger.check_audit(file.path(), &verdict);
        Ok(!verdict.is_broken(Promise::Audit))
    }

    #[test]
    fn a_line_that_is_missing_torn_doubled_or_wrong_is_found() -> anyhow::Result<()> {
        let line = "{\"what\":\"POST /session\",\"result\":\"ok\",\"request\":\"r1\"}\n";
        let another = "{\"what\":\"POST /turns\",\"result\":\"ok\",\"request\":\"r0\"}\n";
        assert!(holds(line)? && holds(&format!("{another}{line}"))?);
        assert!(!holds(another)?);
        assert!(!holds(&format!("{{\"what\":\"PO{line}"))?);
        assert!(!holds(&line.repeat(2))?);
        assert!(!holds(&line.replace("ok", "upstream_busy"))?);
        Ok(())
    }
}
