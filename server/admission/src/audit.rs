//! The audit log: who did what, when, and what came of it, as a line of JSON each, in a file of its own. No word that
//! was said and no key is in it.
//!
//! A line is handed to the system before its request is answered. When the disk is full, that is told once, lines wait in
//! memory up to a bound, and the next line tries again; the talk goes on.

use crate::Visitor;
use crate::private::private;
use serde::Serialize;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The audit log, or none.
#[derive(Debug, Default)]
pub struct Audit(Option<Mutex<Log>>);

/// One thing that was done or refused.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Who did it.
    pub visitor: &'a Visitor,
    /// What, as a word.
    pub what: &'a str,
    /// What it was done to, such as a call's name.
    pub object: Option<&'a str>,
    /// What came of it: `ok`, or the word of an error.
    pub result: &'a str,
    /// The name of the request.
    pub request: Option<&'a str>,
}

#[derive(Debug)]
struct Log {
    path: PathBuf,
    file: File,
    /// What is not written yet. The first line may have been begun.
    waiting: VecDeque<u8>,
    failing: bool,
    lost: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    who: &'a str,
    address: String,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    result: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
}

impl Audit {
    /// No audit log.
    pub fn off() -> Self {
        Self(None)
    }

    /// Appends to a file, which is made if it is not there, readable for its owner alone.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let log = Log { path: path.to_owned(), file: opened(path)?, waiting: VecDeque::new(), failing: false, lost: 0 };
        Ok(Self(Some(Mutex::new(log))))
    }

    /// Writes a line.
    pub fn record(&self, entry: &Entry<'_>) {
        let Some(log) = &self.0 else { return };
        let line = Line {
            at: jiff::Timestamp::now().to_string(),
            who: entry.visitor.name(),
            address: entry.visitor.address.to_string(),
            what: entry.what,
            object: entry.object,
            result: entry.result,
            request: entry.request,
        };
        // Texts always are JSON.
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        log.lock().unwrap_or_else(PoisonError::into_inner).write(&line);
    }

    /// Opens the file by its name again, after it was moved away.
    ///
    /// # Errors
    /// The file cannot be opened; the one that was open stays so.
    pub fn reopen(&self) -> io::Result<()> {
        let Some(log) = &self.0 else { return Ok(()) };
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.file = opened(&log.path)?;
        Ok(())
    }

    /// Whether there is one.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether nothing waits to be written; what waits is tried once more.
    ///
    /// # Errors
    /// The file does not take what waits.
    pub fn check(&self) -> io::Result<()> {
        let Some(log) = &self.0 else { return Ok(()) };
        log.lock().unwrap_or_else(PoisonError::into_inner).try_again()
    }

    /// Whether every line is written, as far as is known.
    pub fn is_complete(&self) -> bool {
        let Some(log) = &self.0 else { return true };
        let log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.waiting.is_empty() && log.lost == 0
    }
}

impl Log {
    fn write(&mut self, line: &[u8]) {
        if self.waiting.len() + line.len() > MOST {
            self.lost += 1;
        } else {
            self.waiting.extend(line);
        }
        // That lines wait is told once, and nobody whose line it is can do anything about it.
        let _ = self.try_again();
    }

    fn try_again(&mut self) -> io::Result<()> {
        let result = self.drain();
        match &result {
            Ok(()) if self.failing => {
                self.failing = false;
                tracing::warn!(path = %self.path.display(), lost = self.lost, "the audit log is written again");
            }
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::error!(path = %self.path.display(), %error, "the audit log cannot be written; lines wait");
            }
            Ok(()) | Err(_) => {}
        }
        result
    }

    /// Writes as much as the disk takes, and remembers exactly what it took.
    fn drain(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match self.file.write(self.waiting.make_contiguous()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn opened(path: &Path) -> io::Result<File> {
    private().open(path)
}

/// How many bytes may wait for the disk.
const MOST: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{Audit, Entry, MOST};
    use crate::Visitor;
    use std::fs;

    fn record(audit: &Audit, what: &str) {
        let visitor = Visitor::stranger("192.0.2.1".parse().expect("an address"));
        audit.record(&Entry { visitor: &visitor, what, object: None, result: "ok", request: Some("req_1") });
    }

    #[test]
    fn a_line_tells_who_what_when_and_the_result_and_is_there_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        let audit = Audit::open(&path).expect("a file");
        record(&audit, "mint\n{");
        let text = fs::read_to_string(&path).expect("text");
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).expect("one line of JSON");
        assert_eq!((&line["who"], &line["what"], &line["result"]), (&"nobody".into(), &"mint\n{".into(), &"ok".into()));
        assert!(line["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    }

    #[test]
    fn a_file_that_was_moved_away_is_begun_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, old) = (folder.path().join("audit.jsonl"), folder.path().join("audit.1"));
        let audit = Audit::open(&path).expect("a file");
        record(&audit, "one");
        fs::rename(&path, &old).expect("moved");
        audit.reopen().expect("opened");
        record(&audit, "two");
        assert!(fs::read_to_string(&old).expect("text").contains("one"));
        assert!(fs::read_to_string(&path).expect("text").contains("two"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_stops_nothing_and_what_waits_is_written_when_there_is_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        std::os::unix::fs::symlink("/dev/full", &path).expect("a link");
        let audit = Audit::open(&path).expect("a file");
        record(&audit, "one");
        record(&audit, "two");
        assert!(!audit.is_complete() && audit.check().is_err());
        fs::remove_file(&path).expect("removed");
        audit.reopen().expect("opened");
        audit.check().expect("room");
        record(&audit, "three");
        let text = fs::read_to_string(&path).expect("text");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(audit.is_complete());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_waits_for_a_full_disk_is_bounded() {
        let audit = Audit::open("/dev/full".as_ref()).expect("a file");
        let quarter = "x".repeat(MOST / 4);
        for _ in 0..9 {
            record(&audit, &quarter);
        }
        let log = audit.0.as_ref().expect("a log").lock().expect("no panic");
        assert!(log.waiting.len() <= MOST && log.lost >= 5);
    }
}
