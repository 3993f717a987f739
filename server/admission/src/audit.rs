//! The audit log: who did what, when, and what came of it, as a line of JSON each, in a file of its own. No word that
//! was said and no key is in it.
//!
//! A line is handed to the system before its request is answered. When the disk is full, that is told once, lines wait in
//! memory up to a bound, and the next line tries again; the talk goes on.
//!
//! Strangers can be refused as often as they like, and do not fill the disk by it: of each address, what is refused beyond
//! sixty times a minute is one line, which says how often.

use crate::Visitor;
use crate::private::private;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
    refused: BTreeMap<String, Refused>,
    /// When those were last looked through.
    summed: Instant,
}

/// What strangers of one address were refused lately.
#[derive(Clone, Copy, Debug)]
struct Refused {
    since: Instant,
    times: u64,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
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
        let log = Log {
            path: path.to_owned(),
            file: opened(path)?,
            waiting: VecDeque::new(),
            failing: false,
            lost: 0,
            refused: BTreeMap::new(),
            summed: Instant::now(),
        };
        Ok(Self(Some(Mutex::new(log))))
    }

    /// Writes a line.
    pub fn record(&self, entry: &Entry<'_>) {
        self.record_at(entry, Instant::now());
    }

    fn record_at(&self, entry: &Entry<'_>, now: Instant) {
        let Some(log) = &self.0 else { return };
        let Entry { visitor, what, object, result, request } = *entry;
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(log.summed) >= MINUTE {
            log.sum_up(now);
        }
        if visitor.identity.is_none() && result != OK && log.is_one_of_many(visitor.household(), now) {
            return;
        }
        let object = object.map(|object| &object[..object.floor_char_boundary(LONGEST_OBJECT)]);
        let (who, address) = (visitor.name(), visitor.address.to_string());
        log.write(&Line { at: at(), who, address, what, object, result, request, times: None });
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

impl Drop for Audit {
    fn drop(&mut self) {
        if let Some(log) = &mut self.0 {
            let log = log.get_mut().unwrap_or_else(PoisonError::into_inner);
            log.sum_up(log.summed + 2 * MINUTE);
        }
    }
}

impl Log {
    /// Counts one more refusal, which needs no line of its own after so many.
    fn is_one_of_many(&mut self, household: String, now: Instant) -> bool {
        let household = if self.refused.len() < MOST_REFUSED { household } else { OTHERS.to_owned() };
        let refused = self.refused.entry(household).or_insert(Refused { since: now, times: 0 });
        refused.times += 1;
        refused.times > FREE
    }

    /// Writes how much was left out of each address whose minute is over.
    fn sum_up(&mut self, now: Instant) {
        self.summed = now;
        let over = |refused: &Refused| now.duration_since(refused.since) >= MINUTE;
        let done: Vec<(String, Refused)> = self.refused.extract_if(.., |_, refused| over(refused)).collect();
        for (address, refused) in done.into_iter().filter(|(_, refused)| refused.times > FREE) {
            let (who, what, result, times) = ("nobody", "more", "refused", Some(refused.times - FREE));
            self.write(&Line { at: at(), who, address, what, object: None, result, request: None, times });
        }
    }

    fn write(&mut self, line: &Line<'_>) {
        // Texts always are JSON.
        let mut line = serde_json::to_vec(line).unwrap_or_default();
        line.push(b'\n');
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

fn at() -> String {
    jiff::Timestamp::now().to_string()
}

fn opened(path: &Path) -> io::Result<File> {
    private().open(path)
}

/// How many bytes may wait for the disk.
const MOST: usize = 1024 * 1024;

/// The result of what was not refused.
const OK: &str = "ok";

/// How many letters of an object are written down.
const LONGEST_OBJECT: usize = 128;

/// How many refusals of strangers at one address have a line each, in a minute.
const FREE: u64 = 60;

const MINUTE: Duration = Duration::from_mins(1);

/// Bounds what is remembered of refusals; further addresses count as one.
const MOST_REFUSED: usize = 1_000;
const OTHERS: &str = "others";

#[cfg(test)]
mod tests {
    use super::{Audit, Entry, FREE, LONGEST_OBJECT, MINUTE, MOST};
    use crate::Visitor;
    use std::fs;
    use std::time::Instant;

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
    fn strangers_do_not_fill_the_disk_with_refusals_and_it_is_said_how_many_there_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        let audit = Audit::open(&path).expect("a file");
        let (begin, long) = (Instant::now(), "/memory/".repeat(500));
        let refuse = |address: &str, now| {
            let visitor = Visitor::stranger(address.parse().expect("an address"));
            let object = Some(long.as_str());
            audit.record_at(&Entry { visitor: &visitor, what: "x", object, result: "no", request: None }, now);
        };
        for _ in 0..FREE + 5_000 {
            refuse("192.0.2.1", begin);
        }
        refuse("192.0.2.2", begin);
        let lines = || fs::read_to_string(&path).expect("text").lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines().len() as u64, FREE + 1);
        assert!(lines().iter().all(|line| line.len() < LONGEST_OBJECT + 200), "{:?}", lines()[0]);
        refuse("192.0.2.1", begin + MINUTE);
        let lines = lines();
        assert!(lines[lines.len() - 2].contains("\"times\":5000"), "{lines:?}");
        assert!(lines[lines.len() - 1].contains("\"result\":\"no\""), "another minute: {lines:?}");
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
