//! `cargo xtask run`: from a fresh clone to a page that talks.

use std::os::unix::process::CommandExt;

use crate::installer;
use crate::packages;
use crate::page;
use crate::server_binary;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::{Workspace, command_anywhere};

/// Installs, builds, and becomes the server, so that signals reach it directly.
///
/// # Errors
/// When a part of that fails. Otherwise it does not return.
pub(crate) fn run(workspace: &Workspace, server_arguments: &[String]) -> Result<(), Trouble> {
    let toolbox = installer::ensure_build_tools(workspace)?;
    packages::offer_speech(workspace);
    page::ensure(workspace, &toolbox)?;
    let server = server_binary::build(workspace)?;
    step::say("starting the server; Ctrl-C ends it");
    let error = command_anywhere(server).args(server_arguments).exec();
    Err(Trouble::file("starting the server", &error))
}
