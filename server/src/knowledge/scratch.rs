//! A folder for a memory that ends with the server. One that a killed server left behind is removed by the next.

use std::fs::{File, read_dir, remove_dir_all, rename};
use std::io;
use std::path::Path;
use tempfile::{Builder, TempDir};

/// A folder that is its owner's alone, and gone when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: TempDir,
    /// Locked for as long as the folder is in use.
    _lock: File,
}

impl Scratch {
    /// Makes one in a folder, and removes those that nobody uses any more.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn inside(place: &Path) -> io::Result<Self> {
        sweep(place);
        let mut builder = Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.prefix(PREFIX).tempdir_in(place)?;
        // Under its name when it is locked: until then the folder is one that is being made.
        let unnamed = folder.path().join("new");
        let lock = File::create(&unnamed)?;
        lock.lock()?;
        rename(unnamed, folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// What cannot be looked at or removed is another user's.
fn sweep(place: &Path) {
    for folder in read_dir(place).into_iter().flatten().flatten() {
        if !folder.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let is_left = File::open(folder.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_left && let Err(error) = remove_dir_all(folder.path()) {
            tracing::debug!(%error, "what a killed server left behind is not removed");
        }
    }
}

const PREFIX: &str = "colloquy-memory-";
const LOCK: &str = "lock";

#[cfg(test)]
mod tests {
    use super::{LOCK, PREFIX, Scratch};
    use std::fs;

    #[test]
    fn a_folder_that_is_left_behind_is_removed_and_one_in_use_is_not() {
        let place = tempfile::tempdir().expect("a folder");
        let left = place.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).expect("a folder");
        fs::write(left.join(LOCK), "").expect("written");
        fs::write(left.join("memory.sqlite-wal"), "a secret").expect("written");
        let used = Scratch::inside(place.path()).expect("a folder");
        assert!(!left.exists());
        let another = Scratch::inside(place.path()).expect("a folder");
        assert!(used.path().exists() && another.path().exists());
        let path = used.path().to_owned();
        drop(used);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().expect("a folder");
        let folder = Scratch::inside(place.path()).expect("a folder");
        assert_eq!(fs::metadata(folder.path()).expect("a folder").permissions().mode() & 0o777, 0o700);
    }
}
