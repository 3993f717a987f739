//! `cargo xtask clean`: removes what was built, and says so.

use std::fs;
use std::path::{Path, PathBuf};

use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Removes the page, the target folder, and on request the tools of this user.
///
/// # Errors
/// When something cannot be removed.
pub(crate) fn clean(workspace: &Workspace, tools: bool, dry_run: bool) -> Result<(), Trouble> {
    let mut doomed = vec![workspace.dist()];
    if tools {
        // By name, because the folder may have been chosen by the user and hold other things.
        doomed.extend(TOOLS.iter().map(|name| workspace.tools().join(name)));
    }
    for path in doomed.iter().filter(|path| path.symlink_metadata().is_ok()) {
        remove(path, dry_run)?;
    }
    if !tools {
        step::say(&format!("kept: the tools in {} (--tools removes them)", workspace.tools().display()));
    }
    remove_target(workspace, dry_run)
}

fn remove(path: &PathBuf, dry_run: bool) -> Result<(), Trouble> {
    announce(path, dry_run);
    if dry_run {
        return Ok(());
    }
    let removed = if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(|error| Trouble::file(format!("removing {}", path.display()), &error))
}

/// By cargo, which knows what is its own. Last, because this program is in there.
fn remove_target(workspace: &Workspace, dry_run: bool) -> Result<(), Trouble> {
    announce(workspace.target(), dry_run);
    if dry_run {
        return Ok(());
    }
    step::run("asking cargo to remove its results", &mut workspace.cargo(["clean"])).map(drop)
}

fn announce(path: &Path, dry_run: bool) {
    let verb = if dry_run { "would remove" } else { "removing" };
    step::say(&format!("{verb} {}", path.display()));
}

const TOOLS: &[&str] = &[
    "bin",
    "build",
    "node_modules",
    "python",
    "package.json",
    "package-lock.json",
    ".crates.toml",
    ".crates2.json",
    "speech-was-tried",
];
