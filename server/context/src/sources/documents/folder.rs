//! What lies in a folder, and when it changed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use super::file::is_readable;

/// When a file was changed and how large it is: together, whether it is the one that was indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    changed: Duration,
    size: u64,
}

impl Stamp {
    pub(super) fn seconds(self) -> i64 {
        i64::try_from(self.changed.as_secs()).unwrap_or(i64::MAX)
    }
}

/// All readable files below the folder, by their path in it. `None` when the folder itself cannot be read: then it is
/// better to keep what is indexed than to forget it all.
pub(super) fn scan(folder: &Path) -> Option<BTreeMap<PathBuf, Stamp>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    fs::read_dir(folder).ok()?;
    while let Some((inside, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&inside) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            // The entry's own kind: links are not followed, so nothing outside of the folder is read.
            let (Ok(kind), false) = (entry.file_type(), hidden) else { continue };
            if kind.is_dir() && depth < DEEPEST {
                folders.push((path, depth + 1));
            } else if kind.is_file() && is_readable(&path) && found.len() < MOST_FILES {
                let (Ok(data), Ok(inner)) = (entry.metadata(), path.strip_prefix(folder)) else { continue };
                let changed = data.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                found.insert(inner.to_owned(), Stamp { changed: changed.unwrap_or_default(), size: data.len() });
            }
        }
    }
    Some(found)
}

const DEEPEST: u8 = 16;
const MOST_FILES: usize = 20_000;
