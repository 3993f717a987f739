//! Known vulnerabilities of what we depend on, by the database of <https://rustsec.org>.

use std::fs;
use std::path::PathBuf;

use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Fetches the database and holds the lock file against it. Without the network the copy of the last time does; where
/// there is none, says why nothing was checked.
///
/// # Errors
/// When a vulnerability is known.
pub(crate) fn check(workspace: &Workspace) -> Result<Option<&'static str>, Trouble> {
    let Some(database) = database(workspace) else { return Ok(Some("skipped: the database is out of reach")) };
    let mut command = workspace.cargo(["run", "--quiet", "--locked", "--package", "colloquy-advisories", "--"]);
    command.arg(database).arg(workspace.root().join("Cargo.lock"));
    step::run("holding the dependencies against known vulnerabilities", &mut command).map(|_| None)
}

fn database(workspace: &Workspace) -> Option<PathBuf> {
    let (kept, new) = (workspace.tools().join("advisory-db"), workspace.tools().join("advisory-db.new"));
    step::say("fetching the database of known vulnerabilities");
    // What was left by one that was interrupted.
    let _ = fs::remove_dir_all(&new);
    let mut clone = workspace.command("git");
    clone.args([
        "-c",
        "http.lowSpeedLimit=1000",
        "-c",
        "http.lowSpeedTime=20",
        "clone",
        "--quiet",
        "--depth",
        "1",
        SOURCE,
    ]);
    clone.arg(&new).env("GIT_TERMINAL_PROMPT", "0");
    if step::output_of(&mut clone).is_some() {
        let _ = fs::remove_dir_all(&kept);
        fs::rename(&new, &kept).ok()?;
    }
    kept.is_dir().then_some(kept)
}

const SOURCE: &str = "https://github.com/RustSec/advisory-db";
