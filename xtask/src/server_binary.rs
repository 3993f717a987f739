//! Builds the programs that run natively.
//!
//! In the development profile, but for the bench of the server under load: its dependencies are optimised (see the
//! workspace's manifest), so there is no need to compile everything a second time in release mode.

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

/// Builds the server as it is deployed, for the bench, and says where it is.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build_release(workspace: &Workspace) -> Result<PathBuf, Trouble> {
    let mut cargo = workspace.cargo(["build", "--release", "--package", "colloquy-server", "--bin", "colloquy"]);
    step::run("building the server in release mode", &mut cargo)?;
    Ok(workspace.release_binary("colloquy"))
}

/// Builds the server and the engine as a program of its own, for tests.
///
/// The same packages as the native tests, and with examples because these bring the tests' dependencies: the
/// features of shared dependencies are then the same, and nothing is compiled a second time.
///
/// # Errors
/// When they do not compile.
pub(crate) fn build_with_engine(workspace: &Workspace) -> Result<(), Trouble> {
    let targets = ["--bins", "--examples"];
    let mut cargo = workspace.cargo(["build"].into_iter().chain(NATIVE).chain(targets));
    step::run("building the server and the engine", &mut cargo).map(drop)
}

/// Everything that is tested natively by itself.
pub(crate) const NATIVE: [&str; 5] = ["--workspace", "--exclude", "colloquy-frontend", "--exclude", "colloquy-tests"];
