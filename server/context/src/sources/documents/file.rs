//! The text of one file.

use std::{fs, path::Path, time::Duration};

use crate::{isolated::isolated_here, sources::readable::readable};

/// Whether files of this name are read.
pub(super) fn is_readable(path: &Path) -> bool {
    kind(path).is_some()
}

/// The text of a file as Markdown or plain text; `None` when it cannot be read.
pub(super) fn read(path: &Path) -> Option<String> {
    let kind = kind(path)?;
    let largest = if kind == Kind::Pdf { LARGEST_PDF } else { LARGEST_TEXT };
    if fs::metadata(path).ok()?.len() > largest {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    match kind {
        Kind::Text => Some(text_of(bytes)),
        Kind::Html => isolated_here(LONGEST, move || readable(&text_of(bytes)))
            .flatten()
            .map(|page| if page.title.is_empty() { page.text } else { format!("# {}\n\n{}", page.title, page.text) }),
        Kind::Pdf => isolated_here(LONGEST, move || pdf_extract::extract_text_from_mem(&bytes).ok()).flatten(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Html,
    Pdf,
}

fn kind(path: &Path) -> Option<Kind> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "md" | "markdown" | "txt" | "text" | "rst" | "adoc" | "org" | "csv" => Some(Kind::Text),
        "html" | "htm" | "xhtml" => Some(Kind::Html),
        "pdf" => Some(Kind::Pdf),
        _ => None,
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

const LARGEST_TEXT: u64 = 4 << 20;
const LARGEST_PDF: u64 = 32 << 20;
/// A large file of scanned pages takes its time.
const LONGEST: Duration = Duration::from_secs(60);
