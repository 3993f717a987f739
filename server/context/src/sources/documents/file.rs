//! The text of one file.

use std::{fs, path::Path, time::Duration};

use crate::{
    charset::{decode, decode_page},
    isolated::isolated_here,
    sources::readable::readable,
};

/// Why there is nothing of a file in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// It is larger than is read, in megabytes.
    #[error("larger than {0} MB")]
    TooLarge(u64),
    /// The system does not let it be read.
    #[error("cannot be opened")]
    Closed,
    /// It is not what its name says, or locked.
    #[error("damaged or locked")]
    Damaged,
    /// There are no letters in it, only pictures perhaps.
    #[error("no text in it")]
    Silent,
}

/// Whether files of this name are read.
pub(super) fn is_readable(path: &Path) -> bool {
    kind(path).is_some()
}

/// The text of a file as Markdown or plain text.
pub(super) fn read(path: &Path) -> Result<String, Unread> {
    let kind = kind(path).ok_or(Unread::Closed)?;
    let largest = if kind == Kind::Pdf { LARGEST_PDF } else { LARGEST_TEXT };
    if fs::metadata(path).map_err(|_| Unread::Closed)?.len() > largest << 20 {
        return Err(Unread::TooLarge(largest));
    }
    let bytes = fs::read(path).map_err(|_| Unread::Closed)?;
    let text = match kind {
        Kind::Text => Some(decode(&bytes, "")),
        Kind::Html => isolated_here(LONGEST, move || readable(&decode_page(&bytes, "")))
            .map(|page| if page.title.is_empty() { page.text } else { format!("# {}\n\n{}", page.title, page.text) }),
        Kind::Pdf => isolated_here(LONGEST, move || pdf_extract::extract_text_from_mem(&bytes).ok()).flatten(),
    };
    let text = text.ok_or(Unread::Damaged)?;
    if text.trim().is_empty() { Err(Unread::Silent) } else { Ok(text) }
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

/// In megabytes.
const LARGEST_TEXT: u64 = 4;
const LARGEST_PDF: u64 = 32;
/// A large file of scanned pages takes its time.
const LONGEST: Duration = Duration::from_secs(60);
