//! Room on the disk: a build without any fails with errors of linkers that say nothing of it.

use std::fs;

use crate::step;
use crate::trouble::Trouble;
use crate::workspace::{Workspace, command_anywhere};

/// Makes sure that there is room to build in. Where the system does not tell, there is taken to be.
///
/// # Errors
/// When less than a gibibyte is free.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Trouble> {
    // The folder may not be there yet; where it cannot be made, cargo says why.
    let _ = fs::create_dir_all(workspace.target());
    let said = step::output_of(command_anywhere("df").arg("-Pk").arg(workspace.target()));
    match said.as_deref().and_then(free_kib) {
        Some(free) if free < LEAST_KIB => Err(Trouble::new(format!(
            "only {} MiB are free on the disk of {}, and a build from nothing takes about {WHOLE_GIB} GiB. `cargo clean` \
             removes what earlier builds left there; CARGO_TARGET_DIR names another place.",
            free / 1024,
            workspace.target().display()
        ))),
        _ => Ok(()),
    }
}

/// What is free, in KiB, as `df -Pk` of one place tells it.
fn free_kib(said: &str) -> Option<u64> {
    // The columns are those of POSIX: file system, blocks, used, available, …
    said.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// With less than this, a build that has only little to do may fail.
const LEAST_KIB: u64 = 1024 * 1024;

/// What everything that `cargo xtask test` and `cargo xtask check` build takes.
const WHOLE_GIB: u64 = 8;

#[cfg(test)]
mod tests {
    use super::free_kib;

    #[test]
    fn what_is_free_is_read_from_the_line_of_the_place() {
        let said = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                    /dev/vda         263983024 91000000    306176      99% /\n";
        assert_eq!(free_kib(said), Some(306_176));
        assert_eq!(free_kib("df: nowhere: No such file or directory\n"), None);
        assert_eq!(free_kib(""), None);
    }
}
