//! Files that nobody else may read.

use std::fs::OpenOptions;

/// How a file is opened to be added to. Where it is missing it is made, for its owner alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
