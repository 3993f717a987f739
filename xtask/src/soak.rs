//! `cargo xtask soak`: builds the server and the program that soaks it, and starts that.

use crate::installer;
use crate::page;
use crate::server_binary;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Soaks the server; `arguments` say for how long.
///
/// # Errors
/// When something cannot be built, or a promise was broken.
pub(crate) fn soak(workspace: &Workspace, arguments: &[String]) -> Result<(), Trouble> {
    let toolbox = installer::ensure_build_tools(workspace)?;
    page::ensure(workspace, &toolbox)?;
    let server = server_binary::build(workspace)?;
    let build = ["build", "--package", "colloquy-tests", "--bin", "soak"];
    step::run("building the soak", &mut workspace.cargo(build))?;
    let mut soak = workspace.command(workspace.binary("soak"));
    soak.env("XTASK_BIN", server).args(arguments);
    step::run("soaking", &mut soak).map(drop)
}
