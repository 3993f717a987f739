//! Whether files have changed: their names and contents, as one number.
//!
//! Contents and not times, so that switching branches back and forth builds nothing.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// Every file below `folder`, in order, without those that `skip` names.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files_below(folder: &Path, skip: &dyn Fn(&Path) -> bool) -> io::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if skip(&path) {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

/// One number for `files` and for `extra`, which is anything else that the result depends on.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn fingerprint(files: &BTreeSet<PathBuf>, extra: &str) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    extra.hash(&mut hasher);
    for file in files {
        file.hash(&mut hasher);
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_changes_with_names_contents_and_the_rest() {
        let folder = std::env::temp_dir().join(format!("colloquy-fingerprint-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep/down")).expect("a folder");
        fs::write(folder.join("deep/down/file"), "one").expect("a file");
        let take = |extra: &str| {
            let files = files_below(&folder, &|_| false).expect("readable");
            fingerprint(&files, extra).expect("readable")
        };
        let first = take("");
        assert_eq!(first, take(""));
        assert_ne!(first, take("another tool"));
        fs::write(folder.join("deep/down/file"), "two").expect("a file");
        let second = take("");
        assert_ne!(first, second);
        fs::rename(folder.join("deep/down/file"), folder.join("deep/file")).expect("renamed");
        assert_ne!(second, take(""));
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn skipped_folders_are_not_entered() {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = files_below(xtask, &|path| path.ends_with("src")).expect("readable");
        assert!(files.contains(&xtask.join("Cargo.toml")));
        assert!(!files.iter().any(|file| file.starts_with(xtask.join("src"))));
    }
}
