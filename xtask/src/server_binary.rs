//! Builds the programs that run natively.
//!
//! In the development profile: its dependencies are optimised (see the workspace's manifest), so there is no need
//! to compile everything a second time in release mode.

use std::path::PathBuf;

use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Builds the server, with the page in `dist/` inside, and says where it is.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf, Trouble> {
    let mut cargo = workspace.cargo(["build", "--package", "colloquy-server", "--bin", "colloquy"]);
    step::run("building the server", &mut cargo)?;
    Ok(workspace.binary("colloquy"))
}

/// Builds the server and the engine as a program of its own.
///
/// # Errors
/// When they do not compile.
pub(crate) fn build_with_engine(workspace: &Workspace) -> Result<(), Trouble> {
    let packages = ["--package", "colloquy-server", "--package", "colloquy-engine", "--bins"];
    let mut cargo = workspace.cargo(["build"].into_iter().chain(packages));
    step::run("building the server and the engine", &mut cargo).map(drop)
}
